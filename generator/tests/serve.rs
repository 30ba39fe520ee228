//! Tests of the responses of `daisy serve` with a real process, files and sockets.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use daisychain::build::Error;
use daisychain_functions::store::sqlite;
use support::server::{Server, site};
use support::transcript::Transcript;
use support::{Site, pictures};

#[test]
fn pages_files_and_unknown_addresses() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    let home = server.get("/");
    assert_eq!(home.status, 200);
    assert_eq!(home.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(home.header("cache-control"), Some("no-store"));
    assert_eq!(home.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        home.header("content-security-policy"),
        Some(
            "default-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        )
    );
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

    for path in ["/nothing/", "/about/x", "/leaflet.pdf/"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let nothing = "This page does not exist.\n";
    for (path, status, words) in [
        ("/_daisy/nothing", 404, nothing),
        ("/_daisy/events?x", 400, "Add a page, such as events?page=/about/\n"),
        ("/%ff", 400, "This is not a valid address.\n"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (status, words), "{path}");
    }
    fs::remove_dir_all(site.root().join(".daisy/outbox")).unwrap();
    fs::write(site.root().join(".daisy/outbox"), "").unwrap();
    let outbox = server.get("/_daisy/outbox");
    let words = "Cannot read the folder .daisy/outbox.\n";
    assert_eq!((outbox.status, outbox.body.as_str()), (500, words));
    server.wait_until_said(&format!(
        "Your site is at http://127.0.0.1:{}/\n\
         Pages update when you save a file. To stop, press Ctrl+C.\n",
        server.port
    ));
    assert!(server.get("/nothing/").body.contains("Not here."));

    let head = server.ask("HEAD", "/about/");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert!(head.header("content-length").unwrap().parse::<usize>().unwrap() > 100);
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = server.ask(method, "/about/");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method}");
        assert_eq!(answer.body, "This address can only be read.\n");
    }
}

#[test]
fn paths_outside_the_site_and_foreign_host_names_are_rejected() {
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
    let asked =
        |host: &str| server.send(&format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n"));
    let words = "This site is only available at http://127.0.0.1 and http://localhost.\n";
    assert_eq!(asked("Host: evil.example\r\n").body, words);
    let named = |host: &str| asked(host).status;
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
fn other_devices_may_connect_by_ip_address_only() {
    let site = site();
    let server = Server::start(site.root(), &["--host", "0.0.0.0"]);
    server.wait_until_said("warning: anyone on your network can see the site");
    server.wait_until_said(
        ", including drafts and unpublished pages, and can submit its forms, but cannot read the emails at \
         /_daisy/outbox",
    );
    let asked = |head: &str| {
        server.send(&format!("GET /about/ HTTP/1.1\r\n{head}Connection: close\r\n\r\n"))
    };
    let words = "Use the IP address of this computer, as shown in the terminal.\n";
    assert_eq!(asked("Host: evil.example\r\n").body, words);
    let named = |head: &str| asked(head).status;
    for host in ["192.0.2.7", "192.0.2.7:80", "[2001:db8::1]:80", "127.0.0.1", "localhost"] {
        assert_eq!(named(&format!("Host: {host}\r\n")), 200, "{host}");
    }
    // A name can be rebound to our address (DNS rebinding); an IP address cannot.
    for host in ["evil.example", "192.0.2.7.evil.example", "laptop.local", "1.2.3", "[::1", ""] {
        assert_eq!(named(&format!("Host: {host}\r\n")), 403, "{host}");
    }
    let alone = Server::start(site.root(), &["--host", "127.0.0.1"]);
    assert!(!alone.said().contains("everybody"));
}

#[test]
fn a_form_sent_to_the_ip_address_is_same_origin() {
    let site = site_with_a_chat();
    let server = Server::start(site.root(), &["--host", "0.0.0.0"]);
    let post = |from: &str| {
        let body = "name=Rose&phone=01632960123&contact=phone";
        server.send(&format!(
            "POST /api/chat HTTP/1.1\r\nHost: 192.0.2.7\r\n{from}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let large = server.post("/api/chat", &"a".repeat(2 * 1024 * 1024));
    assert_eq!((large.status, large.body.as_str()), (413, "This request is too large.\n"));
    for own in ["Origin: http://192.0.2.7", "Referer: http://192.0.2.7/help/"] {
        let answer = post(own);
        // The form is validated: `phone` is not a number.
        assert_eq!(answer.status, 422, "{own}: {}", answer.body);
    }
    for foreign in ["Origin: http://evil.example", "Referer: http://192.0.2.77/", "Origin: null"] {
        let answer = post(foreign);
        assert_eq!(answer.status, 400, "{foreign}: {}", answer.body);
        assert!(answer.body.contains("sent from another site"), "{foreign}: {}", answer.body);
    }
}

#[test]
fn drafts_are_shown_and_marked_unless_excluded() {
    let mut site = site();
    site.write("content/plan.md", "---\ntitle: Plan\ndraft: true\n---\nA plan.\n");
    site.write("content/soon.md", "---\ntitle: Soon\npublish_on: 2999-01-01\n---\nSoon.\n");
    site.write("content/hour.md", "---\ntitle: Hour\npublish_on: 2999-06-01 09:00\n---\nSoon.\n");
    site.write("content/over.md", "---\ntitle: Over\nexpires_on: 2001-01-01\n---\nOver.\n");
    for (name, consent) in [
        ("ended", "  until: 2001-01-01\n"),
        ("withdrawn", "  withdrawn: 2001-06-01\n"),
        ("elsewhere", "  where: newsletter\n"),
    ] {
        let consent = format!("consent:\n  by: Amira\n  on: 2000-01-01\n{consent}");
        site.write(
            &format!("content/{name}.md"),
            &format!("---\ntitle: {name}\n{consent}---\nHers.\n"),
        );
    }
    site.write("content/kept/_index.md", "---\ntitle: Kept\nrequire_consent: true\n---\n");
    site.write("content/kept/without.md", "---\ntitle: Without\n---\nHers.\n");
    let settings = std::fs::read_to_string(site.root().join("content/site.yaml")).unwrap();
    let languages = "languages:\n  en-GB:\n    name: English\n  ur:\n    name: اردو\n";
    site.write("content/site.yaml", &(settings + languages));
    site.write("content/about.ur.md", "---\ntitle: ہم\nunreviewed: true\n---\nہمارا کام۔\n");
    let server = Server::start(site.root(), &[]);
    for (path, words) in [
        ("/plan/", "Draft: this page is not on the published site."),
        ("/soon/", "Scheduled: this page will be on the published site from 1 January 2999."),
        ("/hour/", "Scheduled: this page will be on the published site from 1 June 2999 at 09:00."),
        ("/over/", "Expired: this page has not been on the published site since 1 January 2001."),
        (
            "/ended/",
            "Consent ended: this page has not been on the published site since 1 January 2001.",
        ),
        (
            "/withdrawn/",
            "Consent withdrawn: this page has not been on the published site since 1 June 2001.",
        ),
        ("/elsewhere/", "No consent: this page cannot be on the published site."),
        ("/kept/without/", "No consent: this page cannot be on the published site."),
        ("/ur/about/", "Unreviewed translation: the published site shows this page untranslated."),
    ] {
        let page = server.get(path);
        assert_eq!(page.status, 200, "{path}");
        let notice =
            format!("<aside class=\"daisy-notice\" lang=\"en\" dir=\"ltr\">{words}</aside>");
        assert!(page.body.contains(&notice), "{path}: {}", page.body);
    }
    assert!(!server.get("/about/").body.contains("daisy-notice"));
    site.options.drafts = true;
    site.remove("content/kept/without.md");
    site.must_build();
    assert!(!site.output("plan/index.html").contains("daisy"), "only serve marks a page");

    let server = Server::start(site.root(), &["--no-drafts"]);
    for path in ["/plan/", "/soon/", "/over/", "/ended/", "/elsewhere/", "/kept/without/"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let withdrawn = server.get("/withdrawn/");
    assert_eq!(withdrawn.status, 410);
    assert!(withdrawn.body.contains("This page has been removed"), "{}", withdrawn.body);
    let untranslated = server.get("/ur/about/").body;
    assert!(!untranslated.contains("ہمارا کام"), "{untranslated}");
    assert!(!untranslated.contains("daisy-notice"), "{untranslated}");
}

#[test]
fn a_port_in_use_falls_back_to_the_next() {
    let site = site();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let server = Server::start(site.root(), &["--port", &port.to_string()]);
    assert!(server.port > port);
    let words = format!("port {port} is in use; using the next free one\nYour site is");
    assert!(server.said().starts_with(&words), "{}", server.said());
}

#[test]
fn it_shuts_down_immediately_on_a_signal() {
    let site = site();
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(site.root(), &[]);
        let mut events = server.events("/");
        events.next();
        let status = server.terminate(signal);
        assert!(status.success(), "{signal}: {status}");
        // The last chunk was sent, so the stream was closed properly instead of being cut off after a
        // timeout.
        let rest = events.rest();
        assert!(rest.ends_with("\r\n0\r\n\r\n"), "{signal}: {rest:?}");
    }
}

#[test]
fn invalid_serve_options_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(folder.path());
    told.then("not a site").run(&["serve"]);
    fs::create_dir(folder.path().join("content")).unwrap();
    // An address reserved for documentation (RFC 5737).
    told.then("not an address of this computer").run(&["serve", "--host", "192.0.2.7"]);
    // It may be in use already.
    let _taken = TcpListener::bind("127.0.0.1:65535");
    told.then("the last port is in use").run(&["serve", "--port", "65535"]);
    told.is_kept_as("serve", &[]);
}

#[test]
fn without_a_browser_the_address_is_printed() {
    let site = site();
    let empty = tempfile::tempdir().unwrap();
    let server =
        Server::start_with(site.root(), &["--open"], &[("PATH", empty.path().as_os_str())]);
    server.wait_until_said("could not open a browser; open the address yourself\nYour site is");
}

/// A site with a form.
fn site_with_a_chat() -> Site {
    let site = site();
    let form = include_str!("../../content/forms/chat.yaml");
    site.write("content/privacy.md", "---\ntitle: Privacy\n---\n");
    site.write("content/forms/chat.yaml", &format!("{form}\nphone: 01632 960123\n"));
    site
}

#[test]
fn the_page_of_a_response_follows_a_changed_title() {
    let site = site_with_a_chat();
    site.write(
        "themes/daisy/templates/frame.html",
        "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
         {% set about = page(path=\"about.md\") %}{{ about.title }}{% endblock main %}",
    );
    site.write(
        "themes/daisy/templates/page.html",
        "{% extends \"base.html\" %}{% block main %}{{ page.content }}\
         {% set chat = form(name=\"chat\") %}{{ chat.html }}{% endblock main %}",
    );
    let server = Server::start(site.root(), &[]);
    let page = server.get("/help/").body;
    let digest = page.split_once("name=\"_form\" value=\"").unwrap().1.split('"').next().unwrap();
    let wrong = format!("_form={digest}&name=Rose");
    assert!(server.post("/api/chat", &wrong).body.contains("About"));
    site.write("content/about.md", "---\ntitle: Who we became\n---\nWho we are.\n");
    server.wait_for("/about/", |page| page.body.contains("<title>Who we became"));
    let answer = server.post("/api/chat", &wrong);
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("Who we became"), "{}", answer.body);
}

#[test]
fn an_open_page_can_be_sent_after_its_form_was_removed() {
    let site = site_with_a_chat();
    let page = |name: &str| {
        format!(
            "{{% extends \"base.html\" %}}{{% block main %}}\
             {{% set shown = form(name=\"{name}\") %}}{{{{ shown.html }}}}{{% endblock main %}}"
        )
    };
    site.write("themes/daisy/templates/page.html", &page("chat"));
    let server = Server::start(site.root(), &[]);
    let open = server.wait_for("/about/", |page| page.body.contains("action=\"/api/chat\"")).body;
    let digest = open.split_once("name=\"_form\" value=\"").unwrap().1.split('"').next().unwrap();
    let body = format!("_form={digest}&name=Rose&contact=01632960111");

    // Renaming a form removes one form from the store's view and adds another.
    let chat = site.root().join("content/forms/chat.yaml");
    let text = fs::read_to_string(&chat).unwrap();
    site.write("themes/daisy/templates/page.html", &page("talk"));
    fs::rename(&chat, site.root().join("content/forms/talk.yaml")).unwrap();
    server.wait_for("/about/", |page| page.body.contains("action=\"/api/talk\""));
    assert_eq!(server.get("/api/chat").status, 404);
    assert_eq!(server.get("/api/talk").status, 200);
    let sent = server.post("/api/chat", &body);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let thanks = server.get(sent.header("location").unwrap());
    assert!(thanks.status == 200 && thanks.body.contains("class=\"thanks\""), "{}", thanks.body);

    // It returns unchanged.
    site.write("content/forms/chat.yaml", &text);
    server.wait_for("/api/chat", |form| form.status == 200);
}

#[test]
fn without_a_store_the_site_is_still_served() {
    let site = site_with_a_chat();
    fs::create_dir_all(site.root().join(".daisy/replies.sqlite")).unwrap();
    let server = Server::start(site.root(), &[]);
    let path = site.root().canonicalize().unwrap().join(".daisy/replies.sqlite");
    server.wait_until_said(&format!(
        "error: cannot store replies in {}: Is a directory (os error 21)",
        path.display()
    ));
    assert_eq!(server.get("/about/").status, 200);
    keeps_answers(&server);
}

/// A submitted form is shown again with every answer and a phone number.
fn keeps_answers(server: &Server) {
    let answers =
        "name=Mrs+P.&contact=01632+960111&anything=A+%22quiet%22+place%0Ahere&_language=ur";
    let page = server.post("/api/chat", answers);
    assert_eq!(page.status, 503, "{}", page.body);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("retry-after"), Some("60"));
    for words in [
        "your answers were not sent",
        "ring us on 01632 960123",
        "Have a chat with one of our team",
        "action=\"/api/chat\"",
        "value=\"Mrs P.\"",
        "value=\"01632 960111\"",
        "A &quot;quiet&quot; place\nhere</textarea>",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }

    let object = "{\"name\": \"Mrs P.\"}";
    let json = server.send(&format!(
        "POST /api/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{object}",
        object.len()
    ));
    assert_eq!((json.status, json.header("content-type")), (503, Some("application/json")));
    assert!(
        json.body.contains("\"sent\":false") && json.body.contains("01632 960123"),
        "{}",
        json.body
    );

    // A form that was removed from the site is shown as plain fields.
    let gone = server.post("/api/gone", answers);
    assert_eq!((gone.status, gone.header("content-type")), (503, Some("text/html; charset=utf-8")));
    assert!(gone.body.contains(">\nMrs P.</textarea>"), "{}", gone.body);
    assert!(!gone.body.contains("ring us on"), "there is no number to name: {}", gone.body);

    for path in ["/api/chat", "/api/chat/thanks"] {
        let page = server.get(path);
        assert_eq!((page.status, page.header("retry-after")), (503, Some("60")), "{path}");
        assert!(page.body.contains("ring us on 01632 960123"), "{path}: {}", page.body);
    }
}

#[test]
fn a_store_that_cannot_be_opened_keeps_the_answers_on_the_page() {
    let whole = |path: &Path| {
        let store = sqlite::open(path).unwrap();
        store.keys().unwrap();
        store.close().unwrap();
        fs::read(path).unwrap()
    };
    let write = |path: &Path, bytes: &[u8]| fs::write(path, bytes).unwrap();
    type Damage<'a> = (&'a str, Box<dyn Fn(&Path) + 'a>);
    let damages: [Damage<'_>; 4] = [
        ("no database", Box::new(|path| write(path, "not a database\n".repeat(99).as_bytes()))),
        ("cut off", Box::new(|path| write(path, &whole(path)[..5_000]))),
        (
            "of a later version",
            Box::new(|path| {
                let mut bytes = whole(path);
                // `user_version`: https://www.sqlite.org/fileformat.html#user_version_number
                bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
                write(path, &bytes);
            }),
        ),
        (
            "schema damaged",
            Box::new(|path| {
                let mut bytes = whole(path);
                bytes[100..4_096].fill(0xff);
                write(path, &bytes);
            }),
        ),
    ];
    for (damage, damaged) in damages {
        let site = site_with_a_chat();
        fs::create_dir(site.root().join(".daisy")).unwrap();
        damaged(&site.root().join(".daisy/replies.sqlite"));
        let server = Server::start(site.root(), &[]);
        server.wait_until_said("error: cannot store replies in ");
        println!("{damage}");
        keeps_answers(&server);
    }
}

#[test]
fn a_locked_store_keeps_the_answers_on_the_page() {
    let site = site_with_a_chat();
    let path = site.root().join(".daisy/replies.sqlite");
    fs::create_dir(site.root().join(".daisy")).unwrap();
    sqlite::open(&path).unwrap().close().unwrap();
    let file = fs::File::options().read(true).write(true).open(&path).unwrap();
    // SQLite uses the same kind of locks on some of these bytes.
    rustix::fs::fcntl_lock(&file, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let server = Server::start(site.root(), &[]);
    server.wait_until_said("error: cannot store replies in ");
    keeps_answers(&server);
}

#[test]
fn a_failing_store_is_reported() {
    store_failures_are_reported(&site_with_a_chat());
}

#[test]
fn a_failing_store_is_reported_with_the_errors_of_pages() {
    let site = site_with_a_chat();
    site.write("content/odd.md", "---\ntitel: Odd\n---\n");
    store_failures_are_reported(&site);
}

/// Serves a site with a store that opens but fails later.
fn store_failures_are_reported(site: &Site) {
    let path = site.root().join(".daisy/replies.sqlite");
    fs::create_dir(site.root().join(".daisy")).unwrap();
    sqlite::open(&path).unwrap().keys().unwrap();
    // Renames some of its tables.
    let mut bytes = fs::read(&path).unwrap();
    for (name, other) in
        [(&b"definition"[..], &b"definitive"[..]), (b"current", b"currant"), (b"owed", b"owes")]
    {
        for at in 0..bytes.len() - name.len() {
            if bytes[at..].starts_with(name) {
                bytes[at..at + name.len()].copy_from_slice(other);
            }
        }
    }
    fs::write(&path, bytes).unwrap();
    let server = Server::start(site.root(), &[]);
    server.wait_until_said(
        "error: cannot put this form into the store: sqlite: Unknown\n --> content/forms/chat.yaml\n",
    );
    server.wait_until_said(
        "error: cannot update the forms in the store: sqlite: Unknown\n --> content/forms\n",
    );
    server.wait_until_said("error: could not send queued email: sqlite: Unknown\n");
}

#[test]
fn an_error_in_the_page_of_a_response_is_reported() {
    let site = site_with_a_chat();
    site.write("themes/daisy/templates/frame.html", "<p>{{ t(key=\"no\") }}</p>\n");
    let server = Server::start(site.root(), &[]);
    server.wait_until_said("  = note: while rendering the page that answers a form\n");
}

#[test]
fn newsletters_are_shown_as_emails() {
    let site = site();
    let server = Server::start(site.root(), &[]);
    assert!(server.get("/_daisy/").body.contains("/_daisy/newsletters/"));
    assert!(server.get("/_daisy/newsletters/").body.contains("daisy new newsletter"));
    let missing = server.get("/_daisy/newsletters/may");
    assert_eq!((missing.status, missing.body.as_str()), (404, "There is no such newsletter.\n"));
    let mut events = server.events("/_daisy/newsletters/may");
    let before = events.next().clone();
    site.write(
        "content/site.yaml",
        "title: A site\nlanguage: en-GB\norganisation:\n  name: Us\n  email: team@example.org\n",
    );
    site.write("themes/daisy/templates/email.mjml", "<mjml><mj-body><mj-section><mj-column><mj-text>{{ page.content }}</mj-text></mj-column></mj-section></mj-body></mjml>");
    site.write(
        "content/newsletters/may.md",
        "---\ntitle: \"May: <b>\"\ndraft: true\n---\nBeans.\n\n{{<contents />}}\n",
    );
    // The page is loaded again when the site changes.
    events.until(|state| state["page"] != before["page"]);
    let fault = "`contents` cannot be in a newsletter";
    server.wait_for("/_daisy/newsletters/may", |page| page.body.contains(fault));
    site.write(
        "content/newsletters/may.md",
        "---\ntitle: \"May: <b>\"\ndraft: true\n---\nBeans.\n",
    );
    let page = server.wait_for("/_daisy/newsletters/may", |page| page.body.contains("iframe"));
    let page = page.body;
    for part in [
        "<h2 lang=\"en-GB\" dir=\"auto\">May: &lt;b&gt;</h2>",
        "<iframe src=\"/_daisy/newsletters/may.html\"",
        " sandbox width=\"320\"",
        " sandbox width=\"600\"",
        "Us &lt;team@example.org&gt;",
        "\nBeans.\n",
        "/_daisy/reload.js",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    let email = server.get("/_daisy/newsletters/may.html");
    assert_eq!(
        email.header("content-security-policy"),
        Some(
            "default-src 'none'; img-src 'self' http://127.0.0.1:* http://localhost:*; \
             style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'self'; sandbox"
        )
    );
    assert!(email.body.contains("<p>Beans.</p>"), "{}", email.body);
    assert!(
        server
            .get("/_daisy/newsletters/")
            .body
            .contains("<a href=\"/_daisy/newsletters/may\">may</a>")
    );
    assert_eq!(server.get("/_daisy/newsletters").status, 307);
}

#[test]
fn a_form_is_processed_stored_and_its_mail_shown() {
    let site = site();
    let form =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../content/forms/chat.yaml"));
    site.write("content/privacy.md", "---\ntitle: Privacy\n---\n");
    site.write("content/forms/chat.yaml", &form.unwrap());
    // The form has no phone number or address of its own.
    site.write(
        "content/site.yaml",
        "title: A site\nlanguage: en-GB\norganisation:\n  phone: 01632 960123\n  email: team@example.org\n",
    );
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
    assert!(outbox.contains("team@example.org"), "{outbox}");
    let ring = "<a href=\"tel:01632960123\">01632 960123</a>";
    assert!(thanks.body.contains(ring), "{}", thanks.body);
    assert!(server.get("/_daisy/").body.contains("/_daisy/outbox"));

    // An edited form is published before its page shows it.
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
    // An open old page is still accepted by the old form.
    let old = server.post("/api/chat", &format!("_form={digest}&name="));
    assert!(old.body.contains("Your name"), "{}", old.body);

    use std::os::unix::fs::PermissionsExt as _;
    for (path, mode) in [("replies.sqlite", 0o600), ("outbox", 0o700)] {
        let metadata = fs::metadata(site.root().join(".daisy").join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
}

/// Text alternatives can be added later: `serve` shows the page with warnings, a build rejects it.
#[test]
fn a_page_without_text_alternatives_can_be_previewed() {
    let site = site();
    site.write("themes/daisy/templates/shown.html", "{% component shown(src: string, alt: string, @page) -%}<p>{{ image(src=src, from=page.path, alt=alt) }}</p>{%- endcomponent shown %}\n");
    site.write_bytes("content/tea/a.png", &pictures::png(64, 64, 9, false));
    let page = "---\ntitle: Tea\nimage:\n  src: a.png\n---\n\nCups: ![](a.png) ![IMG_2034](a.png)\n\n{{<shown src=\"a.png\" />}}\n";
    site.write("content/tea/index.md", page);
    let server = Server::start(site.root(), &[]);
    let shown = server.get("/tea/");
    assert_eq!(shown.status, 200);
    assert_eq!(shown.body.matches("<img ").count(), 3, "{}", shown.body);
    assert!(shown.body.contains("this image has no text alternative"));
    server.wait_until_said("warning: `shown` needs `alt`");
    let Err(Error::Content(found)) = site.build() else { panic!("a build takes it") };
    assert_eq!(found.iter().filter(|each| each.is_error()).count(), 4, "{found:?}");
    // With text alternatives, both commands succeed.
    let page = page
        .replace("a.png\n---", "a.png\n  alt: Cups\n---")
        .replace("![]", "![A cup]")
        .replace("IMG_2034", "Two cups")
        .replace("\" />", "\" alt=\"\" />");
    site.write("content/tea/index.md", &page);
    site.must_build();
}
