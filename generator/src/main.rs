//! The command line `daisy`.

use std::process::ExitCode;

use clap::Parser;
use daisychain::cli::Cli;
use daisychain::command;

fn main() -> ExitCode {
    command::run(Cli::parse())
}
