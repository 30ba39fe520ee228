//! `daisy import`: imports the site of another program into a folder without a site, and lists by file
//! what could not be mapped and what is not published. Reads the source folder; writes the new one.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs;
use std::path::Path;

use super::Error;
use super::{Console, init};
use crate::cli::Import;
use crate::clock;
use crate::import::{self, Imported};

/// The report's name in the new site.
const REPORT: &str = "imported.md";
/// The maximum number of files listed at the terminal; the report has them all.
const TOLD: usize = 20;

pub(super) fn run(console: &Console, arguments: &Import) -> Result<(), Error> {
    let folder = &arguments.folder;
    init::refuse_taken(folder, "import")?;
    let imported = import::import(&arguments.old, clock::seconds())?;
    for (path, text) in &imported.texts {
        init::write(&folder.join(path), text.as_bytes(), init::ANOTHER_FOLDER)?;
    }
    for (path, from) in &imported.copies {
        copy(from, &folder.join(path))?;
    }
    init::write_around(folder)?;
    init::write(&folder.join(REPORT), report(&imported).as_bytes(), init::ANOTHER_FOLDER)?;
    tell(console, folder, &imported);
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let copied = || {
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(from, to).map(drop)
    };
    copied().map_err(|source| Error::NotCopied { from: from.to_owned(), to: to.to_owned(), source })
}

fn report(imported: &Imported) -> String {
    let name = imported.program.name();
    let mut text = format!(
        "# What could not be imported from {name}\n\nListed by the files of the old site. Fix what \
         you need, then delete this file: Daisychain does not read it.\n"
    );
    for (file, notes) in imported.notes.unmapped() {
        text.push_str(&format!("\n## {}\n\n", heading(file)));
        for note in notes {
            text.push_str(&format!("- {note}\n"));
        }
    }
    let mut withheld = imported.notes.withheld().peekable();
    if withheld.peek().is_some() {
        text.push_str(
            "\n# Not published\n\nThe old site did not publish these files, or it is not clear \
             whether it did.\n\n",
        );
    }
    for (file, notes) in withheld {
        for note in notes {
            text.push_str(&format!("- `{file}`: {note}\n"));
        }
    }
    text
}

/// The heading for a file; settings without a file are the site's.
fn heading(file: &str) -> &str {
    if file.is_empty() { "The site" } else { file }
}

fn tell(console: &Console, folder: &Path, imported: &Imported) {
    let counted = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let list = |title: &str, files: &[(&str, &[String])]| {
        if files.is_empty() {
            return;
        }
        console.say(&format!("{title}:\n"));
        for (file, notes) in files.iter().take(TOLD) {
            console.say(&format!("  {}", heading(file)));
            for note in *notes {
                console.say(&format!("    {note}"));
            }
        }
        if files.len() > TOLD {
            console.say(&format!("\n  and {} more", counted(files.len() - TOLD, "file")));
        }
        console.say("");
    };
    let unmapped: Vec<_> = imported.notes.unmapped().collect();
    let withheld: Vec<_> = imported.notes.withheld().collect();
    list("Could not be mapped", &unmapped);
    list("Not published", &withheld);
    if !unmapped.is_empty() || !withheld.is_empty() {
        console.say(&format!("The full list is in {}.", shown(folder, REPORT)));
    }
    console.say(&format!(
        "Imported {} and {} from {} into {}.\nTo see what needs fixing, run:\n",
        counted(imported.pages, "page"),
        counted(imported.copies.len(), "file"),
        imported.program.name(),
        shown(folder, "content"),
    ));
    if folder != Path::new(".") {
        console.say(&format!("  cd {}", folder.display()));
    }
    console.say("  daisy check\n  daisy serve");
}

fn shown(folder: &Path, path: &str) -> String {
    let path = folder.join(path);
    path.strip_prefix(".").unwrap_or(&path).display().to_string()
}
