//! Resolves linked files: images as copies without metadata, all others unchanged.

use super::{InternalLink, LinkFault, Site};
use crate::attachment::{Attachment, Withheld, page_name};
use crate::config::LanguageId;
use crate::images::ImageVariant;
use crate::media_type::ending;
use crate::source::is_ignored;

/// A file that a link leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LinkedFile<'a> {
    /// An unchanged file, by its path below both `content/` and the output folder.
    Attachment(&'a str, &'a Attachment),
    /// The largest variant of an image.
    Picture(&'a ImageVariant),
}

impl LinkedFile<'_> {
    /// Its path below the output folder.
    pub fn path(&self) -> &str {
        match self {
            LinkedFile::Attachment(path, _) => path,
            LinkedFile::Picture(variant) => &variant.path,
        }
    }
}

impl Site {
    /// Returns the file at an internal link; `None` if it leads to a page, to nothing, or to a file
    /// that is not published.
    pub fn linked_file(
        &self,
        language: LanguageId,
        place: &InternalLink,
    ) -> Option<LinkedFile<'_>> {
        match self.page_at(language, &place.path) {
            Some(_) => None,
            None => self.file_at(&place.path)?.ok(),
        }
    }

    /// Returns the attachment at `path` below `content/`, if it may be published.
    pub fn attachment(&self, path: &str) -> Option<(&str, &Attachment)> {
        let (path, attachment) = self.attachments.get_key_value(path)?;
        attachment.withheld.is_none().then_some((path, attachment))
    }

    /// Returns the file at a path below `content/` or at a URL that begins with `/`, or why it is
    /// not published; `None` if there is no such file.
    pub fn file_at(&self, path: &str) -> Option<Result<LinkedFile<'_>, LinkFault>> {
        let path = path.trim_start_matches('/');
        if let Some(picture) = self.images.get(path) {
            return Some(match &picture.probed {
                Ok(_) => Ok(LinkedFile::Picture(picture.largest.as_ref()?)),
                Err(refusal) => Err(LinkFault {
                    message: "this image cannot be shown",
                    label: refusal.message.clone(),
                    help: refusal.help.clone(),
                    near: None,
                }),
            });
        }
        let (path, attachment) = self.attachments.get_key_value(path)?;
        Some(match attachment.withheld {
            Some(withheld) => Err(refusal(path, withheld)),
            None => Ok(LinkedFile::Attachment(path, attachment)),
        })
    }

    /// The paths below `content/` of all files that a link may lead to.
    pub(crate) fn file_names(&self) -> impl Iterator<Item = &str> {
        let attachments = self.attachments.iter().filter(|(_, file)| file.withheld.is_none());
        let attachments = attachments.map(|(path, _)| path.as_str());
        attachments.chain(self.images.keys().map(String::as_str))
    }
}

/// Explains why a file of this kind is never published.
fn refusal(path: &str, withheld: Withheld) -> LinkFault {
    let ending = ending(path);
    let in_zip = "put the file into a ZIP file, and link to that";
    let (message, label, help) = match withheld {
        Withheld::Active if ending.starts_with("htm") || ending.starts_with("xht") => (
            "this link goes to a web page that is not part of the site",
            "browsers would run its contents as part of the site".to_owned(),
            "write it as a page, in a file that ends in `.md`, or put it into a ZIP file"
                .to_owned(),
        ),
        Withheld::Active => (
            "this link goes to a file that a browser would run",
            format!(
                "`.{ending}` files can contain scripts that browsers would run as part of the \
                     site"
            ),
            in_zip.to_owned(),
        ),
        Withheld::Draft => (
            "this link goes to the text of a page that is not published",
            format!("content/{path} looks like a page that is a draft or not due yet"),
            format!(
                "remove the link, or rename the file to `{}` and link to it when that page is \
                 published",
                page_name(path)
            ),
        ),
        Withheld::Picture => (
            "this link goes to an image that cannot be published unchanged",
            format!("content/{path} may reveal where it was taken, and by whom"),
            "save it as JPEG or PNG beside the page, and link to that".to_owned(),
        ),
        Withheld::Program => (
            "this link goes to a program, and programs are not published",
            format!("content/{path} would run on a visitor's computer"),
            "link to the website of its publisher, or put the file into a ZIP file".to_owned(),
        ),
        Withheld::Settings => (
            "this link goes to a file of the site's settings",
            format!("content/{path} is never published"),
            "put what visitors may read into another file, beside the page".to_owned(),
        ),
    };
    LinkFault { message, label, help, near: None }
}

/// Returns the fault of a link to a file with a hidden name, whether or not the file exists.
pub(super) fn hidden(path: &str) -> Option<LinkFault> {
    let name = path.split('/').find(|name| !matches!(*name, "." | "..") && is_ignored(name))?;
    let shown = name.trim_start_matches(['.', '~', '$', '#']).trim_end_matches(['~', '#']);
    let help = match shown {
        shown if shown.is_empty() || shown == name => "remove the link".to_owned(),
        shown => format!("rename it, for example to `{shown}`, and link to that"),
    };
    Some(LinkFault {
        message: "this link goes to a hidden file, and hidden files are not published",
        label: format!("names such as `{name}` are for files that programs keep for themselves"),
        help,
        near: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_files_are_reported_with_a_visible_name() {
        for (path, help) in [
            (".env", "rename it, for example to `env`, and link to that"),
            ("notes/.draft/plan.pdf", "rename it, for example to `draft`, and link to that"),
            ("~$letter.docx", "rename it, for example to `letter.docx`, and link to that"),
            ("plan.txt~", "rename it, for example to `plan.txt`, and link to that"),
        ] {
            assert_eq!(hidden(path).map(|fault| fault.help).as_deref(), Some(help), "{path}");
        }
        for path in ["plan.pdf", "a.b/c.d", "/about/", "stories/_index.md"] {
            assert_eq!(hidden(path), None, "{path}");
        }
    }
}
