//! Reads the picture of a page from the lines between the dashes. Pure.

use daisychain_functions::yaml::{self, Entry};

use super::Image;
use crate::keys::{Keys, table};
use crate::parse::link;

/// Reads `image`: a file, the words for it, and whose it is.
pub(crate) fn image(entry: &Entry, keys: &mut Keys) -> Option<Image> {
    const HELP: &str = "write it as `image:` with two lines beneath, `  src: photo.jpg` and `  alt: what it shows`";
    if let yaml::Value::Null = entry.node.value {
        return None;
    }
    let yaml::Value::Map(entries) = &entry.node.value else {
        let error = keys
            .error(entry.node.place, "a picture needs its file and words that say what it shows")
            .help(HELP);
        keys.push(error);
        return None;
    };
    let (mut source, mut alt, mut credit) = (None, None, None);
    for part in entries {
        match part.key.as_str() {
            "src" => source = keys.text(part),
            "alt" => {
                alt = match &part.node.value {
                    yaml::Value::String(text) => Some(text.trim().to_owned()),
                    _ => keys.text(part).map(|text| text.value),
                };
                if let Some(words) = &alt {
                    check_alt(words, part, keys);
                }
            }
            "credit" => credit = keys.text(part).map(|text| text.value),
            _ => keys.unknown(part, &table::IMAGE),
        }
    }
    if alt.is_none() {
        let missing = keys
            .missing(entry.key_place, "this picture has no words for those who cannot see it")
            .help("add `  alt: what it shows` beneath it; a mere decoration takes `  alt: \"\"`");
        keys.push(missing);
    }
    let Some(source) = source else {
        keys.push(keys.error(entry.key_place, "this picture has no file").help(HELP));
        return None;
    };
    link::check_image(&source.value).err().into_iter().for_each(|problem| {
        keys.push(keys.error(source.place, problem.message).help(problem.help));
    });
    Some(Image { src: source, alt: alt.unwrap_or_default(), credit })
}

/// Words that a screen reader's user hears anyway, or that say nothing.
fn check_alt(words: &str, entry: &Entry, keys: &mut Keys) {
    if let Some(problem) = link::doubtful_alt(words) {
        keys.push(keys.missing(entry.node.place, problem.message).help(problem.help));
    }
}
