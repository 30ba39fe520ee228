//! The values that templates see of images.

use tera::Value;

use super::map;
use crate::config::LanguageId;
use crate::images::{ImageVariant, ResponsiveImage};
use crate::site::Site;
use crate::url::BaseUrl;

/// The maximum width of the `src` variant, for browsers that do not support `srcset` and for links.
const USUAL_WIDTH: u32 = 1200;

/// The URL path of a variant.
fn root_path(variant: &ImageVariant) -> String {
    format!("/{}", variant.path)
}

/// The value of an image.
pub(crate) fn image(picture: &ResponsiveImage, base_url: &BaseUrl) -> Value {
    let fallback: Vec<&ImageVariant> = picture.fallback().collect();
    let usual = fallback.iter().rev().find(|variant| variant.width <= USUAL_WIDTH);
    let usual = usual.or(fallback.first()).copied();
    let widest = fallback.last().copied();
    let size = |size: Option<u32>| Value::from(size.unwrap_or_default());
    let set = |variants: &mut dyn Iterator<Item = &ImageVariant>| {
        let set: Vec<String> = variants
            .map(|each| format!("{} {}w", base_url.href(&root_path(each)), each.width))
            .collect();
        Value::from(set.join(", "))
    };
    let path = usual.map(root_path);
    let url = path.as_ref().map(|path| base_url.href(path)).unwrap_or_default();
    let permalink = path.as_ref().map(|path| base_url.absolute(path)).unwrap_or_default();
    map([
        ("url", Value::from(url)),
        ("permalink", Value::from(permalink)),
        ("type", Value::from(usual.map_or("", |usual| usual.format.media_type()))),
        ("url_width", size(usual.map(|usual| usual.width))),
        ("url_height", size(usual.map(|usual| usual.height))),
        ("width", size(widest.map(|widest| widest.width))),
        ("height", size(widest.map(|widest| widest.height))),
        ("webp", set(&mut picture.webp())),
        ("fallback", set(&mut fallback.iter().copied())),
        ("sizes", Value::from(picture.sizes.as_str())),
    ])
}

/// The value of the image for link previews, which need its absolute URL.
pub(crate) fn shared_image(site: &Site, language: LanguageId, path: &str) -> Value {
    let shared = site.shared(language, path).filter(|_| !site.base_url.is_empty());
    shared.map_or(Value::none(), |(variant, alt)| {
        map([
            ("url", Value::from(site.base_url.absolute(&root_path(variant)))),
            ("type", Value::from(variant.format.media_type())),
            ("width", Value::from(variant.width)),
            ("height", Value::from(variant.height)),
            ("alt", Value::from(alt)),
        ])
    })
}
