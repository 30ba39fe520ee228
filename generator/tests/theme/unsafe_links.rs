//! Tests that no component publishes a URL that Markdown rejects, whichever argument has it.

use daisychain::build::Error;
use daisychain::diagnostic::Diagnostic;
use daisychain::render::Templates;
use daisychain::theme;

use crate::support::{Site, pictures};

const UNSAFE: [&str; 11] = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///home/rose.txt",
    "htp://example.org",
    "skype:rose",
    "//example.org",
    "/\\example.org",
];

const SAFE: [&str; 5] = [
    "https://example.org/",
    "mailto:hello@example.org",
    "tel:+441632960123",
    "/about/",
    "about.md",
];

/// The errors of a home page with this text, and `theme` as its templates, if given.
fn errors(words: &str, theme: Option<&str>) -> Vec<Diagnostic> {
    let site = Site::new();
    match theme {
        Some(text) => site.write("themes/daisy/templates/components.html", text),
        None => site.remove("themes"),
    };
    site.write("content/about.md", "---\ntitle: About\n---\nWords.\n");
    site.write("content/_index.md", &format!("---\ntitle: Home\n---\n\n{words}\n"));
    site.write_bytes("content/a.png", &pictures::photo(64, 64));
    let mut found = match site.build() {
        Ok(report) => report.warnings,
        Err(Error::Content(found)) => found,
        Err(other) => panic!("{other:?}"),
    };
    found.retain(Diagnostic::is_error);
    found
}

/// A call of each component that has a link, with `address` as the link. Every text argument looks as if it
/// began with a scheme.
fn calls(address: &str) -> Vec<String> {
    let theme = Templates::compile(&theme::built_in()).unwrap();
    let linking =
        theme.components.iter().filter(|(_, shape)| !shape.for_templates && shape.takes("link"));
    linking
        .map(|(name, shape)| {
            let tag = name.replace('_', "-");
            let arguments: String =
                ["link", "button", "label", "heading", "title", "poster", "alt"]
                    .into_iter()
                    .filter(|name| shape.takes(name))
                    .map(|name| match name {
                        "link" => format!(" link=\"{}\"", address.replace('\\', "\\\\")),
                        "poster" => " poster=\"a.png\"".to_owned(),
                        name => format!(" {name}=\"Note:come\""),
                    })
                    .collect();
            match shape.takes_body {
                Some(true) => format!("{{% <{tag}{arguments}> %}}\n\nWords\n\n{{% </{tag}> %}}"),
                _ => format!("{{{{<{tag}{arguments} />}}}}"),
            }
        })
        .collect()
}

#[test]
fn components_reject_urls_that_markdown_rejects() {
    assert!(calls("/").len() >= 4, "{:?}", calls("/"));
    for address in UNSAFE {
        for call in calls(address) {
            let found = errors(&call, None);
            assert_eq!(found.len(), 1, "{call}: {found:?}");
            assert_eq!(found[0].path, "content/_index.md", "{call}: {found:?}");
        }
    }
    let all: Vec<String> = SAFE.into_iter().flat_map(calls).collect();
    for call in all {
        let found = errors(&call, None);
        assert!(found.is_empty(), "{call}: {found:?}");
    }
}

#[test]
fn an_argument_is_a_url_by_its_name() {
    let call = |argument: &str, value: &str| {
        let theme = format!(
            "{{% component card({argument}) %}}<p>{{{{ {argument} }}}}</p>{{% endcomponent card %}}"
        );
        errors(&format!("{{{{<card {argument}={value} />}}}}"), Some(&theme))
    };
    for argument in ["link", "href", "url", "to", "more_link", "video_url", "website"] {
        for value in ["\"javascript:alert(1)\"", "\"//example.org\"", "\"skype:rose\""] {
            let found = call(argument, value);
            assert_eq!(found.len(), 1, "{argument}={value}: {found:?}");
        }
        assert!(call(argument, "\"mailto:rose@example.org\"").is_empty(), "{argument}");
    }
    let found = call("links", "{[\"https://example.org\", \"data:text/html,x\"]}");
    assert_eq!(found.len(), 1, "{found:?}");
    for argument in ["label", "title", "heading", "note", "blinker", "tomorrow"] {
        for value in ["\"Note: come\"", "\"Note:come\"", "\"javascript:alert(1)\"", "\"// 1\""] {
            let found = call(argument, value);
            assert!(found.is_empty(), "{argument}={value}: {found:?}");
        }
    }
}

#[test]
fn templates_reject_unsafe_urls_under_any_name() {
    for template in
        ["url(path=place)", "url(path=place, or=\"/\")", "url(path=\"none.md\", or=place)"]
    {
        let theme = format!(
            "{{% component go(place: string) %}}<a href=\"{{{{ {template} }}}}\">Go</a>{{% endcomponent go %}}"
        );
        let found =
            |address: &str| errors(&format!("{{{{<go place=\"{address}\" />}}}}"), Some(&theme));
        for address in ["javascript:alert(1)", "DATA:text/html,x", "skype:rose", "//example.org"] {
            let found = found(address);
            assert_eq!(found.len(), 1, "{template} {address}: {found:?}");
            assert_eq!(found[0].path, "content/_index.md", "{template} {address}: {found:?}");
        }
        assert!(found("https://example.org/").is_empty(), "{template}");
    }
}
