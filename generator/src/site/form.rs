//! Resolves links in the forms' texts to pages and files of the site.

use located_yaml::Place;

use super::Site;
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::parse::Moment;

/// A link in a form's text to a page or file of the site.
#[derive(Clone, Debug, PartialEq)]
pub struct FormLink {
    /// The file of the form or of its translation, such as `content/forms/chat.yaml`.
    pub path: String,
    /// The target as written, which begins with `/`.
    pub target: String,
    /// Its location in the file.
    pub place: Place,
}

impl Site {
    /// The dead links of forms.
    pub(super) fn dead_form_links(&self) -> impl Iterator<Item = Diagnostic> {
        self.form_links.iter().filter_map(|link| {
            let fault = self.follow(LanguageId::FIRST, "_index.md", &link.target).err()?;
            let is_expired = self.expired_form_link(link).is_some();
            let told = Diagnostic::error(&link.path, fault.message).at(link.place);
            (!is_expired).then(|| told.label(fault.label).help(fault.help))
        })
    }

    /// The targets of form links that lead to expired pages, as they are in HTML.
    pub(crate) fn expired_form_addresses(&self) -> impl Iterator<Item = String> {
        let expired = self.form_links.iter().filter(|link| self.expired_form_link(link).is_some());
        expired.map(|link| format!("{}{}", self.base_url.folder(), link.target))
    }

    /// Returns the expired page that a form's link leads to, if any; see [`Site::expired_at`].
    pub(super) fn expired_form_link(&self, link: &FormLink) -> Option<(&str, Moment)> {
        self.expired(LanguageId::FIRST, "_index.md", &link.target)
    }
}
