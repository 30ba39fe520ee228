//! Addresses that hold: whatever a file is called, what leads to it finds it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
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
