//! Tests of the built-in theme on a multilingual site: an untranslated page is shown as a localized page
//! in the reader's language, and never counts as a translation.

use daisychain::engine::{self, KnownSources, Snapshot};

use crate::support::Site;

const SETTINGS: &str = "base_url: https://a.test\ntaxonomies: [tags]\nlanguages:\n  en-GB:\n    name: English\n  \
    ur:\n    name: اردو\n";

fn site() -> Site {
    let site = crate::site(SETTINGS);
    site.write("content/_index.ur.md", "---\ntitle: گھر\n---\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\nfeed: true\n---\n");
    crate::story(&site, "rose", "date: 2020-05-21\nauthor: Rose\ntags: [food]\n");
    crate::story(&site, "tom", "date: 2020-05-22\ntags: [food]\n");
    let translated = "---\ntitle: ٹام\n---\nروٹی۔\n";
    site.write("content/stories/tom.ur.md", translated);
    let words =
        "not_translated: \"یہ {language} میں نہیں، {original} میں ہے۔\"\nyou_are_in: یہاں\n";
    site.write("content/strings/ur.yaml", words);
    site
}

/// The content of an element that begins with `tag`, up to `end`.
fn element<'a>(html: &'a str, tag: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(tag).unwrap_or_else(|| panic!("no {tag} in {html}"));
    rest.split_once(end).unwrap().0
}

#[test]
fn an_untranslated_page_says_so_in_the_reader_s_language() {
    let site = site();
    site.must_build();
    let html = site.output("ur/stories/rose/index.html");
    assert!(html.contains("<html lang=\"ur\" dir=\"rtl\">"), "{html}");
    let words = element(&html, "<div class=\"words\" lang=\"en-GB\" dir=\"ltr\">", "</header>");
    assert!(words.contains("<h1>Story rose</h1>"), "{words}");
    let said =
        "<p class=\"untranslated\" lang=\"ur\" dir=\"rtl\">یہ اردو میں نہیں، English میں ہے۔</p>";
    assert_eq!(html.matches("class=\"untranslated\"").count(), 1);
    assert!(words.contains(said), "{words}");
    assert!(words.contains("<nav class=\"trail\" lang=\"ur\" dir=\"rtl\" aria-label=\"یہاں\">"));
    let telling =
        element(&html, "<div class=\"telling\" lang=\"en-GB\" dir=\"ltr\">", "</article>");
    assert!(telling.contains("<p>Words.</p>"), "{telling}");
    // A date follows the language of the localized page, in its words and digits.
    let day = "<time datetime=\"2020-05-21\" lang=\"ur\" dir=\"rtl\">21 مئی، 2020</time>";
    assert!(words.contains(day), "{words}");
    let english = site.output("stories/rose/index.html");
    assert!(
        english.contains("Rose · <time datetime=\"2020-05-21\">21 May 2020</time>"),
        "{english}"
    );
    assert!(!english.contains("untranslated"), "{english}");
}

#[test]
fn an_untranslated_page_does_not_count_as_a_translation() {
    let site = site();
    site.must_build();
    let html = site.output("ur/stories/rose/index.html");
    assert!(
        html.contains("<link rel=\"canonical\" href=\"https://a.test/stories/rose/\">"),
        "{html}"
    );
    assert!(!html.contains("rel=\"alternate\" hreflang"), "{html}");
    assert!(!html.contains("ld+json"), "{html}");
    // The link to it does not claim to be in the reader's language.
    let english = site.output("stories/rose/index.html");
    assert!(
        english.contains("<a href=\"/ur/stories/rose/\" lang=\"ur\" dir=\"rtl\">اردو</a>"),
        "{english}"
    );
    assert!(!english.contains("rel=\"alternate\" hreflang"), "{english}");
    let sitemap = site.output("sitemap.xml");
    assert!(!sitemap.contains("/ur/stories/rose/"), "{sitemap}");
    assert!(!sitemap.contains("https://a.test/ur/stories/</loc>"), "{sitemap}");
    assert!(sitemap.contains("<loc>https://a.test/ur/stories/tom/</loc>"), "{sitemap}");
    for (path, bytes) in site.dist() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let feed = path.ends_with("feed.xml");
        assert!(!feed || !text.contains("/ur/stories/rose/"), "{path} has {text}");
        assert!(!feed || path.starts_with("ur/") == text.contains("xml:lang=\"ur\""), "{path}");
    }
}

#[test]
fn translations_link_to_each_other() {
    let site = site();
    site.must_build();
    for path in ["stories/tom/index.html", "ur/stories/tom/index.html"] {
        let html = site.output(path);
        for (code, url) in
            [("en-GB", "/stories/tom/"), ("ur", "/ur/stories/tom/"), ("x-default", "/stories/tom/")]
        {
            let link = format!(
                "<link rel=\"alternate\" hreflang=\"{code}\" href=\"https://a.test{url}\">"
            );
            assert!(html.contains(&link), "{path} lacks {link}");
        }
        let own = format!(
            "<link rel=\"canonical\" href=\"https://a.test/{}\">",
            path.trim_end_matches("index.html")
        );
        assert!(html.contains(&own), "{path} lacks {own}");
    }
    // A list marks untranslated pages, and links to the localized page.
    let list = site.output("ur/stories/index.html");
    let item = element(&list, "<li lang=\"en-GB\" dir=\"ltr\">", "</li>");
    assert!(item.contains("<a href=\"/ur/stories/rose/\">Story rose</a>"), "{item}");
    assert!(list.contains("<a href=\"/ur/stories/tom/\">ٹام</a>"), "{list}");
}

#[test]
fn the_parts_of_a_long_sitemap_list_every_url_once_in_order() {
    let site = Site::in_memory();
    let languages = "languages:\n  en-GB: { name: English }\n  ur: { name: اردو }\n";
    let settings =
        format!("title: A site\nbase_url: https://a.test\n{languages}taxonomies: tags\n");
    site.write("content/site.yaml", &settings);
    let pages: usize = 200;
    let tags_of_page: usize = 30;
    for page in 0..pages {
        let tags: Vec<String> = (0..tags_of_page).map(|tag| format!("t{page}-{tag}")).collect();
        let front = format!("title: Page {page}\ntags: [{}]\n", tags.join(", "));
        site.write(&format!("content/p{page}.md"), &format!("---\n{front}---\n"));
    }
    let files = engine::sources(site.root(), None).unwrap().files;
    let known = KnownSources::NOTHING;
    let snapshot = Snapshot::take(site.root(), files, &site.options, site.now, known).unwrap();
    let text = |path: &str| {
        let output = snapshot.outputs.iter().find(|output| output.path == path)?;
        let rendered = snapshot.render(output).ok()?;
        Some(String::from_utf8(rendered.bytes.to_vec()).unwrap())
    };
    let index = text("sitemap.xml").unwrap();
    let parts: Vec<String> = (1..).map_while(|part| text(&format!("sitemap-{part}.xml"))).collect();
    assert!(parts.len() > 1);
    assert_eq!(index.matches("<loc>").count(), parts.len());
    let all = parts.concat();
    let urls: Vec<&str> =
        all.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap()).collect();
    assert!(urls.is_sorted_by(|one, other| one < other));
    // The terms of a language with no translated pages are those of its fallbacks.
    let expected = snapshot.outputs.iter().filter(|output| output.path.ends_with("index.html"));
    let listed = expected.filter(|output| {
        output.source.page().is_none_or(|id| !snapshot.site().page(id).is_fallback)
    });
    assert_eq!(urls.len(), listed.count());
}
