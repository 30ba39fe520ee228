//! Prepares a publish: checks the site like `daisy check`, rejects placeholders, and builds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use daisychain_functions::form::Definition;
use rayon::prelude::*;

use super::PublishFailure;
use crate::build::{self, Request};
use crate::cache::{self, Read, Record};
use crate::check::placeholder;
use crate::commands::Console;
use crate::commands::Error;
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::engine::{self, KnownSources, Snapshot};
use crate::publish::links;
use crate::publish::plan::{From, Wanted};
use crate::publish::served::Functions;
use crate::serve::definitions_of;
use crate::site::Options;
use crate::source;

/// A site that is ready to publish.
pub(super) struct Prepared {
    pub(super) wanted: Vec<Wanted>,
    pub(super) definitions: Vec<Definition>,
    pub(super) dist: PathBuf,
}

impl Prepared {
    /// The digests of the forms.
    pub(super) fn forms(&self) -> BTreeMap<String, String> {
        let forms = self.definitions.iter().map(|definition| &definition.form);
        forms.map(|form| (form.name().to_owned(), form.digest())).collect()
    }
}

/// Checks the site at `base_url` (by default that of `site.yaml`) with its forms served by `functions`,
/// and builds it into `dist/`.
pub(super) fn prepare(
    console: &Console,
    base_url: Option<String>,
    functions: Option<&Functions>,
    now: i64,
) -> Result<Prepared, Error> {
    let root = console.root();
    let options = Options { base_url, ..Options::default() };
    let files = engine::sources(root, None)?.files;
    let snapshot = Snapshot::take(root, files, &options, now, KnownSources::NOTHING)?;
    look(console, &snapshot, functions)?;
    let definitions = definitions_of(&snapshot).map_err(|fault| vec![fault])?;
    let dist = root.join("dist");
    let request = Request {
        root: root.to_owned(),
        out: dist.clone(),
        options,
        force: false,
        now,
        progress: console.hears_progress().then_some(Console::progress),
    };
    console.diagnostics(&build::build(&request)?.lost);
    let outputs = outputs(&request, &snapshot)?;
    let wanted = wanted(&request, &snapshot, &outputs)?;
    Ok(Prepared { wanted, definitions, dist })
}

/// The address in `site.yaml`; `None` if it is missing or the settings cannot be read.
pub(super) fn own_address(console: &Console) -> Option<String> {
    let text = source::text(console.root(), config::PATH).ok()?;
    let config = Config::parse(&text).ok()?;
    Some(config.base_url).filter(|address| !address.is_empty())
}

/// The first moment after `since` at which a page appears or expires.
pub(super) fn next_moment(console: &Console, since: i64) -> Result<Option<i64>, Error> {
    let files = engine::sources(console.root(), None)?.files;
    let options = Options::default();
    let snapshot = Snapshot::take(console.root(), files, &options, since, KnownSources::NOTHING)?;
    Ok(snapshot.site().next_moment)
}

/// Reports the problems of every page; nothing is published if there is an error, a placeholder or a
/// form that no function serves.
fn look(
    console: &Console,
    snapshot: &Snapshot,
    functions: Option<&Functions>,
) -> Result<(), Error> {
    let mut found = snapshot.warnings.to_vec();
    let checked = crate::check::check(snapshot)?;
    found.extend(checked.found.into_iter().map(|found| found.diagnostic));
    found.extend(placeholder::faults(snapshot));
    if let Some(functions) = functions {
        let text = |path: &str| source::text(&snapshot.root, path).unwrap_or_default();
        found.extend(functions.unserved(&snapshot.site().forms, &text));
    }
    if found.iter().any(Diagnostic::is_error) {
        return Err(Error::Content(found));
    }
    console.diagnostics(&found);
    Ok(())
}

/// The sources changed during the publish.
fn changed() -> Error {
    PublishFailure::Changed.into()
}

/// The outputs of the build in `dist/`, if it used the same sources that were checked.
fn outputs(request: &Request, snapshot: &Snapshot) -> Result<Vec<Record>, Error> {
    let path = cache::path(&request.root, &request.out);
    let Read::Cache(cache) = cache::read(&path) else { return Err(changed()) };
    let same = |one: &Record, other: &Record| one.path == other.path && one.digest == other.digest;
    let (ours, theirs) = (snapshot.taken_sources(), &cache.stamps.sources);
    let is_same = ours.len() == theirs.len()
        && ours.iter().zip(theirs.iter()).all(|(one, other)| same(one, other));
    if is_same { Ok(cache.stamps.outputs) } else { Err(changed()) }
}

/// Every file of the site with its links.
fn wanted(
    request: &Request,
    snapshot: &Snapshot,
    outputs: &[Record],
) -> Result<Vec<Wanted>, Error> {
    let site = snapshot.site();
    let made_of: HashMap<&str, &str> = snapshot
        .outputs
        .iter()
        .filter_map(|output| {
            let page = output.source.page()?;
            Some((output.path.as_str(), site.page(page).meta.path.as_str()))
        })
        .collect();
    let paths: HashSet<&str> = outputs.iter().map(|record| record.path.as_str()).collect();
    let has = |path: &str| paths.contains(path);
    let fingerprinted = site.fingerprinted();
    let one = |record: &Record| {
        let path = &record.path;
        let bytes = source::output(&request.out, path).map_err(|_| changed())?;
        Ok(Wanted {
            path: path.clone(),
            digest: record.digest.hex(),
            source: made_of.get(path.as_str()).map(|source| (*source).to_owned()),
            links: links::links(path, &bytes, &site.base_url, &has),
            is_fingerprinted: fingerprinted.contains(path.as_str()),
            from: From::Disk,
        })
    };
    outputs.par_iter().map(one).collect()
}
