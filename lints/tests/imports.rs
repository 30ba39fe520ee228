//! Compares the imports of this workspace's crates with `layers.toml`.

mod support;

use std::collections::BTreeMap;

use daisychain_lints::{Crate, Rules};
use support::{is_rust, read, texts_of, workspace};

#[test]
fn modules_import_only_from_lower_layers() {
    let crates: BTreeMap<String, Rules> =
        toml::from_str(&read(&workspace().join("lints/layers.toml"))).unwrap();
    let mut messages = Vec::new();
    for rules in crates.values() {
        let sources = texts_of(&workspace().join(&rules.sources), is_rust);
        let found = Crate::parse(&sources).unwrap_or_else(|e| panic!("{}/{e}", rules.sources));
        messages.extend(rules.check(&found));
    }
    assert!(
        messages.is_empty(),
        "\n\n{}\n\nThe layers and the violations allowed today are in `lints/layers.toml`.\n",
        messages.join("\n\n")
    );
}
