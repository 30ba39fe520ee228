//! Explains what an output depends on, and what has changed since the last build. Reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fmt::Write;

use super::previous::PreviousOutputs;
use super::{Error, Request, known};
use crate::cache::{self, Read};
use crate::engine::{OutputSource, Snapshot};

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
    let Some((record, dependencies)) = previous.get(&path) else {
        let near = crate::diagnostic::nearest(
            &path,
            cache.stamps.outputs.iter().map(|record| record.path.as_str()),
        );
        let near = near.map(str::to_owned);
        return Err(Error::NoSuchOutput { path, near });
    };
    let files = super::sources(&request.root, None)?.files;
    let metadata = cache.metadata();
    let known = known(&cache.stamps, &metadata);
    let now = Snapshot::take(&request.root, files, &request.options, request.now, known)?;
    let mut account = format!("{path}\n");
    let mark = |changed: bool| if changed { "changed" } else { "same   " };
    let mut line = |changed: bool, what: String| {
        writeln!(account, "  {}  {what}", mark(changed)).expect("a string takes all");
    };
    let output = now.outputs.iter().find(|output| output.path == path).cloned();
    let output = output.or_else(|| now.image(&path)).or_else(|| now.attachment(&path));
    let Some(output) = output.or_else(|| now.fingerprinted(&path)) else {
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
    let on_disk = std::fs::read(request.out.join(&path)).ok().map(crate::digest::Digest::xxh3);
    if on_disk != Some(record.digest) {
        line(true, "the file itself: it was edited after the last build".to_owned());
    }
    Ok(account)
}
