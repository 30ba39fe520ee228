//! Suggests what to do about an unknown front matter key.

use std::borrow::Cow;

use located_yaml::{Entry, Node, Problem, Reader, Value, keys, suggest::quoted_list};

use super::{PageKind, ParseOptions};
use crate::diagnostic::nearest;
use crate::key_tables;

/// Advice for a key that Hugo, Zola, Eleventy, Jekyll or another program reads.
#[derive(Clone, Copy)]
enum Advice {
    /// The key has another name here.
    Rename(&'static str),
    /// It is a taxonomy, to be declared in the site's settings.
    Taxonomy(&'static str),
    /// With this value, it hides a page from visitors or from search engines.
    Flag { value: bool, line: &'static str },
    /// It says whether, or from which day, the page is published.
    Published,
    /// It names the page's authors.
    Authors,
    /// It is the page's complete address.
    Address,
    /// It names the template, which is written differently here.
    Template,
    /// It is the page's image, which needs a text alternative.
    Image,
    /// Other advice, in a sentence.
    Other(&'static str),
}

use Advice::{Address, Authors, Flag, Image, Other, Published, Rename, Taxonomy, Template};

const DRAFT: &str = "draft: true";

const LANGUAGE: Advice = Other(
    "remove this line; to translate a page, put a file beside it with the language code in its \
     name, such as `rose.pa.md`",
);
const NO_SEARCH: Advice = Flag { value: true, line: "search: false" };

/// Keys of other programs, in lower case and without `_` and `-`.
const FOREIGN: [(&str, Advice); 66] = [
    ("description", Rename("summary")),
    ("excerpt", Rename("summary")),
    ("abstract", Rename("summary")),
    ("teaser", Rename("summary")),
    ("lastmod", Rename("updated")),
    ("lastmodified", Rename("updated")),
    ("lastmodifiedat", Rename("updated")),
    ("lastupdated", Rename("updated")),
    ("modified", Rename("updated")),
    ("publishedat", Rename("publish_on")),
    ("publishdate", Rename("publish_on")),
    ("pubdate", Rename("publish_on")),
    ("expirydate", Rename("expires_on")),
    ("expires", Rename("expires_on")),
    ("unpublishdate", Rename("expires_on")),
    ("alias", Rename("aliases")),
    ("redirectfrom", Rename("aliases")),
    ("order", Rename("weight")),
    ("navorder", Rename("weight")),
    ("position", Rename("weight")),
    ("menus", Rename("menu")),
    ("params", Rename("extra")),
    ("photo", Image),
    ("picture", Image),
    ("cover", Image),
    ("coverimage", Image),
    ("featuredimage", Image),
    ("heroimage", Image),
    ("thumbnail", Image),
    ("images", Image),
    ("pagesize", Rename("paginate_by")),
    ("paginate", Rename("paginate_by")),
    ("generatefeed", Rename("feed")),
    ("generatefeeds", Rename("feed")),
    ("tag", Taxonomy("tags")),
    ("tags", Taxonomy("tags")),
    ("keyword", Taxonomy("tags")),
    ("keywords", Taxonomy("tags")),
    ("category", Taxonomy("categories")),
    ("categories", Taxonomy("categories")),
    ("series", Taxonomy("series")),
    ("topic", Taxonomy("topics")),
    ("topics", Taxonomy("topics")),
    ("subjects", Taxonomy("subjects")),
    ("published", Published),
    ("publish", Published),
    ("render", Flag { value: false, line: DRAFT }),
    ("headless", Flag { value: true, line: DRAFT }),
    ("private", Flag { value: true, line: DRAFT }),
    ("insearchindex", Flag { value: false, line: "search: false" }),
    ("sitemap", Flag { value: false, line: "search: false" }),
    ("noindex", NO_SEARCH),
    ("authors", Authors),
    ("byline", Authors),
    ("writer", Authors),
    ("permalink", Address),
    ("url", Address),
    ("layout", Template),
    ("type", Template),
    ("lang", LANGUAGE),
    ("language", LANGUAGE),
    ("locale", LANGUAGE),
    ("translationkey", LANGUAGE),
    ("taxonomies", Other("use the name of each taxonomy as a key, such as `tags: [food, music]`")),
    (
        "redirectto",
        Other(
            "remove this page, and add its address to `aliases` of the page that visitors should \
             see",
        ),
    ),
    ("eleventynavigation", Other("write `menu: [main]` instead")),
];

/// Reports an unknown key. `entries` is the whole front matter.
pub(super) fn refuse(
    entry: &Entry,
    entries: &[Entry],
    kind: PageKind,
    rules: &ParseOptions,
    reader: &mut Reader,
) {
    let lower = entry.key.to_lowercase().replace('-', "_");
    let help = match foreign(&entry.key) {
        Some(advice) => help(advice, entry, entries, kind, rules, reader),
        None => match nearest(&lower, known(kind, rules).into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "if the theme uses this key, move it under `extra:`, indented by two spaces; \
                     otherwise remove it"
                .to_owned(),
        },
    };
    let error = Problem::error(entry.key_place, format!("unknown key `{}`", entry.key));
    reader.push(error.help(help));
}

/// The advice for a key of another program, in any spelling.
fn foreign(key: &str) -> Option<Advice> {
    let bare = key.to_lowercase().replace(['-', '_', ' '], "");
    FOREIGN.iter().find(|(key, _)| *key == bare).map(|(_, advice)| *advice)
}

/// The keys that a page of this kind may have.
fn known<'a>(kind: PageKind, rules: &ParseOptions<'a>) -> Vec<&'a str> {
    let sections = if kind == PageKind::Page { &[][..] } else { &key_tables::SECTION[..] };
    let mut known: Vec<&str> =
        keys::names(&key_tables::PAGE).chain(keys::names(sections)).collect();
    known.extend(rules.taxonomies.iter().map(String::as_str));
    known
}

fn help(
    advice: Advice,
    entry: &Entry,
    entries: &[Entry],
    kind: PageKind,
    rules: &ParseOptions,
    reader: &Reader,
) -> String {
    match advice {
        Rename(ours) => renamed(ours, None, entries, kind),
        Taxonomy(name) => taxonomy(name, entry, entries, kind, rules),
        Flag { value, line } => flag(value, line, entry, entries, kind),
        Published => match &entry.node.value {
            // Even an unreadable date must stay: without it the page would be published at once.
            Value::String(text) if text.contains(|c: char| c.is_ascii_digit()) => {
                renamed("publish_on", None, entries, kind)
            }
            _ => flag(false, DRAFT, entry, entries, kind),
        },
        Authors => renamed("author", authors(&entry.node.value), entries, kind),
        Address => match &entry.node.value {
            Value::String(path) if is_address(path) => renamed("path", None, entries, kind),
            Value::Bool(false) => renamed("draft", Some("draft: true".to_owned()), entries, kind),
            _ => "remove this line: the address comes from the file name; to set another one, \
                  write `path: /help/volunteer/`"
                .to_owned(),
        },
        Template => match reader.rest_of_line(entry.node.place) {
            Some(name) if name.ends_with(".html") => renamed("template", None, entries, kind),
            _ => "remove this line: the theme chooses the template; to use another one, write \
                  `template: page.html`"
                .to_owned(),
        },
        Image => match entry.node.get("src") {
            Some(_) => renamed("image", None, entries, kind),
            None => {
                let file = entry.node.as_str().unwrap_or("photo.jpg");
                format!(
                    "use `image` with two indented lines below it instead: `  src: {file}` and \
                         `  alt: what it shows`"
                )
            }
        },
        Other(help) => help.to_owned(),
    }
}

/// Names the line that hides a page from visitors or from search engines, if the value asks for it. A value that is
/// neither yes nor no is left to the editor: deleting the line may publish the page.
fn flag(hides: bool, line: &str, entry: &Entry, entries: &[Entry], kind: PageKind) -> String {
    let ours = line.split(':').next().unwrap_or(line);
    let wanted = line.ends_with("true");
    let contradicts = entries
        .iter()
        .any(|other| other.key == ours && boolean(&other.node.value) == Some(!wanted));
    match boolean(&entry.node.value) {
        Some(written) if written != hides => {
            "remove this line: every page works like this".to_owned()
        }
        Some(_) if contradicts => {
            format!("write `{line}` instead of the line `{ours}`, and remove this line")
        }
        Some(_) => renamed(ours, Some(line.to_owned()), entries, kind),
        None => {
            let from = if line == DRAFT { "from visitors" } else { "from search results" };
            format!("to hide this page {from}, write `{line}` instead; otherwise remove this line")
        }
    }
}

/// The boolean meant by a value: YAML 1.1, which Hugo and Jekyll read, has more names for it than `true` and `false`
/// (<https://yaml.org/type/bool.html>).
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Names our key, or the whole line if the value has to be written differently too.
fn renamed(ours: &str, line: Option<String>, entries: &[Entry], kind: PageKind) -> String {
    if entries.iter().any(|entry| entry.key == ours) {
        return format!("remove this line: the page already has `{ours}`");
    }
    match line {
        _ if kind == PageKind::Page && keys::has(&key_tables::SECTION, ours) => {
            format!("set `{ours}` in the `_index.md` of this page's folder instead")
        }
        Some(line) => format!("write `{line}` instead"),
        None => format!("use `{ours}` instead"),
    }
}

/// Explains how to declare the taxonomies that a page needs: all in one line, since a second `taxonomies` key would be
/// an error.
fn taxonomy(
    name: &str,
    entry: &Entry,
    entries: &[Entry],
    kind: PageKind,
    rules: &ParseOptions,
) -> String {
    if let Some(near) = declared(name, &entry.key, rules) {
        return renamed(near, None, entries, kind);
    }
    let names = undeclared(entries, rules);
    let rename = match entry.key == name {
        true => String::new(),
        false if entries.iter().any(|entry| entry.key == name) => {
            format!(" and move the terms of this key to `{name}`")
        }
        false => format!(" and rename this key to `{name}`"),
    };
    if rules.taxonomies.is_empty() {
        format!(
            "to group pages by {}, add the line `taxonomies: [{}]` to content/site.yaml{rename}; \
             otherwise remove this line",
            quoted_list(&names),
            names.join(", ")
        )
    } else {
        let added = if names.len() == 1 { "it".to_owned() } else { quoted_list(&names) };
        format!(
            "this site groups pages by {}; to group them by {} too, add {added} to `taxonomies` in \
             content/site.yaml{rename}",
            quoted_list(rules.taxonomies),
            quoted_list(&names)
        )
    }
}

/// The site's taxonomy that a key of this name means.
fn declared<'a>(name: &str, key: &str, rules: &ParseOptions<'a>) -> Option<&'a str> {
    let declared = || rules.taxonomies.iter().map(String::as_str);
    nearest(key, declared()).or_else(|| declared().find(|declared| *declared == name))
}

/// The undeclared taxonomies that a page needs, in the page's order.
fn undeclared(entries: &[Entry], rules: &ParseOptions) -> Vec<&'static str> {
    let mut names = Vec::new();
    for entry in entries {
        if let Some(Taxonomy(name)) = foreign(&entry.key)
            && declared(name, &entry.key, rules).is_none()
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The line that names all authors of a list of names; `None` for a single name.
fn authors(value: &Value) -> Option<String> {
    let Value::List(items) = value else { return None };
    let names: Vec<Cow<str>> = items.iter().filter_map(Node::characters).collect();
    let plain = |name: &Cow<str>| {
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || " .'’-".contains(c))
    };
    (names.len() == items.len() && names.iter().all(plain))
        .then(|| format!("author: {}", names.join(", ")))
}

/// Whether `path` accepts this text. Jekyll, Hugo and Eleventy also allow patterns and complete URLs.
fn is_address(path: &str) -> bool {
    path.starts_with('/') && !path.contains(|c: char| c.is_whitespace() || ":{}?#%\\".contains(c))
}
