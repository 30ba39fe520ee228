//! Checks a site: renders every page in memory and inspects each as visitors get it. Reads the site's
//! sources; writes nothing.
//!
//! Each rule is in a file named after it. A rule about one page takes its [`Document`]; those that
//! compare pages (`link`, and duplicate titles) run after every page is rendered. Each finding is traced
//! to the editor's text or to a template, and is reported once however many pages show it.

mod accessible_name;
mod alt;
mod budget;
pub mod external;
mod finding;
mod form;
mod future;
mod heading;
mod id;
mod language;
mod link;
mod metadata;
pub mod personal_data;
pub mod placeholder;
mod third_party;
mod title;

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::engine::{self, Linked, Output, OutputSource, Snapshot};
use crate::html::document::Document;
use crate::html::links::{self, Link};
use crate::images::{ImageVariant, ResponsiveImage};
use crate::query::Dependencies;
use crate::site::ListPage;
use crate::url::{self, BaseUrl};
use budget::Budgets;
use external::LinkOccurrence;
use finding::{Cause, Finding, Locator, Origin, gather};
use link::Targets;
use metadata::Documents;

pub use finding::Found;
pub use future::foretold;

/// The result of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// The number of pages checked.
    pub pages: usize,
    /// The number of drafts that were left out.
    pub drafts: usize,
    /// The findings, in the order of the pages.
    pub found: Vec<Found>,
    /// Links to other sites by address, each with its first occurrence.
    pub outside: BTreeMap<String, LinkOccurrence>,
}

/// What is kept of a checked page.
struct Seen {
    origin: Origin,
    path: String,
    title: Option<String>,
    language: String,
    anchors: HashSet<String>,
    links: Vec<Link>,
    found: Vec<Finding>,
    dependencies: Dependencies,
}

/// Checks every page of a site.
///
/// # Errors
/// The problems of a template or a source that prevent rendering.
pub fn check(snapshot: &Snapshot) -> Result<Checked, Vec<Diagnostic>> {
    let site = snapshot.site();
    let budgets = Budgets::of(site.config.get(LanguageId::FIRST, "budgets").as_ref());
    let sizes = sizes(snapshot);
    let pages: Vec<&Output> =
        snapshot.outputs.iter().filter(|output| output.source.is_rendered()).collect();
    let looked: Vec<Result<Seen, Vec<Diagnostic>>> =
        pages.par_iter().map(|output| look(snapshot, output, budgets, &sizes)).collect();
    let mut seen = Vec::with_capacity(looked.len());
    let mut faults = Vec::new();
    for each in looked {
        match each {
            Ok(each) => seen.push(each),
            Err(found) => faults.extend(found),
        }
    }
    let frames = match faults.is_empty() {
        true => snapshot.form_frames().map_err(|fault| vec![fault])?,
        false => BTreeMap::new(),
    };
    let dependencies = seen.iter().map(|each| &each.dependencies);
    let of_frames = frames.values().map(|frame| &frame.dependencies);
    faults.extend(damaged(snapshot, dependencies.chain(of_frames)));
    if !faults.is_empty() {
        return Err(crate::diagnostic::dedup(faults));
    }
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (page, each) in seen.iter_mut().enumerate() {
        found.extend(std::mem::take(&mut each.found).into_iter().map(|finding| (page, finding)));
    }
    found.extend(across(snapshot, &seen));
    found.sort_by_key(|(page, _)| *page);
    let source = |path: &str| engine::source_text(&snapshot.root, path);
    let mut locator = Locator::new(&snapshot.templates, &site.config, &source);
    let outside = outside(&seen, &site.base_url, &mut locator);
    let origins: Vec<Origin> = seen.into_iter().map(|each| each.origin).collect();
    let pages = origins.len();
    let drafts = snapshot.site().drafts;
    Ok(Checked { pages, drafts, found: gather(found, &origins, &mut locator), outside })
}

/// Problems of the pages' images that a build would report.
fn damaged<'d>(
    snapshot: &Snapshot,
    dependencies: impl Iterator<Item = &'d Dependencies>,
) -> Vec<Diagnostic> {
    let mut linked = Linked::new(snapshot);
    linked.add_all(dependencies);
    let variants: Vec<&ImageVariant> = linked.variants.into_values().collect();
    let faults = snapshot.image_cache.unmakable(&variants).into_iter();
    faults.map(|fault| snapshot.site().unmakable(fault)).collect()
}

/// The sizes in bytes of the files that pages load, by path.
fn sizes(snapshot: &Snapshot) -> HashMap<&str, usize> {
    let sized = snapshot.outputs.iter().filter_map(|output| match &output.source {
        OutputSource::Bytes(bytes, _) => Some((output.path.as_str(), bytes.len())),
        _ => None,
    });
    let mut sizes: HashMap<&str, usize> = sized.collect();
    for asset in snapshot.site().assets.values() {
        if let Some(plain) = &asset.plain
            && let Some(size) = sizes.get(plain.as_str()).copied()
        {
            sizes.insert(asset.url.trim_start_matches('/'), size);
        }
    }
    sizes
}

/// Renders one page and applies every rule about one page.
fn look(
    snapshot: &Snapshot,
    output: &Output,
    budgets: Budgets,
    sizes: &HashMap<&str, usize>,
) -> Result<Seen, Vec<Diagnostic>> {
    let rendered = snapshot.render(output)?;
    let document = Document::parse(&rendered.bytes);
    let origin = origin(snapshot, output);
    let base_url = &snapshot.site().base_url;
    let title = title_component(snapshot, output);
    let mut found = Vec::new();
    language::check(&document, &mut found);
    title::check(&document, &mut found);
    heading::check(&document, title.as_deref(), &mut found);
    id::check(&document, &mut found);
    of_elements(&document, base_url, &mut found);
    if !found.is_empty() {
        let own = Document::parse(rendered.content.as_bytes());
        attribute(&mut found, &document, &own, base_url);
    }
    let size = |written: &str| {
        let path = links::target(&origin.address, written, base_url);
        path.and_then(|path| sizes.get(path.as_str()).copied()).unwrap_or_default()
    };
    budget::check(&document, budgets, &size, &mut found);
    Ok(Seen {
        origin,
        path: output.path.clone(),
        title: title::of(&document),
        language: language::of(&document).to_owned(),
        anchors: links::anchors(&document),
        links: links::links(&document),
        found,
        dependencies: rendered.dependencies,
    })
}

/// The rules that check one element at a time.
const OF_ELEMENTS: [&str; 4] = ["alt", "name", "form", "outside"];

/// Applies the rules in [`OF_ELEMENTS`].
fn of_elements(document: &Document, base_url: &BaseUrl, found: &mut Vec<Finding>) {
    alt::check(document, found);
    accessible_name::check(document, found);
    form::check(document, found);
    third_party::check(document, base_url, found);
}

/// Records for each finding whether its element comes from the page's own text or from the template.
fn attribute(found: &mut [Finding], document: &Document, own: &Document, base_url: &BaseUrl) {
    let count = |document: &Document, tag: &str| {
        document.elements.iter().filter(|element| element.tag() == tag).count()
    };
    let mut found_in_own = Vec::new();
    of_elements(own, base_url, &mut found_in_own);
    let unknown =
        found.iter_mut().filter(|each| each.cause == Cause::Unknown && !each.tag.is_empty());
    for finding in unknown {
        let (all, inside) = (count(document, &finding.tag), count(own, &finding.tag));
        finding.cause = if inside == 0 {
            Cause::Theme
        } else if inside == all || found_in_own.iter().any(|each| each.is_same(finding)) {
            Cause::Content
        } else if OF_ELEMENTS.contains(&finding.rule) {
            Cause::Theme
        } else {
            // The same tag is in both, and its context decides.
            Cause::Unknown
        };
    }
}

/// How an editor calls the theme's component that shows the title, unless the page calls it already.
fn title_component(snapshot: &Snapshot, output: &Output) -> Option<String> {
    let page = snapshot.site().page(output.source.page()?);
    let mut components = snapshot.templates.components.iter();
    let (name, shape) = components.find(|(_, shape)| shape.shows_title && !shape.for_templates)?;
    (!page.meta.components.contains(name)).then(|| shape.example(name))
}

/// Where a page comes from.
fn origin(snapshot: &Snapshot, output: &Output) -> Origin {
    let site = snapshot.site();
    let page = output.source.page().map(|id| site.page(id));
    let template = match &output.source {
        OutputSource::List(ListPage::Taxonomy(_)) => "taxonomy.html",
        OutputSource::List(ListPage::Term { .. }) => "term.html",
        OutputSource::NotFound => "not_found.html",
        _ => page.map_or("page.html", |page| site.template(page)),
    };
    let address = output.path.strip_suffix("index.html").unwrap_or(&output.path);
    Origin {
        address: format!("/{address}"),
        content: page.map(|page| format!("content/{}", page.meta.path)),
        template: snapshot.templates.theme.origin(template).unwrap_or(template).to_owned(),
    }
}

/// Applies the rules that need every page.
fn across(snapshot: &Snapshot, seen: &[Seen]) -> Vec<(usize, Finding)> {
    let by_path: HashMap<&str, &Seen> =
        seen.iter().map(|each| (each.path.as_str(), each)).collect();
    let anchors = |path: &str| by_path.get(path).map(|each| &each.anchors);
    let site = snapshot.site();
    let variants = site.images.values().flat_map(ResponsiveImage::all);
    let pictures = variants.chain(site.icons.iter()).map(|variant| variant.path.as_str());
    let outputs = snapshot.outputs.iter().map(|output| output.path.as_str());
    // Every attachment that a page links to is published.
    let attachments = site.attachments.keys().filter_map(|path| site.attachment(path));
    let outputs = outputs.chain(attachments.map(|(path, _)| path));
    let assets = site.assets.values().filter_map(|asset| asset.url.strip_prefix('/'));
    let outputs = outputs.chain(assets);
    let targets = Targets::new(outputs.chain(pictures), &anchors, &site.base_url);
    let mut documents = Documents::new(snapshot);
    let mut found: Vec<(usize, Finding)> = Vec::new();
    for (page, each) in seen.iter().enumerate() {
        let (mut told, mut looked_into) = (HashSet::new(), HashSet::new());
        for link in &each.links {
            if told.insert((&link.written, &link.tag))
                && let Some(finding) = targets.check(&each.origin.address, link)
            {
                found.push((page, finding));
            }
            if looked_into.insert(&link.written)
                && let Some(finding) = documents.check(&each.origin.address, &link.written)
            {
                found.push((page, finding));
            }
        }
    }
    let titled = seen.iter().enumerate().filter_map(|(page, each)| {
        // A localized page without a translation keeps the title of the original.
        let title = (each.language.as_str(), each.title.as_deref()?);
        Some((page, each.origin.address.as_str(), title))
    });
    found.extend(title::same(titled));
    found
}

/// Links to other sites by address, each with its first occurrence.
fn outside(
    seen: &[Seen],
    base_url: &BaseUrl,
    locator: &mut Locator,
) -> BTreeMap<String, LinkOccurrence> {
    let mut outside: BTreeMap<String, LinkOccurrence> = BTreeMap::new();
    for each in seen {
        for link in each.links.iter().filter(|link| link.followed) {
            if base_url.within(&link.written).is_some() || url::host(&link.written).is_none() {
                continue;
            }
            let address = external::address(&link.written);
            if let Some(mention) = outside.get_mut(&address) {
                mention.note_page(&each.origin.address);
                continue;
            }
            let finding = Finding::error(external::RULE, "").clue(&link.written);
            let place = locator.locate(&finding, &each.origin);
            let (path, place) = match (place, &each.origin.content) {
                (Some(source), _) => (source.path, Some(source.place)),
                (None, Some(content)) => (content.clone(), None),
                (None, None) => (each.origin.template.clone(), None),
            };
            let pages = vec![each.origin.address.clone()];
            outside.insert(address, LinkOccurrence { path, place, pages });
        }
    }
    outside
}
