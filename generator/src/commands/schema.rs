//! `daisy schema`: prints the front matter of a section's pages as JSON Schema. Reads the site's
//! settings and the section's own page.

use std::collections::BTreeMap;

use super::Error;
use super::{Console, new};
use crate::cli::Schema as Arguments;
use crate::config::{self, Config};
use crate::parse::{self, Ids, ParseOptions, Purpose, Schema};
use crate::source;

pub(super) fn run(console: &Console, arguments: &Arguments) -> Result<(), Error> {
    let content = new::content(console)?;
    let text = |path: &str| source::text(console.root(), path).map_err(|fault| vec![fault]);
    let config = Config::parse(&text(config::PATH)?)?;
    let taxonomies: Vec<String> =
        config.taxonomies.iter().map(|taxonomy| taxonomy.name.value.clone()).collect();
    let asked =
        |path: &str| section(path, &text(&format!("content/{path}"))?, &config, &taxonomies);
    let (title, schema) = match &arguments.section {
        None => ("A page".to_owned(), None),
        Some(kind) => asked(&format!("{}/_index.md", new::folder(&content, kind)?))?,
    };
    // The schema of the home page applies to every section without one.
    let schema = match schema {
        None if content.join("_index.md").is_file() => asked("_index.md")?.1,
        schema => schema,
    };
    let schema = schema.unwrap_or_default().to_json(&title, &taxonomies);
    console.answer(&format!("{schema:#}"));
    Ok(())
}

/// The title of a section and the schema of its pages. Component calls in its text do not matter here.
fn section(
    path: &str,
    text: &str,
    config: &Config,
    taxonomies: &[String],
) -> Result<(String, Option<Schema>), Error> {
    let (components, ids) = (BTreeMap::new(), Ids::default());
    let rules = ParseOptions {
        components: &components,
        raw_html: true,
        time_zone: &config.time_zone,
        taxonomies,
        purpose: Purpose::Publishing,
        smart_punctuation: false,
        schema: None,
        ids: &ids,
        footnotes: "",
        footnote_return: "",
    };
    // Parse the front matter only: the text has no part in the schema.
    let end = text.match_indices("\n---").map(|(at, _)| at + 4).next().unwrap_or(text.len());
    let parsed = parse::parse(path, &text[..end], &rules);
    match parsed.page {
        Some(page) => Ok((page.meta.title, page.meta.front.section.schema)),
        None => Err(Error::Content(parsed.diagnostics)),
    }
}
