//! A mailer for a laptop: one `.eml` file a mail, in a folder. Touches the disk.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use super::{Mail, MailError, Mailer};
use std::io;
use std::path::{Path, PathBuf};

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
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "eml") {
                files.push(path);
            }
        }
        // The names begin with the ids, which are in the order of time.
        files.sort_unstable_by(|a, b| b.cmp(a));
        Ok(files)
    }

    fn write(&self, mail: &Mail) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let stem = mail.id.split('@').next().unwrap_or_default();
        let name: String =
            stem.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let part = self.folder.join(format!("{name}.part"));
        std::fs::write(&part, mail.to_mime())?;
        std::fs::rename(part, self.folder.join(format!("{name}.eml")))
    }
}

impl Mailer for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.write(mail).map_err(|error| MailError {
            message: format!("the outbox cannot be written: {}", error.kind()),
            permanent: false,
        })
    }
}
