//! Pages that nobody writes by hand: no panic, bounded time, and a page or a clear error.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
)]

#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is a crate of its own too")]
mod fuzz;
#[path = "hostile/sites.rs"]
mod sites;
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use daisychain::parse::{LONGEST, Parsed};
use proptest::prelude::*;

fn check(text: &str) -> Parsed {
    fuzz::check("page.md", text)
}

#[test]
fn hostile_pages_are_read_in_bounded_time() {
    let title = "---\ntitle: Rose\n---\n";
    let long = |part: &str, times: usize| format!("{title}{}", part.repeat(times));
    let pages = [
        ("nested quotes", long(">", 20_000)),
        ("nested quotes with spaces", long("> ", 20_000)),
        ("nested lists", long("- ", 20_000)),
        ("quotes, then lazy lines", format!("{}{}", long(">", 90), "\nlazy".repeat(50_000))),
        ("brackets", long("[", 50_000)),
        ("closed brackets", format!("{}{}", long("[", 50_000), "]".repeat(50_000))),
        ("brackets and parentheses", long("[](", 300_000)),
        ("pictures", long("![", 50_000)),
        ("stars", long("*a **b ", 30_000)),
        ("backticks", (1..800).map(|n| "`".repeat(n) + " ").collect::<String>()),
        ("ten thousand headings", long("# Same\n\n", 10_000)),
        ("ten thousand anchors", (0..10_000).map(|n| format!("# A {{#a{n}}}\n\n")).collect()),
        ("one anchor ten thousand times", long("# A {#a}\n\n", 10_000)),
        ("links in one line", long("[a](b.md) ", 100_000)),
        ("bad links in one line", long("[a](x:y) ", 100_000)),
        ("addresses without an end", long("http://", 100_000)),
        ("addresses", long("http://a.example ", 200_000)),
        ("references to one definition", format!("{}\n\n[a]: b.md\n", long("[a] ", 50_000))),
        ("definitions", (0..20_000).map(|n| format!("[a{n}]: b.md\n")).collect()),
        ("footnotes", (0..20_000).map(|n| format!("[^{n}]\n\n[^{n}]: a\n\n")).collect()),
        (
            "a wide table",
            format!("{}\n{}\n{}", long("|a", 5_000), "|-".repeat(5_000), "|a|\n".repeat(5_000)),
        ),
        ("calls without an end", long("{{<a b=\"", 100_000)),
        ("calls", long("{{<a />}} ", 50_000)),
        ("calls alone", long("{{<a />}}\n\n", 50_000)),
        ("open components", long("{% <a> %}\n", 50_000)),
        ("closed components", long("{% </a> %}\n", 50_000)),
        ("components one after another", long("{% <b> %}\ntext\n{% </b> %}\n", 20_000)),
        ("lists in a call", format!("{title}{{{{<a b={{{}", "[".repeat(50_000))),
        ("braces", long("{", 500_000)),
        ("backslashes", format!("{}{{{{<a />}}}}", long("\\", 500_000))),
        ("comments", long("<!-- ", 50_000)),
        ("tags", long("<a ", 50_000)),
        ("entities", long("&amp;&#0;&#x110000;", 50_000)),
        ("dashes without an end", format!("---\n{}", "title: a\n".repeat(50_000))),
        ("deep yaml", format!("---\n{}\n---\n", "- ".repeat(40_000))),
        ("deep flow yaml", format!("---\na: {}\n---\n", "[".repeat(40_000))),
        (
            "many keys",
            format!("---\n{}---\n", (0..8_000).map(|n| format!("k{n}: a\n")).collect::<String>()),
        ),
        (
            "a bomb of aliases",
            format!(
                "---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n{}---\n",
                (1..30)
                    .map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9)))
                    .collect::<String>()
            ),
        ),
        ("one long word", long("a", LONGEST - 100)),
        ("spaces", long(" ", LONGEST - 100)),
        ("empty lines", long("\n", LONGEST - 100)),
        ("carriage returns", long("\r", 500_000)),
    ];
    for (name, text) in pages {
        let start = Instant::now();
        check(&text);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        if took > Duration::from_millis(500) {
            eprintln!("{name}: {took:?}");
        }
    }
}

#[test]
fn what_is_no_page_is_refused() {
    let no_text = (
        "this file holds characters that are no text",
        "save it again as plain text (UTF-8), or take the characters out",
    );
    for (text, (message, help)) in [
        ("\0".to_owned(), no_text),
        ("---\ntitle: a\n---\na\0".to_owned(), no_text),
        (
            "a".repeat(LONGEST + 1),
            (
                "this file is too long for a page: 4 MB",
                "check that it is text; a long one is better read as several pages",
            ),
        ),
        (
            format!("---\ntitle: {}\n---\n", "a".repeat(100_000)),
            (
                "too much stands between the dashes",
                "the page's own words belong beneath the second line of dashes",
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
fn of_very_many_errors_the_first_are_shown() {
    let parsed = check(&format!("---\ntitle: a\n---\n{}", "[a]() ".repeat(150)));
    assert_eq!(parsed.diagnostics.len(), 101);
    let last = &parsed.diagnostics[100];
    assert_eq!(last.message, "50 more things are wrong in this file");
    let help = "mend those above first: they often have the same cause";
    assert_eq!(last.help.as_deref(), Some(help));
}

/// What `make fuzz` found, and what it found worth keeping.
#[test]
fn every_input_that_fuzzing_kept_is_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for (name, way) in fuzz::WAYS {
        let inputs = support::tree(&corpus.join(name));
        assert!(inputs.len() > 10, "{name} has {} inputs", inputs.len());
        for (path, bytes) in inputs {
            let start = Instant::now();
            way(&String::from_utf8_lossy(&bytes));
            assert!(start.elapsed() < Duration::from_secs(5), "{name}/{path}");
        }
    }
}

/// Parts of pages, in an order that no person would choose.
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
    fn no_soup_of_markup_panics(text in soup()) {
        check(&text);
        check(&format!("---\ntitle: Rose\n---\n{text}"));
        check(&format!("---\ntitle: Rose\n{text}\n---\n"));
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        check(&text);
    }
}
