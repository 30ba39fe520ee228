//! Determines from its path what a source is.

use crate::media_type;

/// The settings of a site.
pub(crate) const SETTINGS_PATH: &str = "content/site.yaml";

/// What a file is read as, according to its path from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SourceKind {
    /// The settings of the site.
    Settings,
    /// A file of `content/forms/`.
    Form,
    /// A file of `content/data/`.
    Data,
    /// A file of `content/strings/`: texts of the theme.
    Strings,
    /// A page.
    Page,
    /// An image that pages may show.
    Image,
    /// Another file of `content/`.
    Other,
    /// A file outside of `content/`, such as one of a theme.
    Outside,
}

impl SourceKind {
    /// The kind of the file at `path`.
    pub(crate) fn of(path: &str) -> SourceKind {
        let Some(below) = path.strip_prefix("content/") else { return SourceKind::Outside };
        match below.split_once('/') {
            Some(("forms", _)) => SourceKind::Form,
            Some(("data", _)) => SourceKind::Data,
            Some(("strings", _)) => SourceKind::Strings,
            _ if path == SETTINGS_PATH => SourceKind::Settings,
            _ if below.ends_with(".md") => SourceKind::Page,
            _ if is_named_as_image(below) => SourceKind::Image,
            _ => SourceKind::Other,
        }
    }

    /// Whether links to the file are answered as links to an attachment, even if only to report that it is not
    /// published.
    pub(crate) fn is_attachment(self) -> bool {
        !matches!(self, SourceKind::Page | SourceKind::Image | SourceKind::Outside)
    }
}

/// Whether the file at `path` is a page.
pub(crate) fn is_page(path: &str) -> bool {
    SourceKind::of(path) == SourceKind::Page
}

/// Whether the file at `path` is an image that pages may show.
pub(crate) fn is_image(path: &str) -> bool {
    SourceKind::of(path) == SourceKind::Image
}

/// Whether a name has the extension of a supported image format.
pub(crate) fn is_named_as_image(path: &str) -> bool {
    matches!(&*media_type::ending(path), "gif" | "jpeg" | "jpg" | "png" | "svg" | "webp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_one_kind() {
        use SourceKind::*;
        for (path, kind) in [
            ("content/site.yaml", Settings),
            ("content/stories/site.yaml", Other),
            ("content/_index.md", Page),
            ("content/stories/rose.pa.md", Page),
            ("content/stories/rose.MD", Other),
            ("content/stories/data/rose.md", Page),
            ("content/data", Other),
            ("content/data.md", Page),
            ("content/stories/Rose.JPG", Image),
            ("content/images/logo.svg", Image),
            ("content/rose.png/plan", Other),
            ("content/leaflet.pdf", Other),
            ("content/forms/chat.yaml", Form),
            ("content/forms/rose.md", Form),
            ("content/data/team.png", Data),
            ("content/data/team.md", Data),
            ("content/strings/pa.yaml", Strings),
            ("content/strings/pa.png", Strings),
            ("content/strings/pa.md", Strings),
            ("themes/daisy/static/favicon.svg", Outside),
            ("contents/a.md", Outside),
            ("rose.md", Outside),
        ] {
            assert_eq!(SourceKind::of(path), kind, "{path}");
            let uses = [is_page(path), is_image(path), kind.is_attachment(), kind == Outside];
            assert_eq!(uses.iter().filter(|is_used| **is_used).count(), 1, "{path}");
        }
    }
}
