//! Tests of addresses: links resolve whatever a file is called.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

#[path = "addresses/clashes.rs"]
mod clashes;
#[path = "addresses/folder.rs"]
mod folder;
#[path = "addresses/forms.rs"]
mod forms;
#[path = "addresses/links.rs"]
mod links;
#[path = "addresses/names.rs"]
mod names;
#[path = "addresses/renamed.rs"]
mod renamed;
mod support;
