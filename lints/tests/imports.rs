//! Compares the imports of this workspace's crates with `layers.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use daisychain_lints::{Crate, Rules};

#[allow(clippy::disallowed_methods, reason = "reads the sources of the workspace")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn sources(folder: &Path) -> BTreeMap<PathBuf, String> {
    let files = walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the sources can be read").into_path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "rs"))
        .map(|file| {
            (
                file.strip_prefix(folder).expect("a walk stays below its folder").to_owned(),
                read(&file),
            )
        })
        .collect()
}

#[test]
fn modules_import_only_from_lower_layers() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates: BTreeMap<String, Rules> = toml::from_str(&read(&here.join("layers.toml"))).unwrap();
    let mut messages = Vec::new();
    for rules in crates.values() {
        let sources = sources(&here.join("..").join(&rules.sources));
        let found = Crate::parse(&sources).unwrap_or_else(|e| panic!("{}/{e}", rules.sources));
        messages.extend(rules.check(&found));
    }
    assert!(
        messages.is_empty(),
        "\n\n{}\n\nThe layers and the violations allowed today are in `lints/layers.toml`.\n",
        messages.join("\n\n")
    );
}
