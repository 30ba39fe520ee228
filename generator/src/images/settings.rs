//! Turns `images:` of a theme into how wide and how well its pictures are made. Pure.

use located_yaml::{Entry, Place, keys};

use crate::key_tables;

/// How a theme wants its pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The widths to make, in pixels, ascending.
    pub widths: Vec<u32>,
    /// How wide a picture is shown (HTML, 4.8.4.2.1, the attribute `sizes`).
    pub sizes: String,
    /// 1 to 100.
    pub quality: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { widths: vec![480, 800, 1200, 1600], sizes: "100vw".to_owned(), quality: 78 }
    }
}

/// What is wrong with a setting: where, what, and what to do.
pub type Fault = (Place, String, String);

impl Settings {
    /// Reads what stands under `images:`.
    ///
    /// # Errors
    /// Everything that is wrong there.
    pub fn read(entry: &Entry) -> Result<Settings, Vec<Fault>> {
        let mut settings = Settings::default();
        let mut faults = Vec::new();
        for entry in entry.node.entries().unwrap_or_default() {
            let place = entry.node.place;
            match entry.key.as_str() {
                "widths" => match widths(entry) {
                    Some(widths) => settings.widths = widths,
                    None => faults.push((
                        place,
                        "`widths` takes a list of widths in pixels".to_owned(),
                        "write it like `widths: [480, 800, 1200]`, each from 16 to 8000".to_owned(),
                    )),
                },
                "sizes" => match entry.node.as_str() {
                    Some(sizes) if !sizes.contains(['"', '<', '>']) => {
                        settings.sizes = sizes.to_owned();
                    }
                    _ => faults.push((
                        place,
                        "`sizes` takes text".to_owned(),
                        "write it like `sizes: \"(min-width: 48rem) 42rem, 100vw\"`".to_owned(),
                    )),
                },
                "quality" => match whole(&entry.node).filter(|number| (1..=100).contains(number)) {
                    Some(quality) => settings.quality = u8::try_from(quality).unwrap_or(100),
                    None => faults.push((
                        place,
                        "`quality` takes a whole number from 1 to 100".to_owned(),
                        "78 is good for photos".to_owned(),
                    )),
                },
                other => faults.push((
                    entry.key_place,
                    format!("there is no key `{other}` under `images`"),
                    format!(
                        "there are {}",
                        keys::names(&key_tables::THEME_IMAGES).collect::<Vec<_>>().join(", ")
                    ),
                )),
            }
        }
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }
}

fn widths(entry: &Entry) -> Option<Vec<u32>> {
    let located_yaml::Value::List(items) = &entry.node.value else { return None };
    let mut widths: Vec<u32> = items
        .iter()
        .map(|item| whole(item).filter(|width| (16..=8000).contains(width)))
        .collect::<Option<_>>()?;
    widths.sort_unstable();
    widths.dedup();
    (!widths.is_empty()).then_some(widths)
}

fn whole(node: &located_yaml::Node) -> Option<u32> {
    match node.value {
        located_yaml::Value::Integer(number) => u32::try_from(number).ok(),
        _ => None,
    }
}
