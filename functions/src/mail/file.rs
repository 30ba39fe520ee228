//! A mailer for a laptop: one `.eml` file a mail, in a folder. Touches the disk.
//!
//! Each file begins with a header of its own, which says whom the mail is about, so that it can go when
//! they do.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use super::{About, Mail, MailError, Mailer};
use crate::id;
use crate::store::{Store, StoreError, Stored};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// Says whom a mail is about: `reply FORM ID`, `subscriber FORM HASH` or `nobody`, a line each.
const ABOUT: &str = "X-Daisychain-About: ";

/// A folder of mails that mail programs can open.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    /// An outbox in this folder, which is made with the first mail.
    pub fn new(folder: impl Into<PathBuf>) -> Outbox {
        Outbox { folder: folder.into() }
    }

    /// Where the mails are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The mails' files, the newest first.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        self.files_called("eml")
    }

    fn files_called(&self, wanted: &str) -> io::Result<Vec<PathBuf>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == wanted) {
                files.push(path);
            }
        }
        // The names begin with the ids, which are in the order of time.
        files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(files)
    }

    fn write(&self, mail: &Mail) -> io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        // What is in it is for the person who runs this alone.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.recursive(true).create(&self.folder)?;
        let stem = mail.id.split('@').next().unwrap_or_default();
        let name: String =
            stem.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let part = self.folder.join(format!("{name}.part"));
        std::fs::write(&part, headers(&mail.about) + &mail.to_mime())?;
        std::fs::rename(part, self.folder.join(format!("{name}.eml")))
    }

    /// Removes a file that is about somebody whom the store has no more.
    async fn prune_file(&self, store: &impl Store, path: &Path) -> Stored<()> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        // Whatever else somebody put into the folder is theirs.
        if id::time_of(stem).is_none() {
            return Ok(());
        }
        let lines = unless_gone(first_lines(path))?.unwrap_or_default();
        let goes = if lines.is_empty() {
            // A whole mail of an earlier version does not say whom it is about. A part of one that does
            // not say it yet holds nothing else.
            path.extension().is_some_and(|extension| extension == "eml")
        } else {
            self.is_about_the_gone(store, &lines).await?
        };
        if goes {
            unless_gone(std::fs::remove_file(path))?;
        }
        Ok(())
    }

    async fn is_about_the_gone(&self, store: &impl Store, lines: &[String]) -> Stored<bool> {
        for line in lines {
            let kept = match line.split(' ').collect::<Vec<_>>()[..] {
                ["reply", form, id] => store.reply(form, id).await?.is_some(),
                ["subscriber", form, hash] => {
                    let person = store.person(form, hash).await?;
                    person.is_some_and(|person| person.email.is_some())
                }
                _ => true,
            };
            if !kept {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Mailer for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.write(mail).map_err(|error| MailError {
            message: format!("the outbox cannot be written: {}", error.kind()),
            permanent: false,
        })
    }

    async fn prune<S: Store>(&self, store: &S) -> Stored<()> {
        // A part is what is left where the program ended while it wrote.
        for kind in ["eml", "part"] {
            for path in unless_gone(self.files_called(kind))?.unwrap_or_default() {
                self.prune_file(store, &path).await?;
            }
        }
        Ok(())
    }
}

/// What was done with a file; `None` where somebody else has removed it.
fn unless_gone<T>(done: io::Result<T>) -> Stored<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError(format!("the outbox cannot be read: {}", error.kind()))),
    }
}

/// The header that says whom a mail is about, once for each.
fn headers(about: &[About]) -> String {
    let line = |about: &About| match about {
        About::Reply { form, id } => format!("{ABOUT}reply {form} {id}\r\n"),
        About::Subscriber { form, hash } => format!("{ABOUT}subscriber {form} {hash}\r\n"),
    };
    match about {
        [] => format!("{ABOUT}nobody\r\n"),
        about => about.iter().map(line).collect(),
    }
}

/// What a file says of whom it is about; nothing where it was written by an earlier version.
fn first_lines(path: &Path) -> io::Result<Vec<String>> {
    let file = io::BufReader::new(std::fs::File::open(path)?);
    let mut lines = Vec::new();
    for line in file.split(b'\n') {
        let line = line?;
        let line = str::from_utf8(&line).unwrap_or_default();
        match line.strip_prefix(ABOUT).and_then(|line| line.strip_suffix('\r')) {
            Some(line) => lines.push(line.to_owned()),
            None => break,
        }
    }
    Ok(lines)
}
