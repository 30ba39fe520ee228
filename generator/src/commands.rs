//! What a person can ask for, one file a command. Reads and writes the disk; prints.

pub mod build;
pub mod check;
pub mod import;
pub mod inbox;
pub mod init;
pub mod man;
pub mod new;
pub mod publish;
pub mod schema;
pub mod serve;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use daisychain_functions::characters::for_terminal;
use tokio::runtime::{Builder, Runtime};

use crate::build::Progress;
use crate::cli::{Cli, Color, Command};
use crate::diagnostic::{self, Diagnostic, Selection, Severity, annotation};
use crate::engine;
use crate::failure::Failure;

/// Does what `cli` says: 0 is fine, 1 that the content is at fault or that nothing was found, 2 that
/// the call or the machine is at fault.
pub fn run(cli: Cli) -> ExitCode {
    let voice = Console::new(&cli);
    let done = match cli.command {
        Command::Build(arguments) => build::run(&voice, &arguments),
        Command::Serve(arguments) => serve::run(&voice, &arguments),
        Command::Init(arguments) => init::run(&voice, &arguments),
        Command::Import(arguments) => import::run(&voice, &arguments),
        Command::New(arguments) => new::run(&voice, &arguments),
        Command::Check(arguments) => check::run(&voice, &arguments),
        Command::Publish(arguments) => publish::run(&voice, &arguments),
        Command::Inbox(arguments) => inbox::run(&voice, &arguments),
        Command::Schema(arguments) => schema::run(&voice, &arguments),
        Command::Completions(arguments) => man::completions(&voice, &arguments),
        Command::Man(arguments) => man::run(&voice, &arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Content(found)) => {
            voice.diagnostics(&found);
            ExitCode::from(1)
        }
        Err(Failure::NotFound(message)) => {
            voice.error(&message);
            ExitCode::from(1)
        }
        Err(Failure::Machine(message)) => {
            voice.error(&message);
            ExitCode::from(2)
        }
    }
}

/// What runs a command that waits for others: a store, a network.
fn runtime() -> Result<Runtime, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Machine(format!("this command cannot begin: {error}")))
}

/// How we speak to the person at the terminal.
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

    /// The site's folder, as it was named.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Says a line on standard output, unless quiet was asked for.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.answer(line);
        }
    }

    /// Says a line that was asked for, quiet or not. Whatever others wrote in it cannot command the terminal.
    pub fn answer(&self, line: &str) {
        self.document(&for_terminal(line));
    }

    /// Writes a document for another program, such as a table, to the byte.
    pub fn document(&self, text: &str) {
        // A closed pipe (`daisy build | head -1`) is no reason to fail.
        let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
    }

    /// Says a line that only a person who asked for more wants.
    pub fn detail(&self, line: &str) {
        if self.verbose {
            self.say(line);
        }
    }

    /// Whether somebody watches: then what takes long is told.
    fn hears_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Says how far a build has come, on one line of the terminal that the next thing said replaces.
    fn progress(progress: Progress) {
        let Progress { done, total } = progress;
        let end = if done == total { "\r\u{1b}[K" } else { "" };
        let _ = write!(std::io::stderr(), "\r\u{1b}[Kpictures: {done} of {total}{end}");
    }

    /// Says what went wrong, in one sentence.
    pub fn error(&self, message: &str) {
        let label = if self.color { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
        let _ = writeln!(std::io::stderr(), "{label}: {}", for_terminal(message));
    }

    /// Says what a person should know before they go on, quiet or not.
    pub fn warning(&self, message: &str) {
        let label = if self.color { "\u{1b}[1;33mwarning\u{1b}[0m" } else { "warning" };
        let _ = writeln!(std::io::stderr(), "{label}: {}", for_terminal(message));
    }

    /// Tells GitHub of diagnostics, which shows them beside their lines.
    pub fn annotations(&self, found: &[Diagnostic]) {
        self.answer(&annotation::annotations(found));
        match annotation::hidden(found) {
            0 => {}
            more => self.answer(&format!("{more} more stand in the lines of this log")),
        }
    }

    /// Shows diagnostics with the lines they point at, and counts them. Of very many, some of each kind are
    /// shown unless the person asked for more.
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
            let _ = writeln!(err, "more of the same, each shown by `--verbose`:");
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
