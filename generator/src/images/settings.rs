//! Reads `images:` of a theme: the widths and quality of image variants.

use located_yaml::{Entry, Node, Place, Problem, Value, keys};

use crate::key_tables;

/// A theme's settings for images.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageSettings {
    /// The widths to generate, in pixels, ascending.
    pub widths: Vec<u32>,
    /// The width at which an image is shown (HTML, 4.8.4.2.1, the attribute `sizes`).
    pub sizes: String,
    /// 1 to 100.
    pub quality: u8,
}

impl Default for ImageSettings {
    fn default() -> Self {
        ImageSettings { widths: vec![480, 800, 1200, 1600], sizes: "100vw".to_owned(), quality: 78 }
    }
}

impl ImageSettings {
    /// Reads the value of `images:`.
    ///
    /// # Errors
    /// All problems of the value.
    pub fn read(entry: &Entry) -> Result<ImageSettings, Vec<Problem>> {
        let mut settings = ImageSettings::default();
        let mut problems = Vec::new();
        let mut error = |place: Place, message: &str, help: &str| {
            problems.push(Problem::error(place, message).help(help));
        };
        for entry in entry.node.entries().unwrap_or_default() {
            let place = entry.node.place;
            match entry.key.as_str() {
                "widths" => match widths(entry) {
                    Some(widths) => settings.widths = widths,
                    None => error(
                        place,
                        "`widths` must be a list of widths in pixels",
                        "write it like `widths: [480, 800, 1200]`, with widths from 16 to 8000",
                    ),
                },
                "sizes" => match entry.node.as_str() {
                    Some(sizes) if !sizes.contains(['"', '<', '>']) => {
                        settings.sizes = sizes.to_owned();
                    }
                    _ => error(
                        place,
                        "`sizes` must be text without `\"`, `<` and `>`",
                        "write it like `sizes: \"(min-width: 48rem) 42rem, 100vw\"`",
                    ),
                },
                "quality" => match whole(&entry.node).filter(|number| (1..=100).contains(number)) {
                    Some(quality) => settings.quality = u8::try_from(quality).unwrap_or(100),
                    None => error(
                        place,
                        "`quality` must be a whole number from 1 to 100",
                        "write it like `quality: 78`, which is suitable for photos",
                    ),
                },
                other => error(
                    entry.key_place,
                    &format!("unknown key `{other}` in `images`"),
                    &format!(
                        "the keys are {}",
                        keys::names(&key_tables::THEME_IMAGES).collect::<Vec<_>>().join(", ")
                    ),
                ),
            }
        }
        if problems.is_empty() { Ok(settings) } else { Err(problems) }
    }
}

fn widths(entry: &Entry) -> Option<Vec<u32>> {
    let Value::List(items) = &entry.node.value else { return None };
    let mut widths: Vec<u32> = items
        .iter()
        .map(|item| whole(item).filter(|width| (16..=8000).contains(width)))
        .collect::<Option<_>>()?;
    widths.sort_unstable();
    widths.dedup();
    (!widths.is_empty()).then_some(widths)
}

fn whole(node: &Node) -> Option<u32> {
    match node.value {
        Value::Integer(number) => u32::try_from(number).ok(),
        _ => None,
    }
}
