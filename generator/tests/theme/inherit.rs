//! Tests of themes that extend others: files override those of the parent, which is otherwise unchanged.

use std::fs;
use std::path::Path;

use crate::support::Site;

/// A site without a theme of its own, with a page that shows two components of one file.
fn site() -> Site {
    let site = Site::new();
    site.remove("themes");
    site.write(
        "content/about.md",
        "---\ntitle: About\n---\n\n{% <callout kind=\"important\"> %}\nHear.\n{% </callout> %}\n\n\
         {% <details summary=\"More?\"> %}\nYes.\n{% </details> %}\n",
    );
    let settings = "title: A site\nmenus:\n  connect:\n    - label: Chat\n      link: about.md\n";
    site.write("content/site.yaml", settings);
    site
}

fn choose(site: &Site, theme: &str) {
    let settings = site.root().join("content/site.yaml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(settings, format!("{text}theme: {theme}\n")).unwrap();
}

fn styles(site: &Site) -> String {
    let dist = site.dist();
    let sheet = dist.iter().find(|(path, _)| path.starts_with("styles/main.")).unwrap();
    String::from_utf8_lossy(sheet.1).into_owned()
}

/// The files in the guide's blocks: those that name a file in `themes/`.
pub(super) fn files_of_the_guide() -> Vec<(String, String)> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/themes.md");
    let text = fs::read_to_string(guide).unwrap();
    let blocks = text.split("\n```").skip(1);
    let file = |block: &str| {
        let (head, text) = block.split_once('\n')?;
        let path = head.split(' ').nth(1).filter(|path| path.starts_with("themes/"))?;
        Some((path.to_owned(), format!("{text}\n")))
    };
    blocks.filter_map(file).collect()
}

#[test]
fn the_guide_s_theme_overrides_a_text_a_component_a_block_and_a_style() {
    let site = site();
    site.must_build();
    let (before, styles_before) = (site.output("about/index.html"), styles(&site));
    let files = files_of_the_guide();
    assert!(files.len() >= 4, "{files:?}");
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("themes/mine/")) {
        site.write(path, text);
    }
    choose(&site, "mine");
    site.must_build();
    let (after, styles_after) = (site.output("about/index.html"), styles(&site));
    assert_eq!(styles_after, format!("{styles_before}.callout{{border-radius:1rem}}"));
    assert!(after.contains("<title>About, in our street</title>"), "{after}");
    assert!(after.contains("Join us") && !after.contains("Connect today"), "{after}");
    assert!(after.contains("<aside class=\"callout important\"><p>Hear.</p>"), "{after}");
    // Everything else is as in the parent theme.
    let details = "<details class=\"details\">";
    assert!(before.contains(details) && after.contains(details), "{after}");
    let head = |html: &str| html.split("<title>").next().unwrap().to_owned();
    assert_eq!(head(&before), head(&after));
}

/// Whichever file replaces it, whatever else was in that file, and however distant the parent theme.
#[test]
fn one_component_is_replaced_and_the_others_stay() {
    let own = |tag: &str| {
        format!(
            "{{% component details(summary: string, open: bool = false) %}}<{tag}>{{{{ body }}}}</{tag}>{{% endcomponent details %}}\n"
        )
    };
    for file in ["components/boxes.html", "boxes.html", "page-parts.html", "components/site.html"] {
        let site = site();
        site.write("themes/near/theme.yaml", "extends: far\n");
        site.write("themes/far/theme.yaml", "extends: daisy\n");
        site.write(&format!("themes/near/templates/{file}"), &own("near"));
        site.write("themes/far/templates/details.html", &own("far"));
        choose(&site, "near");
        site.must_build();
        let html = site.output("about/index.html");
        assert!(html.contains("<near><p>Yes.</p>"), "{file}: {html}");
        assert!(html.contains("<div class=\"callout important\""), "{file}: {html}");
        assert!(html.contains("<footer"), "{file}: {html}");
    }
}

#[test]
fn texts_images_and_files_of_the_nearest_theme_take_precedence() {
    let site = site();
    site.write("themes/near/theme.yaml", "extends: far\nstrings:\n  home: Near\n");
    site.write("themes/near/static/favicon.svg", "<svg/>");
    site.write("themes/near/static/mark.svg", "<svg></svg>");
    site.write(
        "themes/far/theme.yaml",
        "extends: daisy\nstrings:\n  home: Far\n  main_menu: Far menu\nimages:\n  widths: [320]\n  sizes: 10rem\n",
    );
    site.write("themes/near/templates/page.html", "{% extends \"daisy/page.html\" %}\n{% block words %}{% set mark = asset(path=\"static/mark.svg\") %}{{ mark.url }} {{ t(key=\"home\") }} {{ image(src=\"rose.png\", alt=\"\") }}{% endblock words %}\n");
    site.write_bytes("content/rose.png", &crate::support::pictures::png(640, 480, 9, false));
    choose(&site, "near");
    site.must_build();
    let html = site.output("about/index.html");
    for part in [
        "<h1>About</h1>",
        "/mark.",
        ".svg Near <picture>",
        "-320.webp 320w",
        "sizes=\"10rem\"",
        "aria-label=\"Far menu\"",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert_eq!(site.output("favicon.svg"), "<svg/>");
}
