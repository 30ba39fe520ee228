//! `daisy man` and `daisy completions`: man pages and shell completions. Prints, or writes a folder.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;

use clap::CommandFactory as _;

use super::Console;
use super::Error;
use crate::cli::{Cli, Completions, Man};

pub(super) fn run(console: &Console, arguments: &Man) -> Result<(), Error> {
    let command = Cli::command();
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page).expect("memory takes all that is written");
        console.answer(&String::from_utf8_lossy(&page));
        return Ok(());
    };
    let failed = |error| Error::Unwritable { folder: folder.clone(), source: error };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    console.say(&format!(
        "The manual is in {}; to read it, run `man -l {0}/daisy.1`",
        folder.display()
    ));
    Ok(())
}

pub(super) fn completions(console: &Console, arguments: &Completions) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "daisy", &mut script);
    console.answer(&String::from_utf8_lossy(&script));
    Ok(())
}
