//! Compares a crate's imports with the layers that its modules belong to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;

use crate::{Crate, Import};

/// The layers of one crate, as `layers.toml` has them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The folder of the crate's sources, below the workspace.
    pub sources: String,
    /// Lowest first.
    pub layers: Vec<Layer>,
    /// Imports that the layers forbid and that the code still has: `from::file -> module`.
    #[serde(default)]
    pub violations: BTreeSet<String>,
    /// Groups of neighbouring modules that import one another in a circle: `parent: module, module`.
    #[serde(default)]
    pub cycles: BTreeSet<String>,
}

/// One layer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// What the layer is called in messages.
    pub name: String,
    /// Modules at the top of the crate, lowest first.
    pub modules: Vec<String>,
    /// No module of the layer imports another of it, except for these: `publish -> build`.
    pub independent_except: Option<BTreeSet<String>>,
}

/// How many lines of one violation a message shows.
const MAX_SHOWN: usize = 3;

const HELP: &str = "move what is imported into a lower layer, or let a higher layer pass it in; \
                    if a module was only moved, write its new name in place of its old one:";

/// The place of one top-level module.
struct Place<'a> {
    rank: usize,
    layer: &'a Layer,
}

impl Rules {
    /// Everything in which the crate differs from the rules, each as a message of one or more lines.
    #[must_use]
    pub fn check(&self, found: &Crate) -> Vec<String> {
        let mut messages = self.check_table(found);
        let imports = found.imports();
        messages.extend(self.check_layers(&imports));
        messages.extend(self.check_cycles(found, &imports));
        messages
    }

    fn places(&self) -> BTreeMap<&str, Place<'_>> {
        let modules = self
            .layers
            .iter()
            .flat_map(|layer| layer.modules.iter().map(move |module| (module.as_str(), layer)));
        modules.enumerate().map(|(rank, (name, layer))| (name, Place { rank, layer })).collect()
    }

    /// Whether the table names exactly the modules that there are.
    fn check_table(&self, found: &Crate) -> Vec<String> {
        let places = self.places();
        let modules = &found.modules[""].children;
        let unplaced = modules.iter().filter(|module| !places.contains_key(module.as_str()));
        let absent = places.keys().filter(|module| !modules.contains(**module));
        let unplaced = unplaced.map(|module| {
            let help = "add it to `layers` where `docs/architecture.md` places it";
            format!("{}: `{module}` is in no layer\n  help: {help}", self.sources)
        });
        let absent = absent.map(|module| {
            let help = "remove it from `layers`, or write its new name";
            format!("{}: there is no module `{module}`\n  help: {help}", self.sources)
        });
        unplaced.chain(absent).collect()
    }

    fn check_layers(&self, imports: &[Import]) -> Vec<String> {
        let places = self.places();
        let mut forbidden: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for import in imports {
            let (Some(from), Some(to)) =
                (places.get(top(&import.from)), places.get(top(&import.to)))
            else {
                continue;
            };
            if let Some(reason) = reason(top(&import.from), from, top(&import.to), to) {
                let line =
                    format!("{}/{}:{}: {reason}", self.sources, import.file.display(), import.line);
                let key = format!("{} -> {}", import.from, top(&import.to));
                forbidden.entry(key).or_default().push(line);
            }
        }
        let is_new = |(key, _): &(&String, _)| !self.violations.contains(*key);
        let new = forbidden.iter().filter(is_new).map(|(key, lines)| {
            let more = lines.len().saturating_sub(MAX_SHOWN);
            let more = if more > 0 { format!("\nand on {more} more lines") } else { String::new() };
            let shown = lines[..lines.len().min(MAX_SHOWN)].join("\n");
            format!("{shown}{more}\n  help: {HELP} `{key}` in `violations`")
        });
        let gone = self.violations.iter().filter(|key| !forbidden.contains_key(*key));
        let gone = gone.map(|key| {
            format!("`{key}` is no longer needed\n  help: remove this line from `violations`")
        });
        new.chain(gone).collect()
    }

    /// Modules with files of their own below them must not import their neighbours in a circle. (At the top of the crate
    /// the order of the layers says so.)
    fn check_cycles(&self, found: &Crate, imports: &[Import]) -> Vec<String> {
        let mut cycles = BTreeMap::new();
        for (path, module) in &found.modules {
            if path.is_empty() {
                continue;
            }
            let edges = edges_between_children(path, imports);
            for members in circles(&module.children, &edges) {
                let has_files = |name: &String| {
                    let child = found.modules.get(&format!("{path}::{name}"));
                    child.is_some_and(|child| !child.children.is_empty())
                };
                if members.iter().any(has_files) {
                    let names: Vec<_> = members.iter().map(String::as_str).collect();
                    let key = format!("{path}: {}", names.join(", "));
                    cycles.insert(key, describe(&self.sources, &members, &edges));
                }
            }
        }
        let new = cycles.iter().filter(|(key, _)| !self.cycles.contains(*key));
        let new = new.map(|(key, lines)| {
            let help = "move what they share into a module that imports none of them";
            format!("a cycle of modules: `{key}`{lines}\n  help: {help}")
        });
        let gone = self.cycles.iter().filter(|key| !cycles.contains_key(*key));
        let gone = gone.map(|key| {
            let help = "remove this line from `cycles`, or the modules that are no part of it";
            format!("the cycle `{key}` is gone or smaller\n  help: {help}")
        });
        new.chain(gone).collect()
    }
}

/// Why one module may not import another, if it may not.
fn reason(from: &str, from_place: &Place<'_>, to: &str, to_place: &Place<'_>) -> Option<String> {
    let (below, above) = (&from_place.layer.name, &to_place.layer.name);
    if to_place.rank > from_place.rank {
        return Some(format!("`{from}` ({below}) imports `{to}` ({above}), which is above it"));
    }
    let same = std::ptr::eq(from_place.layer, to_place.layer) && from != to;
    let except = to_place.layer.independent_except.as_ref().filter(|_| same)?;
    (!except.contains(&format!("{from} -> {to}")))
        .then(|| format!("`{from}` imports `{to}`, but {below} do not import one another"))
}

/// The module at the top of the crate that a module belongs to.
fn top(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

type Edges<'a> = BTreeMap<(&'a str, &'a str), &'a Import>;

/// Which children of a module import which, themselves or through what is below them, with one import each.
fn edges_between_children<'a>(parent: &str, imports: &'a [Import]) -> Edges<'a> {
    let child = |path: &'a str| {
        let rest = path.strip_prefix(parent)?.strip_prefix("::")?;
        Some(top(rest))
    };
    let mut edges = Edges::new();
    for import in imports {
        if let (Some(from), Some(to)) = (child(&import.from), child(&import.to))
            && from != to
        {
            edges.entry((from, to)).or_insert(import);
        }
    }
    edges
}

/// The largest groups in which each module leads to each other one.
fn circles(children: &BTreeSet<String>, edges: &Edges<'_>) -> Vec<BTreeSet<String>> {
    let reachable: BTreeMap<&str, BTreeSet<&str>> =
        children.iter().map(|name| (name.as_str(), reachable(name, edges))).collect();
    let mut found = BTreeSet::new();
    for name in children {
        let returns =
            |other: &&&str| reachable.get(**other).is_some_and(|set| set.contains(name.as_str()));
        let members: BTreeSet<String> =
            reachable[name.as_str()].iter().filter(returns).map(|s| (*s).to_owned()).collect();
        if members.len() > 1 {
            found.insert(members);
        }
    }
    found.into_iter().collect()
}

fn reachable<'a>(from: &str, edges: &Edges<'a>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for (_, to) in edges.keys().filter(|(from, _)| *from == name) {
            if found.insert(*to) {
                open.push(to);
            }
        }
    }
    found
}

fn describe(sources: &str, members: &BTreeSet<String>, edges: &Edges<'_>) -> String {
    let mut lines = String::new();
    for ((from, to), import) in edges {
        if members.contains(*from) && members.contains(*to) {
            let _ = write!(
                lines,
                "\n{sources}/{}:{}: `{from}` imports `{to}`",
                import.file.display(),
                import.line
            );
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const RULES: &str = r#"
        sources = "src"
        layers = [
            { name = "foundation", modules = ["digest", "url"] },
            { name = "stages", modules = ["parse"] },
            { name = "applications", modules = ["build", "publish", "serve"], independent_except = ["publish -> build"] },
        ]
    "#;

    /// What is wrong with a crate that has these texts in its files, and empty ones otherwise.
    fn check(extra: &str, changed: &[(&str, &str)]) -> Vec<String> {
        let lib = "mod digest; mod url; mod parse; mod build; mod publish; mod serve;";
        let mut sources: BTreeMap<PathBuf, String> =
            [(PathBuf::from("lib.rs"), lib.to_owned())].into();
        for module in ["digest", "url", "parse", "build", "publish", "serve"] {
            sources.insert(format!("{module}.rs").into(), String::new());
        }
        for (file, text) in changed {
            sources.insert(file.into(), (*text).to_owned());
        }
        let rules: Rules = toml::from_str(&format!("{RULES}\n{extra}")).unwrap();
        rules.check(&Crate::parse(&sources).unwrap())
    }

    #[track_caller]
    fn expect(messages: &[String], parts: &[&str]) {
        assert_eq!(messages.len(), 1, "{messages:#?}");
        for part in parts {
            assert!(messages[0].contains(part), "`{part}` is not in:\n{}", messages[0]);
        }
    }

    #[test]
    fn imports_of_lower_layers_are_fine() {
        let found = check(
            "",
            &[
                ("url.rs", "use crate::digest::D;"),
                ("parse.rs", "use crate::{digest, url::U};"),
                ("publish.rs", "use crate::build;"),
            ],
        );
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn imports_of_higher_layers_are_violations() {
        let found = check("", &[("digest.rs", "\nfn f() { crate::parse::g() }")]);
        expect(
            &found,
            &["src/digest.rs:2: `digest` (foundation) imports `parse` (stages)", "help:"],
        );
        let found = check("", &[("digest.rs", "use crate::url::U;")]);
        expect(&found, &["src/digest.rs:1: `digest` (foundation) imports `url` (foundation)"]);
        let found = check("", &[("serve.rs", "use crate::build::B;")]);
        expect(&found, &["`serve` imports `build`, but applications do not import one another"]);
        let found = check("", &[("build.rs", "use crate::publish::B;")]);
        expect(&found, &["src/build.rs:1"]);
    }

    #[test]
    fn an_allowed_violation_is_one_file_that_still_has_it() {
        let allowed = r#"violations = ["digest -> parse"]"#;
        assert_eq!(check(allowed, &[("digest.rs", "use crate::parse;")]), [""; 0]);
        let found = check(allowed, &[]);
        expect(&found, &["`digest -> parse` is no longer needed", "remove this line"]);
        let files = [
            ("digest.rs", "mod inner; use crate::parse;"),
            ("digest/inner.rs", "use crate::parse;"),
        ];
        expect(&check(allowed, &files), &["src/digest/inner.rs:1"]);
    }

    #[test]
    fn the_table_names_the_modules_that_there_are() {
        let lib = "mod digest; mod url; mod parse; mod build; mod publish; mod new;";
        let found = check("", &[("lib.rs", lib), ("new.rs", "")]);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[0].starts_with("src: `new` is in no layer"), "{found:#?}");
        assert!(found[1].starts_with("src: there is no module `serve`"), "{found:#?}");
    }

    #[test]
    fn folders_do_not_import_one_another_in_a_circle() {
        let files = [
            ("parse.rs", "mod text; mod markdown; mod date;"),
            ("parse/text.rs", "use super::markdown::M;"),
            ("parse/markdown.rs", "mod link; fn f() { link::f() }"),
            ("parse/markdown/link.rs", "use crate::parse::date; use super::M;"),
            ("parse/date.rs", "use super::text;"),
        ];
        expect(
            &check("", &files),
            &[
                "`parse: date, markdown, text`",
                "src/parse/markdown/link.rs:1: `markdown` imports `date`",
                "src/parse/date.rs:1: `date` imports `text`",
            ],
        );
        assert_eq!(check(r#"cycles = ["parse: date, markdown, text"]"#, &files), [""; 0]);
        let smaller = [
            files[0],
            files[1],
            files[2],
            ("parse/markdown/link.rs", "use crate::parse::text::T;"),
            ("parse/date.rs", ""),
        ];
        let found = check(r#"cycles = ["parse: date, markdown, text"]"#, &smaller);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(found[1].contains("is gone or smaller"), "{found:#?}");
    }

    #[test]
    fn files_of_one_folder_may_import_one_another() {
        let files = [
            ("parse.rs", "mod text; mod date;"),
            ("parse/text.rs", "use super::date;"),
            ("parse/date.rs", "use super::text;"),
        ];
        assert_eq!(check("", &files), [""; 0]);
    }
}
