//! Tests of `daisy serve` while files are saved, with a real process, files and sockets.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs;

use support::server::{Server, site};

const ABOUT: &str = "content/about.md";

/// The digest of a page, as its script knows it.
fn digest_of(html: &str) -> &str {
    html.split_once("data-page=\"").unwrap().1.split_once('"').unwrap().0
}

#[test]
fn a_saved_page_is_announced_to_browsers_that_show_it() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let before = server.get("/about/").body;
    let mut about = server.events("/about/");
    let mut help = server.events("/help/");
    assert_eq!(about.next()["page"], digest_of(&before));
    let helped = help.next().clone();

    site.write(ABOUT, "---\ntitle: About\n---\nWho we have become.\n");
    let told = about.next().clone();
    assert_ne!(told["page"], digest_of(&before));
    let after = server.get("/about/").body;
    assert!(after.contains("Who we have become."));
    assert_eq!(told["page"], digest_of(&after));
    server.wait_until_said("content/about.md changed");

    // An unchanged page gets no event until it changes.
    site.write("content/help.md", "---\ntitle: Help\n---\nHow we help you.\n");
    assert_ne!(help.next()["page"], helped["page"]);
}

#[test]
fn an_atomic_save_by_rename_is_detected() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    for turn in ["first", "second", "third"] {
        let text = format!("---\ntitle: About\n---\nThe {turn} time.\n");
        site.write("content/.about.md.swp", &text).write("content/about.md~", "old");
        let content = site.root().join("content");
        fs::rename(content.join(".about.md.swp"), content.join("about.md")).unwrap();
        server.wait_for("/about/", |page| page.body.contains(&format!("The {turn} time.")));
    }
}

#[test]
fn an_error_overlays_the_page_until_it_is_fixed() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let mut events = server.events("/about/");
    let good = events.next().clone();
    assert_eq!(good["errors"], "");

    site.write(ABOUT, "---\ntitle: About\n---\nCome and [join <us>](volunteers.md).\n");
    let told = events.next().clone();
    let faults = told["errors"].as_str().unwrap();
    assert!(faults.contains("content/about.md:4:"), "{faults}");
    assert!(faults.contains("join &lt;us&gt;](<mark>volunteers.md</mark>)"), "{faults}");
    assert_eq!(told["page"], good["page"], "the last good page stays");
    let page = server.get("/about/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Who we are."));
    assert!(page.body.contains("content/about.md:4:"), "without a script it is told as well");
    assert!(page.body.contains("role=\"alert\""));
    server.wait_until_said("--> content/about.md:4:");
    server.wait_until_said("until this is fixed, the last version without errors is served\n");

    // Other errors replace the first.
    site.write(ABOUT, "---\ntitel: About\nwieght: 1\n---\nWho we are.\n");
    events.until(|state| state["errors"].as_str().unwrap().contains("titel"));
    assert!(server.get("/about/").body.contains("<h2>2 errors</h2>"));

    site.write(ABOUT, "---\ntitle: About\n---\nWho we are.\n");
    assert_eq!(events.until(|state| state["errors"] == ""), good);
    assert!(!server.get("/about/").body.contains("<h2>1 error"));
    server.wait_until_said("errors fixed");
}

#[test]
fn a_template_error_is_reported_on_unopened_pages_too() {
    let site = site();
    site.write("content/odd.md", "---\ntitle: Odd\ntemplate: odd.html\n---\nOdd.\n");
    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}");
    let server = Server::start(site.root(), &[]);
    assert!(server.get("/odd/").body.contains("Odd."));
    let mut events = server.events("/help/");
    events.next();

    // Invalid template syntax.
    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}\n{% if %}");
    events.until(|state| state["errors"].as_str().unwrap().contains("templates/odd.html:2:"));
    // Valid syntax that fails when a page is rendered.
    let failing =
        "{% extends \"base.html\" %}\n{% block main %}{{ t(key=\"no\") }}{% endblock main %}";
    site.write("themes/daisy/templates/odd.html", failing);
    let told = events.until(|state| state["errors"].as_str().unwrap().contains("while rendering"));
    let faults = told["errors"].as_str().unwrap();
    assert!(faults.contains("content/odd.md"), "{faults}");
    assert!(faults.contains("templates/odd.html:2:"), "{faults}");
    let page = server.get("/odd/");
    assert_eq!(page.status, 200, "the last good page stays");
    assert!(page.body.contains("Odd.") && page.body.contains("templates/odd.html:2:"));

    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}");
    events.until(|state| state["errors"] == "");
}

#[test]
fn an_error_in_a_template_is_reported_once() {
    let site = site();
    for number in 0..30 {
        site.write(&format!("content/p{number}.md"), "---\ntitle: One of many\n---\nText.\n");
    }
    site.write("themes/daisy/templates/page.html", "<p>{{ t(key=\"no\") }}</p>");
    let server = Server::start(site.root(), &[]);
    let page = server.wait_for("/p7/", |page| page.body.contains("templates/page.html:1:"));
    assert_eq!(page.status, 500, "it was never made well");
    let last = server.wait_for("/p29/", |page| page.body.contains("templates/page.html:1:"));
    assert!(last.body.contains("<h2>1 error</h2>"));
    assert_eq!(server.said().matches("--> themes/daisy/templates/page.html").count(), 1);
    assert_eq!(server.get("/").status, 200, "other templates are well");
}

#[test]
fn a_site_with_errors_at_startup_is_served_once_fixed() {
    let site = site();
    site.write("content/site.yaml", "title: \"A site\n");
    let server = Server::start(site.root(), &[]);
    for path in ["/", "/about/", "/nothing/"] {
        let page = server.get(path);
        assert_eq!(page.status, 500, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.body.contains("content/site.yaml:1:8"), "{}", page.body);
        assert!(page.body.contains("<pre><code>1 | title: "), "{}", page.body);
        assert!(page.body.contains("<h1>This page has errors</h1>"), "{}", page.body);
    }
    let mut events = server.events("/about/");
    assert_eq!(events.next()["page"], "none");
    site.write("content/site.yaml", "title: A site\n");
    let told = events.until(|state| state["page"] != "none");
    assert_eq!(told["errors"], "");
    assert_eq!(server.get("/about/").status, 200);
}

#[test]
fn warnings_are_collapsed_above_pages_and_not_in_builds() {
    let site = site();
    site.write(ABOUT, "---\ntitle: About\n---\nWe are ** kind **.\n");
    site.write("content/help.md", "---\ntitle: Help\n---\nIt is ** free **.\n");
    let server = Server::start(site.root(), &[]);
    let message = "these asterisks are shown on the page and do not make text bold";
    for (page, title, first) in [
        ("/about/", "2 warnings, 1 on this page", "content/about.md:4:8"),
        ("/help/", "2 warnings, 1 on this page", "content/help.md:4:7"),
        ("/", "2 warnings", "content/about.md:4:8"),
    ] {
        let body = server.get(page).body;
        let (_, warnings) =
            body.split_once("id=\"daisy-warnings\" lang=\"en\" dir=\"ltr\">").unwrap();
        let start = format!(
            "<details>\n<summary><h2>{title}</h2></summary>\n<ul>\n<li>\n<h3><b>Warning:</b> {message}"
        );
        assert!(warnings.starts_with(&start), "{page}: {warnings}");
        let place = warnings.split_once("<code>").unwrap().1;
        assert!(place.starts_with(first), "{page}: {place}");
        assert!(body.contains("role=\"alert\"></div>"), "{page}: a warning is no alert");
    }
    let mut events = server.events("/about/");
    let before = events.next().clone();
    site.write("content/help.md", "---\ntitle: Help\n---\nIt is **free**.\n");
    let after = events.next();
    assert_eq!(after["page"], before["page"]);
    assert!(after["warnings"].as_str().unwrap().contains("1 warning, 1 on this page"), "{after}");

    site.must_build();
    for (path, bytes) in site.dist() {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("_daisy") && !text.contains(message), "{path}: {text}");
    }
}

#[test]
fn a_style_is_replaced_without_a_reload() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let mut events = server.events("/about/");
    let before = events.next().clone();
    site.write("themes/daisy/styles/main.css", "body { margin: 1rem }\n");
    let after = events.next().clone();
    assert_eq!(before["page"], after["page"]);
    let url = |state: &serde_json::Value| state["styles"][0]["url"].as_str().unwrap().to_owned();
    assert_ne!(url(&before), url(&after));
    assert!(after["styles"][0]["integrity"].as_str().unwrap().starts_with("sha384-"));
    assert!(server.get(&url(&after)).body.contains("1rem"));
    assert!(server.get("/about/").body.contains(&url(&after)));
    // A page loaded a moment ago can still fetch its style sheet.
    assert_eq!(server.get(&url(&before)).status, 200);
}

#[test]
fn pages_and_folders_are_added_and_removed() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let mut events = server.events("/stories/rose/");
    let nothing = events.next().clone();
    let rose = "---\ntitle: Rose\nsummary: Hers\n---\nMy story.\n";
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    site.write("content/stories/rose.md", rose);
    events.until(|state| state["page"] != nothing["page"]);
    assert!(server.get("/stories/rose/").body.contains("My story."));
    server.wait_for("/", |page| page.body.contains("Rose: Hers"));

    let stories = site.root().join("content/stories");
    fs::rename(stories.join("rose.md"), stories.join("lily.md")).unwrap();
    server.wait_for("/stories/lily/", |page| page.status == 200);
    assert_eq!(server.get("/stories/rose/").status, 404);
    events.until(|state| state["page"] == nothing["page"]);

    fs::rename(&stories, site.root().join("content/voices")).unwrap();
    server.wait_for("/voices/lily/", |page| page.status == 200);
    assert_eq!(server.get("/stories/lily/").status, 404);
    // A folder that was added later is watched too.
    site.write("content/voices/lily.md", "---\ntitle: Lily\n---\nHer story.\n");
    server.wait_for("/voices/lily/", |page| page.body.contains("Her story."));

    site.remove("content/voices");
    server.wait_for("/voices/lily/", |page| page.status == 404);

    // A folder that is removed and added again is watched as before.
    let whole = server.get("/").body;
    for folder in ["themes", "content"] {
        fs::rename(site.root().join(folder), site.root().join("elsewhere")).unwrap();
        server.wait_for("/", |page| page.body != whole);
        fs::rename(site.root().join("elsewhere"), site.root().join(folder)).unwrap();
        server.wait_for("/", |page| page.body == whole);
    }
    site.write("content/site.yaml", "title: Another name\n");
    server.wait_for("/", |page| page.body.contains("<p>Another name</p>"));
    let base = fs::read_to_string(site.root().join("themes/daisy/templates/base.html")).unwrap();
    site.write("themes/daisy/templates/base.html", &base.replace("<p>{{", "<p>Name: {{"));
    server.wait_for("/", |page| page.body.contains("<p>Name: Another name</p>"));
}

#[test]
fn a_burst_of_changes_causes_few_snapshots() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    for number in 0..300 {
        site.write(&format!("content/many/p{number}.md"), "---\ntitle: One of many\n---\nText.\n");
    }
    site.write("content/many/last.md", "---\ntitle: Last\n---\nText.\n");
    server.wait_for("/many/last/", |page| page.status == 200);
    let made = server.said().matches(" ms)").count();
    assert!(made <= 5, "{made} snapshots:\n{}", server.said());
}

#[test]
fn a_page_appears_at_its_publish_date() {
    let site = site();
    let soon = daisychain::clock::seconds() + 2;
    let moment = jiff::Timestamp::from_second(soon).unwrap();
    let text = format!("---\ntitle: Soon\npublish_on: {moment}\n---\nSoon.\n");
    site.write("content/soon.md", &text);
    let server = Server::start(site.root(), &["--no-drafts"]);
    let mut events = server.events("/soon/");
    let before = events.next().clone();
    events.until(|state| state["page"] != before["page"]);
    assert_eq!(server.get("/soon/").status, 200);
}
