//! Reads a page's image from its front matter.

use located_yaml::{Entry, Problem, Reader};

use super::PageImage;
use crate::key_tables;
use crate::parse::{Purpose, link};

/// Reads `image`: a file, its text alternative and its credit.
pub(crate) fn image(entry: &Entry, purpose: Purpose, reader: &mut Reader) -> Option<PageImage> {
    const HELP: &str = "write `image:`, and below it two indented lines: `  src: photo.jpg` and `  \
                        alt: what it shows`";
    if let located_yaml::Value::Null = entry.node.value {
        return None;
    }
    let located_yaml::Value::Map(entries) = &entry.node.value else {
        reader.push(
            Problem::error(entry.node.place, "an image needs a file and a text alternative")
                .help(HELP),
        );
        return None;
    };
    let (mut source, mut alt, mut credit) = (None, None, None);
    for part in entries {
        match part.key.as_str() {
            "src" => source = reader.text(part),
            "alt" => {
                alt = match &part.node.value {
                    located_yaml::Value::String(text) => Some(text.trim().to_owned()),
                    _ => reader.text(part).map(|text| text.value),
                };
                if let Some(words) = &alt {
                    check_alt(words, part, purpose, reader);
                }
            }
            "credit" => credit = reader.text(part).map(|text| text.value),
            _ => reader.unknown_key(part, &key_tables::IMAGE),
        }
    }
    if alt.is_none() {
        reader.push(
            Problem::new(
                purpose.severity_of_missing(),
                entry.key_place,
                "this image has no text alternative",
            )
            .help(
                "below it, add `  alt: what it shows`, or `  alt: \"\"` if it is only decoration",
            ),
        );
    }
    let Some(source) = source else {
        reader.push(Problem::error(entry.key_place, "this image has no file").help(HELP));
        return None;
    };
    link::check_image(&source.value).err().into_iter().for_each(|problem| {
        reader.push(Problem::error(source.place, problem.message).help(problem.help));
    });
    Some(PageImage { src: source, alt: alt.unwrap_or_default(), credit })
}

/// Reports a text alternative that repeats what a screen reader says anyway, or that says nothing.
fn check_alt(words: &str, entry: &Entry, purpose: Purpose, reader: &mut Reader) {
    if let Some(problem) = link::doubtful_alt(words) {
        reader.push(
            Problem::new(purpose.severity_of_missing(), entry.node.place, problem.message)
                .help(problem.help),
        );
    }
}
