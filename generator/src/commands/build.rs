//! `daisy build`: builds the site and prints a one-line summary.

use std::path::Path;

use super::Console;
use super::Error;
use crate::build::{self, Report, Request};
use crate::check::placeholder;
use crate::cli::Build;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, KnownSources, Snapshot};
use crate::site::Options;
use crate::{clock, source};

pub(super) fn run(console: &Console, arguments: &Build) -> Result<(), Error> {
    let request = Request {
        root: console.root().to_owned(),
        out: arguments.out.clone().unwrap_or_else(|| console.root().join("dist")),
        options: Options {
            base_url: arguments.base_url.clone(),
            drafts: arguments.drafts,
            host: arguments.host.map(Into::into),
            served_at: None,
        },
        force: arguments.force,
        now: now(arguments.now)?,
        progress: console.hears_progress().then_some(Console::progress),
    };
    if let Some(path) = &arguments.why {
        console.answer(&build::why(&request, path)?);
        return Ok(());
    }
    let report = build::build(&request)?;
    let mut warnings = report.warnings.clone();
    warnings.extend(report.lost.iter().cloned());
    warnings.extend(placeholders(&request)?);
    console.diagnostics(&warnings);
    console.say(&summary(&report, &request.out));
    if let Some(snippet) = &report.snippet {
        console.say(&format!("server configuration: {}", snippet.display()));
    }
    if arguments.verify {
        drop(report);
        return verify(console, &request);
    }
    Ok(())
}

/// The placeholders in a site that is built for a host; for any other site, whether its address is
/// missing.
fn placeholders(request: &Request) -> Result<Vec<Diagnostic>, Error> {
    let Request { root, options, now, .. } = request;
    if options.host.is_some() {
        let files = engine::sources(root, None)?.files;
        let snapshot = Snapshot::take(root, files, options, *now, KnownSources::NOTHING)?;
        return Ok(placeholder::warnings(&snapshot));
    }
    let config = source::text(root, config::PATH).ok().and_then(|text| Config::parse(&text).ok());
    let config = config.map(|config| options.place(config));
    let is_missing = config.is_some_and(|config| config.base_url.is_empty());
    Ok(is_missing.then(placeholder::without_address).into_iter().collect())
}

/// `--now`, or else `SOURCE_DATE_EPOCH` (reproducible-builds.org), or else the system clock.
pub(super) fn now(given: Option<i64>) -> Result<i64, Error> {
    if let Some(now) = given {
        return Ok(now);
    }
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text.trim().parse().map_err(|_| Error::InvalidEpoch(text)),
        Err(_) => Ok(clock::seconds()),
    }
}

fn summary(report: &Report, out: &Path) -> String {
    let files = |count: usize| match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    };
    let mut text = String::new();
    if let Some(reason) = report.dropped {
        text.push_str(&format!("{reason}; building everything again\n"));
    }
    let out = out.strip_prefix(".").unwrap_or(out).display();
    text.push_str(&if report.written == 0 && report.removed == 0 {
        format!("{out} is up to date: {}", files(report.outputs))
    } else {
        let mut done = format!("{out}: {}, {} written", files(report.outputs), report.written);
        if report.removed > 0 {
            done.push_str(&format!(", {} removed", report.removed));
        }
        done
    });
    match report.drafts {
        0 => {}
        1 => text.push_str("\n1 draft left out; to check it, run `daisy check --drafts`"),
        count => text.push_str(&format!(
            "\n{count} drafts left out; to check them, run `daisy check --drafts`"
        )),
    }
    if let Some(moment) = report.next_moment.and_then(|at| jiff::Timestamp::from_second(at).ok()) {
        text.push_str(&format!("\nbuild again at {moment}, when a page is due or expires"));
    }
    text
}

fn verify(console: &Console, request: &Request) -> Result<(), Error> {
    let differing = build::verify(request)?;
    if differing.is_empty() {
        console.say("verified: a full build gives exactly the same files");
        return Ok(());
    }
    Err(Error::DifferentBuild(differing))
}
