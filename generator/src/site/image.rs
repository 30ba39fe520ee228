//! Resolves the images that pages show, or explains why one cannot be shown.

use located_yaml::Place;

use super::{Destination, LinkFault, Page, Site, destination};
use crate::config::{self, LanguageId};
use crate::diagnostic::{Diagnostic, nearest};
use crate::images::cache::SourceError;
use crate::images::{self, ImageVariant, ResponsiveImage};
use crate::parse::{LinkKind, PageImage, PageMeta};
use crate::url;

/// Returns the path below `content/` of an image, as written on the page `from`. A path that begins
/// with `/` is relative to `content/`.
///
/// # Errors
/// The image is on another site, or the path leads out of `content/`.
pub fn picture_path(from: &str, written: &str) -> Result<String, LinkFault> {
    let found = destination(from, written).map_err(|fault| LinkFault {
        message: "this image is outside the folder `content`",
        help: "put its file beside the page, or into content/images".to_owned(),
        ..fault
    })?;
    match found {
        Destination::Inside(place) => Ok(place.path.trim_start_matches('/').to_owned()),
        Destination::Outside(address) => Err(LinkFault {
            message: "this image is on another site",
            label: address.to_owned(),
            help: "if you are allowed to, save it beside this page and write its file name"
                .to_owned(),
            near: None,
        }),
    }
}

/// An image that a page shows, and where.
struct Shown<'a> {
    written: &'a str,
    place: Place,
}

fn shown(page: &Page) -> impl Iterator<Item = Shown<'_>> {
    shown_by(&page.meta).map(|(written, place)| Shown { written, place })
}

/// The images that a page shows, as written, and where.
pub(super) fn shown_by(meta: &PageMeta) -> impl Iterator<Item = (&str, Place)> {
    let front = meta.front.image.as_ref().map(|image| (image.src.value.as_str(), image.src.place));
    let body = meta.links.iter().filter(|link| link.kind == LinkKind::Image);
    front.into_iter().chain(body.map(|link| (link.target.as_str(), link.place)))
}

impl Site {
    /// Returns the diagnostic for an image that cannot be encoded. A damaged file is reported at
    /// the first place that shows it.
    pub(crate) fn unmakable(&self, fault: SourceError) -> Diagnostic {
        let SourceError::Damaged { source, refusal } = &fault else {
            return fault.into_diagnostic();
        };
        let Some(picture) = source.strip_prefix("content/") else { return fault.into_diagnostic() };
        let place = self.pages().find_map(|page| {
            let is_it = |shown: &Shown| {
                picture_path(&page.meta.path, shown.written).is_ok_and(|path| path == picture)
            };
            shown(page).find(is_it).map(|shown| (page, shown.place))
        });
        let Some((page, place)) = place else { return fault.into_diagnostic() };
        let path = format!("content/{}", page.meta.path);
        Diagnostic::error(path, "this image cannot be shown")
            .at(place)
            .label(format!("{source}: {}", refusal.message))
            .help(refusal.help.as_str())
    }

    /// Returns the image at `path` below `content/`.
    ///
    /// # Errors
    /// There is no such image, or it cannot be shown.
    pub fn picture(&self, path: &str) -> Result<&ResponsiveImage, LinkFault> {
        let Some(picture) = self.images.get(path) else {
            return Err(self.no_picture(path));
        };
        match &picture.probed {
            Ok(_) => Ok(picture),
            Err(refusal) => Err(LinkFault {
                message: "this image cannot be shown",
                label: refusal.message.clone(),
                help: refusal.help.clone(),
                near: None,
            }),
        }
    }

    /// Explains that there is no image at `path`, and suggests the most similar one.
    fn no_picture(&self, path: &str) -> LinkFault {
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
        let wanted = name(path);
        // The right name in the wrong folder is likelier than a wrong name in the right folder.
        let same_name = self.images.keys().find(|known| name(known) == wanted);
        let near = same_name.map(String::as_str);
        let near = near.or_else(|| nearest(path, self.images.keys().map(String::as_str)));
        let help = match near {
            Some(near) => format!("did you mean content/{near}?"),
            None => "put its file beside the page, or into content/images".to_owned(),
        };
        LinkFault {
            message: "this image does not exist",
            label: format!("there is no file content/{path}"),
            help,
            near: near.map(str::to_owned),
        }
    }

    /// Returns the image that link previews show for the page at `path`, and its alt text: the
    /// page's own image, or the site's.
    pub fn shared(&self, language: LanguageId, path: &str) -> Option<(&ImageVariant, &str)> {
        let own = self.find(language, path).and_then(|id| self.page(id).meta.front.image.as_ref());
        let own = own.and_then(|image| self.shared_of(path, image));
        own.or_else(|| self.shared_of("_index.md", self.config.image.as_ref()?))
    }

    fn shared_of<'a>(
        &'a self,
        from: &str,
        image: &'a PageImage,
    ) -> Option<(&'a ImageVariant, &'a str)> {
        let path = picture_path(from, &image.src.value).ok()?;
        Some((self.images.get(&path)?.shared.as_ref()?, &image.alt))
    }

    /// Returns the icons generated from the image that `site.yaml` names.
    ///
    /// # Errors
    /// There is no such image, or it is too small.
    pub(super) fn make_icons(&self) -> Result<Vec<ImageVariant>, Box<Diagnostic>> {
        let Some(icon) = &self.config.icon else { return Ok(Vec::new()) };
        let error = |message: &str| Diagnostic::error(config::PATH, message).at(icon.place);
        let found = picture_path("_index.md", &icon.value)
            .and_then(|path| Ok((self.picture(&path)?, path)))
            .map_err(|fault| Box::new(error(fault.message).label(fault.label).help(fault.help)));
        let (picture, path) = found?;
        let facts = picture.probed.as_ref().ok();
        let source = picture.variants.first().map(|variant| variant.source_digest);
        let made = facts
            .zip(source)
            .and_then(|(facts, digest)| images::icons(&format!("content/{path}"), digest, facts));
        made.ok_or_else(|| {
            let size = facts.map(|facts| format!("it is {} by {}", facts.width, facts.height));
            Box::new(
                error("an icon cannot be made from this image: it is too small, or SVG")
                    .label(size.unwrap_or_default())
                    .help("use a square PNG or JPEG of at least 512 by 512 pixels"),
            )
        })
    }

    /// Returns an error for every image of a page that cannot be shown.
    pub(super) fn dead_pictures(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        if let Some(image) = &self.config.image {
            let path = picture_path("_index.md", &image.src.value);
            if let Err(fault) = path.and_then(|path| self.picture(&path).map(|_| ())) {
                let error = Diagnostic::error(config::PATH, fault.message).at(image.src.place);
                faults.push(error.label(fault.label).help(fault.help));
            }
        }
        for page in self.pages() {
            for Shown { written, place } in shown(page) {
                let path = picture_path(&page.meta.path, written);
                if let Err(fault) = path.and_then(|path| self.picture(&path).map(|_| ())) {
                    let near = fault.near.map(|near| url::relative(&page.meta.path, &near));
                    let help = near.map_or(fault.help, |near| format!("did you mean `{near}`?"));
                    let file = format!("content/{}", page.meta.path);
                    let fault = Diagnostic::error(file, fault.message)
                        .at(place)
                        .label(fault.label)
                        .help(help);
                    faults.push(fault);
                }
            }
        }
        faults
    }

    /// Returns a warning for every animated image, which is shown as a still.
    pub fn stills(&self) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for page in self.pages() {
            for Shown { written, place } in shown(page) {
                let picture = picture_path(&page.meta.path, written)
                    .ok()
                    .and_then(|path| self.images.get(&path)?.probed.as_ref().ok());
                if picture.is_some_and(|facts| facts.moving) {
                    let file = format!("content/{}", page.meta.path);
                    let warning = Diagnostic::warning(
                        file,
                        "this image is animated, but is shown as a still",
                    )
                    .at(place)
                    .label("only its first frame is shown")
                    .help(
                        "moving images distract many readers; show it as a video, which \
                                 visitors can start themselves",
                    );
                    warnings.push(warning);
                }
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_path_is_relative_to_its_page() {
        let path = |from, written| picture_path(from, written).ok();
        assert_eq!(path("stories/rose.md", "a%20b.jpg").as_deref(), Some("stories/a b.jpg"));
        assert_eq!(path("stories/rose.md", "/images/a.jpg").as_deref(), Some("images/a.jpg"));
        assert_eq!(path("rose.md", "../a.jpg"), None);
        assert_eq!(path("rose.md", "https://example.org/a.jpg"), None);
    }
}
