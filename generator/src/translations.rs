//! Merges the texts of the theme and of the content into one table per language.

use std::borrow::Cow;
use std::collections::BTreeMap;

use located_yaml::{Entry, Place, suggest::quoted_list};
use serde::Serialize;

use crate::config::{Config, Language};
use crate::diagnostic::{Diagnostic, nearest};
use crate::embedded;
use crate::locale::Locale;

/// The language of the texts in `theme.yaml`.
pub(crate) const THEME: &str = "en";

/// A text as written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Words {
    /// Independent of a count.
    Plain(String),
    /// By plural category: `one`, `few`, `other` and so on (CLDR plural rules).
    Counted(BTreeMap<String, String>),
}

/// A text with its language.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The code of its language.
    pub code: String,
    /// Its content.
    pub words: Words,
    /// Its file, as shown in diagnostics.
    pub path: String,
    /// Its place in the file.
    pub place: Place,
}

/// The texts of one file, by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strings {
    /// The code of their language.
    pub code: String,
    /// The file, relative to the site's root.
    pub path: String,
    /// The texts, with their places.
    pub texts: BTreeMap<String, (Words, Place)>,
    /// Warnings about the file.
    pub warnings: Vec<Diagnostic>,
}

/// Every text of one language, by key.
pub(crate) type Table = BTreeMap<String, Text>;

/// Parses a file of texts, such as `strings/pa.yaml`: its name is the language's code.
///
/// # Errors
/// All errors in it, each with its place.
pub(crate) fn parse(path: &str, text: &str) -> Result<Strings, Vec<Diagnostic>> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let code = name.strip_suffix(".yaml").filter(|code| crate::config::is_language(code));
    let Some(code) = code else {
        let fault = Diagnostic::error(path, "this is not a file of texts");
        let help =
            "name it after a language code, such as `pa.yaml`; move other files to another folder";
        return Err(vec![fault.help(help)]);
    };
    let in_file = |problem| Diagnostic::in_file(path, problem);
    let document = located_yaml::parse_map(text, 1).map_err(|problem| vec![in_file(problem)])?;
    let mut strings = read(path, code, document.root.entries().unwrap_or_default())?;
    strings.warnings = document.warnings.into_iter().map(in_file).collect();
    Ok(strings)
}

/// Reads texts by key.
///
/// # Errors
/// All errors in them, each with its place.
pub(crate) fn read(path: &str, code: &str, entries: &[Entry]) -> Result<Strings, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let mut texts = BTreeMap::new();
    let locale = Locale::new(code);
    for entry in entries {
        match words(path, entry, (code, &locale)) {
            Ok(words) => {
                texts.insert(entry.key.clone(), (words, entry.key_place));
            }
            Err(fault) => faults.push(*fault),
        }
    }
    let (code, path) = (code.to_owned(), path.to_owned());
    if faults.is_empty() {
        Ok(Strings { code, path, texts, warnings: Vec::new() })
    } else {
        Err(faults)
    }
}

fn words(path: &str, entry: &Entry, language: (&str, &Locale)) -> Result<Words, Box<Diagnostic>> {
    let fault = |place: Place, message: String, help: &str| {
        Box::new(Diagnostic::error(path, message).at(place).help(help.to_owned()))
    };
    let text = |entry: &Entry| {
        entry.node.characters().map(Cow::into_owned).ok_or_else(|| {
            let message = format!("`{}` must be text", entry.key);
            let help = format!("write one text after the colon, such as `{}: \"…\"`", entry.key);
            fault(entry.node.place, message, &help)
        })
    };
    let located_yaml::Value::Map(forms) = &entry.node.value else {
        return text(entry).map(Words::Plain);
    };
    let (code, locale) = language;
    let known = locale.plurals_known();
    let mut counted = BTreeMap::new();
    for form in forms {
        if !known.contains(&form.key.as_str()) {
            let message = format!("`{code}` has no plural form `{}`", form.key);
            let help = format!("its plural forms are {}", quoted_list(&known));
            return Err(fault(form.key_place, message, &help));
        }
        counted.insert(form.key.clone(), text(form)?);
    }
    let missing: Vec<&str> =
        known.into_iter().filter(|form| !counted.contains_key(*form)).collect();
    if !missing.is_empty() {
        let message = format!("plural forms of `{}` are missing", entry.key);
        let help = format!("add {}", quoted_list(&missing));
        return Err(fault(entry.key_place, message, &help));
    }
    Ok(Words::Counted(counted))
}

/// The texts of each of the site's languages: from the content in that language, else from the theme in that language,
/// else in the first language.
pub(crate) fn tables(config: &Config, theme: &[Strings], content: &[Strings]) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::with_capacity(config.languages.len());
    for (id, language) in config.languages() {
        let mut table = if id.is_first() { Table::new() } else { tables[0].clone() };
        if id.is_first() {
            take(&mut table, theme.iter().filter(|strings| strings.path.ends_with("theme.yaml")));
        }
        for code in [base(&language.code), &language.code] {
            take(&mut table, theme.iter().filter(|strings| strings.code == code));
        }
        for code in [base(&language.code), &language.code] {
            take(&mut table, content.iter().filter(|strings| strings.code == code));
        }
        tables.push(table);
    }
    tables
}

fn take<'a>(table: &mut Table, layers: impl Iterator<Item = &'a Strings>) {
    for layer in layers {
        table.extend(layer.texts.iter().map(|(key, (words, place))| {
            let (code, path) = (layer.code.clone(), layer.path.clone());
            (key.clone(), Text { code, words: words.clone(), path, place: *place })
        }));
    }
}

/// The language subtag of a code, without its region and script.
pub(crate) fn base(code: &str) -> &str {
    code.split('-').next().unwrap_or(code)
}

/// The problems of the content's own texts: a language that the site does not have, or keys that are probably
/// misspelled.
pub(crate) fn faults(config: &Config, theme: &[Strings], content: &[Strings]) -> Vec<Diagnostic> {
    let known = |key: &str| theme.iter().any(|strings| strings.texts.contains_key(key));
    let keys = || theme.iter().flat_map(|strings| strings.texts.keys()).map(String::as_str);
    let mut faults = Vec::new();
    for strings in content {
        faults.extend(strings.warnings.iter().cloned());
        let spoken =
            |each: &Language| strings.code == each.code || strings.code == base(&each.code);
        if !config.languages.iter().any(spoken) {
            let message = format!("the site has no language `{}`", strings.code);
            let help = format!("add it under `languages:` in {}", crate::config::PATH);
            faults.push(Diagnostic::error(&strings.path, message).help(help));
        }
        for (key, (_, place)) in strings.texts.iter().filter(|(key, _)| !known(key)) {
            if let Some(near) = nearest(key, keys()) {
                let message = format!("the theme has no text `{key}`");
                let warning = Diagnostic::warning(&strings.path, message).at(*place);
                faults.push(warning.help(format!("did you mean `{near}`?")));
            }
        }
    }
    faults
}

/// Warnings for each language about texts of the theme that are not translated.
pub(crate) fn untranslated(config: &Config, tables: &[Table]) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (id, language) in config.languages() {
        let missing: Vec<&str> = tables[id.index()]
            .iter()
            .filter(|(_, text)| base(&text.code) != base(&language.code))
            // A theme has the texts of the default components whether or not its pages call them.
            .filter(|(_, text)| !embedded::is_default(&text.path))
            .map(|(key, _)| key.as_str())
            .collect();
        if missing.is_empty() {
            continue;
        }
        let words =
            if missing.len() == 1 { "text of the theme is" } else { "texts of the theme are" };
        let message = format!("{} {words} not translated into `{}`", missing.len(), language.code);
        let shown: Vec<&str> = missing.iter().take(3).copied().collect();
        let more = if missing.len() > shown.len() { " (and others)" } else { "" };
        let help = format!(
            "add {}{more} to content/strings/{}.yaml; see docs/languages.md",
            quoted_list(&shown),
            language.code
        );
        let mut warning = Diagnostic::warning(crate::config::PATH, message).help(help);
        warning.place = language.place;
        warnings.push(warning);
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_translation_is_used() {
        let config = "title: A\nlanguages:\n  en-GB:\n    name: English\n  pl:\n    name: Polski\n";
        let config = Config::parse(config).unwrap();
        let read = |path: &str, text: &str| parse(path, text).unwrap();
        let theme_yaml = Strings {
            path: "themes/daisy/theme.yaml".into(),
            ..read("en.yaml", "home: Home\nring: Ring\nback: Back\n")
        };
        let theme = [theme_yaml, read("strings/pl.yaml", "home: Strona\nring: Zadzwoń\n")];
        let content = [read("en-GB.yaml", "back: Return\n"), read("pl.yaml", "ring: Dzwoń\n")];
        let tables = tables(&config, &theme, &content);
        let said = |at: usize, key: &str| match &tables[at][key].words {
            Words::Plain(text) => text.clone(),
            Words::Counted(_) => panic!("plain"),
        };
        assert_eq!(said(0, "back"), "Return");
        assert_eq!(said(1, "home"), "Strona");
        assert_eq!(said(1, "ring"), "Dzwoń");
        assert_eq!(said(1, "back"), "Return");
        assert_eq!(untranslated(&config, &tables).len(), 1);
        let config = Config::parse("title: A\nlanguage: pl\n").unwrap();
        let tables = super::tables(&config, &theme, &[]);
        assert_eq!(
            untranslated(&config, &tables)[0].message,
            "1 text of the theme is not translated into `pl`"
        );
    }

    #[test]
    fn a_text_has_every_plural_form_of_its_language() {
        assert!(parse("pl.yaml", "days:\n  one: a\n  few: b\n  many: c\n  other: d\n").is_ok());
        let faults = parse("pl.yaml", "days:\n  one: a\n  other: d\n").unwrap_err();
        assert_eq!(faults[0].help.as_deref(), Some("add `few` and `many`"));
        let faults = parse("en.yaml", "days:\n  one: a\n  few: b\n  other: d\n").unwrap_err();
        assert_eq!(faults[0].message, "`en` has no plural form `few`");
    }
}
