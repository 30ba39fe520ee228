//! Tests of `docs/reference/`: the keys and the theme's components, from the program's own tables. `make
//! docs` writes it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use daisychain::key_tables;
use daisychain::parse::ArgumentKind;
use daisychain::render::Templates;
use daisychain::theme;
use located_yaml::{FieldType, Key};

use super::support::transcript::matches_kept;

const MADE: &str = "Made from the program's own words by `make docs`; do not edit it.";

fn reference(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference").join(name)
}

/// The parts of the reference: their titles and keys.
const PARTS: [(&str, &str, &[Key]); 13] = [
    (
        "A page",
        "Between the dashes of every page, besides a key for each taxonomy of `site.yaml`.",
        &key_tables::PAGE,
    ),
    ("`image`", "", &key_tables::IMAGE),
    (
        "A folder of pages",
        "Between the dashes of its `_index.md`, besides those of every page.",
        &key_tables::SECTION,
    ),
    ("`schema`", "Beneath each key that a section asks for.", &key_tables::FIELD),
    ("`site.yaml`", "In `content/site.yaml`.", &key_tables::SITE),
    ("`organisation`", "", &key_tables::ORGANISATION),
    (
        "`languages`",
        "Beneath each language's code. The site's own takes `name` and `direction` alone.",
        &key_tables::LANGUAGE,
    ),
    ("`taxonomies`", "In each entry; a name alone will do.", &key_tables::TAXONOMY),
    ("`menus`", "In each line of a menu.", &key_tables::MENU_LINE),
    ("`budgets`", "", &key_tables::BUDGETS),
    ("`theme.yaml`", "In the folder of a theme.", &key_tables::THEME),
    ("`images`", "Beneath it in `theme.yaml`.", &key_tables::THEME_IMAGES),
    ("Forms", "The keys of `content/forms/` are in [forms.md](../forms.md).", &[]),
];

fn takes(takes: FieldType) -> String {
    match takes {
        FieldType::Text => "text".to_owned(),
        FieldType::Texts => "a list of texts".to_owned(),
        FieldType::Date => "a day, or a day and a time".to_owned(),
        FieldType::Bool => "`true` or `false`".to_owned(),
        FieldType::WholeNumber => "a whole number".to_owned(),
        FieldType::WholeNumbers => "a list of whole numbers".to_owned(),
        FieldType::Word(words) => format!("`{}`", words.join("`, `")),
        FieldType::Map(_) => "a group of keys".to_owned(),
        FieldType::NamedMaps(_) => "names, each with a group of keys".to_owned(),
        FieldType::List(_) => "a list of names, or of groups of keys".to_owned(),
        FieldType::NamedLists(_) => "names, each with a list of groups of keys".to_owned(),
        FieldType::Any => "names and texts of your own".to_owned(),
    }
}

/// The keys under a key.
fn beneath(takes: FieldType) -> Option<&'static [Key]> {
    match takes {
        FieldType::Map(keys)
        | FieldType::NamedMaps(keys)
        | FieldType::List(keys)
        | FieldType::NamedLists(keys) => Some(keys),
        _ => None,
    }
}

#[test]
fn the_reference_has_every_key() {
    let mut text = format!(
        "# Keys\n\n{MADE}\n\nEvery key that may be written, by the file it is written in.\n"
    );
    for (title, about, keys) in PARTS {
        let _ = write!(text, "\n## {title}\n");
        if !about.is_empty() {
            let _ = write!(text, "\n{about}\n");
        }
        if !keys.is_empty() {
            text.push_str("\n| key | takes | is |\n|---|---|---|\n");
        }
        for key in keys {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} |",
                key.name,
                takes(key.field_type),
                key.description
            );
        }
    }
    matches_kept(&reference("keys.md"), &text).unwrap();
}

#[test]
fn nested_keys_have_their_own_part() {
    for (_, _, keys) in PARTS {
        for key in keys {
            if let Some(below) = beneath(key.field_type) {
                assert!(PARTS.iter().any(|(_, _, other)| *other == below), "{}", key.name);
            }
            assert!(!key.description.is_empty() && !key.description.ends_with('.'), "{}", key.name);
        }
    }
}

/// The complete comment before a component.
fn comment(templates: &[String], component: &str) -> Option<String> {
    let call = format!("{{% component {component}(");
    let (before, _) = templates.iter().find_map(|text| text.split_once(&call))?;
    let comment = before.rsplit_once("{#")?.1.split_once("#}")?;
    // There is nothing else between them.
    comment.1.trim().is_empty().then(|| comment.0.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn kind(kind: ArgumentKind) -> &'static str {
    match kind {
        ArgumentKind::Any => "anything",
        ArgumentKind::String => "text",
        ArgumentKind::Bool => "`true` or `false`",
        ArgumentKind::Integer => "a whole number",
        ArgumentKind::Float | ArgumentKind::Number => "a number",
        ArgumentKind::Array => "a list",
        ArgumentKind::Map => "a group of keys",
    }
}

#[test]
fn the_reference_has_every_component() {
    let files = theme::built_in();
    let templates: Vec<String> =
        files.values().map(|file| String::from_utf8_lossy(&file.bytes).into_owned()).collect();
    let theme = Templates::compile(&files).unwrap();
    let mut text = format!(
        "# Components\n\n{MADE}\n\nThe components of the theme `daisy`, and what each takes. How to call one, with an \
         example of each: [themes.md](../themes.md#components).\n"
    );
    let mut without = Vec::new();
    for (name, shape) in &theme.components {
        let Some(comment) = comment(&templates, name) else {
            without.push(name);
            continue;
        };
        let body = match shape.takes_body {
            Some(true) => "Stands around words.",
            Some(false) => "Stands alone.",
            None => "Stands alone or around words.",
        };
        let body = if shape.for_templates { "For templates." } else { body };
        let called = name.replace('_', "-");
        let _ = write!(text, "\n## `{called}`\n\n{body} {comment}\n");
        if !shape.arguments.is_empty() {
            text.push_str("\n| argument | takes | must be given |\n|---|---|---|\n");
        }
        for argument in &shape.arguments {
            let must = if argument.required { "yes" } else { "no" };
            let _ = writeln!(text, "| `{}` | {} | {must} |", argument.name, kind(argument.kind));
        }
    }
    assert!(without.is_empty(), "no comment says what these are for: {without:?}");
    matches_kept(&reference("components.md"), &text).unwrap();
}
