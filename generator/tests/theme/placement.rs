//! Tests that wherever a page may call a component, its HTML is valid, and that other calls are
//! rejected.

use std::collections::BTreeSet;
use std::fs;

use daisychain::build::Error;
use daisychain::render::Templates;
use daisychain::theme;
use html5gum::{Token, Tokenizer};

use crate::support::{Site, pictures};

/// Calls of each component of the theme that does not enclose text.
const CALLS: [&str; 8] = [
    r#"{{<figure src="a.png" alt="Rose" />}}"#,
    r#"{{<button link="about.md" label="About" />}}"#,
    r#"{{<call-to-action link="about.md" label="About" />}}"#,
    r#"{{<video link="https://example.org/film" title="Film" poster="a.png" />}}"#,
    r#"{{<form name="chat" />}}"#,
    "{{<contents />}}",
    "{{<ring />}}",
    "{{<contact />}}",
];

/// Components of another theme.
const OWN: &str = r#"
{%- component sign() %}<section>Sign</section>{% endcomponent sign %}
{% component wrapped() -%}{{ <sign /> }}{% endcomponent wrapped %}
{% component shared() -%}{{ cached(component="sign") }}{% endcomponent shared %}
{% component declared(html: string = "<p>Words</p>") {"block": true} -%}{{ html | safe }}{% endcomponent declared %}
{% component badge() -%}<span>Badge <svg><path d="M0 0"/></svg></span>{% endcomponent badge %}
{% component phone() -%}<a href="tel:+441632960123">01632 960 123</a>{% endcomponent phone %}
"#;
const BLOCKS: [&str; 4] = ["{{<sign />}}", "{{<wrapped />}}", "{{<shared />}}", "{{<declared />}}"];
const INLINE: [&str; 2] = ["{{<badge />}}", "{{<phone />}}"];

/// Places where any component is allowed.
const OWN_LINES: [&str; 6] = [
    "_",
    "Words\n\n_\n\nWords",
    "- _",
    "- Words\n\n  _",
    "> _",
    "{% <large> %}\n\n_\n\n{% </large> %}",
];

/// Places within other text.
const INSIDE: [&str; 17] = [
    "Words _ words",
    "Words\n_\nwords",
    "_ words",
    "- Words _",
    "- Words\n\n  Words _",
    "1. _ words\n2. words",
    "- [ ] _",
    "> Words _",
    "## _",
    "Words _\n-----",
    "**_**",
    "*Words _*",
    "~~_~~",
    "[_](about.md)",
    "| a | b |\n|---|---|\n| _ | Words _ |",
    "| _ | b |\n|---|---|\n| 1 | 2 |",
    "Term _\n: Words _\n\nNote[^1]\n\n[^1]: Words _",
];

const PHRASING: &str = "a abbr b br button code del em i img input label picture small source span strong sub sup \
                        svg time u";
/// Elements that contain only phrasing content; `a` follows its parent.
const LINES: &str =
    "p h1 h2 h3 h4 h5 h6 em strong del b i span small label code summary button dt th";

/// The places with invalid nesting of HTML (HTML, 4; 13.1.2).
fn misplaced(html: &str) -> Vec<String> {
    let is = |list: &str, name: &str| list.split_whitespace().any(|each| each == name);
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for Ok(token) in Tokenizer::new(html) {
        let drawing = open.iter().any(|name| name == "svg");
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8(tag.name.0).unwrap();
                let around = open.iter().find(|each| is(LINES, each));
                if let Some(around) = around.filter(|_| !drawing && !is(PHRASING, &name)) {
                    found.push(format!("<{name}> in <{around}>"));
                }
                if is("a button input iframe", &name) && open.iter().any(|each| each == "a") {
                    found.push(format!("<{name}> in <a>"));
                }
                if !tag.self_closing && !is("br img input source hr", &name) {
                    open.push(name);
                }
            }
            Token::EndTag(tag) => {
                let name = String::from_utf8(tag.name.0).unwrap();
                if open.pop().as_deref() != Some(name.as_str()) {
                    found.push(format!("</{name}> ends what is not open"));
                }
            }
            _ => {}
        }
    }
    found
}

/// A page for each call and place.
fn site() -> (Site, Vec<(String, &'static str, &'static str)>) {
    let site = Site::new();
    site.remove("themes");
    site.write("themes/daisy/theme.yaml", "extends: daisy\n");
    site.write("themes/daisy/templates/bare.html", "{{ page.content }}\n");
    site.write("themes/daisy/templates/own.html", OWN);
    let organisation = "organisation:\n  name: A\n  phone: 01632 960123\n  email: a@example.org\n";
    site.write("content/site.yaml", &format!("title: A\n{organisation}"));
    site.write("content/forms/chat.yaml", include_str!("site/forms/chat.yaml"));
    site.write("content/about.md", "---\ntitle: About\n---\n");
    let mut pages = Vec::new();
    let calls = CALLS.into_iter().chain(BLOCKS).chain(INLINE);
    for (call, place) in
        calls.flat_map(|call| OWN_LINES.into_iter().chain(INSIDE).map(move |place| (call, place)))
    {
        let name = format!("p{}", pages.len());
        let words = place.replace('_', call).replace("](about", "](../about");
        site.write(
            &format!("content/{name}/index.md"),
            &format!("---\ntitle: A page\ntemplate: bare.html\n---\n{words}\n"),
        );
        site.write_bytes(&format!("content/{name}/a.png"), &pictures::png(64, 64, 9, false));
        pages.push((name, call, place));
    }
    (site, pages)
}

#[test]
fn a_component_call_gives_valid_html_or_is_rejected() {
    let (site, pages) = site();
    let mut refused = BTreeSet::new();
    if let Err(Error::Content(found)) = site.build() {
        for each in &found {
            let folder = each.path.split('/').nth(1).unwrap().to_owned();
            assert!(each.message.contains("is not allowed in"), "{each:?}");
            assert!(each.place.is_some() && each.help.is_some());
            refused.insert(folder);
        }
    }
    for name in &refused {
        fs::remove_dir_all(site.root().join("content").join(name)).unwrap();
    }
    site.must_build();
    let mut wrong = Vec::new();
    for (name, call, place) in &pages {
        let is_refused = refused.contains(name);
        if OWN_LINES.contains(place) || (INLINE.contains(call) && !place.starts_with('[')) {
            assert!(!is_refused, "{call} is refused in {place:?}");
        } else if *place == "Words _ words" {
            assert!(is_refused, "{call} is not refused in {place:?}");
        }
        if !is_refused {
            let html = site.output(&format!("{name}/index.html"));
            wrong.extend(
                misplaced(&html).into_iter().map(|fault| format!("{call} in {place:?}: {fault}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_component_without_a_body_is_tested() {
    let theme = Templates::compile(&theme::built_in()).unwrap();
    for (name, shape) in &theme.components {
        let needs_more = shape.takes_body == Some(true)
            || shape.arguments.iter().any(|each| {
                each.required && !matches!(each.kind, daisychain::parse::ArgumentKind::String)
            });
        let called = format!("<{} ", name.replace('_', "-"));
        let is_tried = CALLS.iter().any(|call| call.contains(&called));
        let is_block = shape.is_block || shape.takes_body == Some(true) || !is_tried;
        assert!(is_block, "{name} is a block");
        // Newsletters call these in place of others.
        let is_for_emails = name.starts_with("email_");
        if !needs_more && !is_tried && !is_for_emails {
            let others = ["chain", "site_links", "site_foot", "sprite"];
            assert!(others.contains(&name.as_str()), "{name} is not tried");
        }
    }
}
