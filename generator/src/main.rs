//! The command line `daisy`.

use std::process::ExitCode;

use clap::Parser;
use daisychain::cli::Cli;
use daisychain::commands;

/// Pages are made of many small texts, by all threads at once: measured, it takes a tenth off a build.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(Cli::parse())
}
