//! `daisy newsletter`: previews newsletters as emails. Writes them into a folder.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::path::Path;

use super::{Console, Error};
use crate::cli::{Newsletter, NewsletterTask};
use crate::clock;
use crate::engine::{self, KnownSources, Snapshot};
use crate::newsletter::{self, Issue};
use crate::site::Options;

/// The recipient of previews.
const READER: &str = "reader@example.org";

pub(super) fn run(console: &Console, arguments: &Newsletter) -> Result<(), Error> {
    let NewsletterTask::Preview { name, out, base_url } = &arguments.task;
    let root = console.root();
    let options = Options { base_url: base_url.clone(), drafts: true, ..Options::default() };
    let files = engine::sources(root, None)?.files;
    let snapshot = Snapshot::take(root, files, &options, clock::seconds(), KnownSources::NOTHING)?;
    let issues = newsletter::issue(&snapshot, name)?;
    let folder = match (out, issues.first()) {
        (Some(out), _) => out.clone(),
        (None, first) => {
            let name = first.map_or(name.as_str(), |issue| issue.name.as_str());
            root.join(".daisy").join(newsletter::FOLDER).join(name)
        }
    };
    for issue in &issues {
        write(console, &folder, issue)?;
    }
    Ok(())
}

/// Writes an issue as `.html`, `.txt` and `.eml`.
fn write(console: &Console, folder: &Path, issue: &Issue) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { folder: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let message = issue.message(READER, clock::seconds() * 1000);
    for (ending, text) in [("html", &issue.html), ("txt", &issue.text), ("eml", &message)] {
        let path = folder.join(format!("{}.{ending}", issue.name));
        fs::write(&path, text).map_err(unwritable)?;
        console.say(&format!("Wrote {}", path.strip_prefix(".").unwrap_or(&path).display()));
    }
    let size = issue.html.len().div_ceil(1000);
    let limit = newsletter::MAX_HTML_BYTES / 1000;
    console.say(&format!("`{}`: {size} kB of at most {limit} kB", issue.subject));
    Ok(())
}
