//! Tests of themes that extend no other: pages written for the theme `daisy` can be built with them.

use std::collections::BTreeMap;

use daisychain::render::Templates;
use daisychain::theme::{self, combine};

use super::inherit::files_of_the_guide;
use crate::support::{Site, pictures, tree};

/// The components that only the templates of the theme `daisy` call.
const FOR_TEMPLATES: [&str; 15] = [
    "alternates",
    "byline",
    "chain",
    "languages",
    "links",
    "listing",
    "menu_lines",
    "onward",
    "pager",
    "site_foot",
    "site_links",
    "site_top",
    "sprite",
    "trail",
    "untranslated",
];

/// The theme from scratch that the guide shows, and other files.
fn theme(site: &Site) {
    for (path, text) in files_of_the_guide() {
        if path.starts_with("themes/scratch/") {
            site.write(&path, &text);
        }
    }
}

#[test]
fn components_for_pages_exist_in_every_theme_with_the_same_arguments() {
    let daisy = Templates::compile(&theme::built_in()).unwrap();
    let files = combine(vec![("scratch".to_owned(), BTreeMap::new())], theme::default_components());
    let scratch = Templates::compile(&files).unwrap();
    let called =
        daisy.components.iter().filter(|(name, _)| !FOR_TEMPLATES.contains(&name.as_str()));
    let called: BTreeMap<_, _> = called.collect();
    assert!(called.len() > 15, "{called:?}");
    assert_eq!(called, scratch.components.iter().collect::<BTreeMap<_, _>>());
    // A component that the page does not call reserves no anchor.
    assert!(scratch.theme.ids.reserved.is_empty());
}

/// The texts are those of the theme `daisy`, which has more.
#[test]
fn the_texts_of_components_are_those_of_the_theme() {
    let words = |files: &BTreeMap<String, daisychain::theme::ThemeFile>| {
        let text = String::from_utf8_lossy(&files["theme.yaml"].bytes).into_owned();
        let node = located_yaml::parse_map(&text, 1).unwrap().root;
        let entries = node.get("strings").unwrap().node.entries().unwrap().to_vec();
        let pairs =
            entries.iter().map(|entry| (entry.key.clone(), entry.node.as_str().map(str::to_owned)));
        pairs.collect::<BTreeMap<_, _>>()
    };
    let (theme, own) = (words(&theme::built_in()), words(&theme::default_components()[0]));
    assert!(own.iter().all(|(key, text)| theme.get(key) == Some(text)), "{own:?} {theme:?}");
}

/// The kitchen sink with the guide's theme of two files and what lists need.
#[test]
fn the_kitchen_sink_builds_with_a_minimal_theme() {
    let site = Site::kitchen_sink();
    theme(&site);
    for name in ["section", "taxonomy", "term", "not_found", "frame", "team", "story"] {
        site.write(&format!("themes/scratch/templates/{name}.html"), "{% extends \"page.html\" %}");
    }
    let settings = tree(&site.root().join("content"))["site.yaml"].clone();
    let settings = String::from_utf8(settings).unwrap().replace("theme: sink", "theme: scratch");
    site.write("content/site.yaml", &settings);
    site.must_build();
}

#[test]
fn a_theme_s_component_overrides_the_default_one() {
    let site = Site::new();
    site.remove("themes");
    theme(&site);
    let settings = "title: A site\ntheme: scratch\norganisation:\n  phone: 01632 960123\n";
    site.write("content/site.yaml", settings);
    site.write_bytes("content/rose.png", &pictures::png(64, 48, 9, false));
    site.write(
        "content/_index.md",
        "---\ntitle: Home\n---\n\n{{<button link=\"_index.md\" label=\"On\" />}}\n\n\
         {% <gallery caption=\"Us\"> %}\n![Rose](rose.png)\n{% </gallery> %}\n\n{{<ring />}}\n\n## Title\n",
    );
    site.must_build();
    let html = site.output("index.html");
    for part in [
        "<a class=\"button\" href=\"/\">On</a>",
        "<figcaption>Us</figcaption>",
        "Rather talk?",
        "<h2 id=\"title\">",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    site.write(
        "themes/scratch/templates/parts.html",
        "{% component button(link: string, label: string) %}<b>{{ label }}</b>{% endcomponent button %}",
    );
    site.write("themes/scratch/theme.yaml", "strings:\n  rather_talk: Or ring\n");
    site.must_build();
    let html = site.output("index.html");
    assert!(
        html.contains("<b>On</b>") && html.contains("Or ring Ring") && html.contains("Us</fig"),
        "{html}"
    );
}
