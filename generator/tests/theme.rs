//! The theme in the program: what a list, a term and a story show of others, and what they leave
//! out where there is nothing to show.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise, and makes its own files"
)]

#[path = "theme/guide.rs"]
mod guide;
#[path = "theme/hosts.rs"]
mod hosts;
#[path = "theme/languages.rs"]
mod languages;
mod support;

use daisychain::query::{Query, ask, by_rules, cached};
use support::Site;
use tera::Kwargs;

/// A site that has no theme of its own, and `settings` beyond a title and an organisation.
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

/// Every block of data for search engines in a page.
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
fn one_story_has_no_tags_no_parts_and_nothing_related() {
    let site = site("taxonomies: [tags]\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 10\n---\n");
    story(&site, "rose", "");
    site.must_build();
    for page in ["stories/index.html", "stories/rose/index.html"] {
        let html = site.output(page);
        for part in ["class=\"terms\"", "class=\"onward\"", "About the same", "ld+json", "feed"] {
            assert!(!html.contains(part), "{page} has {part}");
        }
    }
    let dist = site.dist();
    assert!(!dist.keys().any(|path| path.starts_with("tags") || path.ends_with(".xml")));
}

#[test]
fn several_stories_lead_on_to_each_other() {
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
        "<a rel=\"prev\" href=\"/stories/3/\">Story 3</a>",
        "<a rel=\"next\" href=\"/stories/1/\">Story 1</a>",
        "About the same",
        "<link rel=\"canonical\" href=\"https://connecting.test/stories/2/\">",
        "<meta property=\"og:type\" content=\"article\">",
    ] {
        assert!(two.contains(part), "no {part} in {two}");
    }
    let later = site.output("stories/page/2/index.html");
    assert!(later.contains("<title>Stories (Part 2) · A site</title>"));
    assert!(later.contains("href=\"https://connecting.test/stories/page/2/\""));
    assert!(later.contains("Story 1") && !later.contains("Story 2"));
    assert!(site.output("tags/food-drink/index.html").contains("Story 3"));
}

#[test]
fn search_engines_are_told_who_what_and_where() {
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
fn nothing_is_asked_or_said_outside_of_a_page() {
    let asked = ask(&Query::Language).unwrap_err();
    assert_eq!(asked, "a query was made outside of a page");
    let shared = cached("foot", &Kwargs::default()).unwrap_err();
    assert_eq!(shared, "a component was called outside of a page");
    let said = by_rules(None, |_| ()).unwrap_err();
    assert_eq!(said, "this was said outside of a page");
}
