//! `daisy serve` as an editor and their browser meet it: the real program, real files, real sockets.

mod support;

use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use support::Site;
use support::server::Server;

const ABOUT: &str = "content/about.md";

fn site() -> Site {
    let site = Site::new();
    site.write(ABOUT, "---\ntitle: About\n---\nWho we are.\n");
    site.write("content/help.md", "---\ntitle: Help\n---\nHow we help.\n");
    site.write("content/leaflet.pdf", "%PDF-1.7");
    site.write("themes/daisy/static/icon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site
}

/// The digest of a page, as its script knows it.
fn digest_of(html: &str) -> &str {
    html.split_once("data-page=\"").unwrap().1.split_once('"').unwrap().0
}

#[test]
fn pages_files_and_wrong_addresses() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let home = server.get("/");
    assert_eq!(home.status, 200);
    assert_eq!(home.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(home.header("cache-control"), Some("no-store"));
    assert_eq!(home.header("x-content-type-options"), Some("nosniff"));
    let policy = home.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(home.body.contains("Welcome."));
    assert!(home.body.contains("<script src=\"/_daisy/reload.js\""));

    let about = server.get("/about?x=1");
    assert_eq!((about.status, about.header("location")), (307, Some("/about/?x=1")));
    assert_eq!(server.get("/about/").status, 200);
    let kind = |path: &str| server.get(path).header("content-type").unwrap().to_owned();
    assert_eq!(kind("/leaflet.pdf"), "application/pdf");
    assert_eq!(kind("/icon.svg"), "image/svg+xml");
    assert_eq!(kind("/_daisy/reload.js"), "text/javascript; charset=utf-8");
    assert_eq!(kind("/_daisy/serve.css"), "text/css; charset=utf-8");
    let style = home.body.split_once("stylesheet\" href=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(kind(style), "text/css; charset=utf-8");

    for path in ["/nothing/", "/about/x", "/leaflet.pdf/", "/_daisy/nothing"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    assert!(server.get("/nothing/").body.contains("Not here."));

    let head = server.ask("HEAD", "/about/");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.header("content-length").unwrap().parse::<usize>().unwrap() > 100);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.ask(method, "/about/");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
    }
}

#[test]
fn nothing_outside_of_the_site_and_nothing_for_other_names() {
    let site = site();
    site.write("secret.txt", "secret");
    let server = Server::start(site.root(), &[]);
    let attempts = [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/about/../../secret.txt",
        "//secret.txt",
        "/..\\secret.txt",
        "/%5c..%5csecret.txt",
        "/leaflet.pdf%00",
        "/%",
        "/%ff",
        "/%c0%ae%c0%ae/secret.txt",
        "/content/about.md",
        "/.daisy/replies.sqlite",
    ];
    for path in attempts {
        let answer = server.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.body.contains("secret\n"), "{path}");
    }
    let named = |host: &str| {
        server.send(&format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n")).status
    };
    for host in ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"] {
        assert_eq!(named(&format!("Host: {host}\r\n")), 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "[::2]"]
    {
        assert_eq!(named(&format!("Host: {host}\r\n")), 403, "{host}");
    }
    assert!(matches!(named(""), 400 | 403));
    assert_eq!(named("Host: localhost\r\nHost: evil.example\r\n"), 403);
}

#[test]
fn a_saved_page_is_told_to_whoever_shows_it() {
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

    // The page that did not change is told nothing until it does.
    site.write("content/help.md", "---\ntitle: Help\n---\nHow we help you.\n");
    assert_ne!(help.next()["page"], helped["page"]);
}

#[test]
fn an_editor_that_saves_beside_and_renames_is_followed() {
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
fn a_mistake_lies_over_the_page_until_it_is_mended() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let mut events = server.events("/about/");
    let good = events.next().clone();
    assert_eq!(good["faults"], "");

    site.write(ABOUT, "---\ntitle: About\n---\nCome and [join <us>](volunteers.md).\n");
    let told = events.next().clone();
    let faults = told["faults"].as_str().unwrap();
    assert!(faults.contains("content/about.md:4:"), "{faults}");
    assert!(faults.contains("join &lt;us&gt;](<mark>volunteers.md</mark>)"), "{faults}");
    assert_eq!(told["page"], good["page"], "the last good page stays");
    let page = server.get("/about/");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Who we are."));
    assert!(page.body.contains("content/about.md:4:"), "without a script it is told as well");
    assert!(page.body.contains("role=\"alert\""));
    server.wait_until_said("--> content/about.md:4:");

    // Another mistake in place of the first.
    site.write(ABOUT, "---\ntitel: About\n---\nWho we are.\n");
    events.until(|state| state["faults"].as_str().unwrap().contains("titel"));

    site.write(ABOUT, "---\ntitle: About\n---\nWho we are.\n");
    assert_eq!(events.until(|state| state["faults"] == ""), good);
    assert!(!server.get("/about/").body.contains("needs mending"));
    server.wait_until_said("mended");
}

#[test]
fn a_templates_mistake_is_told_on_pages_that_nobody_opened_too() {
    let site = site();
    site.write("content/odd.md", "---\ntitle: Odd\ntemplate: odd.html\n---\nOdd.\n");
    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}");
    let server = Server::start(site.root(), &[]);
    assert!(server.get("/odd/").body.contains("Odd."));
    let mut events = server.events("/help/");
    events.next();

    // It is no template at all.
    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}\n{% if %}");
    events.until(|state| state["faults"].as_str().unwrap().contains("templates/odd.html:2:"));
    // It is one, and fails when a page is made with it.
    let failing =
        "{% extends \"base.html\" %}\n{% block main %}{{ t(key=\"no\") }}{% endblock main %}";
    site.write("themes/daisy/templates/odd.html", failing);
    let told = events.until(|state| state["faults"].as_str().unwrap().contains("while making"));
    let faults = told["faults"].as_str().unwrap();
    assert!(faults.contains("content/odd.md"), "{faults}");
    assert!(faults.contains("templates/odd.html:2:"), "{faults}");
    let page = server.get("/odd/");
    assert_eq!(page.status, 200, "the last good page stays");
    assert!(page.body.contains("Odd.") && page.body.contains("templates/odd.html:2:"));

    site.write("themes/daisy/templates/odd.html", "{% extends \"base.html\" %}");
    events.until(|state| state["faults"] == "");
}

#[test]
fn one_mistake_in_a_template_is_told_once() {
    let site = site();
    for number in 0..30 {
        site.write(&format!("content/p{number}.md"), "---\ntitle: One of many\n---\nText.\n");
    }
    site.write("themes/daisy/templates/page.html", "<p>{{ t(key=\"no\") }}</p>");
    let server = Server::start(site.root(), &[]);
    let page = server.wait_for("/p7/", |page| page.body.contains("templates/page.html:1:"));
    assert_eq!(page.status, 500, "it was never made well");
    let last = server.wait_for("/p29/", |page| page.body.contains("templates/page.html:1:"));
    assert!(last.body.contains("1 thing needs mending"));
    assert_eq!(server.said().matches("--> themes/daisy/templates/page.html").count(), 1);
    assert_eq!(server.get("/").status, 200, "other templates are well");
}

#[test]
fn a_site_that_is_broken_at_first_is_served_when_it_is_mended() {
    let site = site();
    site.write("content/site.yaml", "titel: A site\n");
    let server = Server::start(site.root(), &[]);
    for path in ["/", "/about/", "/nothing/"] {
        let page = server.get(path);
        assert_eq!(page.status, 500, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.body.contains("content/site.yaml:1:1"), "{}", page.body);
        assert!(page.body.contains("<mark>titel</mark>"), "{}", page.body);
    }
    let mut events = server.events("/about/");
    assert_eq!(events.next()["page"], "none");
    site.write("content/site.yaml", "title: A site\n");
    let told = events.until(|state| state["page"] != "none");
    assert_eq!(told["faults"], "");
    assert_eq!(server.get("/about/").status, 200);
}

#[test]
fn a_style_is_exchanged_without_a_reload() {
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
    // A page that was loaded a moment ago still finds the sheet it names.
    assert_eq!(server.get(&url(&before)).status, 200);
}

#[test]
fn pages_and_folders_come_and_go() {
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
    // What lies in a folder that came later is watched too.
    site.write("content/voices/lily.md", "---\ntitle: Lily\n---\nHer story.\n");
    server.wait_for("/voices/lily/", |page| page.body.contains("Her story."));

    site.remove("content/voices");
    server.wait_for("/voices/lily/", |page| page.status == 404);

    // A whole folder goes, and comes again: what is in it is watched as before.
    for folder in ["themes", "content"] {
        fs::rename(site.root().join(folder), site.root().join("elsewhere")).unwrap();
        events.next();
        fs::rename(site.root().join("elsewhere"), site.root().join(folder)).unwrap();
        server.wait_for("/", |page| page.body.contains("<p>A site</p>"));
    }
    events.until(|state| state["faults"] == "");
    site.write("content/site.yaml", "title: Another name\n");
    server.wait_for("/", |page| page.body.contains("<p>Another name</p>"));
    let base = fs::read_to_string(site.root().join("themes/daisy/templates/base.html")).unwrap();
    site.write("themes/daisy/templates/base.html", &base.replace("<p>{{", "<p>Name: {{"));
    server.wait_for("/", |page| page.body.contains("<p>Name: Another name</p>"));
}

#[test]
fn a_burst_of_changes_is_followed_by_few_snapshots() {
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
fn drafts_are_shown_and_marked_unless_they_are_left_out() {
    let site = site();
    site.write("content/plan.md", "---\ntitle: Plan\ndraft: true\n---\nA plan.\n");
    site.write("content/soon.md", "---\ntitle: Soon\npublish_on: 2999-01-01\n---\nSoon.\n");
    site.write("content/over.md", "---\ntitle: Over\nexpires_on: 2001-01-01\n---\nOver.\n");
    let server = Server::start(site.root(), &[]);
    for (path, words) in [
        ("/plan/", "Draft: only you see this page."),
        ("/soon/", "Not yet published: this page appears on 2999-01-01."),
        ("/over/", "No longer published: this page went on 2001-01-01."),
    ] {
        let page = server.get(path);
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(words), "{path}: {}", page.body);
    }
    assert!(!server.get("/about/").body.contains("daisy-notice"));

    let server = Server::start(site.root(), &["--no-drafts"]);
    for path in ["/plan/", "/soon/", "/over/"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

#[test]
fn a_page_appears_when_its_moment_comes() {
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

#[test]
fn a_port_that_is_taken_gives_way_to_the_next() {
    let site = site();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let server = Server::start(site.root(), &["--port", &port.to_string()]);
    assert!(server.port > port);
    assert!(server.said().contains(&format!("port {port} is taken")), "{}", server.said());
}

#[test]
fn it_ends_at_once_when_told_to() {
    let site = site();
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(site.root(), &[]);
        let mut events = server.events("/");
        events.next();
        let (status, took) = server.terminate(signal);
        assert!(status.success(), "{signal}: {status}");
        assert!(took < Duration::from_secs(1), "{signal}: {took:?}");
    }
}

#[test]
fn a_folder_that_is_no_site_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(folder.path(), &[]);
    server.wait_until_said("this folder is not a site");
    server.wait_until_said("daisy init");
}

#[test]
fn a_form_is_answered_stored_and_its_mail_shown() {
    let site = site();
    let form =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../content/forms/chat.yaml"));
    site.write("content/forms/chat.yaml", &form.unwrap());
    let page = "{% set chat = form(name=\"chat\") %}<main>{{ chat.html }}</main>";
    site.write("themes/daisy/templates/page.html", page);
    let frame = "<title>{{ page.title }}</title><main>{{ page.content }}</main>";
    site.write("themes/daisy/templates/frame.html", frame);
    let server = Server::start(site.root(), &[]);
    let page = server.get("/about/").body;
    let digest = page.split_once("name=\"_form\" value=\"").unwrap().1.split_once('"').unwrap().0;

    let wrong = server.post("/api/chat", &format!("_form={digest}&name=Rose"));
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("There is a problem") && wrong.body.contains("value=\"Rose\""));
    let right = format!("_form={digest}&name=Rose&contact=rose%40mail.example");
    let right = server.post("/api/chat", &right);
    assert_eq!(right.status, 303, "{}", right.body);
    let thanks = server.get(right.header("location").unwrap());
    assert_eq!(thanks.status, 200);
    assert!(thanks.body.contains("class=\"thanks\""), "{}", thanks.body);
    let outbox = server.get("/_daisy/outbox").body;
    assert!(outbox.contains("rose@mail.example"), "{outbox}");
    assert!(server.get("/_daisy/").body.contains("/_daisy/outbox"));

    // A form that is edited is published before its page shows it.
    let mut events = server.events("/about/");
    let before = events.next().clone();
    let path = site.root().join("content/forms/chat.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("Your name", "What we may call you")).unwrap();
    events.until(|state| state["page"] != before["page"]);
    let page = server.get("/about/").body;
    let edited = page.split_once("name=\"_form\" value=\"").unwrap().1.split_once('"').unwrap().0;
    assert_ne!(edited, digest);
    let wrong = server.post("/api/chat", &format!("_form={edited}&name="));
    assert!(wrong.body.contains("What we may call you"), "{}", wrong.body);
    // And whoever has the old page open is still answered by the old form.
    let old = server.post("/api/chat", &format!("_form={digest}&name="));
    assert!(old.body.contains("Your name"), "{}", old.body);

    use std::os::unix::fs::PermissionsExt as _;
    for (path, mode) in [("replies.sqlite", 0o600), ("outbox", 0o700)] {
        let metadata = fs::metadata(site.root().join(".daisy").join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
}
