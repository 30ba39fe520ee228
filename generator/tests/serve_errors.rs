//! Tests of `daisy serve` for a site with errors at startup, with a real process, files and sockets.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use support::Site;
use support::server::{Answer, Server};

/// A site in which a page uses every kind of source.
fn site() -> Site {
    let site = Site::new();
    let theme = "themes/daisy/templates";
    let base = "{% set style = asset(path=\"styles/main.css\") %}<!DOCTYPE html>\n\
        <html lang=\"{{ page.lang }}\"><head><title>{{ page.title }}</title>\
        <link rel=\"stylesheet\" href=\"{{ style.url }}\"></head>\n<body class=\"all\">\n\
        {% block main %}<h1>{{ page.title }}</h1>{{ page.content }}{% endblock main %}</body></html>\n";
    site.write(&format!("{theme}/base.html"), base);
    for (name, main) in [
        ("form", "{% set shown = form(name=\"chat\") %}{{ shown.html }}"),
        ("data", "{% for one in data(name=\"team\") %}{{ one }}{% endfor %}"),
        ("odd", "An odd page."),
        ("words", "{{ t(key=\"welcome\") }}"),
    ] {
        let text = format!(
            "{{% extends \"base.html\" %}}{{% block main %}}<h1>{{{{ page.title }}}}</h1>{main}{{% endblock main %}}"
        );
        site.write(&format!("{theme}/{name}.html"), &text);
        site.write(
            &format!("content/{name}.md"),
            &format!("---\ntitle: The {name}\ntemplate: {name}.html\n---\n"),
        );
    }
    site.write("themes/daisy/theme.yaml", "strings:\n  welcome: Welcome\n");
    site.write("content/strings/en-GB.yaml", "welcome: Hello\n");
    site.write(
        "content/_index.md",
        "---\ntitle: Home\n---\nRead [about us](about.md#who-we-are).\n",
    );
    site.write("content/about.md", ABOUT);
    site.write("content/help.md", "---\ntitle: Help\n---\nHow [we](about.md#who-we-are) help.\n");
    site.write("content/data/team.yaml", "- Rose\n- Tom\n");
    site.write("content/privacy.md", "---\ntitle: Privacy\n---\n");
    site.write("content/forms/chat.yaml", &format!("{CHAT}\nphone: 01632 960123\n"));
    site.write_bytes("content/rose.png", &support::pictures::png(40, 40, 0, false));
    site
}

const ABOUT: &str = "---\ntitle: About\n---\n## Who we are\n\n![Rose](rose.png)\n";
const CHAT: &str = include_str!("../../content/forms/chat.yaml");

/// An error, and the pages that are shown despite it.
struct Case<'a> {
    stage: &'a str,
    path: &'a str,
    text: &'a str,
    /// The file with the error.
    at: &'a str,
    /// The pages that are not shown; all others are.
    unreadable: &'a [&'a str],
}

const PAGES: [&str; 7] = ["/", "/about/", "/help/", "/form/", "/data/", "/odd/", "/words/"];

const CASES: [Case<'_>; 17] = [
    Case {
        stage: "a key of the front matter",
        path: "content/about.md",
        text: "---\ntitle: About\nwieght: 1\n---\n## Who we are\n",
        at: "content/about.md:3:1",
        unreadable: &["/about/"],
    },
    Case {
        stage: "front matter that is no YAML",
        path: "content/about.md",
        text: "---\ntitle: \"About\n---\n## Who we are\n",
        at: "content/about.md:2:8",
        unreadable: &["/about/"],
    },
    Case {
        stage: "front matter that is not closed",
        path: "content/help.md",
        text: "---\ntitle: Help\n",
        at: "content/help.md:1:1",
        unreadable: &["/help/"],
    },
    Case {
        stage: "a file that is no text",
        path: "content/about.md",
        text: "\0\0\0",
        at: "content/about.md",
        unreadable: &["/about/"],
    },
    Case {
        stage: "a component in Markdown",
        path: "content/help.md",
        text: "---\ntitle: Help\n---\n\n{{<nothing />}}\n",
        at: "content/help.md:5:",
        unreadable: &["/help/"],
    },
    Case {
        stage: "a dead link",
        path: "content/help.md",
        text: "---\ntitle: Help\n---\n[Us](abuot.md)\n",
        at: "content/help.md:4:6",
        unreadable: &["/help/"],
    },
    Case {
        stage: "an address",
        path: "content/help.md",
        text: "---\ntitle: Help\npath: /api/help/\n---\n",
        at: "content/help.md:3:7",
        unreadable: &["/help/"],
    },
    Case {
        stage: "the home page",
        path: "content/_index.md",
        text: "---\ntitel: Home\n---\n",
        at: "content/_index.md:2:1",
        unreadable: &["/"],
    },
    Case {
        stage: "a key of site.yaml",
        path: "content/site.yaml",
        text: "title: A site\nlanguage: en-GB\nmenu: main\n",
        at: "content/site.yaml:3:1",
        unreadable: &[],
    },
    Case {
        stage: "a menu of site.yaml",
        path: "content/site.yaml",
        text: "title: A site\nmenus:\n  main:\n    - label: Us\n      link: us.md\n",
        at: "content/site.yaml:5:13",
        unreadable: &[],
    },
    Case {
        stage: "a theme that does not exist",
        path: "content/site.yaml",
        text: "title: A site\nlanguage: en-GB\ntheme: daysi\n",
        at: "content/site.yaml:3:8",
        unreadable: &["/form/", "/data/", "/odd/", "/words/"],
    },
    Case {
        stage: "a data file",
        path: "content/data/team.yaml",
        text: "- Rose\n- \"Tom\n",
        at: "content/data/team.yaml:2:3",
        unreadable: &["/data/"],
    },
    Case {
        stage: "a form",
        path: "content/forms/chat.yaml",
        text: concat!(
            include_str!("../../content/forms/chat.yaml"),
            "\nphone: 01632 960123\nfeilds: []\n"
        ),
        at: "content/forms/chat.yaml:",
        unreadable: &[],
    },
    Case {
        stage: "a file of words",
        path: "content/strings/en-GB.yaml",
        text: "welcome: [Hello]\n",
        at: "content/strings/en-GB.yaml:1:10",
        unreadable: &[],
    },
    Case {
        stage: "a template",
        path: "themes/daisy/templates/odd.html",
        text: "{% extends \"base.html\" %}\n{% if %}",
        at: "themes/daisy/templates/odd.html:2:",
        unreadable: &["/odd/"],
    },
    Case {
        stage: "a style sheet",
        path: "themes/daisy/styles/main.css",
        text: "@import \"nothing.css\";\n",
        at: "themes/daisy/styles/main.css",
        unreadable: &[],
    },
    Case {
        stage: "a picture",
        path: "content/rose.png",
        text: "no picture",
        at: "content/about.md:6:9",
        unreadable: &["/about/"],
    },
];

#[test]
fn pages_without_errors_are_shown_and_the_others_explain_theirs() {
    for Case { stage, path, text, at, unreadable } in CASES {
        let site = site();
        let good = std::fs::read(site.root().join(path)).unwrap();
        site.write(path, text);
        let server = Server::start(site.root(), &[]);
        for page in PAGES {
            let answer = server.get(page);
            let body = &answer.body;
            assert!(
                body.contains(&format!("<code>{at}")),
                "{stage}, {page}: {at} is not told in {body}"
            );
            assert!(body.contains("role=\"alert\""), "{stage}, {page}: {body}");
            let expected = if unreadable.contains(&page) { 500 } else { 200 };
            assert_eq!(answer.status, expected, "{stage}, {page}: {body}");
            let is_told = body.contains("<h1>This page has errors</h1>");
            assert_eq!(is_told, expected == 500, "{stage}, {page}: {body}");
            let errors = body.matches("<b>Error:</b>").count();
            // A page that needs a data file with errors also reports it.
            let most = if page == "/data/" || unreadable.len() == 4 { 2 } else { 1 };
            assert!((1..=most).contains(&errors), "{stage}, {page}: more follows from it: {body}");
        }
        assert!(server.get("/nothing/").status == 404, "{stage}");
        server.wait_until_said("meanwhile, pages without errors are served");

        site.write_bytes(path, &good);
        server.wait_until_said("errors fixed");
        is_as_built(&site, &server, stage);
    }
}

/// Each page equals the output of `daisy build`, except for what `serve` adds.
fn is_as_built(site: &Site, server: &Server, stage: &str) {
    site.must_build();
    let dist = site.dist();
    for page in PAGES {
        let answer = server.wait_for(page, |answer| !answer.body.contains("<b>Error:</b>"));
        assert_eq!(answer.status, 200, "{stage}, {page}");
        let built = &dist[format!("{page}index.html").trim_start_matches('/')];
        assert_eq!(without_additions(&answer), String::from_utf8_lossy(built), "{stage}, {page}");
    }
}

/// A page without what `serve` adds.
fn without_additions(answer: &Answer) -> String {
    let (before, rest) =
        answer.body.split_once("<link rel=\"stylesheet\" href=\"/_daisy/serve.css\">").unwrap();
    let (_, rest) = rest.split_once("id=\"daisy-warnings\" lang=\"en\" dir=\"ltr\">").unwrap();
    let (_, rest) = rest.split_once("</section>\n").unwrap();
    let (content, rest) = rest.split_once("<script src=\"/_daisy/reload.js\"").unwrap();
    let (_, end) = rest.split_once("</script>\n").unwrap();
    format!("{before}{content}{end}")
}

#[test]
fn errors_of_all_stages_are_shown_together_with_the_page_s_first() {
    let site = site();
    site.write("content/about.md", "---\ntitel: About\n---\n");
    site.write("content/help.md", "---\ntitle: Help\n---\n[Us](nobody.md)\n");
    site.write("content/data/team.yaml", "- \"Rose\n");
    let server = Server::start(site.root(), &[]);
    for (page, first) in [("/about/", "content/about.md:2:1"), ("/help/", "content/help.md:4:6")] {
        let body = server.get(page).body;
        assert!(body.contains("<h2>3 errors</h2>"), "{body}");
        let place = |at: &str| body.find(&format!("<code>{at}")).unwrap();
        let others = ["content/about.md:2:1", "content/help.md:4:6", "content/data/team.yaml:1:3"];
        assert!(others.iter().all(|at| place(first) <= place(at)), "{page}: {body}");
    }
    let data = server.get("/data/").body.replace("<code>", "`").replace("</code>", "`");
    assert!(data.contains("the data file `team` has errors"), "{data}");
    let home = server.get("/").body;
    let lead =
        "Pages without errors are shown. The site cannot be built until the errors are fixed.";
    assert!(home.contains(lead) && home.contains("about us"), "{home}");

    // Each error is fixed in turn, and new ones are introduced.
    let mut events = server.events("/about/");
    assert_eq!(events.next()["page"], "none");
    site.write("content/about.md", ABOUT);
    events.until(|state| {
        state["page"] != "none" && state["errors"].as_str().unwrap().contains("<h2>2 errors")
    });
    site.write("content/odd.md", "no title\n");
    server.wait_for("/odd/", |page| page.status == 500);
    for (path, text) in [
        ("content/help.md", "---\ntitle: Help\n---\n[Us](about.md)\n"),
        ("content/data/team.yaml", "- Rose\n"),
        ("content/odd.md", "---\ntitle: Odd\n---\n"),
    ] {
        site.write(path, text);
    }
    events.until(|state| state["errors"] == "");
    is_as_built(&site, &server, "all");

    // From now on there is a previous version of the site.
    site.write("content/help.md", "---\ntitel: Help\n---\n");
    events.until(|state| state["errors"] != "");
    let help = server.get("/help/");
    assert_eq!(help.status, 200, "{}", help.body);
    assert!(
        help.body
            .contains("Until the errors are fixed, the previous version of this page is shown.")
    );
}

#[test]
fn a_new_page_with_errors_shows_them_despite_a_previous_build() {
    let site = site();
    site.write(
        "themes/daisy/templates/not_found.html",
        "<!DOCTYPE html><body>No such page.</body>",
    );
    let server = Server::start(site.root(), &[]);
    assert_eq!(server.get("/new/").status, 404);
    let lead = "the previous version of this page is shown";
    for (file, address) in [
        ("content/new.md", "/new/"),
        ("content/stories/rose/index.md", "/stories/rose/"),
        ("content/news/_index.md", "/news/"),
    ] {
        let mut events = server.events(address);
        events.next();
        site.write(file, "---\ntitel: New\n---\n");
        events.until(|state| state["errors"].as_str().unwrap().contains(file));
        let new = server.get(address);
        assert_eq!(new.status, 500, "{address}: {}", new.body);
        assert!(new.body.contains("<h1>This page has errors</h1>"), "{}", new.body);
        assert!(new.body.contains(&format!("<code>{file}:2:1</code>")), "{}", new.body);
        assert!(!new.body.contains(lead), "there was no page before: {}", new.body);
        let missing = server.get("/nowhere/");
        assert_eq!(missing.status, 404);
        assert!(missing.body.contains("No such page.") && missing.body.contains("titel"));
        assert!(!missing.body.contains(lead), "{}", missing.body);
        let home = server.get("/");
        assert!(home.status == 200 && home.body.contains(lead), "{}", home.body);

        site.write(file, "---\ntitle: New\n---\n");
        events.until(|state| state["errors"] == "");
        assert_eq!(server.get(address).status, 200, "{address}");
    }
}

#[test]
fn a_form_with_errors_shows_a_note_and_is_not_withdrawn() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let open = server.get("/form/").body;
    let digest = open.split_once("name=\"_form\" value=\"").unwrap().1.split('"').next().unwrap();
    drop(server);
    site.write("content/forms/chat.yaml", "title: Chat\nfeilds: []\n");
    let server = Server::start(site.root(), &[]);
    let page = server.get("/form/");
    let note = "The form <code>chat</code> is shown here when its errors are fixed.";
    assert!(page.status == 200 && page.body.contains(note), "{}", page.body);
    let sent = server.post("/api/chat", &format!("_form={digest}&name=Rose&contact=01632960111"));
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert_eq!(server.get("/api/chat").status, 200, "it is not withdrawn");
}
