//! *The output of `daisy build --why` is correct*: an output whose dependencies are unchanged is
//! unchanged, a changed output names what changed, and after reverting it nothing is reported as
//! changed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::collections::BTreeMap;
use std::fs;

use daisychain::build::why;
use support::Site;

fn site() -> Site {
    let site = Site::new();
    let settings = "title: A site\nlanguage: en-GB\nbase_url: https://a.test\ntaxonomies: tags\n\
                    menus:\n  main:\n    - { label: About, link: about.md }\n";
    site.write("content/site.yaml", settings);
    site.write("content/about.md", "---\ntitle: About\n---\nSee [Rose](stories/rose.md).\n");
    site.write(
        "content/stories/_index.md",
        "---\ntitle: Stories\nfeed: true\npaginate_by: 2\n---\n",
    );
    for (name, title, day) in [("rose", "Rose", 20), ("tom", "Tom", 21), ("ann", "Ann", 22)] {
        let front = format!("title: {title}\ndate: 2020-05-{day}\ntags: [music]\n");
        site.write(&format!("content/stories/{name}.md"), &format!("---\n{front}---\nWords.\n"));
    }
    site.write("content/data/team.json", "[{\"name\": \"Ann\"}]");
    let page = "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
                {% set near = neighbours(path=page.path) %}\
                {% if near.next %}{{ near.next.title }}{% endif %}\
                {% for each in menu(name=\"main\") %}{{ each.label }}{% endfor %}\
                {% endblock main %}";
    site.write("themes/daisy/templates/page.html", page);
    let home = "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
                {% for each in pages(section=\"stories\", limit=2) %}{{ each.title }}{% endfor %}\
                {% for each in data(name=\"team\") %}{{ each.name }}{% endfor %}\
                {% endblock main %}";
    site.write("themes/daisy/templates/home.html", home);
    site.write_bytes("content/images/street.png", &support::pictures::png(32, 8, 0, false));
    let shows = "---\ntitle: Photos\n---\n![Our street](images/street.png)\n";
    site.write("content/photos.md", shows);
    site
}

/// Every edit: a file and its new content.
fn edits() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    let story = |title: &str, body: &str, day: u32| {
        text(&format!("---\ntitle: {title}\ndate: 2020-05-{day}\ntags: [music]\n---\n{body}\n"))
    };
    let settings = "title: Another site\nlanguage: en-GB\nbase_url: https://a.test\n\
                    taxonomies: tags\nmenus:\n  main:\n    - { label: About, link: about.md }\n";
    vec![
        ("content/stories/rose.md", story("Rose", "Words.\n\nAnd more.", 20)),
        ("content/stories/rose.md", story("Rosa", "Words.", 20)),
        ("content/stories/rose.md", story("Rose", "Words.", 28)),
        (
            "content/stories/_index.md",
            text("---\ntitle: All stories\nfeed: true\npaginate_by: 2\n---\n"),
        ),
        ("content/about.md", text("---\ntitle: About us\n---\nSee [Rose](stories/rose.md).\n")),
        ("content/site.yaml", text(settings)),
        ("content/data/team.json", text("[{\"name\": \"Tom\"}]")),
        ("themes/daisy/styles/main.css", text("body { margin: 1px }\n")),
        ("themes/daisy/templates/not_found.html", text("{% extends \"base.html\" %}")),
        ("content/images/street.png", support::pictures::png(32, 8, 1, false)),
    ]
}

/// The explanation of every output, by its path.
fn accounts(site: &Site, outputs: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let request = site.request("dist");
    let said = |path: &String| (path.clone(), why(&request, path).unwrap());
    outputs.keys().map(said).collect()
}

/// The changed dependencies in an explanation.
fn changed(account: &str) -> Vec<&str> {
    account.lines().filter_map(|line| line.strip_prefix("  changed  ")).collect()
}

#[test]
fn explanations_of_every_output_are_correct_after_every_edit() {
    let site = site();
    site.build().unwrap();
    let before = site.dist();
    for (path, text) in edits() {
        let original = fs::read(site.root().join(path)).unwrap();
        site.write_bytes(path, &text);
        let said = accounts(&site, &before);
        let after = site.cold().unwrap();
        let mut moved = 0;
        for (output, account) in &said {
            let causes = changed(account);
            if after.get(output) == Some(&before[output]) {
                continue;
            }
            moved += 1;
            assert!(!causes.is_empty(), "after {path}, {output} is another:\n{account}");
        }
        assert!(moved > 0, "{path} changes nothing, so it shows nothing");
        // An output without changed dependencies is fresh: the next build correctly leaves it unchanged.
        let untouched = said.iter().filter(|(_, account)| changed(account).is_empty());
        assert!(untouched.count() > 0, "after {path}, everything is said to have changed");

        site.write_bytes(path, &original);
        for (output, account) in accounts(&site, &before) {
            assert_eq!(changed(&account), [] as [&str; 0], "{path} was undone: {output}");
        }
    }
}

#[test]
fn an_unnamed_input_changes_nothing() {
    let site = site();
    site.build().unwrap();
    let before = site.dist();
    let said = accounts(&site, &before);
    // The page of photos shows nothing of any story, and Tom's shows nothing of the team.
    for (output, input, text) in [
        ("photos/index.html", "content/stories/rose.md", "---\ntitle: Rosa\n---\nOthers.\n"),
        ("stories/tom/index.html", "content/data/team.json", "[{\"name\": \"Ben\"}]"),
    ] {
        let account = &said[output];
        assert!(!account.contains(input.rsplit('/').next().unwrap()), "{account}");
        let original = fs::read(site.root().join(input)).unwrap();
        site.write(input, text);
        let account = why(&site.request("dist"), output).unwrap();
        assert_eq!(changed(&account), [] as [&str; 0], "{account}");
        assert_eq!(site.cold().unwrap()[output], before[output]);
        site.write_bytes(input, &original);
    }
}

#[test]
fn files_name_the_pages_that_use_them() {
    let site = site();
    site.write("themes/daisy/static/play.js", "play()");
    site.write("content/plan.pdf", "%PDF");
    site.must_build();
    let unused = |path: &str| why(&site.request("dist"), path).unwrap_err().to_string();
    assert!(unused("plan.pdf").ends_with("no page uses content/plan.pdf"));
    let shows = "---\ntitle: Plan\n---\n[Plan](plan.pdf) ![Our street](images/street.png)\n";
    for page in 0..8 {
        site.write(&format!("content/plan-{page}.md"), shows);
    }
    let photos = "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
                  {% set file = asset(path=\"static/play.js\") %}{{ file.url }}{% endblock main %}";
    site.write("themes/daisy/templates/page.html", photos);
    site.must_build();
    let dist = site.dist();
    let image = dist.keys().find(|path| path.starts_with("images/")).unwrap();
    let script = dist.keys().find(|path| path.starts_with("play.") && *path != "play.js").unwrap();
    site.write("content/plan-7.md", "---\ntitle: Plan\n---\n");
    for (path, count) in [(image, 9), (&"plan.pdf".to_owned(), 8), (script, 13)] {
        let account = why(&site.request("dist"), path).unwrap();
        assert_eq!(changed(&account), ["used by plan-7/index.html"], "{account}");
        let rest = format!("  same     used by {} more", count - 5);
        assert_eq!(account.lines().rfind(|line| line.contains("used by")), Some(&*rest));
    }
    for page in 0..8 {
        site.remove(&format!("content/plan-{page}.md"));
    }
    site.remove("content/photos.md").write("themes/daisy/templates/page.html", "{{ page.title }}");
    site.must_build();
    assert!(unused(image).ends_with("no page uses this version of content/images/street.png"));
    assert!(unused(script).ends_with("no page uses this file of the theme through `asset`"));
    assert_eq!(unused("plam.pdf"), "the last build did not write `plam.pdf`");
}
