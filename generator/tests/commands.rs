//! Tests of the `daisy` commands, run as users run them.
//!
//! `BLESS=1 cargo test --test commands` rewrites the expected outputs: review the difference before you
//! commit it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

#[path = "commands/build.rs"]
mod build;
#[path = "commands/built_in.rs"]
mod built_in;
#[path = "commands/check.rs"]
mod check;
#[path = "commands/external.rs"]
mod external;
#[path = "commands/import.rs"]
mod import;
#[path = "commands/init.rs"]
mod init;
#[path = "commands/newsletter.rs"]
mod newsletter;
#[path = "commands/reference.rs"]
mod reference;
#[path = "commands/story.rs"]
mod story;
#[path = "commands/withheld.rs"]
mod withheld;
#[path = "commands/words.rs"]
mod words;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `daisy` in a folder, without a terminal.
fn daisy(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_daisy"))
        .args(arguments)
        .current_dir(folder)
        .env("COLUMNS", "100")
        .env_remove("SOURCE_DATE_EPOCH")
        .output()
        .unwrap()
}

/// Runs `daisy`, which must succeed without warnings; returns its output.
fn says(folder: &Path, arguments: &[&str]) -> String {
    let output = daisy(folder, arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && error.is_empty(), "daisy {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
