//! *An updated snapshot equals a new one*, output by output.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::BTreeMap;

use daisychain::engine::{self, KnownSources, OutputSource, Snapshot};
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
    let taken = Snapshot::take(site.root(), files, &site.options, site.now, KnownSources::NOTHING);
    taken.inspect_err(|faults| eprintln!("{faults:?}")).ok()
}

fn updated(site: &Site, before: &Snapshot, paths: &[&str]) -> Option<Snapshot> {
    let mut files = engine::sources(site.root(), None).unwrap().files;
    files.retain(|file| paths.contains(&file.path.as_str()));
    assert_eq!(files.len(), paths.len());
    before.update(&files)
}

/// Every output except images, as written.
fn outputs(snapshot: &Snapshot) -> BTreeMap<&str, String> {
    let outputs = snapshot.outputs.iter();
    let made = outputs.map(|output| {
        let text = match &output.source {
            OutputSource::Copy(_, digest) => digest.hex(),
            OutputSource::Image(variant) => variant.digest.hex(),
            _ => String::from_utf8_lossy(&snapshot.render(output).unwrap().bytes).into_owned(),
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
            match (updated(&site, &last, &[ROSE]), now) {
                (Some(updated), Some(now)) => {
                    prop_assert_eq!(outputs(&updated), outputs(&now));
                    prop_assert!(updated.shares_outputs(&last));
                    last = updated;
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
        let after = updated(&site, &before, &[ROSE]).expect("words alone have changed");
        assert_eq!(outputs(&after), outputs(&taken(&site).unwrap()));
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
        assert!(updated(&site, &before, &[ROSE]).is_none(), "{front:?} {parts:?}");
    }
    // The title, author and summary appear in lists and feeds.
    for by in 0..3 {
        site.write(ROSE, &retold(&rose("", &[0, 2, 3, 4]), by));
        let after = updated(&site, &before, &[ROSE]).expect("nothing has another place");
        assert_eq!(outputs(&after), outputs(&taken(&site).unwrap()));
    }
}

#[test]
fn an_update_keeps_the_previous_update_of_another_page() {
    let site = site();
    site.write(ROSE, &rose("", &[0]));
    let before = taken(&site).unwrap();
    site.write(ROSE, &rose("", &[0, 1]));
    let once = updated(&site, &before, &[ROSE]).unwrap();
    let tom = "---\ntitle: Tom\ndate: 2020-05-20\n---\n[Rose](rose.md)\n\nMuch more of Tom.\n";
    site.write("content/stories/tom.md", tom);
    let twice = updated(&site, &once, &["content/stories/tom.md"]).unwrap();
    assert_eq!(outputs(&twice), outputs(&taken(&site).unwrap()));
}

/// A value of a data file that is probably not what was meant.
const DOUBTFUL: &str = "Room #4 upstairs";

const FORM: &str = "title: Ask\nfields:\n  - { name: question, kind: text, label: Your question }\n\
                    small_print:\n  - \"[Rose](/stories/rose/)\"\nsubmit: Send\n\
                    thanks: { title: Thank you, next: Soon. }\nphone: \"01632 960123\"\n";

/// A site in two languages, with a story that is translated and one that is not, a form and data.
fn translated_site() -> Site {
    let site = site();
    site.write(
        "content/site.yaml",
        "title: A site\nbase_url: https://a.test\nlanguages:\n  en-GB: { name: English }\n  \
         ur: { name: اردو }\n",
    );
    site.write("content/stories/tom.ur.md", "---\ntitle: ٹام\n---\nالفاظ\n");
    site.write(ROSE, &rose("", &[0]));
    site.write("content/forms/ask.yaml", FORM);
    site.write("content/data/team.yaml", "- Rose\n- Tom\n");
    let page = "{% extends \"base.html\" %}{% block main %}{{ page.content }}{{ page.author }}\
                {% for each in data(name=\"team\") %}{{ each }}{% endfor %}\
                {% set ask = form(name=\"ask\") %}{{ ask.html }}\
                {% for each in pages(section=\"stories\") %}{{ each.title }}{% endfor %}\
                {% endblock main %}";
    site.write("themes/daisy/templates/page.html", page);
    site
}

#[test]
fn an_update_reaches_the_other_languages() {
    let site = translated_site();
    let mut last = taken(&site).unwrap();
    let tom = |title: &str, front: &str| {
        format!("---\ntitle: {title}\ndate: 2020-05-20\n{front}---\n[Rose](rose.md)\n\nMore.\n")
    };
    for (path, text) in [
        // It is shown in both languages.
        (ROSE, retold(&rose("", &[0, 1]), 4)),
        // Its translation inherits the author.
        ("content/stories/tom.md", tom("Tom of Coventry", "author: Ann\n")),
        ("content/stories/tom.ur.md", "---\ntitle: ٹام ۲\n---\nمزید الفاظ\n".to_owned()),
        ("content/stories/tom.md", tom("Tom", "")),
    ] {
        site.write(path, &text);
        let after = updated(&site, &last, &[path]).expect(path);
        assert_eq!(outputs(&after), outputs(&taken(&site).unwrap()), "{path}");
        last = after;
    }
    for (path, text) in [
        ("content/stories/tom.ur.md", "---\ntitle: ٹام\ndraft: true\n---\nالفاظ\n".to_owned()),
        ("content/stories/tom.ur.md", "---\ntitle: ٹام\nslug: t\n---\nالفاظ\n".to_owned()),
        ("content/stories/tom.md", tom("Tom", "draft: true\n")),
        ("content/stories/tom.md", tom("Tom", "slug: thomas\n")),
    ] {
        site.write(path, &text);
        assert!(updated(&site, &last, &[path]).is_none(), "{path}: {text}");
    }
}

#[test]
fn forms_and_data_update_a_snapshot() {
    let site = translated_site();
    let mut last = taken(&site).unwrap();
    let (form, data) = ("content/forms/ask.yaml", "content/data/team.yaml");
    for (path, text) in [
        (form, FORM.replace("Your question", "What would you like to know?")),
        (data, "- Rose\n- Tom\n- Ann\n".to_owned()),
        (form, FORM.replace("Soon.", "Within a week.")),
        (data, "{}\n".to_owned()),
    ] {
        site.write(path, &text);
        let after = updated(&site, &last, &[path]).expect(&text);
        assert_eq!(outputs(&after), outputs(&taken(&site).unwrap()), "{text}");
        assert_eq!(
            after.source(path).unwrap().digest,
            taken(&site).unwrap().source(path).unwrap().digest
        );
        last = after;
    }
    // Both at once, with a page.
    site.write(form, FORM).write(data, "- Tom\n").write(ROSE, &rose("", &[1]));
    let after = updated(&site, &last, &[form, data, ROSE]).unwrap();
    assert_eq!(outputs(&after), outputs(&taken(&site).unwrap()));
    for (path, text) in [
        // It links to another page, or to none.
        (form, FORM.replace("/stories/rose/", "/stories/tom/")),
        (form, FORM.replace("/stories/rose/", "/nowhere/")),
        // Pages cannot use the anchors of its fields.
        (form, FORM.replace("name: question", "name: query")),
        (form, FORM.replace("kind: text", "kind: nonsense")),
        (data, "- [\n".to_owned()),
    ] {
        site.write(path, &text);
        assert!(updated(&site, &after, &[path]).is_none(), "{text}");
        site.write(form, FORM).write(data, "- Tom\n");
    }
}

#[test]
fn warnings_of_forms_and_data_are_kept_and_replaced() {
    let site = translated_site();
    let (form, other) = ("content/forms/ask.yaml", "content/forms/tell.yaml");
    let translation = "content/forms/ask.ur.yaml";
    let (data, more) = ("content/data/team.yaml", "content/data/more.yaml");
    // Every file but one has a warning.
    site.write(other, &FORM.replace("title: Ask", "title: Tell"));
    site.write("content/forms/tell.ur.yaml", "title: بتائیں\n");
    site.write(translation, "title: پوچھیں\n");
    site.write(more, &format!("- {DOUBTFUL}\n"));
    site.write("content/stories/orphan.md", "---\ntitle: Orphan\n---\n<b>bold</b>\n");
    let mut last = taken(&site).unwrap();
    let of = |snapshot: &Snapshot, path: &str| {
        snapshot.warnings.iter().filter(|warning| warning.path == path).count()
    };
    assert_eq!([translation, more, data].map(|path| of(&last, path)), [1, 1, 0]);
    for (path, text) in [
        (form, FORM.replace("Your question", "What would you like to know?")),
        (translation, "title: پوچھیں\nsubmit: بھیجیں\n".to_owned()),
        (data, format!("- Rose\n- {DOUBTFUL}\n")),
        (more, "- Tom\n".to_owned()),
        (more, format!("- Tom\n\n- {DOUBTFUL}\n- {DOUBTFUL}\n")),
        (data, "- Rose\n".to_owned()),
        (translation, "title: پوچھیں\n".to_owned()),
        (ROSE, rose("", &[0, 1])),
        // A new text that no translation has.
        (form, FORM.replace("submit: Send", "intro: Please ask.\nsubmit: Send")),
    ] {
        site.write(path, &text);
        let after = updated(&site, &last, &[path]).expect(&text);
        let new = taken(&site).unwrap();
        assert_eq!(after.warnings, new.warnings, "{text}");
        assert!(after.more_warnings.iter().eq(new.more_warnings.iter()), "{text}");
        assert_eq!(outputs(&after), outputs(&new), "{text}");
        last = after;
    }
    assert!(!last.warnings.is_empty());
}
