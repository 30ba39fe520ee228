//! Runs the subcommands, one file each. Reads and writes the disk; prints.

pub mod build;
pub mod check;
mod error;
pub mod import;
pub mod inbox;
pub mod init;
pub mod man;
pub mod new;
pub mod newsletter;
pub mod publish;
pub mod schema;
pub mod serve;
pub mod story;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use daisychain_functions::characters::for_terminal;
use tokio::runtime::{Builder, Runtime};

use crate::build::Progress;
use crate::cli::{Cli, Color, Command};
use crate::diagnostic::{self, Diagnostic, Selection, Severity, annotation};
use crate::engine;
use error::Error;

/// Runs a command. The exit code is 0 on success, 1 if the content has errors or nothing was found, and
/// 2 for a usage error or a failure of the system.
pub fn run(cli: Cli) -> ExitCode {
    let console = Console::new(&cli);
    let done = match cli.command {
        Command::Build(arguments) => build::run(&console, &arguments),
        Command::Serve(arguments) => serve::run(&console, &arguments),
        Command::Init(arguments) => init::run(&console, &arguments),
        Command::Import(arguments) => import::run(&console, &arguments),
        Command::New(arguments) => new::run(&console, &arguments),
        Command::Check(arguments) => check::run(&console, &arguments),
        Command::Publish(arguments) => publish::run(&console, &arguments),
        Command::Story(arguments) => story::run(&console, &arguments),
        Command::Newsletter(arguments) => newsletter::run(&console, &arguments),
        Command::Inbox(arguments) => inbox::run(&console, &arguments),
        Command::Person(arguments) => inbox::person::run(&console, arguments),
        Command::Schema(arguments) => schema::run(&console, &arguments),
        Command::Completions(arguments) => man::completions(&console, &arguments),
        Command::Man(arguments) => man::run(&console, &arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match &error {
                Error::Content(found) => console.diagnostics(found),
                error => console.error(&error.to_string()),
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// The async runtime for commands that wait for a store or the network.
fn runtime() -> Result<Runtime, Error> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(Error::Runtime)
}

/// Output to the terminal.
#[derive(Clone)]
pub struct Console {
    root: PathBuf,
    quiet: bool,
    verbose: bool,
    color: bool,
}

impl Console {
    fn new(cli: &Cli) -> Self {
        let color = match cli.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stderr().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Console { root: cli.root.clone(), quiet: cli.quiet, verbose: cli.verbose, color }
    }

    /// The site's folder, as given.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Prints a line to standard output, unless `--quiet` is set.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.answer(line);
        }
    }

    /// Prints a requested line, even with `--quiet`. Control characters in it cannot affect the
    /// terminal.
    pub fn answer(&self, line: &str) {
        self.document(&for_terminal(line));
    }

    /// Writes a document for another program, such as a table, byte for byte.
    pub fn document(&self, text: &str) {
        // A closed pipe (`daisy build | head -1`) is not an error.
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// Prints a line if `--verbose` is set and `--quiet` is not.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(line);
        }
    }

    /// Whether `--verbose` is set.
    fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Whether to show progress: standard error is a terminal and `--quiet` is not set.
    fn hears_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Shows the progress of a build on one line of the terminal, which the next output replaces.
    fn progress(progress: Progress) {
        let Progress { done, total } = progress;
        let end = if done == total { "\r\u{1b}[K" } else { "" };
        let _ = write!(std::io::stderr(), "\r\u{1b}[Kimages: {done} of {total}{end}");
    }

    /// Prints an error in one sentence.
    pub fn error(&self, message: &str) {
        let label = if self.color { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
        let _ = writeln!(std::io::stderr(), "{label}: {}", for_terminal(message));
    }

    /// Prints a warning, even with `--quiet`.
    pub fn warning(&self, message: &str) {
        let label = if self.color { "\u{1b}[1;33mwarning\u{1b}[0m" } else { "warning" };
        let _ = writeln!(std::io::stderr(), "{label}: {}", for_terminal(message));
    }

    /// Prints diagnostics as annotations, which GitHub shows beside the lines.
    pub fn annotations(&self, found: &[Diagnostic]) {
        self.answer(&annotation::annotations(found));
        match annotation::hidden(found) {
            0 => {}
            more => self.answer(&format!("{more} more in the log of this step")),
        }
    }

    /// Prints diagnostics with their source lines and a count. Without `--verbose`, only some of each
    /// kind are shown if there are very many.
    pub fn diagnostics(&self, found: &[Diagnostic]) {
        if found.is_empty() {
            return;
        }
        let source = |path: &str| engine::source_text(&self.root, path);
        let mut err = std::io::stderr();
        let limit = if self.verbose { usize::MAX } else { diagnostic::MAX_SHOWN };
        let Selection { shown, hidden } = diagnostic::select(found, limit);
        let _ = write!(err, "{}", diagnostic::write(shown, &source, self.color));
        if !hidden.is_empty() {
            let _ = writeln!(err, "more of the same (use `--verbose` to see them all):");
            for group in &hidden {
                let _ = writeln!(err, "  {group}");
            }
            let _ = writeln!(err);
        }
        let count = |severity, one: &str, many: &str| match found
            .iter()
            .filter(|each| each.severity == severity)
            .count()
        {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let counts = [
            count(Severity::Error, "error", "errors"),
            count(Severity::Warning, "warning", "warnings"),
        ];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        let _ = writeln!(err, "{}", counts.join(", "));
    }
}
