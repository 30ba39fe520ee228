//! Resolves links in the forms' texts to pages and files of the site.

use located_yaml::Place;

use super::{Destination, LinkFault, LinkedFile, Site, destination};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::parse::End;

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

impl FormLink {
    /// The name of the form.
    fn form(&self) -> &str {
        let file = self.path.strip_prefix("content/forms/").unwrap_or(&self.path);
        file.split('.').next().unwrap_or(file)
    }
}

impl Site {
    /// The files that the texts of a form and its translations link to.
    pub(crate) fn files_of_form(&self, name: &str) -> impl Iterator<Item = LinkedFile<'_>> {
        let links = self.form_links.iter().filter(move |link| link.form() == name);
        links.filter_map(|link| match destination("_index.md", &link.target) {
            Ok(Destination::Inside(place)) => self.linked_file(LanguageId::FIRST, &place),
            _ => None,
        })
    }

    /// The dead links of forms.
    pub(super) fn dead_form_links(&self) -> impl Iterator<Item = Diagnostic> {
        self.form_links.iter().filter_map(|link| {
            let fault = self.form_link_fault(link)?;
            let is_expired = self.expired_form_link(link).is_some();
            let told = Diagnostic::error(&link.path, fault.message).at(link.place);
            (!is_expired).then(|| told.label(fault.label).help(fault.help))
        })
    }

    /// Returns why a form's link is dead. A form shows it as written, so it has to be the very
    /// address of a page or file: images are published under other names.
    fn form_link_fault(&self, link: &FormLink) -> Option<LinkFault> {
        if let Err(fault) = self.follow(LanguageId::FIRST, "_index.md", &link.target) {
            return Some(fault);
        }
        let Ok(Destination::Inside(place)) = destination("_index.md", &link.target) else {
            return None;
        };
        let file = self.linked_file(LanguageId::FIRST, &place)?;
        (place.path.strip_prefix('/') != Some(file.path())).then(|| LinkFault {
            message: "a form cannot link to an image",
            label: format!(
                "images are published under other names, so nothing is at {}",
                place.path
            ),
            help: "put the image on a page, and link to that page".to_owned(),
            near: None,
        })
    }

    /// The targets of form links that lead to expired pages, as they are in HTML.
    pub(crate) fn expired_form_addresses(&self) -> impl Iterator<Item = String> {
        let expired = self.form_links.iter().filter(|link| self.expired_form_link(link).is_some());
        expired.map(|link| format!("{}{}", self.base_url.folder(), link.target))
    }

    /// Returns the expired page that a form's link leads to, if any; see [`Site::expired_at`].
    pub(super) fn expired_form_link(&self, link: &FormLink) -> Option<(&str, End)> {
        self.expired(LanguageId::FIRST, "_index.md", &link.target)
    }
}
