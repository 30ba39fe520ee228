//! Keeps the warnings about a site by their origin, so that an update replaces only some.

use crate::diagnostic::Diagnostic;

/// The warnings that are not part of a page's metadata, in the order in which they are reported.
#[derive(Clone, Debug, Default)]
pub struct SourceWarnings {
    /// Those of settings, theme and file names.
    pub(super) settings: Vec<Diagnostic>,
    /// Those of the forms and their translations, each from its own text.
    pub(super) forms: Vec<Diagnostic>,
    /// Those of the data files.
    pub(super) data: Vec<Diagnostic>,
    /// Those that depend on the whole site.
    pub(super) site: Vec<Diagnostic>,
}

impl SourceWarnings {
    /// Iterates over all of them.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        [&self.settings, &self.forms, &self.data, &self.site].into_iter().flatten()
    }

    /// Whether one of them is about a file and may not be the same after an update of it.
    pub(super) fn depend_on(&self, path: &str) -> bool {
        self.settings.iter().chain(&self.site).any(|warning| warning.path == path)
    }
}
