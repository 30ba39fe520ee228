//! Finds where a site shows a story: the outputs that change or disappear without it, by their
//! dependencies. Reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::engine::{Linked, Output, OutputSource, Snapshot};
use crate::outputs::SiteFile;
use crate::query::Dependencies;
use crate::site::{PageId, RemovedPage};

/// Where a site shows a story.
#[derive(Debug, Default)]
pub struct Appearances {
    /// The files of the site that change, in order.
    pub files: Vec<Appearance>,
    /// The images and other files of `content/` that are no longer published.
    pub unpublished: Vec<String>,
    /// The warnings that the site has without the story.
    pub warnings: Vec<Diagnostic>,
}

/// A file of the site that shows a story.
#[derive(Debug, PartialEq)]
pub struct Appearance {
    /// Its address.
    pub address: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a file of the site if a story is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is the story: its address says that the page was removed.
    Removed,
    /// It is a page whose text links to the story.
    LinksToIt,
    /// It is a page that shows the story, such as in a list.
    ShowsIt,
    /// It is a feed or a sitemap that lists the story.
    ListsIt,
    /// It disappears, because it showed nothing else.
    Disappears,
}

/// What each output was made from.
pub(super) type Rendered = BTreeMap<String, Dependencies>;

/// Renders every output of a site that a template makes.
pub(super) fn render(snapshot: &Snapshot) -> Result<Rendered, Vec<Diagnostic>> {
    let outputs = snapshot.outputs.par_iter().filter(|output| is_of_pages(output));
    outputs.map(|output| Ok((output.path.clone(), snapshot.render(output)?.dependencies))).collect()
}

fn is_of_pages(output: &Output) -> bool {
    output.source.is_rendered() || matches!(output.source, OutputSource::Site(_))
}

/// The appearances of a story that was withdrawn before: only what the site still warns of.
pub(super) fn of_nothing(root: &Path, moment: i64) -> Result<Appearances, Vec<Diagnostic>> {
    let warnings = super::take(root, moment)?.warnings.to_vec();
    Ok(Appearances { warnings, ..Appearances::default() })
}

/// Compares a site with and without the story at `path`, from the root.
pub(super) fn compare(
    (before, rendered): (&Snapshot, &Rendered),
    after: &Snapshot,
    path: &str,
) -> Result<Appearances, Vec<Diagnostic>> {
    let later: BTreeMap<&str, &Output> =
        after.outputs.iter().map(|output| (output.path.as_str(), output)).collect();
    let story = path.trim_start_matches("content/");
    let linking = linking_pages(before, story);
    let removed: BTreeSet<String> = after.site().removed.iter().map(RemovedPage::file).collect();
    let mut files = Vec::new();
    let mut stale: Vec<&Output> = Vec::new();
    let mut made_from: Vec<&Dependencies> = Vec::new();
    for output in before.outputs.iter().filter(|output| is_of_pages(output)) {
        let Some(dependencies) = rendered.get(&output.path) else { continue };
        let now = later.get(output.path.as_str()).copied();
        let change = match (now, &output.source) {
            (_, OutputSource::Site(SiteFile::Redirect(_) | SiteFile::Removed(_))) => continue,
            (Some(_), _) if removed.contains(&output.path) => Change::Removed,
            (None, _) => Change::Disappears,
            (Some(now), _) if after.is_fresh(now, dependencies) => {
                made_from.push(dependencies);
                continue;
            }
            (Some(now), source) => {
                stale.push(now);
                match source {
                    OutputSource::Site(_) => Change::ListsIt,
                    source if source.page().is_some_and(|page| linking.contains(&page)) => {
                        Change::LinksToIt
                    }
                    _ => Change::ShowsIt,
                }
            }
        };
        files.push(Appearance { address: address(before, &output.path), change });
    }
    let stale: Vec<Dependencies> = stale
        .into_par_iter()
        .map(|output| Ok(after.render(output)?.dependencies))
        .collect::<Result<_, Vec<Diagnostic>>>()?;
    let published = sources(before, rendered.values());
    let still_published = sources(after, made_from.into_iter().chain(&stale));
    let known = &before.warnings;
    let warnings = after.warnings.iter().filter(|warning| !known.contains(warning));
    Ok(Appearances {
        files,
        unpublished: published.difference(&still_published).cloned().collect(),
        warnings: warnings.cloned().collect(),
    })
}

/// The pages whose text links to the story.
fn linking_pages(snapshot: &Snapshot, story: &str) -> BTreeSet<PageId> {
    let site = snapshot.site();
    let versions = site.iter().filter(|(_, page)| page.name() == story);
    versions.flat_map(|(id, _)| site.backlinks(id).iter().copied()).collect()
}

/// The files of `content/` that are published because of these outputs.
fn sources<'d>(
    snapshot: &Snapshot,
    made_from: impl Iterator<Item = &'d Dependencies>,
) -> BTreeSet<String> {
    let mut linked = Linked::new(snapshot);
    linked.add_all(made_from);
    let images = linked.variants.values().map(|variant| variant.source.to_string());
    let attachments = linked.attachments.keys().map(|path| format!("content/{path}"));
    images.chain(attachments).collect()
}

fn address(snapshot: &Snapshot, path: &str) -> String {
    let path = path.strip_suffix("index.html").unwrap_or(path);
    snapshot.site().base_url.href(&format!("/{path}")).to_string()
}
