//! Merges a theme with those that it extends.
//!
//! A file of a nearer theme replaces a file with the same name of a farther one, and a component replaces the one with
//! the same name, in whichever file it is. The rest of a replaced file is kept: its other components, and the whole
//! file for templates or style sheets that name it with its theme, as in `{% extends "daisy/base.html" %}`.

use std::collections::BTreeSet;

use super::ThemeFiles;
use super::definition::{self, Definition};

/// Merges the files of a theme and of those that it extends, each with its name, nearest first.
///
/// All settings and translation files are kept: see [`extended`]. `defaults` are the files of components that a theme
/// has unless it defines or inherits them, the first taking precedence; they are not page templates.
pub fn combine(themes: Vec<(String, ThemeFiles)>, defaults: Vec<ThemeFiles>) -> ThemeFiles {
    let mut all = ThemeFiles::new();
    let mut defined: BTreeSet<String> = BTreeSet::new();
    for (distance, (theme, files)) in themes.into_iter().enumerate() {
        let mut own = ThemeFiles::new();
        let mut own_components = BTreeSet::new();
        for (path, mut file) in files {
            let is_replaced = all.contains_key(&path);
            if let Some(name) = path.strip_prefix("templates/") {
                let found = definition::definitions(file.text());
                own_components.extend(found.iter().map(|definition| definition.name.to_owned()));
                let is_whole = !is_replaced || named(&all, "templates/", &theme, &path).is_some();
                if let Some(text) = inherited(file.text(), &found, &defined, is_whole) {
                    let kept = if is_replaced { format!("templates/{theme}/{name}") } else { path };
                    file.bytes = text.into_bytes();
                    own.insert(kept, file);
                }
            } else if is_replaced && path.ends_with(".css") {
                if let Some(name) = named(&all, "styles/", &theme, &path) {
                    own.insert(name, file);
                }
            } else {
                own.insert(extended(path, distance), file);
            }
        }
        for (path, file) in own {
            all.entry(path).or_insert(file);
        }
        defined.append(&mut own_components);
    }
    for files in defaults {
        let mut own = BTreeSet::new();
        for (path, mut file) in files {
            let Some(name) = path.strip_prefix("templates/") else {
                all.insert(extended(path, FARTHEST), file);
                continue;
            };
            let found = definition::definitions(file.text());
            if let Some(text) = inherited(file.text(), &found, &defined, false) {
                own.extend(found.iter().map(|definition| definition.name.to_owned()));
                file.bytes = text.into_bytes();
                all.insert(format!("templates/{DEFAULTS}/{name}"), file);
            }
        }
        defined.append(&mut own);
    }
    all
}

/// The folder of the default components among a theme's templates. No theme can have this name.
const DEFAULTS: &str = "built-in components";

/// The distance of the default components' texts.
const FARTHEST: usize = 999;

/// A template of an extended theme without the components that nearer themes define. If the whole template is not
/// needed, only its other components, if any.
fn inherited(
    text: &str,
    found: &[Definition<'_>],
    nearer: &BTreeSet<String>,
    is_whole: bool,
) -> Option<String> {
    let is_replaced = |definition: &&Definition<'_>| nearer.contains(definition.name);
    if is_whole {
        return Some(definition::without(text, found.iter().filter(is_replaced)));
    }
    let mut others = found.iter().filter(|definition| !is_replaced(definition)).peekable();
    others.peek()?;
    Some(definition::only(text, others))
}

/// The path for a replaced file `path` of a theme, if a nearer file in `folder` names it with its theme.
fn named(all: &ThemeFiles, folder: &str, theme: &str, path: &str) -> Option<String> {
    let name = format!("{theme}/{}", path.strip_prefix(folder)?);
    let is_named = |text: &str| {
        ['"', '\''].iter().any(|quote| {
            [format!("{quote}{name}{quote}"), format!("{quote}./{name}{quote}")]
                .iter()
                .any(|word| text.contains(word))
        })
    };
    let mut files = all.iter().filter(|(path, _)| path.starts_with(folder));
    files.any(|(_, file)| is_named(file.text())).then(|| format!("{folder}{name}"))
}

/// The path for a file of an extended theme among the merged files: `theme.yaml` and translation files are kept beside
/// those of nearer themes, sorted by distance.
fn extended(path: String, distance: usize) -> String {
    let is_kept = path == "theme.yaml" || path.starts_with("strings/");
    if is_kept && distance > 0 { format!("{path}.{distance:03}") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::ThemeFile;

    fn theme(name: &str, files: &[(&str, &str)]) -> (String, ThemeFiles) {
        let file = |(path, text): &(&str, &str)| {
            let origin = format!("themes/{name}/{path}");
            ((*path).to_owned(), ThemeFile { origin, bytes: text.as_bytes().to_vec() })
        };
        (name.to_owned(), files.iter().map(file).collect())
    }

    fn component(name: &str) -> String {
        format!("{{% component {name}() %}}{name}{{% endcomponent {name} %}}")
    }

    #[test]
    fn a_theme_overrides_those_that_it_extends() {
        let (a, b) = (component("a"), component("b"));
        let own = a.replace(">a<", ">mine<");
        let all = combine(
            vec![
                theme(
                    "mine",
                    &[
                        ("templates/one.html", &own),
                        ("templates/page.html", "own"),
                        ("theme.yaml", "1"),
                    ],
                ),
                theme(
                    "yours",
                    &[("theme.yaml", "2"), ("styles/main.css", "@import 'far/main.css';")],
                ),
                theme(
                    "far",
                    &[
                        ("templates/all.html", &format!("{a}{b}<p>")),
                        ("templates/one.html", &b.replace('b', "c")),
                        ("templates/page.html", "far"),
                        ("static/icon.svg", "far"),
                        ("styles/main.css", "p {}"),
                        ("theme.yaml", "3"),
                    ],
                ),
            ],
            Vec::new(),
        );
        let paths: Vec<&str> = all.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "static/icon.svg",
                "styles/far/main.css",
                "styles/main.css",
                "templates/all.html",
                "templates/far/one.html",
                "templates/one.html",
                "templates/page.html",
                "theme.yaml",
                "theme.yaml.001",
                "theme.yaml.002",
            ]
        );
        let names = |path: &str| -> Vec<&str> {
            definition::definitions(all[path].text()).into_iter().map(|each| each.name).collect()
        };
        assert_eq!(names("templates/all.html"), ["b"]);
        assert_eq!(names("templates/far/one.html"), ["c"]);
        assert_eq!(all["templates/page.html"].text(), "own");
    }

    #[test]
    fn default_components_are_those_that_no_theme_has() {
        let [a, b, c] = ["a", "b", "c"].map(component);
        let first =
            theme("", &[("templates/a.html", &format!("<p>{a}{b}")), ("theme.yaml", "2")]).1;
        let second = theme("", &[("templates/b.html", &format!("{b}{c}"))]).1;
        let all = combine(
            vec![theme("mine", &[("templates/x.html", &a), ("theme.yaml", "1")])],
            vec![first, second],
        );
        let names: Vec<(&str, Vec<&str>)> = all
            .iter()
            .map(|(path, file)| {
                let found = definition::definitions(file.text()).into_iter();
                (path.as_str(), found.map(|each| each.name).collect())
            })
            .collect();
        assert_eq!(
            names,
            [
                ("templates/built-in components/a.html", vec!["b"]),
                ("templates/built-in components/b.html", vec!["c"]),
                ("templates/x.html", vec!["a"]),
                ("theme.yaml", vec![]),
                ("theme.yaml.999", vec![]),
            ]
        );
    }

    #[test]
    fn a_replaced_file_is_kept_for_one_that_names_it() {
        for quote in ['"', '\''] {
            let own = format!("{{% extends {quote}far/page.html{quote} %}}");
            let all = combine(
                vec![
                    theme("mine", &[("templates/page.html", &own)]),
                    theme(
                        "far",
                        &[("templates/page.html", "far"), ("templates/home.html", "home")],
                    ),
                ],
                Vec::new(),
            );
            assert_eq!(all["templates/far/page.html"].text(), "far");
            assert_eq!(all["templates/home.html"].origin, "themes/far/templates/home.html");
        }
    }
}
