//! Records terminal sessions, and compares them with the transcripts in `tests/transcripts/`.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Commands and their output, in order.
pub struct Transcript<'a> {
    folder: &'a Path,
    settings: Vec<(&'static str, OsString)>,
    text: String,
}

impl<'a> Transcript<'a> {
    /// A transcript of commands run in a folder.
    pub fn new(folder: &'a Path) -> Transcript<'a> {
        Transcript { folder, settings: Vec::new(), text: String::new() }
    }

    /// Sets an environment variable for all commands that is not shown.
    pub fn set(&mut self, name: &'static str, value: impl Into<OsString>) -> &mut Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Adds an explanation for readers of the transcript.
    pub fn then(&mut self, what: &str) -> &mut Self {
        let space = if self.text.is_empty() { "" } else { "\n" };
        writeln!(self.text, "{space}# {what}").unwrap();
        self
    }

    /// Runs `daisy`.
    pub fn run(&mut self, arguments: &[&str]) -> &mut Self {
        self.run_with(arguments, &[])
    }

    /// Runs `daisy` with environment variables that are shown.
    pub fn run_with(&mut self, arguments: &[&str], settings: &[(&str, &OsStr)]) -> &mut Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
        command.args(arguments).current_dir(self.folder).stdin(Stdio::null());
        command.env("COLUMNS", "100").env_remove("SOURCE_DATE_EPOCH").env("USER", "asha");
        command.env_remove("VISUAL").env_remove("EDITOR");
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
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

    /// Runs a shell command in which `daisy` is the program under test.
    pub fn shell(&mut self, line: &str) -> &mut Self {
        let programs = Path::new(env!("CARGO_BIN_EXE_daisy")).parent().unwrap();
        let mut path = programs.as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(self.folder).stdin(Stdio::null()).env("PATH", path);
        let output = command.output().unwrap();
        writeln!(self.text, "$ {line}").unwrap();
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

    /// Compares with the file of this name. The folder is shown as `/site`; `hide` replaces other texts
    /// that vary.
    pub fn is_kept_as(&self, name: &str, hide: &[(&str, &str)]) {
        let mut text = self.text.replace(&*self.folder.to_string_lossy(), "/site");
        for (what, name) in hide {
            text = text.replace(what, name);
        }
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
        matches_kept(&kept.join(format!("{name}.txt")), &text)
            .unwrap_or_else(|other| panic!("{other}"));
    }
}

/// Compares with an expected file, or rewrites it.
pub fn matches_kept(file: &Path, given: &str) -> Result<(), String> {
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, given).unwrap();
        return Ok(());
    }
    let kept = fs::read_to_string(file).unwrap_or_default();
    if kept == given {
        return Ok(());
    }
    Err(format!("{} holds:\n{kept}\nand should hold:\n{given}", file.display()))
}
