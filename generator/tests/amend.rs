//! *An updated snapshot equals a new one*, output by output.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::BTreeMap;

use daisychain::engine::{self, Known, Snapshot, Source};
use proptest::prelude::*;
use support::Site;

const ROSE: &str = "content/stories/rose.md";

/// Parts of a story, between its first paragraph and its end.
const PARTS: [&str; 9] = [
    "Words.\n",
    "More words, and more of them.\n",
    "## A heading\n",
    "[Tom](tom.md) was there.\n",
    "![The street](../images/street.png)\n",
    "{{<note text=\"noted\" />}}\n",
    "A word[^1].\n\n[^1]: Explained.\n",
    "<b>bold</b>\n",
    "[nowhere](nowhere.md)\n",
];

fn site() -> Site {
    let site = Site::new();
    site.write("content/site.yaml", "title: A site\nlanguage: en-GB\nbase_url: https://a.test\n");
    let section = "---\ntitle: Stories\nfeed: true\npaginate_by: 1\n---\n";
    site.write("content/stories/_index.md", section);
    site.write(
        "content/stories/tom.md",
        "---\ntitle: Tom\ndate: 2020-05-20\n---\n[Rose](rose.md)\n",
    );
    // A list that shows the length of pages, and a page that shows that of another.
    let list = "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
                {% for each in paginator.pages %}{{ each.title }} {{ each.words }}{% endfor %}\
                {% endblock main %}";
    let page = "{% extends \"base.html\" %}{% block main %}{{ page.content }}{{ page.words }}\
                {% for each in backlinks(path=page.path) %}{{ each.words }}{% endfor %}\
                {% endblock main %}";
    site.write("themes/daisy/templates/section.html", list);
    site.write("themes/daisy/templates/page.html", page);
    let note = "{% component note(text: string) %}<p>{{ text }}</p>{% endcomponent note %}";
    site.write("themes/daisy/templates/note.html", note);
    let street = support::pictures::png(32, 8, 0, false);
    site.write_bytes("content/images/street.png", &street);
    site
}

fn rose(front: &str, parts: &[usize]) -> String {
    let parts: Vec<&str> = parts.iter().map(|part| PARTS[*part]).collect();
    format!("---\ntitle: Rose\ndate: 2020-05-19\n{front}---\nHer words.\n\n{}", parts.join("\n"))
}

/// The same page with another title, author and first paragraph.
fn retold(text: &str, by: usize) -> String {
    let author = ["", "author: Ann\n", "author: Tom\n"][by % 3];
    text.replace("title: Rose\n", &format!("title: Rose {by}\n"))
        .replace("date: 2020-05-19\n", &format!("date: 2020-05-19\n{author}"))
        .replace("Her words", &format!("Her {by} words"))
}

fn taken(site: &Site) -> Option<Snapshot> {
    let files = engine::sources(site.root(), None).unwrap().files;
    Snapshot::take(site.root(), files, &site.options, site.now, Known::NOTHING).ok()
}

fn amended(site: &Site, before: &Snapshot) -> Option<Snapshot> {
    let files = engine::sources(site.root(), None).unwrap().files;
    before.updated(files.iter().find(|file| file.path == ROSE).unwrap())
}

/// Every output except images, as written.
fn outputs(snapshot: &Snapshot) -> BTreeMap<&str, String> {
    let outputs = snapshot.outputs.iter();
    let made = outputs.map(|output| {
        let text = match &output.source {
            Source::Bytes(bytes, _) => String::from_utf8_lossy(bytes).into_owned(),
            Source::Copy(_, digest) => digest.hex(),
            Source::Image(variant) => variant.digest.hex(),
            _ => String::from_utf8(snapshot.render(output).unwrap().html).unwrap(),
        };
        (output.path.as_str(), text)
    });
    made.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(support::cases(48)))]

    #[test]
    fn an_updated_snapshot_equals_a_new_one(
        texts in prop::collection::vec(
            (prop::collection::vec(0..PARTS.len(), 0..5), 0..4_usize), 2..5,
        ),
    ) {
        let site = site();
        site.write(ROSE, &rose("", &[0]));
        let mut last = taken(&site).unwrap();
        for (parts, by) in &texts {
            site.write(ROSE, &retold(&rose("", parts), *by));
            let now = taken(&site);
            match (amended(&site, &last), now) {
                (Some(amended), Some(now)) => {
                    prop_assert_eq!(outputs(&amended), outputs(&now));
                    prop_assert!(amended.amends(&last));
                    last = amended;
                }
                (None, Some(now)) => last = now,
                (None, None) => {}
                (Some(_), None) => prop_assert!(false, "what is wrong was not noticed"),
            }
        }
    }
}

#[test]
fn only_edits_of_text_title_and_author_update_a_snapshot() {
    let site = site();
    site.write(ROSE, &rose("", &[0, 2, 3, 4]));
    let before = taken(&site).unwrap();
    for parts in [&[0, 1, 2, 3, 4][..], &[2, 3, 1, 1, 4], &[2, 0, 3, 4]] {
        site.write(ROSE, &rose("", parts));
        let amended = amended(&site, &before).expect("words alone have changed");
        assert_eq!(outputs(&amended), outputs(&taken(&site).unwrap()));
    }
    for (front, parts) in [
        ("draft: true\n", &[0, 2, 3, 4][..]),
        ("weight: 1\n", &[0, 2, 3, 4]),
        ("menu: main\n", &[0, 2, 3, 4]),
        ("", &[0, 3, 4]),
        ("", &[0, 2, 2, 3, 4]),
        ("", &[0, 2, 4]),
        ("", &[0, 2, 3]),
        ("", &[0, 2, 3, 4, 5]),
        ("", &[0, 2, 3, 4, 7]),
    ] {
        site.write(ROSE, &rose(front, parts));
        assert!(amended(&site, &before).is_none(), "{front:?} {parts:?}");
    }
    // The title, author and summary appear in lists and feeds.
    for by in 0..3 {
        site.write(ROSE, &retold(&rose("", &[0, 2, 3, 4]), by));
        let amended = amended(&site, &before).expect("nothing has another place");
        assert_eq!(outputs(&amended), outputs(&taken(&site).unwrap()));
    }
}

#[test]
fn an_update_keeps_the_previous_update_of_another_page() {
    let site = site();
    site.write(ROSE, &rose("", &[0]));
    let before = taken(&site).unwrap();
    site.write(ROSE, &rose("", &[0, 1]));
    let once = amended(&site, &before).unwrap();
    let tom = "---\ntitle: Tom\ndate: 2020-05-20\n---\n[Rose](rose.md)\n\nMuch more of Tom.\n";
    site.write("content/stories/tom.md", tom);
    let files = engine::sources(site.root(), None).unwrap().files;
    let file = files.iter().find(|file| file.path.ends_with("tom.md")).unwrap();
    let twice = once.updated(file).unwrap();
    assert_eq!(outputs(&twice), outputs(&taken(&site).unwrap()));
}
