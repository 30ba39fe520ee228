//! The `daisy` command-line program.

use std::process::ExitCode;

use clap::Parser;
use daisychain::cli::Cli;
use daisychain::commands;

/// Pages are built from many small strings on all threads: mimalloc saves a tenth of a build's time
/// (measured).
/// (measured).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commands::run(Cli::parse())
}
