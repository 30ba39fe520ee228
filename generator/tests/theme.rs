//! Tests of the built-in theme: what a list, a term and a story show of other pages, and what is omitted
//! if there is nothing to show.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

#[path = "theme/assets.rs"]
mod assets;
#[path = "theme/guide.rs"]
mod guide;
#[path = "theme/hosts.rs"]
mod hosts;
#[path = "theme/inherit.rs"]
mod inherit;
#[path = "theme/languages.rs"]
mod languages;
#[path = "theme/placement.rs"]
mod placement;
#[path = "theme/scratch.rs"]
mod scratch;
#[path = "theme/sections.rs"]
mod sections;
#[path = "theme/shortcodes.rs"]
mod shortcodes;
mod support;
#[path = "theme/unsafe_links.rs"]
mod unsafe_links;

use daisychain::query::{Query, ask, with_locale};
use daisychain::render::cached;
use support::Site;
use tera::Kwargs;

/// A site without a theme, and with `settings` besides a title and an organisation.
fn site(settings: &str) -> Site {
    let site = Site::new();
    site.remove("themes");
    site.write(
        "content/site.yaml",
        &format!(
            "title: A site\norganisation:\n  name: Connecting\n  phone: 01632 960123\n  \
             email: hello@example.org\n{settings}"
        ),
    );
    site
}

fn story(site: &Site, name: &str, front: &str) {
    let text = format!("---\ntitle: Story {name}\ntemplate: story.html\n{front}---\nWords.\n");
    site.write(&format!("content/stories/{name}.md"), &text);
}

/// Every JSON-LD block of a page.
fn structured(html: &str) -> Vec<serde_json::Value> {
    let blocks = html.split("<script type=\"application/ld+json\">").skip(1);
    blocks
        .map(|rest| {
            let (json, _) = rest.split_once("</script>").expect("a block ends");
            serde_json::from_str(json).expect("a block holds JSON")
        })
        .collect()
}

#[test]
fn a_single_story_has_no_tags_pagination_or_related_pages() {
    let site = site("taxonomies: [tags]\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 10\n---\n");
    story(&site, "rose", "");
    site.must_build();
    for page in ["stories/index.html", "stories/rose/index.html"] {
        let html = site.output(page);
        for part in ["class=\"terms\"", "class=\"onward\"", "Related stories", "ld+json", "feed"] {
            assert!(!html.contains(part), "{page} has {part}");
        }
    }
    let dist = site.dist();
    assert!(!dist.keys().any(|path| path.starts_with("tags") || path.ends_with(".xml")));
}

#[test]
fn several_stories_link_to_each_other() {
    let site = site("base_url: https://connecting.test\ntaxonomies: [tags]\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 2\n---\n");
    for day in 1..=3 {
        let front = format!("date: 2020-05-0{day}\ntags: [\"Food & drink\"]\n");
        story(&site, &day.to_string(), &front);
    }
    site.must_build();
    let two = site.output("stories/2/index.html");
    for part in [
        "<a href=\"/tags/food-drink/\">Food &amp; drink</a>",
        "<a rel=\"prev\" href=\"/stories/3/\"><span class=\"direction\">Previous</span> <span>Story 3</span></a>",
        "<a rel=\"next\" href=\"/stories/1/\"><span class=\"direction\">Next</span> <span>Story 1</span></a>",
        "Related stories",
        "<link rel=\"canonical\" href=\"https://connecting.test/stories/2/\">",
        "<meta property=\"og:type\" content=\"article\">",
    ] {
        assert!(two.contains(part), "no {part} in {two}");
    }
    let later = site.output("stories/page/2/index.html");
    assert!(later.contains("<title>Stories (Page 2 of 2) · A site</title>"));
    assert!(later.contains("href=\"https://connecting.test/stories/page/2/\""));
    assert!(later.contains("Story 1") && !later.contains("Story 2"));
    assert!(site.output("tags/food-drink/index.html").contains("Story 3"));
}

#[test]
fn structured_data_describes_the_organisation_and_pages() {
    let site = site("base_url: https://connecting.test\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    site.write(
        "content/stories/rose.md",
        "---\ntitle: \"Rose </script><b> & co\"\ndate: 2020-05-21\nauthor: Rose, Tom and Ann\n---\nWords.\n",
    );
    site.must_build();
    let home = structured(&site.output("index.html"));
    assert_eq!(home[0]["@type"], "Organization");
    assert_eq!(home[0]["url"], "https://connecting.test/");
    assert_eq!(home[0]["telephone"], "+44 1632 960123");
    assert_eq!(home.len(), 1);
    let [article, trail] = &structured(&site.output("stories/rose/index.html"))[..] else {
        panic!("a story has two blocks");
    };
    assert_eq!(article["@type"], "Article");
    assert_eq!(article["headline"], "Rose </script><b> & co");
    assert_eq!(article["datePublished"], "2020-05-21T00:00:00+01:00");
    assert_eq!(article["dateModified"], article["datePublished"]);
    let names: Vec<_> =
        article["author"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Rose", "Tom", "Ann"]);
    let us = serde_json::json!({
        "@type": "Organization", "name": "Connecting", "url": "https://connecting.test/"
    });
    assert_eq!(article["publisher"], us);
    let steps = trail["itemListElement"].as_array().expect("a list");
    let positions: Vec<i64> = steps.iter().filter_map(|step| step["position"].as_i64()).collect();
    assert_eq!(positions, [1, 2, 3]);
    assert_eq!(steps[1]["item"], "https://connecting.test/stories/");
}

#[test]
fn queries_and_components_need_a_page() {
    let asked = ask(&Query::Language).unwrap_err();
    assert_eq!(asked.to_string(), "a query was made outside a page");
    let shared = cached("foot", &Kwargs::default()).unwrap_err();
    assert_eq!(shared.to_string(), "a component was called outside a page");
    let said = with_locale(None, |_| ()).unwrap_err();
    assert_eq!(said.to_string(), "this was called outside a page");
}

#[test]
fn a_home_page_without_a_hero_has_the_layout_of_a_page() {
    let site = site("");
    site.write(
        "content/_index.md",
        "---\ntitle: A quiet home\n---\n\nHello.\n\n## News\n\nNone.\n",
    );
    site.must_build();
    let home = site.output("index.html");
    assert_eq!(home.matches("<h1>A quiet home</h1>").count(), 1, "{home}");
    assert!(home.contains("<div class=\"telling\">"), "{home}");
    site.write(
        "content/_index.md",
        "---\ntitle: A loud home\n---\n\n{% <hero button=\"Go\"> %}\nNow.\n{% </hero> %}\n",
    );
    site.must_build();
    let home = site.output("index.html");
    assert_eq!(home.matches("<h1").count(), 1, "{home}");
    assert!(home.contains("<h1 id=\"title\">A loud home</h1>"), "{home}");
}

/// Each "ways to connect" button leads to an existing anchor.
#[test]
fn buttons_link_to_the_band_or_the_footer() {
    let ways = "menus:\n  connect:\n    - label: Chat\n      link: about.md\n";
    let site = site(ways);
    site.write("content/about.md", "---\ntitle: About\n---\n\nUs.\n");
    for (band, from_home, from_others) in [
        ("connect", "#connect\">Go", "/#connect\">Connect today"),
        ("join-us", "#ways-to-connect\">Go", "#ways-to-connect\">Connect today"),
    ] {
        let home = format!(
            "---\ntitle: Home\n---\n\n{{% <hero button=\"Go\"> %}}\nNow.\n{{% </hero> %}}\n\n\
             {{% <band id=\"{band}\" heading=\"Join us\"> %}}\nDo.\n{{% </band> %}}\n"
        );
        site.write("content/_index.md", &home);
        site.must_build();
        let (home, about) = (site.output("index.html"), site.output("about/index.html"));
        assert!(home.contains(from_home), "{home}");
        assert!(about.contains(&format!("href=\"{from_others}")), "{about}");
        assert_eq!(home.contains("id=\"ways-to-connect\""), band != "connect", "{home}");
        assert!(about.contains("id=\"ways-to-connect\""), "{about}");
    }
}

/// WCAG 2.2, 3.1.2: texts of the theme or the settings in another language than the page declare it.
#[test]
fn untranslated_texts_declare_their_language() {
    let languages = "languages:\n  en-GB: { name: English }\n  ur: { name: اردو }\n";
    let site = site(&format!("  phone_hours: Weekdays\n{languages}"));
    site.write("content/_index.ur.md", "---\ntitle: گھر\n---\n\nسلام\n");
    site.write("content/strings/ur.yaml", "ring: فون کریں\n");
    site.must_build();
    let page = site.output("ur/index.html");
    for part in [
        "<a class=\"skip\" href=\"#main\"><span lang=\"en\" dir=\"auto\">Skip to main content</span></a>",
        "<span lang=\"en-GB\" dir=\"auto\">Weekdays</span>",
        "<p>فون کریں <a href=\"tel:",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let first = site.output("index.html");
    assert!(!first.contains("dir=\"auto\""), "{first}");
}
