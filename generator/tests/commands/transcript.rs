//! What people see at their terminal who do one thing after another: kept in `tests/commands/told/`, to the letter.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::matches_kept;

/// Calls and all that is said to them, in the order in which they are made.
pub(super) struct Transcript<'a> {
    folder: &'a Path,
    text: String,
}

impl<'a> Transcript<'a> {
    /// Of calls in a folder.
    pub(super) fn new(folder: &'a Path) -> Transcript<'a> {
        Transcript { folder, text: String::new() }
    }

    /// Says what comes next, for who reads the file.
    pub(super) fn then(&mut self, what: &str) -> &mut Self {
        let space = if self.text.is_empty() { "" } else { "\n" };
        writeln!(self.text, "{space}# {what}").unwrap();
        self
    }

    /// Calls `daisy`.
    pub(super) fn run(&mut self, arguments: &[&str]) -> &mut Self {
        self.run_with(arguments, &[])
    }

    /// Calls `daisy` with settings of the environment that matter to it.
    pub(super) fn run_with(
        &mut self,
        arguments: &[&str],
        settings: &[(&str, &OsStr)],
    ) -> &mut Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
        command.args(arguments).current_dir(self.folder).stdin(Stdio::null());
        command.env("COLUMNS", "100").env_remove("SOURCE_DATE_EPOCH").env("USER", "asha");
        command.env_remove("VISUAL").env_remove("EDITOR");
        command.envs(settings.iter().copied());
        let output = command.output().unwrap();
        self.text.push('$');
        for (name, value) in settings.iter().filter(|(name, _)| *name != "PATH") {
            write!(self.text, " {name}={}", value.to_string_lossy()).unwrap();
        }
        self.text.push_str(" daisy");
        for word in arguments {
            let quote = if word.is_empty() || word.contains([' ', '"']) { "'" } else { "" };
            write!(self.text, " {quote}{word}{quote}").unwrap();
        }
        self.text.push('\n');
        self.said(&output)
    }

    fn said(&mut self, output: &Output) -> &mut Self {
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            self.text.push_str(said.trim_end_matches('\n'));
            if !said.is_empty() {
                self.text.push('\n');
            }
        }
        match output.status.code() {
            Some(0) => {}
            code => writeln!(self.text, "(exit code {})", code.unwrap()).unwrap(),
        }
        self
    }

    /// Compares with the file of this name. `/site` stands for the folder, which is another each time, and `hide` for
    /// what else is.
    pub(super) fn is_kept_as(&self, name: &str, hide: &[(&str, &str)]) {
        let mut text = self.text.replace(&*self.folder.to_string_lossy(), "/site");
        for (what, name) in hide {
            text = text.replace(what, name);
        }
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/told");
        matches_kept(&kept.join(format!("{name}.txt")), &text)
            .unwrap_or_else(|other| panic!("{other}"));
    }
}
