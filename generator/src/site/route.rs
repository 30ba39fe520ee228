//! Computes a page's URL from its metadata.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::{Page, Site};
use crate::diagnostic::Diagnostic;
use crate::parse::{PageKind, PageMeta, is_mark, slug};

/// Top-level folders reserved for the forms service and the local server.
const RESERVED: [&str; 2] = ["api", "_daisy"];

/// Whether a top-level folder is reserved, ignoring case.
pub(crate) fn is_reserved(folder: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(folder))
}

impl Site {
    /// Returns the URL of the page in the file at `path` below `content/`, if its front matter does
    /// not override it; `None` if the file cannot be a page.
    pub fn address_by_file(&self, path: &str) -> Option<String> {
        let (language, name) = self.config.part(path);
        let meta =
            PageMeta { path: path.to_owned(), kind: PageKind::of(path), ..PageMeta::unread() };
        Some(self.config.language(language).address(&url(&meta, &name).ok()?))
    }
}

/// Returns the URL of a page in the first language, such as `/stories/rose/`. `name` is the path
/// shared by all translations.
pub(super) fn url(meta: &PageMeta, name: &str) -> Result<String, Box<Diagnostic>> {
    if let Some(path) = &meta.front.path {
        let wanted = path.value.trim_matches('/');
        for part in wanted.split('/').filter(|_| !wanted.is_empty()) {
            if part.is_empty() || part == "." || part == ".." || !is_plain(part) {
                let fault = source_error(meta, format!("`{}` is not a valid address", path.value))
                    .at(path.place)
                    .help("use only letters, digits and hyphens, with `/` between the parts");
                return Err(Box::new(fault));
            }
        }
        return checked(meta, wanted.split('/').map(str::to_owned).collect());
    }
    let stem = name.strip_suffix(".md").unwrap_or(name);
    let mut parts: Vec<&str> = stem.split('/').collect();
    if meta.kind != PageKind::Page || parts.last() == Some(&"index") {
        parts.pop();
    }
    let mut parts: Vec<String> = parts.into_iter().map(slug).collect();
    if let Some(wanted) = &meta.front.slug {
        if !is_plain(&wanted.value) || wanted.value.starts_with('.') {
            let fault =
                source_error(meta, format!("`{}` is not a valid part of an address", wanted.value))
                    .at(wanted.place)
                    .help("use letters, digits and hyphens, without spaces or `/`");
            return Err(Box::new(fault));
        }
        if let Some(last) = parts.last_mut() {
            last.clone_from(&wanted.value);
        }
    }
    checked(meta, parts)
}

fn checked(meta: &PageMeta, parts: Vec<String>) -> Result<String, Box<Diagnostic>> {
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if let Some(first) = parts.first()
        && is_reserved(first)
    {
        let message = format!("addresses under `/{first}/` are reserved for forms");
        let fault = at_address(source_error(meta, message), meta);
        return Err(Box::new(fault.help("rename the file or folder")));
    }
    Ok(if parts.is_empty() { "/".to_owned() } else { format!("/{}/", parts.join("/")) })
}

/// Whether `part` can be a URL segment unescaped: it has no separators and nothing that servers or
/// browsers interpret.
fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && part
            .chars()
            .all(|c| c.is_alphanumeric() || is_mark(c) || matches!(c, '-' | '_' | '.' | '~'))
}

fn source_error(meta: &PageMeta, message: String) -> Diagnostic {
    Diagnostic::error(format!("content/{}", meta.path), message)
}

/// Adds the location of the URL in the front matter, if it is set there.
fn at_address(fault: Diagnostic, meta: &PageMeta) -> Diagnostic {
    let written = meta.front.path.as_ref().or(meta.front.slug.as_ref());
    match written {
        Some(written) => fault.at(written.place),
        None => fault,
    }
}

/// Reports pages with the same URL, at the later one. Case is ignored, as some hosts and most
/// laptops have case-insensitive file systems.
pub(super) fn clashes<'a>(pages: impl Iterator<Item = &'a Page>) -> Vec<Diagnostic> {
    let mut taken: HashMap<String, &Page> =
        HashMap::with_capacity(pages.size_hint().1.unwrap_or(0));
    let mut faults = Vec::new();
    for page in pages {
        match taken.entry(page.url.to_lowercase()) {
            Entry::Vacant(free) => {
                free.insert(page);
            }
            // Only repeats the clash of two originals, which is reported there.
            Entry::Occupied(other) if page.is_fallback && other.get().is_fallback => {}
            Entry::Occupied(other) => {
                let message = format!(
                    "this page has the same address, `{}`, as content/{}",
                    page.url,
                    other.get().meta.path
                );
                let fault = at_address(source_error(&page.meta, message), &page.meta);
                let help = "rename one of the two files, or set a `slug:` for one of them";
                faults.push(fault.help(help));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::{is_plain, slug};

    #[test]
    fn url_segments_allow_letters_of_every_script_but_no_separators() {
        assert!(is_plain("rose") && is_plain("ਰੋਜ਼") && is_plain("a-b_c.d"));
        assert!(!is_plain("a/b") && !is_plain("a b") && !is_plain("a?b") && !is_plain(""));
    }

    #[test]
    fn a_file_name_becomes_a_url_segment() {
        assert_eq!(slug("My First Story!"), "my-first-story");
        assert_eq!(slug("2020-05-21 Rose & Tom"), "2020-05-21-rose-tom");
        assert_eq!(slug("ਰੋਜ਼"), "ਰੋਜ਼");
    }
}
