//! `daisy check`: checks every page as visitors get it, and its links. Prints; writes only the results
//! for other sites, under `.daisy/`.

use serde_json::{Value, json};

use super::Console;
use super::Error;
use super::build::now;
use crate::cache::{self, Read};
use crate::check::external::{self, Offline, Pace};
use crate::check::{self, Checked, Found, personal_data, placeholder};
use crate::cli::{Check, OutputFormat};
use crate::clock;
use crate::diagnostic::{Diagnostic, Severity};
use crate::engine::{self, KnownSources, Snapshot};
use crate::site::Options;

/// The rule name in `daisy check --format json` for problems found before pages are rendered.
const BUILD: &str = "build";

/// The rule for problems that will appear on a future date.
const FUTURE: &str = "future";

/// The rule for placeholders left over from the examples.
const PLACEHOLDER: &str = "placeholder";

pub(super) fn run(console: &Console, arguments: &Check) -> Result<(), Error> {
    let (checked, trouble) = match look(console, arguments) {
        Ok(checked) => checked,
        Err(Error::Content(faults)) if arguments.format != OutputFormat::Text => {
            let found = faults.into_iter().map(of_building).collect();
            (Checked { found, ..Checked::default() }, None)
        }
        Err(failure) => return Err(failure),
    };
    match arguments.format {
        OutputFormat::Text => tell(console, &checked),
        OutputFormat::Json => console.answer(&as_json(&checked, trouble.as_ref()).to_string()),
        OutputFormat::Github => {
            tell(console, &checked);
            console.annotations(&diagnostics(&checked));
        }
    }
    if let Some(trouble) = trouble {
        return Err(trouble.into());
    }
    let errors = checked.found.iter().any(|found| found.diagnostic.is_error());
    // The errors have been reported already.
    if errors { Err(Error::Content(Vec::new())) } else { Ok(()) }
}

/// Checks every page; also returns why other sites could not be checked, if so.
fn look(console: &Console, arguments: &Check) -> Result<(Checked, Option<Offline>), Error> {
    let options = Options { drafts: arguments.drafts, ..Options::default() };
    let now = now(arguments.now)?;
    let files = engine::sources(console.root(), None)?.files;
    let snapshot = Snapshot::take(console.root(), files, &options, now, KnownSources::NOTHING)?;
    let mut checked = check::check(&snapshot)?;
    let lost = lost_addresses(console, &snapshot);
    let warnings = snapshot.warnings.iter().cloned().chain(lost).map(of_building);
    checked.found.splice(0..0, warnings);
    // With drafts, pages are shown regardless of their dates.
    if !arguments.drafts {
        checked.found.extend(check::foretold(&snapshot, now).into_iter().map(of_future));
    }
    let placeholder = |diagnostic| Found { rule: PLACEHOLDER, pages: Vec::new(), diagnostic };
    checked.found.extend(placeholder::warnings(&snapshot).into_iter().map(placeholder));
    checked.found.extend(personal_data::warnings(&snapshot));
    let mut trouble = None;
    if arguments.external {
        if arguments.format == OutputFormat::Text {
            let count = checked.outside.len();
            console.detail(&format!("checking {count} addresses of other sites"));
        }
        let asked =
            external::check(&checked.outside, console.root(), clock::seconds(), &Pace::default());
        match asked {
            Ok(asked) => {
                if arguments.format == OutputFormat::Text {
                    console.say(&summary_of_asking(&asked));
                }
                checked.found.extend(asked.found);
            }
            Err(offline) => trouble = Some(offline),
        }
    }
    Ok((checked, trouble))
}

/// The problems that the next build will report about addresses that are lost, if there is a previous
/// build.
fn lost_addresses(console: &Console, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let root = console.root();
    match cache::read(&cache::path(root, &root.join("dist"))) {
        Read::Cache(cache) => snapshot.lost_addresses(&cache.metadata(), &cache.stamps),
        Read::Absent | Read::Dropped(_) => Vec::new(),
    }
}

fn of_building(diagnostic: Diagnostic) -> Found {
    Found { rule: BUILD, pages: Vec::new(), diagnostic }
}

fn of_future(diagnostic: Diagnostic) -> Found {
    Found { rule: FUTURE, pages: Vec::new(), diagnostic }
}

fn summary_of_asking(asked: &external::Asked) -> String {
    let addresses = match asked.addresses {
        1 => "1 address of another site".to_owned(),
        count => format!("{count} addresses of other sites"),
    };
    match asked.cached {
        0 => format!("{addresses} checked"),
        cached => format!("{addresses} checked, {cached} of them within the last day"),
    }
}

fn diagnostics(checked: &Checked) -> Vec<Diagnostic> {
    checked.found.iter().map(|found| found.diagnostic.clone()).collect()
}

fn tell(console: &Console, checked: &Checked) {
    let found = diagnostics(checked);
    console.diagnostics(&found);
    let pages = match checked.pages {
        1 => "1 page".to_owned(),
        count => format!("{count} pages"),
    };
    let rest = if found.is_empty() { ": no problems found" } else { "" };
    console.say(&format!("{pages} checked{rest}"));
    match checked.drafts {
        0 => {}
        1 => console.say("1 draft not checked; to check it too, add `--drafts`"),
        count => {
            console.say(&format!("{count} drafts not checked; to check them too, add `--drafts`"))
        }
    }
}

/// The format specified in `docs/checking.md`.
fn as_json(checked: &Checked, trouble: Option<&Offline>) -> Value {
    let count = |severity| {
        checked.found.iter().filter(|found| found.diagnostic.severity == severity).count()
    };
    let found = checked.found.iter().map(|Found { rule, pages, diagnostic }| {
        let Diagnostic { path, place, message, label, note, help, .. } = diagnostic;
        let severity = if diagnostic.is_error() { "error" } else { "warning" };
        json!({
            "rule": rule,
            "severity": severity,
            "message": message,
            "file": path,
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
            "length": place.map(|place| place.length),
            "label": label,
            "note": note,
            "help": help,
            "pages": pages,
        })
    });
    json!({
        "version": 1,
        "pages": checked.pages,
        "drafts": checked.drafts,
        "errors": count(Severity::Error),
        "warnings": count(Severity::Warning),
        "trouble": trouble.map(ToString::to_string),
        "found": found.collect::<Vec<_>>(),
    })
}
