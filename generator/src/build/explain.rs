//! Explains what an output depends on, and what has changed since the last build. Reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fmt::Write;
use std::sync::Arc;

use hashbrown::HashMap;

use super::previous::PreviousOutputs;
use super::{Error, Request, known};
use crate::cache::{self, Read};
use crate::engine::{Linked, Output, OutputSource, Snapshot};
use crate::query::{Dependencies, Dependency};

/// The maximum number of pages to name that use a file.
const MAX_USERS: usize = 5;

/// Explains the output at `path` (below the output folder), for the user.
///
/// # Errors
/// There is no cache, or no such output, or the content has errors.
pub fn why(request: &Request, path: &str) -> Result<String, Error> {
    let path = path.trim_start_matches('/');
    let path = match path {
        "" => "index.html".to_owned(),
        path if path.ends_with('/') => format!("{path}index.html"),
        path if !path.contains('.') => format!("{path}/index.html"),
        path => path.to_owned(),
    };
    let cache = match cache::read(&cache::path(&request.root, &request.out)) {
        Read::Cache(cache) => cache,
        Read::Absent => return Err(Error::NothingBuilt),
        Read::Dropped(reason) => return Err(Error::CacheDropped(reason)),
    };
    let previous = PreviousOutputs::read(&cache);
    let metadata = cache.metadata();
    let snapshot = || -> Result<Snapshot, Error> {
        let files = super::sources(&request.root, None)?.files;
        let known = known(&cache.stamps, &metadata);
        Ok(Snapshot::take(&request.root, files, &request.options, request.now, known)?)
    };
    let Some((record, dependencies)) = previous.get(&path) else {
        // Errors in the content do not matter for a misspelt path.
        let unused = snapshot().ok().and_then(|now| now.linkable(&path));
        if let Some(output) = unused {
            return Err(Error::Unused { path, what: source_of_unused(&output) });
        }
        let near = crate::diagnostic::nearest(
            &path,
            cache.stamps.outputs.iter().map(|record| record.path.as_str()),
        );
        let near = near.map(str::to_owned);
        return Err(Error::NoSuchOutput { path, near });
    };
    let now = snapshot()?;
    let mut account = format!("{path}\n");
    let mark = |changed: bool| if changed { "changed" } else { "same   " };
    let mut line = |changed: bool, what: String| {
        writeln!(account, "  {}  {what}", mark(changed)).expect("a string takes all");
    };
    let output = now.outputs.iter().find(|output| output.path == path).cloned();
    let linkable = if output.is_none() { now.linkable(&path) } else { None };
    let users = linkable.as_ref().map_or_else(Vec::new, |_| users(&now, &previous, &path));
    let Some(output) = output.or(linkable) else {
        line(true, "the site no longer has this file: the next build will remove it".to_owned());
        return Ok(account);
    };
    let site = now.site();
    let (own, template) = match &output.source {
        OutputSource::Page(id) => {
            let page = site.page(*id);
            (format!("content/{}", page.meta.path), Some(site.template(page)))
        }
        OutputSource::List(_) => ("the page itself".to_owned(), None),
        OutputSource::NotFound => ("the page itself".to_owned(), Some("not_found.html")),
        OutputSource::Copy(source, _) => (source.clone(), None),
        OutputSource::Bytes(..) | OutputSource::Site(_) => {
            ("the data it is made from".to_owned(), None)
        }
        OutputSource::Image(variant) => (variant.source.clone(), None),
    };
    let (page, theme) = now.digests(&output);
    line(page != dependencies.page, own);
    if output.source.is_rendered() {
        let template = template.map_or(String::new(), |name| format!(" (template {name})"));
        line(theme != dependencies.theme, format!("the theme{template}"));
    }
    let mut queries: Vec<_> = dependencies.queries.iter().collect();
    queries.sort_unstable_by_key(|dependency| &dependency.question);
    for dependency in queries {
        let is_changed = !now.queries.is_unchanged(dependency);
        line(is_changed, dependency.question.query.to_string());
    }
    for (is_changed, user) in users.iter().take(MAX_USERS) {
        line(*is_changed, format!("used by {user}"));
    }
    if let Some(more @ 1..) = users.len().checked_sub(MAX_USERS) {
        line(users[MAX_USERS].0, format!("used by {more} more"));
    }
    let on_disk = std::fs::read(request.out.join(&path)).ok().map(crate::digest::Digest::xxh3);
    if on_disk != Some(record.digest) {
        line(true, "the file itself: it was edited after the last build".to_owned());
    }
    Ok(account)
}

/// What an output is made from that no page uses.
fn source_of_unused(output: &Output) -> String {
    match &output.source {
        OutputSource::Image(variant) => format!("this version of {}", variant.source),
        OutputSource::Copy(source, _) => source.clone(),
        _ => "this file of the theme through `asset`".to_owned(),
    }
}

/// Returns the outputs of the last build that show the file at `path` or link to it, those first
/// that are no longer fresh, each with whether it is one of those.
fn users(now: &Snapshot, previous: &PreviousOutputs, path: &str) -> Vec<(bool, String)> {
    let mut known: HashMap<*const Dependency, bool> = HashMap::new();
    let mut leads_there = |dependency: &Arc<Dependency>| {
        *known.entry(Arc::as_ptr(dependency)).or_insert_with(|| {
            let mut linked = Linked::new(now);
            linked.add(&dependency.question);
            linked.contains(path)
        })
    };
    let mut is_user = |made_from: &Dependencies| made_from.queries.iter().any(&mut leads_there);
    let mut users = Vec::new();
    for (record, dependencies) in previous.iter() {
        if is_user(dependencies) {
            let output = now.outputs.iter().find(|output| output.path == record.path);
            let is_fresh = output.is_some_and(|output| now.is_fresh(output, dependencies));
            users.push((!is_fresh, record.path.clone()));
        }
    }
    let frames = now.form_frames().unwrap_or_default();
    if frames.values().any(|frame| is_user(&frame.dependencies)) {
        users.push((false, "the page around the responses to forms".to_owned()));
    }
    users.sort_by_key(|(is_changed, _)| !is_changed);
    users
}
