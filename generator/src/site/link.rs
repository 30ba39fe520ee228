//! Resolves links as written by editors to URLs of the site, or explains why they are dead.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{Asset, Page, PageId, Site, file, number};
use crate::config::LanguageId;
use crate::diagnostic::{Diagnostic, Suggestions, nearest};
use crate::parse::LinkKind;
use crate::url::{self, Resolved, decode};

/// The destination of a link.
#[derive(Clone, Debug, PartialEq)]
pub enum Destination<'a> {
    /// Another site; the URL as written.
    Outside(&'a str),
    /// A page or file of the site.
    Inside(InternalLink),
}

/// A location within the site; it may not exist.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct InternalLink {
    /// A path below `content/`, or a URL path that begins with `/`.
    pub path: String,
    /// The fragment, without the `#`.
    pub anchor: Option<String>,
}

/// Why a link is dead.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkFault {
    /// The message of the diagnostic.
    pub message: &'static str,
    /// The label at the link: what was looked for.
    pub label: String,
    /// How to fix it.
    pub help: String,
    /// The most likely target, as a path below `content/`.
    pub near: Option<String>,
}

/// Parses a link as written on the page `from` (a path below `content/`).
///
/// # Errors
/// The link leads out of `content/`.
pub fn destination<'a>(from: &str, written: &'a str) -> Result<Destination<'a>, LinkFault> {
    if url::is_absolute(written) {
        return Ok(Destination::Outside(written));
    }
    let (rest, anchor) = match written.split_once('#') {
        Some((rest, anchor)) if !anchor.is_empty() => (rest, Some(decode(anchor).into_owned())),
        Some((rest, _)) => (rest, None),
        None => (written, None),
    };
    let rest = decode(rest.split_once('?').map_or(rest, |(path, _)| path));
    if rest.is_empty() {
        return Ok(Destination::Inside(InternalLink { path: from.to_owned(), anchor }));
    }
    if rest.starts_with('/') {
        return Ok(Destination::Inside(InternalLink { path: rest.into_owned(), anchor }));
    }
    let Resolved { mut path, above_root } = url::resolve(url::parent(from), &rest);
    if above_root {
        return Err(LinkFault {
            message: "this link leads out of the folder `content`",
            label: "there is no folder above `content`".to_owned(),
            help: "link to a page in `content`, or to a full address that starts with `https://`"
                .to_owned(),
            near: None,
        });
    }
    if rest.ends_with('/') || path.is_empty() {
        url::push("_index.md", &mut path);
    }
    Ok(Destination::Inside(InternalLink { path, anchor }))
}

/// The paths that `path` may stand for: people write both `stories/rose` and `stories/rose.md` for
/// a folder's page.
pub(super) fn spellings(path: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let stem = path.strip_suffix("/_index.md").or_else(|| path.strip_suffix(".md"));
    let others = stem.into_iter().flat_map(|stem| {
        ["/index.md", ".md"].into_iter().map(move |end| Cow::Owned(format!("{stem}{end}")))
    });
    std::iter::once(Cow::Borrowed(path)).chain(others)
}

impl Site {
    /// Returns the URL of an internal link, in the given language.
    ///
    /// # Errors
    /// There is no such page, file or anchor.
    pub fn address(&self, language: LanguageId, place: &InternalLink) -> Result<String, LinkFault> {
        let (path, anchor) = self.locate(language, place)?;
        let address = self.base_url.href(&path);
        Ok(match anchor {
            Some(anchor) => format!("{address}#{}", url::fragment(anchor)),
            None => address.into_owned(),
        })
    }

    /// Returns the URL path of an internal link, and its anchor.
    ///
    /// # Errors
    /// As [`Site::address`].
    pub(super) fn locate<'a>(
        &'a self,
        language: LanguageId,
        place: &'a InternalLink,
    ) -> Result<(Cow<'a, str>, Option<&'a str>), LinkFault> {
        let Some(id) = self.page_at(language, &place.path) else {
            if let Some(file) = self.file_at(&place.path) {
                return file.map(|file| (Cow::Owned(format!("/{}", file.path())), None));
            }
            let is_asset = |asset: &Asset| {
                let plain = asset.plain.as_deref();
                asset.url == place.path || plain.is_some() && place.path.strip_prefix('/') == plain
            };
            let is_file = self.assets.values().any(is_asset)
                || self.feeds.iter().any(|feed| feed.url == place.path);
            if is_file {
                return Ok((Cow::Borrowed(&place.path), None));
            }
            let list = self.list_at(&place.path).map(|url| (Cow::Owned(url), None));
            return list.ok_or_else(|| self.no_page(&place.path));
        };
        let page = self.page(id);
        let anchor = match place.anchor.as_deref() {
            Some(anchor) if anchor == "top" || has_anchor(page, anchor) => Some(anchor),
            // The headings of a page with errors are unknown.
            Some(anchor) if self.is_unread(page) => Some(anchor),
            // Authors cannot be expected to know that a translation lacks the anchor.
            Some(anchor) if !self.first_has(page, anchor) => return Err(no_anchor(page, anchor)),
            _ => None,
        };
        Ok((Cow::Borrowed(&page.url), anchor))
    }

    /// Whether a page has the anchor in the first language, so that only its translation lacks it.
    fn first_has(&self, page: &Page, anchor: &str) -> bool {
        let first = self.find(LanguageId::default(), page.name());
        !page.language.is_first() && first.is_some_and(|id| has_anchor(self.page(id), anchor))
    }

    pub(super) fn page_at(&self, language: LanguageId, path: &str) -> Option<PageId> {
        if path.starts_with('/') {
            let with_end = if path.ends_with('/') { path.to_owned() } else { format!("{path}/") };
            return self.by_url.get(&*with_end).copied();
        }
        spellings(path).find_map(|path| self.find(language, &path))
    }

    /// Returns the URL of the taxonomy or term at `address`, if there is one.
    pub(super) fn list_at(&self, address: &str) -> Option<String> {
        let wanted = format!("{}/", address.trim_end_matches('/'));
        let terms = |taxonomy: &super::Taxonomy| {
            taxonomy.url == wanted || taxonomy.terms.iter().any(|term| term.url == wanted)
        };
        self.taxonomies.iter().any(terms).then_some(wanted)
    }

    fn no_page(&self, path: &str) -> LinkFault {
        if self.hidden.iter().any(|hidden| hidden == path) {
            return LinkFault {
                message: "this link goes to a page that is not published",
                label: format!("content/{path} is a draft, not due yet, or expired"),
                help: "publish that page too, or remove the link".to_owned(),
                near: None,
            };
        }
        if let Some(fault) = file::hidden(path) {
            return fault;
        }
        if let Some(fault) = self.alias(path) {
            return fault;
        }
        let label = if path.starts_with('/') {
            format!("no page has the address {path}")
        } else {
            format!("there is no file content/{path}")
        };
        let (near, help) = if path.starts_with('/') {
            let near = self.nearest_address(path);
            (None, near.map(|near| format!("did you mean `{near}`?")))
        } else {
            let near = self.nearest_source(path);
            (near, near.map(|near| format!("did you mean content/{near}?")))
        };
        let near = near.map(str::to_owned);
        let help = help.unwrap_or_else(|| {
            "check the names of the file and its folder, or remove the link".to_owned()
        });
        let is_page = path.ends_with(".md") || path.ends_with('/') || path.starts_with('/');
        let message = if is_page {
            "this link goes to a page that does not exist"
        } else {
            "this link goes to a file that does not exist"
        };
        LinkFault { message, label, help, near }
    }

    /// Returns the fault of a link to a page's former URL, which suggests that page.
    fn alias(&self, path: &str) -> Option<LinkFault> {
        let address = path.strip_suffix("_index.md").unwrap_or(path);
        let redirect = self.redirect_at(&format!("/{}", address.trim_start_matches('/')))?;
        let source = &self.page(redirect.to).meta.path;
        Some(LinkFault {
            message: "this link goes to a previous address of a page",
            label: format!("`{}` is an alias of content/{source}", redirect.from),
            help: format!("link to content/{source}"),
            near: Some(source.clone()),
        })
    }

    /// Returns the URL of a page that is most similar to `address`.
    fn nearest_address(&self, address: &str) -> Option<&str> {
        let addresses = self
            .computed
            .page_addresses
            .get_or_init(|| Suggestions::new(self.pages().map(|page| page.url.as_str())));
        addresses.nearest(address).map(|position| self.page(number(position)).url.as_str())
    }

    /// Returns the page or file whose name is most similar to that of `path`, in any folder:
    /// editors who move a file or forget its folder still know its name.
    fn nearest_source(&self, path: &str) -> Option<&str> {
        let names = self.computed.source_names.get_or_init(|| {
            let pages = self.pages().filter(|page| !page.is_fallback);
            let pages = pages.map(|page| page.meta.path.as_str());
            SourceNames::new(pages.chain(self.file_names()))
        });
        names.nearest(path)
    }

    /// Returns an error for every dead link of pages, menus and forms.
    pub(super) fn dead_links(&self) -> Vec<Diagnostic> {
        let pages = (0..self.count()).into_par_iter().map(|index| self.page(number(index)));
        let pages = pages.filter(|page| !page.is_fallback);
        let mut faults: Vec<Diagnostic> =
            pages.flat_map_iter(|page| self.dead_links_of(page)).collect();
        for (language, entry) in self.config.menu_entries() {
            let link = &entry.link.value;
            if let Err(mut fault) = self.follow(language, "_index.md", link)
                && self.expired(language, "_index.md", link).is_none()
            {
                if let Some(near) = &fault.near {
                    fault.help = format!("did you mean `{}`?", url::link_to(near));
                }
                let path = crate::config::PATH.to_owned();
                faults.push(diagnostic(path, entry.link.place, fault));
            }
        }
        faults.extend(self.dead_form_links());
        faults
    }

    fn dead_links_of<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = Diagnostic> + 'a {
        let links = page.meta.links.iter().filter(|link| link.kind == LinkKind::Text);
        links.filter_map(|link| {
            let mut fault = self.follow(page.language, page.name(), &link.target).err()?;
            if self.expired(page.language, page.name(), &link.target).is_some() {
                return None;
            }
            if let Some(link) = self.literal(page.language, page.name(), &link.target) {
                fault.help = format!("`?` and `#` end the file name in a link; write `{link}`");
            } else if let Some(near) = &fault.near {
                let link = pasteable(&url::relative(&page.meta.path, near));
                fault.help = format!("did you mean `{link}`?");
            } else if let Some(address) = external_address(&link.target) {
                fault.help = format!("for a page on another site, write `{address}`");
            }
            Some(diagnostic(format!("content/{}", page.meta.path), link.place, fault))
        })
    }

    /// Returns a link to the file whose name contains the `?` or `#` of a dead link, if there is
    /// one.
    fn literal(&self, language: LanguageId, from: &str, written: &str) -> Option<String> {
        if !written.contains(['?', '#']) {
            return None;
        }
        let literal = url::literal(written).into_owned();
        self.follow(language, from, &literal).is_ok().then(|| bracketed(literal))
    }

    /// Returns the URL of a link, as written on the page `from` in a language.
    ///
    /// # Errors
    /// The link is dead.
    pub fn follow(
        &self,
        language: LanguageId,
        from: &str,
        written: &str,
    ) -> Result<String, LinkFault> {
        match destination(from, written)? {
            Destination::Outside(address) => Ok(url::outside(address).into_owned()),
            Destination::Inside(place) => self.address(language, &place),
        }
    }
}

/// The sources of a site by name, for suggesting a replacement for a dead link.
#[derive(Debug)]
pub(super) struct SourceNames {
    /// The folder and path of each source, in the order of the names.
    sources: Vec<(String, String)>,
    names: Suggestions,
}

impl SourceNames {
    fn new<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let read = paths.map(|path| {
            let (folder, name) = words(path);
            (name, (folder, path.to_owned()))
        });
        let (names, sources): (Vec<String>, _) = read.unzip();
        let names = Suggestions::new(names.iter().map(String::as_str));
        SourceNames { sources, names }
    }

    /// Of the names most similar to that of `path`, returns the one in the most similar folder.
    fn nearest(&self, path: &str) -> Option<&str> {
        let (folder, name) = words(path);
        let allowed = name.chars().count().div_ceil(3).max(1);
        let nearest = self.names.nearest_within(&name, allowed).into_iter();
        let ranked = nearest.map(|position| {
            let (near, source) = &self.sources[position];
            (strsim::osa_distance(near, &folder), source.as_str())
        });
        ranked.min().map(|(_, source)| source)
    }
}

/// The folder and name of a source as people refer to it: in lower case, without `.md`; a folder's
/// own page has the folder's name.
fn words(path: &str) -> (String, String) {
    let path = path.to_lowercase();
    let stem = match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => stem,
        _ => path.as_str(),
    };
    let stem = ["/_index", "/index"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    (folder.to_owned(), name.to_owned())
}

/// Escapes a path as a Markdown link target.
fn pasteable(path: &str) -> String {
    bracketed(url::link_to(path).into_owned())
}

/// Markdown requires `<` and `>` around link targets with spaces or brackets.
fn bracketed(link: String) -> String {
    if link.contains([' ', '(', ')']) { format!("<{link}>") } else { link }
}

/// Returns the absolute URL of a link that looks like the name of another site, such as
/// `example.org/page`.
fn external_address(written: &str) -> Option<String> {
    const ENDINGS: [&str; 9] = ["com", "org", "net", "uk", "eu", "info", "gov", "co", "church"];
    let host = written.split(['/', '?', '#']).next()?;
    let (name, ending) = host.rsplit_once('.')?;
    (!name.is_empty() && !name.starts_with('.') && ENDINGS.contains(&ending))
        .then(|| format!("https://{written}"))
}

fn has_anchor(page: &Page, anchor: &str) -> bool {
    page.meta.headings.iter().any(|heading| heading.id == anchor)
        || page.meta.anchors.iter().any(|known| known == anchor)
}

fn no_anchor(page: &Page, anchor: &str) -> LinkFault {
    let headings = page.meta.headings.iter().map(|heading| heading.id.as_str());
    let help = match nearest(anchor, headings.clone()) {
        Some(near) => format!("did you mean `#{near}`?"),
        None if page.meta.headings.is_empty() => "that page has no headings".to_owned(),
        None => {
            let all: Vec<_> = headings.take(8).map(|id| format!("`#{id}`")).collect();
            format!("the headings of that page are {}", all.join(", "))
        }
    };
    LinkFault {
        message: "this link goes to a heading that does not exist",
        label: format!("there is no heading `#{anchor}` in content/{}", page.meta.path),
        help,
        near: None,
    }
}

fn diagnostic(path: String, place: located_yaml::Place, fault: LinkFault) -> Diagnostic {
    Diagnostic::error(path, fault.message).at(place).label(fault.label).help(fault.help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(from: &str, written: &str) -> (String, Option<String>) {
        match destination(from, written).unwrap() {
            Destination::Inside(place) => (place.path, place.anchor),
            Destination::Outside(address) => panic!("{address} is outside"),
        }
    }

    #[test]
    fn links_are_relative_to_their_page() {
        let from = "stories/rose.md";
        assert_eq!(inside(from, "../chat.md"), ("chat.md".to_owned(), None));
        assert_eq!(inside(from, "tom.md#top"), ("stories/tom.md".to_owned(), Some("top".into())));
        assert_eq!(inside(from, "#words"), (from.to_owned(), Some("words".into())));
        assert_eq!(inside(from, "./"), ("stories/_index.md".to_owned(), None));
        assert_eq!(inside(from, ".."), ("_index.md".to_owned(), None));
        assert_eq!(inside(from, "/about/"), ("/about/".to_owned(), None));
        assert_eq!(inside(from, "a%20b.md?x=1"), ("stories/a b.md".to_owned(), None));
    }

    #[test]
    fn other_sites_are_outside_and_no_path_leaves_content() {
        for address in ["https://example.org/a", "mailto:a@example.org", "tel:+44", "//x.org"] {
            assert_eq!(destination("a.md", address), Ok(Destination::Outside(address)));
        }
        assert!(destination("stories/rose.md", "../../secret.md").is_err());
    }

    #[test]
    fn a_suggested_link_can_be_pasted() {
        assert_eq!(pasteable("our page.md"), "<our page.md>");
        assert_eq!(pasteable("100%/a#b?.pdf"), "100%25/a%23b%3F.pdf");
        assert_eq!(external_address("example.org/a").as_deref(), Some("https://example.org/a"));
        assert_eq!(external_address("../plan.pdf"), None);
        assert_eq!(words("stories/_index.md"), (String::new(), "stories".to_owned()));
        assert_eq!(words("stories/Rose.md"), ("stories".to_owned(), "rose".to_owned()));
    }
}
