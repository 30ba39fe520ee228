//! Sets the build id of `daisy` to a digest of its source code.
//!
//! A cache written by another build is never trusted. The executable's timestamp would do on one
//! machine; the digest also works if a cache is restored next to a freshly compiled binary.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let mut hasher = DefaultHasher::new();
    for source in
        ["src", "../functions/src", "../yaml/src", "components", "../themes/daisy", "../Cargo.lock"]
    {
        println!("cargo::rerun-if-changed={source}");
        hash(&Path::new(&here).join(source), &mut hasher)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=DAISY_BUILD={:016x}", hasher.finish());
    Ok(())
}

fn hash(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            entry.file_name().hash(hasher);
            hash(&entry.path(), hasher)?;
        }
    } else {
        fs::read(path)?.hash(hasher);
    }
    Ok(())
}
