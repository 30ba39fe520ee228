//! Follows the links of the forms' texts to pages and files of the site. Pure.

use located_yaml::Place;

use super::Assembled;
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::parse::Moment;

/// A link of a form's text to a page or a file of the site.
#[derive(Clone, Debug, PartialEq)]
pub struct FormLink {
    /// The file of the form, or of a translation of it, such as `content/forms/chat.yaml`.
    pub path: String,
    /// The address as written, which begins with `/`.
    pub target: String,
    /// Where it was written.
    pub place: Place,
}

impl Assembled {
    /// The links of forms that lead nowhere.
    pub(super) fn dead_form_links(&self) -> impl Iterator<Item = Diagnostic> {
        self.form_links.iter().filter_map(|link| {
            let fault = self.follow(LanguageId::FIRST, "_index.md", &link.target).err()?;
            let is_expired = self.expired_form_link(link).is_some();
            let told = Diagnostic::error(&link.path, fault.message).at(link.place);
            (!is_expired).then(|| told.label(fault.label).help(fault.help))
        })
    }

    /// The addresses that links of forms have and that lead to pages that have expired, as they are in HTML.
    pub(crate) fn expired_form_addresses(&self) -> impl Iterator<Item = String> {
        let expired = self.form_links.iter().filter(|link| self.expired_form_link(link).is_some());
        expired.map(|link| format!("{}{}", self.base_url.folder(), link.target))
    }

    /// The expired page that a link of a form leads to, if it does; see [`Assembled::expired_at`].
    pub(super) fn expired_form_link(&self, link: &FormLink) -> Option<(&str, Moment)> {
        self.expired(LanguageId::FIRST, "_index.md", &link.target)
    }
}
