//! *A build after an edit renders only what the edit affects, and its output equals that of a cold
//! build.*

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs;
use std::time::Duration;

use support::{Site, pictures};

const ROSE: &str = "content/stories/rose.md";

/// What a build does to the cache.
#[derive(Debug, PartialEq)]
enum Cache {
    Kept,
    Written,
}

struct Edited {
    site: Site,
}

impl Edited {
    /// A site with a dozen stories, four to a list page, with two tags, feeds, a menu and an alias.
    fn new() -> Edited {
        let site = Site::new();
        site.write(
            "content/site.yaml",
            "title: A site\nbase_url: https://connecting.test\n\
             taxonomies: [{ name: tags, paginate_by: 4, feed: true }]\n",
        );
        site.write(
            "content/stories/_index.md",
            "---\ntitle: Stories\npaginate_by: 4\nfeed: true\n---\n",
        );
        for number in 1..=12 {
            let tag = ["Growing food", "Music"][number % 2];
            let text = format!(
                "---\ntitle: \"Story {number}\"\ndate: 2020-05-{number:02}\ntags: [{tag}]\n---\n\
                 Words of story {number}.\n\nThe end.\n"
            );
            site.write(&format!("content/stories/story-{number:02}.md"), &text);
        }
        site.write(
            ROSE,
            "---\ntitle: \"Rose\"\ndate: 2020-05-06T10:00:00Z\naliases: [/roses/]\n\
             tags: [Music]\n---\nHer words.\n\nThe end.\n",
        );
        site.write("content/about.md", "---\ntitle: \"About\"\nmenu: main\n---\nUs.\n");
        site.write_bytes("content/images/one.png", &pictures::png(32, 8, 1, false));
        site.write_bytes("content/images/two.png", &pictures::png(32, 8, 2, false));
        site.write(
            "themes/daisy/templates/page.html",
            "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
             {% set near = neighbours(path=page.path) %}\
             {% if near.previous %}{{ near.previous.title }}{% endif %}\
             {% if near.next %}{{ near.next.title }} {{ near.next.words }}{% endif %}\
             {% for each in related(path=page.path) %}{{ each.title }}{% endfor %}\
             {% for each in backlinks(path=page.path) %}{{ each.title }}{% endfor %}\
             {% for each in menu(name=\"main\") %}{{ each.label }}{% endfor %}{% endblock main %}",
        );
        let edited = Edited { site };
        assert_eq!(edited.built(), Cache::Written);
        edited.site.wait_for_file_clock();
        edited
    }

    fn replace(&self, path: &str, words: &str, with: &str) {
        let text = fs::read_to_string(self.site.root().join(path)).unwrap();
        assert!(text.contains(words), "{path} has no {words}");
        self.site.write(path, &text.replace(words, with));
    }

    fn cache(&self) -> Vec<u8> {
        fs::read(self.site.root().join(".daisy/cache")).unwrap_or_default()
    }

    /// Builds, compares the output with a cold build, and returns what happened to the cache.
    fn built(&self) -> Cache {
        let before = self.cache();
        let report = self.site.build();
        let after = self.cache();
        match (report, self.site.cold()) {
            (Ok(report), Ok(cold)) => {
                assert_eq!(self.site.dist(), cold);
                assert_eq!(report.outputs, cold.len());
            }
            (Err(warm), Err(cold)) => {
                assert_eq!(support::faults(&warm), support::faults(&cold));
            }
            (warm, cold) => panic!("{warm:?} and {cold:?}"),
        }
        if after == before { Cache::Kept } else { Cache::Written }
    }
}

#[test]
fn everything_that_shows_a_page_follows_an_edit_of_it() {
    let edited = Edited::new();
    edited.replace(ROSE, "The end.", "The end, told anew.");
    assert_eq!(edited.built(), Cache::Written);
    edited.replace(ROSE, "\"Rose\"", "\"Rose of Coventry\"");
    assert_eq!(edited.built(), Cache::Written);
    let dist = edited.site.dist();
    let shows = |path: &str| String::from_utf8_lossy(&dist[path]).contains("Rose of Coventry");
    for path in [
        "stories/rose/index.html",
        "stories/story-07/index.html",
        "stories/page/2/index.html",
        "stories/feed.xml",
        "tags/music/feed.xml",
        "roses/index.html",
    ] {
        assert!(shows(path), "{path}");
    }
    // Two pages at once, one of them for the second time.
    edited.replace(ROSE, "\"Rose of Coventry\"", "\"Rose and Tom\"");
    edited.replace("content/stories/story-07.md", "Words of story 7.", "Few words.");
    assert_eq!(edited.built(), Cache::Written);
    assert_eq!(edited.built(), Cache::Kept);
    assert_eq!(edited.site.build().unwrap().written, 0);
}

#[test]
fn an_edit_of_any_file_equals_a_cold_build() {
    for (path, words, with) in [
        (ROSE, "[Music]", "[Growing food]"),
        (ROSE, "2020-05-06", "2020-05-09"),
        (ROSE, "/roses/", "/rose/"),
        (ROSE, "The end.", "## A heading"),
        (ROSE, "The end.", "[Another](story-01.md)."),
        (ROSE, "The end.", "![A street](../images/one.png)"),
        ("content/about.md", "\"About\"", "\"About us\""),
        ("content/stories/_index.md", "Stories", "All stories"),
        ("content/site.yaml", "A site", "Our site"),
        ("themes/daisy/styles/main.css", "0", "1px"),
    ] {
        let edited = Edited::new();
        edited.replace(path, words, with);
        assert_eq!(edited.built(), Cache::Written, "{path}: {with}");
    }
}

#[test]
fn the_404_page_follows_the_folder_of_the_site() {
    let edited = Edited::new();
    // Which file an address in HTML means depends on the folder.
    edited.site.write("content/docs/plan.pdf", "%PDF one").write("content/plan.pdf", "%PDF two");
    edited
        .site
        .write("themes/daisy/templates/not_found.html", "<a href=\"/docs/plan.pdf\">Plan</a>");
    edited.built();
    edited.replace("content/site.yaml", "connecting.test", "connecting.test/docs");
    assert_eq!(edited.built(), Cache::Written);
}

#[test]
fn a_section_ordered_by_title_is_reordered() {
    let edited = Edited::new();
    edited.replace("content/stories/_index.md", "feed: true", "sort_by: title");
    edited.built();
    edited.replace(ROSE, "\"Rose\"", "\"A rose\"");
    assert_eq!(edited.built(), Cache::Written);
    edited.replace(ROSE, "The end.", "The very end.");
    assert_eq!(edited.built(), Cache::Written);
}

#[test]
fn an_image_shown_by_a_component_is_published_and_removed() {
    let edited = Edited::new();
    edited.site.write(
        "themes/daisy/templates/photo.html",
        "{% component photo(src: string, @page) %}\
         {{ image(src=src, from=page.path, alt=\"\") }}{% endcomponent photo %}",
    );
    edited.replace(ROSE, "The end.", "{{<photo src=\"../images/one.png\" />}}");
    assert_eq!(edited.built(), Cache::Written);
    let images = |edited: &Edited| {
        edited
            .site
            .dist()
            .into_keys()
            .filter(|path| path.starts_with("images/"))
            .collect::<Vec<_>>()
    };
    let before = images(&edited);
    edited.replace(ROSE, "one.png", "two.png");
    assert_eq!(edited.built(), Cache::Written);
    assert!(!before.is_empty() && before.iter().all(|path| !images(&edited).contains(path)));
    edited.replace(ROSE, "Her words.", "Her own words.");
    assert_eq!(edited.built(), Cache::Written);
}

#[test]
fn cached_components_follow_an_edit() {
    let edited = Edited::new();
    edited.site.write(
        "themes/daisy/templates/newest.html",
        "{% component newest(limit: integer) %}<ul>\
         {% for each in pages(section=\"stories\", limit=limit) %}<li>{{ each.title }}</li>{% endfor %}\
         </ul>{{ cached(component=\"name\") }}{% endcomponent newest %}\
         {% component name() %}<p>{{ config(key=\"title\") }}</p>{% endcomponent name %}",
    );
    edited.replace(
        "themes/daisy/templates/page.html",
        "{{ page.content }}",
        "{{ page.content }}{{ cached(component=\"newest\", limit=2) }}\
         {% if page.date %}{{ cached(component=\"newest\", limit=1) }}{% endif %}",
    );
    edited.built();
    let about = || edited.site.output("about/index.html");
    assert!(about().contains("<ul><li>Story 12</li><li>Story 11</li></ul><p>A site</p>"));
    edited.replace("content/stories/story-11.md", "\"Story 11\"", "\"Another 11\"");
    assert_eq!(edited.built(), Cache::Written);
    assert!(about().contains("<ul><li>Story 12</li><li>Another 11</li></ul>"), "{}", about());
    edited.replace("content/site.yaml", "A site", "Our site");
    assert_eq!(edited.built(), Cache::Written);
    assert!(about().contains("</ul><p>Our site</p>"));
}

#[test]
fn a_build_with_errors_keeps_the_cache() {
    let edited = Edited::new();
    edited.replace(ROSE, "The end.", "[Nowhere](nowhere.md).");
    assert_eq!(edited.built(), Cache::Kept);
    edited.replace(ROSE, "[Nowhere](nowhere.md).", "The end of it.");
    assert_eq!(edited.built(), Cache::Written);
}

#[test]
fn touched_files_are_read_once() {
    let edited = Edited::new();
    for number in 0..30 {
        let text = format!("---\ntitle: Note {number}\n---\nWords.\n");
        edited.site.write(&format!("content/notes/{number}.md"), &text);
    }
    assert_eq!(edited.built(), Cache::Written);
    let touch = |folder: &str, path: &str| {
        let path = edited.site.root().join(folder).join(path);
        fs::write(&path, fs::read(&path).unwrap()).unwrap();
    };
    for number in 0..30 {
        touch("content/notes", &format!("{number}.md"));
    }
    edited.site.dist().keys().for_each(|path| touch("dist", path));
    edited.site.wait_for_file_clock();
    assert_eq!(edited.built(), Cache::Written);
    assert_eq!(edited.built(), Cache::Kept);
    assert_eq!(edited.site.build().unwrap().written, 0);
}

#[test]
fn a_byte_order_mark_is_not_an_edit() {
    let edited = Edited::new();
    let text = fs::read_to_string(edited.site.root().join(ROSE)).unwrap();
    edited.site.write(ROSE, &format!("\u{feff}{text}"));
    assert_eq!(edited.built(), Cache::Written);
    edited.site.wait_for_file_clock();
    edited.replace(ROSE, "Her words", "Her words");
    assert_eq!(edited.built(), Cache::Kept);
    assert_eq!(edited.site.build().unwrap().written, 0);
    edited.replace(ROSE, "The end.", "The end of it.");
    assert_eq!(edited.built(), Cache::Written);
}

#[test]
fn warnings_equal_those_of_a_cold_build() {
    let edited = Edited::new();
    let warnings = |edited: &Edited| {
        let warm = edited.site.build().unwrap().warnings;
        let cold = daisychain::build::build(&daisychain::build::Request {
            force: true,
            ..edited.site.request("cold")
        });
        assert_eq!(warm, cold.unwrap().warnings);
        fs::remove_dir_all(edited.site.root().join("cold")).unwrap();
        warm.len()
    };
    // An animation is shown as a still image, with a warning. Page metadata does not store the warning's line.
    edited.site.write_bytes("content/images/moving.gif", &pictures::gif(8, 8));
    edited.replace(ROSE, "The end.", "![A street](../images/moving.gif)");
    edited.replace("content/about.md", "Us.", "<b>Us.</b>");
    assert_eq!(warnings(&edited), 2);
    edited.replace(ROSE, "Her words.", "Her words.\n\nMore.\n\nAnd more.");
    assert_eq!(warnings(&edited), 2);
    edited.replace("content/stories/story-03.md", "Words of", "More words of");
    assert_eq!(warnings(&edited), 2);
    // Damage to the cache loses no warnings, wherever it is.
    let whole = edited.cache();
    for at in (0..whole.len()).step_by(101) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(edited.site.root().join(".daisy/cache"), &bytes).unwrap();
        assert_eq!(warnings(&edited), 2, "byte {at}");
    }
}

#[test]
fn files_with_future_timestamps_do_not_rewrite_the_cache() {
    let edited = Edited::new();
    for number in 0..80 {
        let path = format!("content/notes/{number}.md");
        edited.site.write(&path, &format!("---\ntitle: Note {number}\n---\nWords.\n"));
        let file = fs::File::options().append(true).open(edited.site.root().join(path)).unwrap();
        file.set_modified(std::time::SystemTime::now() + Duration::from_secs(86_400)).unwrap();
    }
    assert_eq!(edited.built(), Cache::Written);
    for _ in 0..3 {
        assert_eq!(edited.built(), Cache::Kept);
    }
}

#[cfg(unix)]
#[test]
fn a_cache_shared_by_two_sites_is_rewritten() {
    let edited = Edited::new();
    let (cache, other) =
        (edited.site.root().join(".daisy/cache"), edited.site.root().join("other"));
    fs::hard_link(&cache, &other).unwrap();
    let before = edited.cache();
    edited.replace(ROSE, "The end.", "The end of it.");
    edited.built();
    assert_eq!(fs::read(&other).unwrap(), before);
}
