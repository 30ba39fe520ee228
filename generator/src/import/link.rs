//! Resolves links of the source site, and rewrites them as links between files.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Notes, Page, Plan};
use crate::parse::{destination, slug};
use crate::url::{self, decode, parent, relative, resolve, scheme};

/// The link targets of the source site.
pub(super) struct LinkIndex<'a> {
    pages: &'a [Page],
    files: &'a BTreeMap<String, String>,
    /// Pages by their source files.
    sources: HashMap<&'a str, usize>,
    /// Pages by the addresses they had.
    addresses: HashMap<String, usize>,
    /// Files by the addresses they had.
    published: HashMap<String, &'a str>,
    /// The source site's address.
    base_url: &'a str,
    /// The folder of the source site on its host, such as `/blog`, or empty.
    folder: &'a str,
    taxonomies: &'a [String],
}

/// The target of a link.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// This page, and the anchor on it.
    Page(usize, String),
    /// This file below `content`.
    File(String),
    /// Another site, or a link that needs no change.
    External,
    /// The target is unknown.
    Nothing,
}

/// Normalizes an address for comparison.
pub(super) fn normal(address: &str) -> String {
    let path = address.trim_matches('/');
    let path = path.strip_suffix("index.html").unwrap_or(path);
    let path = path.strip_suffix(".html").unwrap_or(path);
    path.trim_matches('/').to_lowercase()
}

impl<'a> LinkIndex<'a> {
    pub(super) fn of(plan: &'a Plan) -> LinkIndex<'a> {
        let base_url = plan.settings.base_url.as_str();
        let host = base_url.find("://").map_or(0, |at| at + 3);
        let folder = base_url[host..].find('/').map_or("", |at| &base_url[host + at..]);
        let mut map = LinkIndex {
            pages: &plan.pages,
            files: &plan.files,
            sources: HashMap::new(),
            addresses: HashMap::new(),
            published: HashMap::new(),
            base_url,
            folder,
            taxonomies: &plan.settings.taxonomies,
        };
        for (at, page) in plan.pages.iter().enumerate() {
            if !page.from.is_empty() {
                map.sources.insert(&page.from, at);
            }
            map.addresses.entry(normal(&page.address)).or_insert(at);
            for alias in ["aliases", "redirect_from"].iter().filter_map(|key| page.get(key)) {
                for address in super::value_text::texts(alias) {
                    map.addresses.entry(normal(&address)).or_insert(at);
                }
            }
        }
        for to in plan.files.values() {
            map.published.insert(to.to_lowercase(), to);
        }
        map
    }

    /// Resolves a link on `page` as the source program does.
    pub(super) fn find(&self, page: &Page, written: &str) -> Found {
        let within = written.strip_prefix(self.base_url).filter(|rest| {
            !self.base_url.is_empty() && (rest.is_empty() || rest.starts_with(['/', '#', '?']))
        });
        if within.is_none() && url::is_absolute(written) {
            return Found::External;
        }
        let rest = within.map_or(written, |rest| if rest.is_empty() { "/" } else { rest });
        let (path, anchor) = rest.split_once('#').map_or((rest, ""), |(path, name)| (path, name));
        let path = decode(path.split('?').next().unwrap_or(path));
        if path.is_empty() {
            return Found::External;
        }
        let found = self.candidates(page, &path).into_iter().find_map(|path| self.at(&path));
        match found {
            Some(Found::Page(at, _)) => Found::Page(at, anchor.to_owned()),
            Some(found) => found,
            None => {
                let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
                let is_list = self.taxonomies.iter().any(|name| name == first);
                if is_list && path.starts_with('/') { Found::External } else { Found::Nothing }
            }
        }
    }

    /// The possible meanings of a path, the most likely first: a source file as `=path`, or an address.
    fn candidates(&self, page: &Page, path: &str) -> Vec<String> {
        if let Some(path) = path.strip_prefix("@/") {
            return vec![format!("=content/{path}")];
        }
        if let Some(absolute) = path.strip_prefix('/') {
            let within = path.strip_prefix(self.folder).filter(|rest| rest.starts_with('/'));
            let within = within.filter(|_| !self.folder.is_empty()).map(str::to_owned);
            let files = [
                format!("=content/{absolute}"),
                format!("=content/{absolute}.md"),
                format!("={absolute}"),
            ];
            return [path.to_owned()].into_iter().chain(within).chain(files).collect();
        }
        let beside = resolve(parent(&page.from), path).path;
        let mut found = vec![
            format!("={beside}"),
            format!("={beside}.md"),
            format!("={beside}/index.md"),
            format!("={beside}/_index.md"),
        ];
        found.push(format!("/{}", resolve(parent(&page.to), path).path));
        found.push(format!("/{}", resolve(page.address.trim_start_matches('/'), path).path));
        found.push(format!("/{}", resolve(parent(page.address.trim_matches('/')), path).path));
        // Hugo finds a page by its path below `content` from any page.
        found.extend([format!("=content/{path}"), format!("=content/{path}.md")]);
        found
    }

    fn at(&self, candidate: &str) -> Option<Found> {
        if let Some(source) = candidate.strip_prefix('=') {
            let page = self.sources.get(source).map(|at| Found::Page(*at, String::new()));
            return page.or_else(|| self.files.get(source).map(|to| Found::File(to.clone())));
        }
        let page = self.addresses.get(&normal(candidate));
        let file = self.published.get(&candidate.trim_matches('/').to_lowercase());
        let file = file.map(|to| Found::File((*to).to_owned()));
        file.or_else(|| page.map(|at| Found::Page(*at, String::new())))
    }

    /// The address of the page with this name (Hugo's `ref`, Jekyll's `link` and `post_url`).
    pub(super) fn named(&self, page: &Page, name: &str) -> Option<String> {
        let (path, anchor) = name.split_once('#').unwrap_or((name, ""));
        let at = match self.find(page, path) {
            Found::Page(at, _) => at,
            _ => self.by_name(path)?,
        };
        let end = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
        Some(format!("{}{end}", self.pages[at].address))
    }

    /// The only page whose source file ends with this name.
    fn by_name(&self, name: &str) -> Option<usize> {
        let name = name.trim_matches('/').trim_end_matches(".md");
        let ends = |page: &Page| {
            let stem = page.from.rsplit_once('.').map_or(page.from.as_str(), |(stem, _)| stem);
            let stem = stem.strip_suffix("/index").unwrap_or(stem);
            stem.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'))
        };
        let mut found = (0..self.pages.len()).filter(|at| ends(&self.pages[*at]));
        found.next().filter(|_| found.next().is_none())
    }

    /// Rewrites a link as one between files; `None` if it needs no change.
    pub(super) fn link(&self, page: &Page, written: &str) -> Option<String> {
        if let Some(anchor) = written.strip_prefix('#').filter(|anchor| !anchor.is_empty()) {
            return Some(format!("#{}", anchored(page, anchor)));
        }
        let (to, anchor) = match self.find(page, written) {
            Found::Page(at, anchor) => {
                (self.pages[at].to.clone(), anchored(&self.pages[at], &anchor))
            }
            Found::File(to) => (to, String::new()),
            Found::External | Found::Nothing => return None,
        };
        let mut link = url::markdown_link(&relative(&page.to, &to)).into_owned();
        if !anchor.is_empty() {
            link.push('#');
            link.push_str(&anchor);
        }
        Some(link)
    }
}

/// Converts an anchor of a heading: programs generate them differently, and ours has a hyphen for
/// anything that is not a letter. An anchor that an editor set is kept.
fn anchored(page: &Page, anchor: &str) -> String {
    let decoded = decode(anchor);
    let given = [format!("{{#{anchor}"), format!("id=\"{anchor}\"")];
    match slug(&decoded) {
        made if !made.is_empty() && !given.iter().any(|given| page.body.contains(given)) => made,
        _ => anchor.to_owned(),
    }
}

/// Whether the following text is inside a call of a component, which markdown reads as HTML.
fn is_call(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t']);
    before.ends_with("{%") || before.ends_with("{{")
}

/// A change to a text.
struct Edit {
    range: Range<usize>,
    to: String,
}

/// The text of a page with its links rewritten.
pub(super) fn rewrite(page: &Page, words: &str, map: &LinkIndex, notes: &mut Notes) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let parser = Parser::new_ext(words, options);
    let mut edits: Vec<Edit> = Vec::new();
    for (_, definition) in parser.reference_definitions().iter() {
        let span = definition.span.clone();
        let from = words[span.clone()].find("]:").map_or(span.start, |at| span.start + at + 2);
        let range = destination(&words[..span.end], from);
        edits.extend(change(page, &words[range.clone()], range, map, notes));
    }
    let mut last_end = 0;
    let mut links = 0usize;
    let mut alt: Option<String> = None;
    for (event, range) in parser.into_offset_iter() {
        match &event {
            Event::Start(Tag::Link { .. }) => links += 1,
            Event::Start(Tag::Image { dest_url, .. }) => {
                alt = Some(String::new());
                if scheme(dest_url).is_none() && map.find(page, dest_url) == Found::Nothing {
                    notes.add(&page.from, format!("the image `{dest_url}` was not found"));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(alt) = &mut alt {
                    alt.push_str(text);
                }
            }
            Event::End(TagEnd::Link) => {
                links -= 1;
                edits.extend(inline(page, words, &range, last_end, map, notes));
            }
            Event::End(TagEnd::Image) => {
                let said = alt.take().unwrap_or_default();
                let found = inline(page, words, &range, last_end, map, notes);
                edits.extend(
                    picture(page, words, (&range, last_end), &said, links > 0, notes).or(found),
                );
            }
            Event::Html(html) | Event::InlineHtml(html)
                if !html.trim_start().starts_with("<!--") && !is_call(&words[..range.start]) =>
            {
                notes.add(
                    &page.from,
                    "it contains HTML, which is shown as text: replace it with Markdown, or write \
                     `raw_html: allow` in the `_index.md` of its folder",
                );
            }
            _ => {}
        }
        if !matches!(event, Event::Start(_)) {
            last_end = range.end;
        }
    }
    apply(words, edits)
}

/// The change to an inline link, `[text](target)`, whose text ends at or after `from`.
fn inline(
    page: &Page,
    words: &str,
    range: &Range<usize>,
    from: usize,
    map: &LinkIndex,
    notes: &mut Notes,
) -> Option<Edit> {
    let target = target(words, range, from)?;
    change(page, &words[target.clone()], target, map, notes)
}

fn target(words: &str, range: &Range<usize>, from: usize) -> Option<Range<usize>> {
    let from = from.clamp(range.start, range.end);
    let at = from + words.get(from..range.end)?.find("](")? + 2;
    Some(destination(&words[..range.end], at)).filter(|range| !range.is_empty())
}

/// An image of another site becomes a link to it, because pages load nothing from other sites.
fn picture(
    page: &Page,
    words: &str,
    (range, from): (&Range<usize>, usize),
    alt: &str,
    in_link: bool,
    notes: &mut Notes,
) -> Option<Edit> {
    if alt.trim().is_empty() {
        notes.add(&page.from, "an image has no text alternative: write it between `![` and `]`");
    }
    let target = &words[target(words, range, from)?];
    scheme(target)?;
    notes.add(
        &page.from,
        format!(
            "the image `{target}` is on another site and was replaced with a link: to show it, \
             save it beside this page"
        ),
    );
    let alt = if alt.trim().is_empty() { "picture" } else { alt.trim() };
    let to = if in_link { alt.to_owned() } else { format!("[{alt}]({target})") };
    Some(Edit { range: range.clone(), to })
}

fn change(
    page: &Page,
    written: &str,
    range: Range<usize>,
    map: &LinkIndex,
    notes: &mut Notes,
) -> Option<Edit> {
    if map.find(page, written) == Found::Nothing {
        notes.add(
            &page.from,
            format!("the link `{written}` leads to an unknown page: `daisy check` shows its line"),
        );
    }
    let to = map.link(page, written)?;
    (to != written).then_some(Edit { range, to })
}

fn apply(words: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.range.start);
    let mut text = String::with_capacity(words.len());
    let mut at = 0;
    for Edit { range, to } in edits {
        // An image that became a link includes the changes within it.
        if range.start >= at {
            text.push_str(&words[at..range.start]);
            text.push_str(&to);
            at = range.end;
        }
    }
    text.push_str(&words[at..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let page = |from: &str, to: &str, address: &str| Page {
            from: from.to_owned(),
            to: to.to_owned(),
            address: address.to_owned(),
            ..Page::default()
        };
        let mut plan = Plan {
            pages: vec![
                page("content/post/Rose.md", "post/Rose.md", "/post/rose/"),
                page("content/about.md", "about.md", "/about/"),
                page("content/post/tom/index.md", "post/tom/index.md", "/post/tom/"),
            ],
            ..Plan::default()
        };
        plan.settings.base_url = "https://rose.org/blog".to_owned();
        plan.settings.taxonomies = vec!["tags".to_owned()];
        plan.files.insert("static/a b.pdf".to_owned(), "a b.pdf".to_owned());
        plan.files.insert("content/post/tom/bus.jpg".to_owned(), "post/tom/bus.jpg".to_owned());
        plan
    }

    #[test]
    fn every_kind_of_reference_to_a_page_resolves() {
        let plan = plan();
        let map = LinkIndex::of(&plan);
        let rose = &plan.pages[0];
        for written in [
            "/about/",
            "/about",
            "/about.html",
            "/blog/about/",
            "../about.md",
            "../../about/",
            "@/about.md",
            "https://rose.org/blog/about/",
            "/about.md",
            "about.md",
        ] {
            assert_eq!(map.link(rose, written).as_deref(), Some("../about.md"), "{written}");
        }
        assert_eq!(map.link(rose, "/about/#team").as_deref(), Some("../about.md#team"));
        assert_eq!(map.link(rose, "/about/#A--b").as_deref(), Some("../about.md#a-b"));
        assert_eq!(map.link(rose, "#My_Anchor").as_deref(), Some("#my-anchor"));
        assert_eq!(map.link(rose, "tom/").as_deref(), Some("tom/index.md"));
        assert_eq!(map.link(&plan.pages[2], "bus.jpg").as_deref(), Some("bus.jpg"));
        assert_eq!(map.link(rose, "/a%20b.pdf").as_deref(), Some("../a%20b.pdf"));
        assert_eq!(map.find(rose, "https://example.org/"), Found::External);
        assert_eq!(map.find(rose, "#here"), Found::External);
        assert_eq!(map.find(rose, "/tags/bench/"), Found::External);
        assert_eq!(map.find(rose, "/gone/"), Found::Nothing);
        assert_eq!(map.named(rose, "tom#x").as_deref(), Some("/post/tom/#x"));
    }

    #[test]
    fn links_are_rewritten_in_place() {
        let plan = plan();
        let map = LinkIndex::of(&plan);
        let mut notes = Notes::default();
        let words = "[a](/about/ \"t\") `[a](/about/)` [![Bus](tom/bus.jpg)](/post/tom/)\n\
            [x] ![Far](https://f.org/a.jpg) [![Far](https://f.org/b.jpg)](/about/)\n\n[x]: /about/\n";
        let rewritten = rewrite(&plan.pages[0], words, &map, &mut notes);
        assert_eq!(
            rewritten,
            "[a](../about.md \"t\") `[a](/about/)` [![Bus](tom/bus.jpg)](tom/index.md)\n\
             [x] [Far](https://f.org/a.jpg) [Far](../about.md)\n\n[x]: ../about.md\n"
        );
        assert_eq!(notes.unmapped().count(), 1);
    }
}
