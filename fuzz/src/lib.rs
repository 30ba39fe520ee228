//! Invariants of parsing any page, and the three fuzz targets that turn input into pages. Pure. Also used by
//! `generator/tests/hostile.rs`.

use std::collections::BTreeMap;

use daisychain::diagnostic::{self, Diagnostic};
use daisychain::parse::{
    Argument, ArgumentKind, ComponentShape, Ids, ParseOptions, Parsed, Piece, Purpose, Schema,
    parse,
};
use jiff::tz::TimeZone;

/// Parses a page with three components: `a` takes anything, `b` has a body, `c` has arguments of every type.
pub fn read(path: &str, text: &str, schema: Option<&Schema>) -> Parsed {
    let argument = |name: &str, kind| Argument { name: name.to_owned(), kind, required: false };
    let shape = |arguments, rest, takes_body| ComponentShape {
        arguments,
        rest,
        takes_body,
        ..ComponentShape::default()
    };
    let kinds = vec![
        Argument { required: true, ..argument("text", ArgumentKind::String) },
        argument("whole", ArgumentKind::Integer),
        argument("flag", ArgumentKind::Bool),
        argument("list", ArgumentKind::Array),
    ];
    let components = BTreeMap::from([
        ("a".to_owned(), shape(Vec::new(), true, None)),
        ("b".to_owned(), shape(Vec::new(), true, Some(true))),
        ("c".to_owned(), shape(kinds, false, None)),
    ]);
    let options = ParseOptions {
        components: &components,
        raw_html: false,
        time_zone: &TimeZone::UTC,
        taxonomies: &["tags".to_owned()],
        purpose: Purpose::Publishing,
        smart_punctuation: true,
        schema,
        ids: &Ids::default(),
        footnotes: "Footnotes",
        footnote_return: "Back",
    };
    parse(path, text, &options)
}

/// Parses a page and checks the invariants: there is either a page or an error, every diagnostic can be printed, text does
/// not become markup, pieces refer to existing links, and anchors are unique.
pub fn check(path: &str, text: &str) -> Parsed {
    let parsed = read(path, text, None);
    assert_eq!(parsed.page.is_none(), parsed.diagnostics.iter().any(Diagnostic::is_error));
    diagnostic::write(&parsed.diagnostics, &|_| Some(text.to_owned()), true);
    if let Some(page) = &parsed.page {
        let mut html = String::new();
        check_pieces(&page.body.pieces, page.meta.links.len(), &mut html);
        let lower = html.to_lowercase();
        assert!(!lower.contains("<script") && !lower.contains("<img"), "{text:?} gives {html}");
        let mut anchors: Vec<&str> =
            page.meta.headings.iter().map(|heading| heading.id.as_str()).collect();
        anchors.extend(page.meta.anchors.iter().map(String::as_str));
        let number = anchors.len();
        anchors.sort_unstable();
        anchors.dedup();
        assert_eq!(anchors.len(), number, "anchors given twice in {text:?}");
        let lines = text.split('\n').count();
        for link in &page.meta.links {
            assert!((1..=lines).contains(&(link.place.line as usize)), "{text:?}: {link:?}");
        }
    }
    parsed
}

fn check_pieces(pieces: &[Piece], links: usize, html: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Html(part) => html.push_str(part),
            Piece::Link(link) | Piece::Image { link, .. } => assert!((*link as usize) < links),
            Piece::Component { body, .. } => {
                check_pieces(body.as_deref().unwrap_or_default(), links, html);
            }
        }
    }
}

/// A fuzz target, with the name of its corpus.
pub type Way = (&'static str, fn(&str));

/// All fuzz targets.
pub const WAYS: [Way; 3] =
    [("front_matter", front_matter), ("markdown", markdown), ("component", component)];

/// The input is front matter of a page and of a section. A section's schema is then applied to a page.
pub fn front_matter(input: &str) {
    let text = format!("---\n{input}\n---\nWords.\n");
    check("stories/rose.md", &text);
    let section = check("stories/_index.md", &text);
    let schema = section.page.and_then(|page| page.meta.front.section.schema);
    if schema.is_some() {
        read("stories/rose.md", &text, schema.as_ref());
    }
}

/// The input is a page, with and without its own front matter.
pub fn markdown(input: &str) {
    check("page.md", input);
    check("page.md", &format!("---\ntitle: Rose\n---\n{input}"));
}

/// The input is the arguments of a component on its own line and inside a paragraph, and a component's body.
pub fn component(input: &str) {
    check("page.md", &format!("---\ntitle: Rose\n---\n{{{{<c text=\"\" {input} />}}}}\n"));
    check("page.md", &format!("---\ntitle: Rose\n---\nA {{{{<a {input} />}}}} b\n"));
    check(
        "page.md",
        &format!("---\ntitle: Rose\n---\n{{% <b {input}> %}}\n{input}\n{{% </b> %}}\n"),
    );
}
