//! Writes mails as `.eml` files into a folder, for local use. Writes to the disk.
//!
//! Each file begins with a header that names the records it is about, so that it is deleted with them.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use super::{About, Mail, MailError, Mailer};
use crate::id;
use crate::store::{Store, StoreError, StoreResult};
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

/// The header that names the records: `reply FORM ID`, `subscriber FORM HASH` or `nobody`, one line for each.
const ABOUT: &str = "X-Daisychain-About: ";

/// A folder of mails that mail programs can open.
#[derive(Clone, Debug)]
pub struct FileMailer {
    folder: PathBuf,
}

impl FileMailer {
    /// A mailer that writes into this folder, which is created with the first mail.
    pub fn new(folder: impl Into<PathBuf>) -> FileMailer {
        FileMailer { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of the mails, newest first.
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
        // The names begin with ULIDs, which sort by time.
        files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(files)
    }

    fn write(&self, mail: &Mail) -> io::Result<()> {
        let mut folder = std::fs::DirBuilder::new();
        // Readable only by the current user.
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

    /// Deletes a file about a record that is deleted.
    async fn prune_file(&self, store: &impl Store, path: &Path) -> StoreResult<()> {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        // Other files are not ours.
        if id::time_of(stem).is_none() {
            return Ok(());
        }
        let lines = unless_gone(first_lines(path))?.unwrap_or_default();
        let goes = if lines.is_empty() {
            // A mail of an earlier version does not name its records. A partial file without the header is empty.
            path.extension().is_some_and(|extension| extension == "eml")
        } else {
            self.is_about_the_gone(store, &lines).await?
        };
        if goes {
            unless_gone(std::fs::remove_file(path))?;
        }
        Ok(())
    }

    async fn is_about_the_gone(&self, store: &impl Store, lines: &[String]) -> StoreResult<bool> {
        for line in lines {
            let kept = match line.split(' ').collect::<Vec<_>>()[..] {
                ["reply", form, id] => store.reply(form, id).await?.is_some(),
                ["subscriber", form, hash] => {
                    let person = store.subscriber(form, hash).await?;
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

impl Mailer for FileMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.write(mail).map_err(|error| MailError {
            message: format!("the outbox cannot be written: {}", error.kind()),
            permanent: false,
        })
    }

    async fn prune<S: Store>(&self, store: &S) -> StoreResult<()> {
        // A `.part` file is left if the process ends while writing.
        for kind in ["eml", "part"] {
            for path in unless_gone(self.files_called(kind))?.unwrap_or_default() {
                self.prune_file(store, &path).await?;
            }
        }
        Ok(())
    }
}

/// The result of an operation on a file; `None` if another process deleted it.
fn unless_gone<T>(done: io::Result<T>) -> StoreResult<Option<T>> {
    match done {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Outbox(error.kind())),
    }
}

/// The headers that name the records a mail is about.
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

/// The values of these headers in a file; empty for a file of an earlier version.
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
