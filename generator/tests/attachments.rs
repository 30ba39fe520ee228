//! Tests of files beside pages: published only where a page links to them.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::BTreeMap;

use support::{Site, pictures};

const PAGE: &str = "{% extends \"base.html\" %}{% block main %}{{ page.content }}";

fn page(front: &str, body: &str) -> String {
    format!("---\ntitle: Rose\n{front}---\n\n{body}\n")
}

/// The files in `dist` except pages, styles and images.
fn published(site: &Site) -> Vec<String> {
    let is_ours = |path: &String| {
        path.ends_with(".html") || path.starts_with("styles/") || path == "robots.txt"
    };
    site.dist().into_keys().filter(|path| !is_ours(path)).collect()
}

/// Builds, and compares the output with a cold build.
fn build(site: &Site) {
    site.must_build();
    let cold = site.cold().unwrap();
    let names = |tree: &BTreeMap<String, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&site.dist()), names(&cold));
    assert_eq!(site.dist(), cold);
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

#[test]
fn only_linked_files_are_published() {
    let site = Site::new();
    let kinds = [
        "leaflet.pdf",
        "Scan.PDF",
        "song.mp3",
        "Song two.MP3",
        "talk.pptx",
        "budget.xlsx",
        "letter.odt",
        "diary.ics",
        "captions.vtt",
        "list.csv",
        "all.zip",
        "film.mp4",
        "LICENSE",
        "book.epub",
        "notes.txt",
        "ਰੋਜ਼.pdf",
    ];
    for kind in kinds {
        site.write(&format!("content/stories/{kind}"), kind);
        site.write(&format!("content/stories/unlinked-{kind}"), "secret");
    }
    let body = kinds.map(|kind| format!("[{kind}](<{kind}>)")).join("\n\n");
    site.write("content/stories/rose.md", &page("", &body));
    build(&site);
    let mut expected = kinds.map(|kind| format!("stories/{kind}")).to_vec();
    expected.sort();
    assert_eq!(published(&site), expected);
    assert!(site.dist().values().all(|bytes| !holds(bytes, b"secret")));
    for kind in kinds {
        assert_eq!(site.output(&format!("stories/{kind}")), kind);
    }
}

/// Every way in which an output can refer to a file: files of a site's `content/` and `themes/`, with
/// which `files/plan.pdf` must be published.
const WAYS: [(&str, &str, &str); 15] = [
    ("markdown", "content/about.md", "---\ntitle: A\n---\n[Plan](files/plan.pdf)\n"),
    ("an address", "content/about.md", "---\ntitle: A\n---\n[Plan](/files/plan.pdf#page=2)\n"),
    ("a reference", "content/about.md", "---\ntitle: A\n---\n[Plan][p]\n\n[p]: files/plan.pdf\n"),
    ("a section's text", "content/files/_index.md", "---\ntitle: A\n---\n[Plan](plan.pdf)\n"),
    (
        "a menu",
        "content/site.yaml",
        "title: A\nmenus:\n  main:\n    - label: Plan\n      link: files/plan.pdf\n",
    ),
    (
        "a menu of an address",
        "content/site.yaml",
        "title: A\nmenus:\n  main:\n    - label: Plan\n      link: /files/plan.pdf\n",
    ),
    ("a component", "content/about.md", "---\ntitle: A\n---\n{{<go to=\"files/plan.pdf\" />}}\n"),
    (
        "a cached component",
        "themes/daisy/templates/not_found.html",
        "<a href=\"x\">{{ cached(component=\"go\", to=\"files/plan.pdf\") }}</a>",
    ),
    ("front matter", "content/about.md", "---\ntitle: A\nextra:\n  plan: files/plan.pdf\n---\n"),
    (
        "front matter as it is",
        "content/about.md",
        "---\ntitle: A\nextra:\n  raw: /files/plan.pdf\n---\n",
    ),
    ("data", "content/data/links.yaml", "- files/plan.pdf\n"),
    (
        "HTML in a text",
        "content/raw/about.md",
        "---\ntitle: A\n---\n<a href='../../files/plan.pdf'>Plan</a>\n",
    ),
    (
        "a form",
        "content/forms/ask.yaml",
        "title: Ask\nintro: Read [the plan](/files/plan.pdf) first.\nfields: []\nsubmit: Send\nthanks:\n  title: Thank you\n  next: Soon.\nphone: \"01632 960123\"\n",
    ),
    (
        "the page after a form",
        "content/forms/ask.yaml",
        "title: Ask\nfields: []\nsubmit: Send\nthanks:\n  title: Thank you\n  next: Read [the plan](/files/plan.pdf) now.\nphone: \"01632 960123\"\n",
    ),
    ("a template", "themes/daisy/templates/not_found.html", "<audio src=/files/plan.pdf></audio>"),
];

fn site_of_ways() -> Site {
    let site = Site::new();
    site.write("content/files/plan.pdf", "%PDF plan");
    site.write("content/files/other.pdf", "%PDF other");
    site.write("content/raw/_index.md", "---\ntitle: Raw\nraw_html: allow\n---\n");
    site.write("content/data/links.yaml", "[]\n");
    site.write("content/forms/ask.yaml", "title: Ask\nfields: []\nsubmit: Send\nthanks:\n  title: Thank you\n  next: Soon.\nphone: \"01632 960123\"\n");
    site.write(
        "themes/daisy/templates/section.html",
        &format!(
            "{PAGE}{{% set ask = form(name=\"ask\") %}}{{{{ ask.html }}}}{{% endblock main %}}"
        ),
    );
    site.write("content/about.md", &page("", ""));
    site.write(
        "themes/daisy/templates/go.html",
        "{% component go(to: string) %}<a href=\"{{ url(path=to) }}\">Go</a>{% endcomponent go %}",
    );
    site.write(
        "themes/daisy/templates/page.html",
        &format!(
            "{PAGE}{{% for line in menu(name=\"main\") %}}<a href=\"{{{{ line.url }}}}\">M</a>{{% endfor %}}\
             {{% for link in data(name=\"links\") %}}<a href=\"{{{{ url(path=link) }}}}\">D</a>{{% endfor %}}\
             {{% if page.extra.plan %}}<a href=\"{{{{ url(path=page.extra.plan) }}}}\">E</a>{{% endif %}}\
             {{% if page.extra.raw %}}<a href=\"{{{{ page.extra.raw }}}}\">E</a>{{% endif %}}{{% endblock main %}}"
        ),
    );
    site
}

#[test]
fn every_kind_of_reference_publishes_a_file_and_removing_it_unpublishes_it() {
    for (way, path, text) in WAYS {
        let site = site_of_ways();
        let before = std::fs::read_to_string(site.root().join(path)).ok();
        build(&site);
        assert_eq!(published(&site), [""; 0], "before {way}");
        site.write(path, text);
        build(&site);
        assert_eq!(published(&site), ["files/plan.pdf"], "{way}");
        // A build without changes keeps it.
        build(&site);
        assert_eq!(published(&site), ["files/plan.pdf"], "again: {way}");
        match before {
            Some(before) => site.write(path, &before),
            None => site.remove(path),
        };
        build(&site);
        assert_eq!(published(&site), [""; 0], "without {way}");
    }
}

#[test]
fn forms_of_a_site_in_a_folder_publish_their_files() {
    for (way, path, text) in WAYS.iter().filter(|(way, ..)| way.ends_with("a form")) {
        let site = site_of_ways();
        site.write("content/site.yaml", "title: A site\nbase_url: https://a.test/our-street\n");
        build(&site);
        assert_eq!(published(&site), ["sitemap.xml"], "before {way}");
        site.write(path, text);
        build(&site);
        assert_eq!(published(&site), ["files/plan.pdf", "sitemap.xml"], "{way}");
    }
}

#[test]
fn a_file_added_later_is_published_if_an_unchanged_page_links_to_it() {
    let site = site_of_ways();
    site.remove("content/files/plan.pdf");
    let body = "<a href=\"/files/plan.pdf\">Plan</a>";
    site.write("content/raw/about.md", &page("", body));
    build(&site);
    assert_eq!(published(&site), [""; 0]);
    site.write("content/files/plan.pdf", "%PDF plan");
    build(&site);
    assert_eq!(published(&site), ["files/plan.pdf"]);
    site.write("content/files/plan.pdf", "%PDF plan, mended");
    build(&site);
    assert_eq!(site.output("files/plan.pdf"), "%PDF plan, mended");
    site.remove("content/files/plan.pdf");
    build(&site);
    assert_eq!(published(&site), [""; 0]);
}

#[test]
fn unpublished_pages_publish_no_files() {
    let mut site = Site::new();
    for file in ["draft", "later", "over", "shared"] {
        site.write(&format!("content/{file}.pdf"), file);
    }
    let text = |file: &str| format!("[It]({file}.pdf) and [all](shared.pdf)");
    site.write("content/a.md", &page("draft: true\n", &text("draft")));
    site.write("content/b.md", &page("publish_on: 2020-06-01\n", &text("later")));
    site.write("content/c.md", &page("expires_on: 2020-06-02\n", &text("over")));
    build(&site);
    assert_eq!(published(&site), ["over.pdf", "shared.pdf"]);
    site.now += 60 * 24 * 60 * 60;
    build(&site);
    assert_eq!(published(&site), ["later.pdf", "shared.pdf"]);
    site.options.drafts = true;
    build(&site);
    assert_eq!(published(&site), ["draft.pdf", "later.pdf", "over.pdf", "shared.pdf"]);
    site.options.drafts = false;
    site.write("content/b.md", &page("draft: true\n", &text("later")));
    build(&site);
    assert_eq!(published(&site), [""; 0]);
}

#[test]
fn a_linked_image_is_its_largest_variant_without_metadata() {
    let site = Site::new();
    site.write_bytes("content/map.jpg", &pictures::photo(2400, 1200));
    site.write_bytes("content/plan.PNG", &pictures::telling_png(64, 40));
    site.write_bytes("content/unused.jpg", &pictures::photo(80, 50));
    site.write(
        "content/drawing.svg",
        &format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"><!--{}--><path d=\"M0 0\"/></svg>",
            pictures::SECRET
        ),
    );
    let body = "[Large map](map.jpg), [plan](/plan.PNG), [drawing](drawing.svg)\n\n\
                [![Our street](plan.PNG)](map.jpg)";
    site.write("content/about.md", &page("", body));
    build(&site);
    let dist = site.dist();
    let html = site.output("about/index.html");
    let links: Vec<&str> =
        html.split("<a href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    // The photo was taken upright: 1200 pixels wide, however wide the theme shows images.
    let endings = ["-1200.jpg", "-40.jpg", "-4.svg", "-1200.jpg"];
    assert_eq!(links.len(), endings.len(), "{html}");
    for (link, ending) in links.iter().zip(endings) {
        assert!(link.starts_with("/images/") && link.ends_with(ending), "{link}");
        assert!(dist.contains_key(link.trim_start_matches('/')), "{link}");
    }
    let photo = image::load_from_memory(&dist[links[0].trim_start_matches('/')]).unwrap();
    assert_eq!((photo.width(), photo.height()), (1200, 2400));
    for (path, bytes) in &dist {
        for marker in [pictures::SECRET.as_bytes(), b"Exif", b"GPS", b"xmpmeta"] {
            assert!(!holds(bytes, marker), "{path}");
        }
        assert!(
            !path.contains("map.") && !path.contains("plan.") && !path.contains("drawing"),
            "{path}"
        );
    }
    assert_eq!(dist.keys().filter(|path| path.ends_with(".jpg")).count(), 2, "{:?}", dist.keys());

    site.write("content/about.md", &page("", "No map."));
    build(&site);
    assert!(site.dist().keys().all(|path| !path.starts_with("images/")));
}

#[test]
fn robots_txt_is_published_once_with_or_without_a_link() {
    let site = Site::new();
    site.write("content/robots.txt", "User-agent: *\nDisallow: /\n");
    build(&site);
    assert_eq!(site.output("robots.txt"), "User-agent: *\nDisallow: /\n");
    site.write("content/about.md", &page("", "[For programs](robots.txt)"));
    build(&site);
    assert_eq!(site.output("robots.txt"), "User-agent: *\nDisallow: /\n");
}

/// Ways in which only the page around the responses to forms refers to a file: its template, the
/// file, and the prefix of the name under which the file is published.
const WAYS_OF_FRAMES: [(&str, &str, &str); 5] = [
    (
        "{% set script = asset(path=\"static/play.js\") %}<script src=\"{{ script.url }}\"></script>",
        "themes/daisy/static/play.js",
        "play.",
    ),
    ("{{ image(src=\"street.png\", alt=\"Our street\") }}", "content/street.png", "images/"),
    ("<a href=\"/files/plan.pdf\">Plan</a>", "content/files/plan.pdf", "files/plan.pdf"),
    (
        "<a href=\"{{ url(path='files/plan.pdf') }}\">Plan</a>",
        "content/files/plan.pdf",
        "files/plan.pdf",
    ),
    (
        "{% if page.lang == 'pa' %}{{ image(src=\"street.png\", alt=\"Our street\") }}{% endif %}",
        "content/street.png",
        "images/",
    ),
];

#[test]
fn files_of_the_page_around_responses_are_published_and_kept_current() {
    for (template, path, prefix) in WAYS_OF_FRAMES {
        let site = site_of_ways();
        let settings = "title: A site\nlanguage: en-GB\nlanguages:\n  en-GB: { name: English }\n  \
                        pa: { name: ਪੰਜਾਬੀ }\n";
        site.write("content/site.yaml", settings);
        let versions = ["one", "two"].map(|text| match path.ends_with(".png") {
            true => pictures::png(640, 8, u8::from(text == "two"), false),
            false => text.as_bytes().to_vec(),
        });
        site.write("themes/daisy/static/play.js", "play()");
        site.write_bytes(path, &versions[0]);
        build(&site);
        let others = published(&site);
        let of_frame = || -> Vec<(String, Vec<u8>)> {
            let ours = |path: &String| path.starts_with(prefix) && !others.contains(path);
            site.dist().into_iter().filter(|(path, _)| ours(path)).collect()
        };
        site.write("themes/daisy/templates/frame.html", template);
        build(&site);
        let first = of_frame();
        assert!(!first.is_empty(), "{template}");
        site.write_bytes(path, &versions[1]);
        build(&site);
        let second = of_frame();
        assert!(!second.is_empty() && second != first, "{template}");
        site.remove("themes/daisy/templates/frame.html");
        build(&site);
        assert_eq!(of_frame(), [], "{template}");
    }
}

#[test]
fn forms_publish_files_whose_names_need_encoding() {
    let form =
        std::fs::read_to_string(site_of_ways().root().join("content/forms/ask.yaml")).unwrap();
    for (name, link) in [
        ("our plan.pdf", "/files/our%20plan.pdf"),
        ("our plan.pdf", "/files/our%20plan.pdf#page=2"),
        ("ਰੋਜ਼.pdf", "/files/ਰੋਜ਼.pdf"),
        ("100%.pdf", "/files/100%25.pdf"),
        ("what?.pdf", "/files/what%3F.pdf"),
        ("the \"plan\".pdf", "/files/the%20%22plan%22.pdf"),
    ] {
        let site = site_of_ways();
        site.write(&format!("content/files/{name}"), "%PDF");
        build(&site);
        assert_eq!(published(&site), [""; 0], "{link}");
        site.write(
            "content/forms/ask.yaml",
            &form.replace("Soon.", &format!("Read [it]({link}).")),
        );
        build(&site);
        assert_eq!(published(&site), [format!("files/{name}")], "{link}");
    }
}
