//! Tests of small sites, each a folder in `sites/`: its sources and expected outputs.
//!
//! A case overlays the small site of `support`. `expected/` has the relevant outputs, `diagnostics.txt`
//! all diagnostics. `BLESS=1 cargo test --test sites` rewrites both: review the difference before you
//! commit it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use daisychain::build::Error;
use daisychain::check;
use daisychain::diagnostic::{self, Diagnostic};
use daisychain::engine::{self, KnownSources, Snapshot};
use support::{Site, tree};

#[test]
fn every_site_gives_the_expected_outputs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sites");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 5, "the cases are in {}", folder.display());
    let faults: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

fn check(case: &Path) -> Result<(), String> {
    let name = case.file_name().unwrap().to_string_lossy();
    let site = Site::new();
    for (path, bytes) in tree(case) {
        if path != "diagnostics.txt" && !path.starts_with("expected/") {
            site.write_bytes(&path, &bytes);
        }
    }
    let found = match site.build() {
        Ok(report) => report.warnings,
        Err(Error::Content(found)) => found,
        Err(error) => {
            return Err(format!("{name}: {error}"));
        }
    };
    let source = |path: &str| fs::read_to_string(site.root().join(path)).ok();
    let said = diagnostic::write(&found, &source, false);
    let unchecked = unchecked(&site, &found);
    if !unchecked.is_empty() {
        return Err(format!("{name}: `daisy check` does not find:\n{unchecked:#?}"));
    }
    let dist = site.dist();
    if std::env::var_os("BLESS").is_some() {
        bless(case, &said, &dist);
        return Ok(());
    }
    let expected = fs::read_to_string(case.join("diagnostics.txt")).unwrap_or_default();
    if said.trim() != expected.trim() {
        return Err(format!("{name} says:\n{said}\nand should say:\n{expected}"));
    }
    for (path, bytes) in tree(&case.join("expected")) {
        let is = dist.get(&path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let should = String::from_utf8_lossy(&bytes).into_owned();
        if is.as_deref() != Some(should.as_str()) {
            let is = is.unwrap_or_else(|| "nothing".to_owned());
            return Err(format!("{name}: {path} is:\n{is}\nand should be:\n{should}"));
        }
    }
    Ok(())
}

/// The diagnostics that a build reports and `daisy check` does not.
fn unchecked(site: &Site, built: &[Diagnostic]) -> Vec<Diagnostic> {
    let checked = || {
        let files = engine::sources(site.root(), None)?.files;
        let snapshot =
            Snapshot::take(site.root(), files, &site.options, site.now, KnownSources::NOTHING)?;
        let mut found = snapshot.warnings.to_vec();
        match check::check(&snapshot) {
            Ok(_) => {}
            Err(faults) => found.extend(faults),
        }
        Ok(found)
    };
    let checked: Vec<Diagnostic> = checked().unwrap_or_else(|faults: Vec<Diagnostic>| faults);
    built.iter().filter(|diagnostic| !checked.contains(diagnostic)).cloned().collect()
}

fn bless(case: &Path, said: &str, dist: &std::collections::BTreeMap<String, Vec<u8>>) {
    let file = case.join("diagnostics.txt");
    if said.is_empty() {
        let _ = fs::remove_file(file);
    } else {
        fs::write(file, said).unwrap();
    }
    // Compares only the outputs that the case names: a new case names them by empty files.
    for path in tree(&case.join("expected")).keys() {
        if let Some(bytes) = dist.get(path) {
            fs::write(case.join("expected").join(path), bytes).unwrap();
        }
    }
}
