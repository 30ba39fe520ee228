//! Tests the theme guide: each example is built with the small site of `theme/site`, and gives what the
//! guide shows.
//!
//! A block of three backticks and `jinja` is a template, rendered for Rose's story unless it names
//! another kind of page; `pa` is her story on the same site with Punjabi as second language; `markdown`
//! is the text of a page of its own. `html gives` directly after it is the expected output, ignoring
//! whitespace; `…` matches anything. `BLESS=1` rewrites those blocks.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use daisychain::render::Templates;
use daisychain::theme::{self, contract};

use crate::support::{Site, pictures, tree};

struct Example {
    /// `jinja` or `markdown`, and the kind of page.
    kind: String,
    text: String,
    line: usize,
    /// The expected output, and the line range of its block.
    gives: Option<(String, std::ops::Range<usize>)>,
}

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/themes.md")
}

fn examples(guide: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let lines: Vec<&str> = guide.lines().collect();
    let mut within = false;
    for (number, line) in lines.iter().enumerate() {
        // Four backticks enclose blocks that are shown, not built.
        within ^= line.starts_with("````");
        let Some(words) =
            line.strip_prefix("```").filter(|words| !within && !words.starts_with('`'))
        else {
            continue;
        };
        let Some((kind, from)) = open.take() else {
            open = Some((words.to_owned(), number + 1));
            continue;
        };
        let text = lines[from..number].join("\n");
        if kind == "html gives" {
            let last = examples.last_mut().expect("what an example gives stands behind it");
            assert!(last.gives.is_none(), "line {from}: the example gives two things");
            last.gives = Some((text, from..number));
        } else if kind.starts_with("jinja") || kind == "markdown" {
            examples.push(Example { kind, text, line: from, gives: None });
        }
    }
    assert!(open.is_none(), "a block of the guide is not closed");
    examples
}

/// The template for an example, and the file of its page.
fn place(kind: &str) -> (&'static str, &'static str) {
    match kind.split(' ').nth(1) {
        None => ("rose.html", "stories/rose/index.html"),
        Some("home") => ("home.html", "index.html"),
        Some("section") => ("section.html", "stories/index.html"),
        Some("taxonomy") => ("taxonomy.html", "tags/index.html"),
        Some("term") => ("term.html", "tags/food/index.html"),
        Some("not_found") => ("not_found.html", "404.html"),
        Some("pa") => ("rose.html", "pa/stories/rose/index.html"),
        Some("pa-home") => ("home.html", "pa/index.html"),
        Some(other) => panic!("there is no kind of page `{other}`"),
    }
}

/// Whether an example uses the site with two languages.
fn is_translated(example: &Example) -> bool {
    example.kind.starts_with("jinja pa")
}

/// The site with one language, and the one with two.
fn build(examples: &[Example]) -> [Site; 2] {
    let one = lay(examples, false);
    let two = lay(examples, true);
    let site = two.root().join("content/site.yaml");
    let text = fs::read_to_string(&site).unwrap();
    let languages = "languages:\n  en-GB:\n    name: English\n  pa:\n    name: ਪੰਜਾਬੀ\n";
    fs::write(site, text + languages).unwrap();
    two.write("content/_index.pa.md", "---\ntitle: ਘਰ\n---\n");
    [one, two]
}

/// A site with all of its examples, each after a marker.
fn lay(examples: &[Example], translated: bool) -> Site {
    let site = Site::new();
    site.remove("themes").remove("content");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/theme/site");
    for (path, bytes) in tree(&folder) {
        site.write_bytes(&format!("content/{path}"), &bytes);
    }
    site.write_bytes("content/stories/rose.png", &pictures::png(640, 480, 9, false));
    let rose = site.root().join("content/stories/rose.md");
    let text = fs::read_to_string(&rose).unwrap();
    fs::write(rose, text.replacen("title:", "template: rose.html\ntitle:", 1)).unwrap();
    let mut templates: Vec<(&str, String)> = Vec::new();
    let mut page = "---\ntitle: Examples\n---\n".to_owned();
    let all = examples.iter().enumerate();
    for (number, example) in all.filter(|(_, each)| is_translated(each) == translated) {
        if example.kind == "markdown" {
            let _ = write!(page, "\n## Example {number}\n\n{}\n", example.text);
            continue;
        }
        let (template, _) = place(&example.kind);
        let part = format!("<!-- {number} -->\n{}\n<!-- end -->\n", example.text);
        match templates.iter_mut().find(|(name, _)| *name == template) {
            Some((_, text)) => text.push_str(&part),
            None => templates.push((template, part)),
        }
    }
    let _ = write!(page, "\n## Example {}\n", examples.len());
    // The page has no theme except the one that provides its components.
    let counted = "one: \"{count} story by {name}\"\n    other: \"{count} stories by {name}\"";
    let words = format!("extends: daisy\nstrings:\n  stories:\n    {counted}\n");
    site.write("themes/daisy/theme.yaml", &words);
    site.write("themes/daisy/templates/bare.html", "{{ page.content }}\n");
    site.write("content/examples.md", &page.replacen("---\n", "---\ntemplate: bare.html\n", 1));
    for (name, text) in templates {
        site.write(&format!("themes/daisy/templates/{name}"), &text);
    }
    site
}

fn given(site: &Site, example: &Example, number: usize) -> String {
    let (html, from, to) = if example.kind == "markdown" {
        let heading = |number| format!("<h2 id=\"example-{number}\">Example {number}</h2>");
        (site.output("examples/index.html"), heading(number), heading(number + 1))
    } else {
        let html = site.output(place(&example.kind).1);
        (html, format!("<!-- {number} -->"), "<!-- end -->".to_owned())
    };
    let (_, rest) = html.split_once(&from).unwrap();
    // The last example on a page is followed by the heading of another, or by nothing.
    let rest = match rest.split_once(&to) {
        Some((part, _)) => part,
        None => rest.split("<h2 id=\"example-").next().unwrap_or(rest),
    };
    tidy(rest)
}

/// Trims every line and removes empty ones.
fn tidy(html: &str) -> String {
    let lines = html.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// Whether `html` matches what the guide shows: the parts between `…`, in order and anchored at both
/// ends.
fn fits(shown: &str, html: &str) -> bool {
    let shown = tidy(shown);
    let parts: Vec<&str> = shown.split('…').collect();
    let [first, middle @ .., last] = &parts[..] else { return html == shown };
    let Some(mut rest) = html.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    middle.iter().all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

/// Removes fingerprints, which change with every image or style.
fn without_digests(html: &str) -> String {
    let is_digest = |word: &str| word.len() == 16 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let mut clean = String::new();
    let mut word = String::new();
    for letter in html.chars().chain(['\n']) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
        } else {
            clean.push_str(if is_digest(&word) { "…" } else { &word });
            word.clear();
            clean.push(letter);
        }
    }
    clean.trim_end().to_owned()
}

#[test]
fn every_example_gives_what_the_guide_shows() {
    let text = fs::read_to_string(guide()).unwrap();
    let examples = examples(&text);
    let [mut site, translated] = build(&examples);
    // The time at which all of them were written.
    site.now += 60 * 86_400;
    let report = site.must_build();
    assert!(report.warnings.is_empty(), "{:#?}", report.warnings);
    translated.must_build();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut wrong = String::new();
    for (number, example) in examples.iter().enumerate().rev() {
        let site = if is_translated(example) { &translated } else { &site };
        let html = given(site, example, number);
        let Some((shown, at)) = &example.gives else { continue };
        if std::env::var_os("BLESS").is_some() && !fits(shown, &html) {
            lines.splice(at.clone(), without_digests(&html).lines().map(str::to_owned));
        } else if !fits(shown, &html) {
            let _ = write!(wrong, "line {} gives\n{html}\n\n", example.line);
        }
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(guide(), lines.join("\n") + "\n").unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}`BLESS=1` writes what they give anew");
}

#[test]
fn the_guide_is_complete() {
    let text = fs::read_to_string(guide()).unwrap();
    let examples = examples(&text);
    let shown =
        |words: &str| examples.iter().any(|each| each.gives.is_some() && each.text.contains(words));
    let mut missing = Vec::new();
    for query in contract::QUERIES {
        if !shown(&format!("{query}(")) {
            missing.push(format!("an example of the query {query}"));
        }
    }
    let theme = Templates::compile(&theme::built_in()).unwrap();
    for component in theme.components.keys() {
        let hyphened = component.replace('_', "-");
        if !shown(&format!("<{component}")) && !shown(&format!("<{hyphened}")) {
            missing.push(format!("an example of the component {component}"));
        }
    }
    for template in contract::TEMPLATES {
        if !text.contains(&format!("| `{template}` |")) {
            missing.push(format!("the template {template}"));
        }
    }
    for (kind, names) in registered() {
        for name in names {
            let known = contract::QUERIES.contains(&name.as_str());
            if !(known || kind == "filter" && shown(&format!("| {name}"))) {
                missing.push(format!("the {kind} {name}, which is registered"));
            }
        }
    }
    assert!(missing.is_empty(), "docs/themes.md misses {missing:#?}");
}

#[test]
fn the_guide_has_every_key_of_a_page() {
    let site = Site::new();
    let keys = "{% for key in page | keys | sort %}{{ key }} {% endfor %}";
    site.write("themes/daisy/templates/page.html", keys);
    site.write("content/about.md", "---\ntitle: About\n---\nWords.\n");
    site.must_build();
    let text = fs::read_to_string(guide()).unwrap();
    let table = text.split("### `page`").nth(1).unwrap().split("\n### ").next().unwrap();
    let documented: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .collect();
    let output = site.output("about/index.html");
    let there: BTreeSet<&str> = output.split_whitespace().collect();
    assert_eq!(documented, there);
}

/// The functions and filters that the program registers, as its sources name them.
fn registered() -> Vec<(&'static str, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources: Vec<String> = tree(&folder)
        .into_values()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    let names = |call: &str| {
        let calls = sources.iter().flat_map(|text| text.split(call).skip(1));
        calls.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    vec![("function", names("register_function(\"")), ("filter", names("register_filter(\""))]
}
