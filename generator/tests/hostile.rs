//! Tests of hostile pages: no panic, work in proportion to their length, and a page or a clear error.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "also compiled as a separate crate")]
mod fuzz;
#[path = "hostile/sites.rs"]
mod sites;
mod support;

use std::path::Path;

use daisychain::parse::{MAX_PAGE_BYTES, Parsed};
use proptest::prelude::*;
use support::work::{assert_grows_with_size, watched};

fn check(text: &str) -> Parsed {
    fuzz::check("page.md", text)
}

/// A page whose text repeats this part.
fn long(part: &str, times: usize) -> String {
    format!("---\ntitle: Rose\n---\n{}", part.repeat(times))
}

/// Generates a page from a size; for `FULL`, the page is as large as necessary.
type MakePage = fn(usize) -> String;

/// Hostile pages by their content.
const PAGES: &[(&str, MakePage)] = &[
    ("nested quotes", |n| long(">", 20 * n)),
    ("nested quotes with spaces", |n| long("> ", 20 * n)),
    ("nested lists", |n| long("- ", 20 * n)),
    ("quotes, then lazy lines", |n| format!("{}{}", long(">", 90), "\nlazy".repeat(50 * n))),
    ("brackets", |n| long("[", 50 * n)),
    ("closed brackets", |n| format!("{}{}", long("[", 50 * n), "]".repeat(50 * n))),
    ("brackets and parentheses", |n| long("[](", 100 * n)),
    ("pictures", |n| long("![", 50 * n)),
    ("stars", |n| long("*a **b ", 30 * n)),
    ("backticks", |n| (1..n * 4 / 5).map(|n| "`".repeat(n) + " ").collect()),
    ("headings", |n| long("# Same\n\n", 10 * n)),
    ("anchors", |n| (0..10 * n).map(|n| format!("# A {{#a{n}}}\n\n")).collect()),
    ("one anchor many times", |n| long("# A {#a}\n\n", 10 * n)),
    ("links in one line", |n| long("[a](b.md) ", 100 * n)),
    ("bad links in one line", |n| long("[a](x:y) ", 100 * n)),
    ("addresses without an end", |n| long("http://", 100 * n)),
    ("addresses", |n| long("http://a.example ", 200 * n)),
    ("references to one definition", |n| format!("{}\n\n[a]: b.md\n", long("[a] ", 50 * n))),
    ("definitions", |n| (0..20 * n).map(|n| format!("[a{n}]: b.md\n")).collect()),
    ("footnotes", |n| (0..20 * n).map(|n| format!("[^{n}]\n\n[^{n}]: a\n\n")).collect()),
    ("a wide table", |n| {
        format!("{}\n{}\n{}", long("|a", 5 * n), "|-".repeat(5 * n), "|a|\n".repeat(5 * n))
    }),
    ("calls without an end", |n| long("{{<a b=\"", 100 * n)),
    ("calls", |n| long("{{<a />}} ", 50 * n)),
    ("calls alone", |n| long("{{<a />}}\n\n", 50 * n)),
    ("open components", |n| long("{% <a> %}\n", 50 * n)),
    ("closed components", |n| long("{% </a> %}\n", 50 * n)),
    ("components one after another", |n| long("{% <b> %}\ntext\n{% </b> %}\n", 20 * n)),
    ("lists in a call", |n| format!("{}{}", long("{{<a b={", 1), "[".repeat(50 * n))),
    ("braces", |n| long("{", 500 * n)),
    ("backslashes", |n| format!("{}{{{{<a />}}}}", long("\\", 500 * n))),
    ("comments", |n| long("<!-- ", 50 * n)),
    ("tags", |n| long("<a ", 50 * n)),
    ("entities", |n| long("&amp;&#0;&#x110000;", 50 * n)),
    ("dashes without an end", |n| format!("---\n{}", "title: a\n".repeat(50 * n))),
    ("deep yaml", |n| format!("---\n{}\n---\n", "- ".repeat(40 * n))),
    ("deep flow yaml", |n| format!("---\na: {}\n---\n", "[".repeat(40 * n))),
    ("many keys", |n| {
        format!("---\n{}---\n", (0..8 * n).map(|n| format!("k{n}: a\n")).collect::<String>())
    }),
    ("a bomb of aliases", |n| {
        let level = |n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9));
        let levels: String = (1..10 + n / 50).map(level).collect();
        format!("---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n{levels}---\n")
    }),
    ("one long word", |n| long("a", MAX_PAGE_BYTES / FULL * n - 100)),
    ("spaces", |n| long(" ", MAX_PAGE_BYTES / FULL * n - 100)),
    ("empty lines", |n| long("\n", MAX_PAGE_BYTES / FULL * n - 100)),
    ("carriage returns", |n| long("\r", 500 * n)),
];
const FULL: usize = 1_000;

#[test]
fn work_for_a_hostile_page_is_linear() {
    for (name, page) in PAGES {
        let (small, large) = (page(FULL / 8), page(FULL));
        let read = |text: &str| {
            check(text);
        };
        assert_grows_with_size(
            name,
            (small.len(), || read(&small)),
            (large.len(), || read(&large)),
        );
    }
}

#[test]
fn input_that_is_not_a_page_is_rejected() {
    let no_text = (
        "this file contains characters that are not text",
        "save it again as plain text (UTF-8), or remove these characters",
    );
    for (text, (message, help)) in [
        ("\0".to_owned(), no_text),
        ("---\ntitle: a\n---\na\0".to_owned(), no_text),
        (
            "a".repeat(MAX_PAGE_BYTES + 1),
            (
                "this file is too large for a page: 4 MB",
                "check that it is text; split a long text into several pages",
            ),
        ),
        (
            format!("---\ntitle: {}\n---\n", "a".repeat(100_000)),
            (
                "the front matter is too long",
                "write the text of the page after the second line of hyphens",
            ),
        ),
    ] {
        let parsed = check(&text);
        assert!(parsed.page.is_none());
        let found = &parsed.diagnostics[0];
        assert_eq!((found.message.as_str(), found.help.as_deref()), (message, Some(help)));
    }
}

#[test]
fn only_the_first_of_very_many_errors_are_shown() {
    let parsed = check(&format!("---\ntitle: a\n---\n{}", "[a]() ".repeat(150)));
    assert_eq!(parsed.diagnostics.len(), 101);
    let last = &parsed.diagnostics[100];
    assert_eq!(last.message, "there are 50 more problems in this file");
    let help = "fix the ones above first; they often have the same cause";
    assert_eq!(last.help.as_deref(), Some(help));
}

/// Inputs that `make fuzz` found.
#[test]
fn inputs_found_by_fuzzing_are_parsed() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, way) in fuzz::WAYS {
        let inputs = support::tree(&corpus.join(name));
        assert!(inputs.len() > 10, "{name} has {} inputs", inputs.len());
        for (path, bytes) in inputs {
            watched(&format!("{name}/{path}"), || way(&String::from_utf8_lossy(&bytes)));
        }
    }
}

/// Parts of pages in random order.
fn soup() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "---\n",
            "title: Rose\n",
            "\n",
            "\n\n",
            " ",
            "    ",
            "\t",
            "\r\n",
            "a",
            "é",
            "ਨੂੰ",
            "日本",
            "\u{feff}",
            "*",
            "**",
            "_",
            "`",
            "```",
            "~~",
            "[",
            "]",
            "(",
            ")",
            "![",
            "](",
            "](a.md)",
            "<",
            ">",
            "> ",
            "- ",
            "1. ",
            "- [ ] ",
            "# ",
            "## A {#a}\n",
            "|",
            "|-|\n",
            "\\",
            "&amp;",
            "<script>",
            "<!--",
            "-->",
            "<b>",
            "[^1]",
            "[^1]: ",
            "[a]: b.md\n",
            ": ",
            "{{<a />}}",
            "{{<a b=\"c\" />}}",
            "{% <b> %}",
            "{% </b> %}",
            "{% <a>",
            "{{<",
            "{{",
            "%}",
            "/>}}",
            "javascript:x",
            "https://example.org",
            "“",
            "—",
            "date: 1/2/20\n",
            "tags: [",
            "image:\n  src: a.jpg\n",
            "\"",
            "'",
            ": ",
            "#",
            "&a",
            "*a",
            "!x",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_markup_does_not_panic(text in soup()) {
        check(&text);
        check(&format!("---\ntitle: Rose\n---\n{text}"));
        check(&format!("---\ntitle: Rose\n{text}\n---\n"));
    }

    #[test]
    fn random_text_does_not_panic(text in any::<String>()) {
        check(&text);
    }
}
