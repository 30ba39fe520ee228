//! Tests of a site in a folder of its host, like project sites of GitHub Pages: every address is below
//! the folder.

use std::collections::BTreeMap;

use daisychain::check;
use daisychain::engine::{self, KnownSources, Snapshot};
use daisychain::site::Host;

use crate::support::Site;
use crate::support::server::Server;

const OWN: &str = "https://kitchen-sink.test";
const FOLDER: &str = "/our-site";

/// What precedes a root-relative address in HTML, CSS, JSON and lists.
const BEFORE: [&str; 9] = ["=\"", "='", "=", "(", "(\"", "\"", ", ", ";url=", " = \""];

/// Root-relative addresses in a text that are not below the folder.
fn outside(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for before in BEFORE {
        for (at, _) in text.match_indices(&format!("{before}/")) {
            let address = &text[at + before.len()..];
            let end = address.find(['"', '\'', ')', ' ', '\n', '>']).unwrap_or(address.len());
            let address = &address[..end];
            let is_path = address.starts_with("/api/") || address.starts_with("//");
            if !is_path && address != "/" && !address.starts_with(FOLDER) {
                found.push(address.to_owned());
            }
        }
    }
    for (at, _) in text.match_indices(OWN) {
        let rest = &text[at + OWN.len()..];
        if !rest.starts_with(FOLDER) {
            found.push(format!("{OWN}{}", &rest[..rest.len().min(20)]));
        }
    }
    found
}

fn texts(dist: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = (&String, &str)> {
    dist.iter().filter_map(|(path, bytes)| Some((path, std::str::from_utf8(bytes).ok()?)))
}

/// The kitchen sink with a style that refers to a file by a root-relative address.
fn sink() -> Site {
    let site = Site::kitchen_sink();
    let settings = std::fs::read_to_string(site.root().join("content/site.yaml")).unwrap();
    let settings = format!("{settings}forms_url: https://forms.sink.test\n");
    site.write("content/site.yaml", &settings);
    site.write("themes/sink/static/own.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site.write("themes/sink/styles/main.css", ".own { background: url(/own.svg) }\n");
    site
}

#[test]
fn every_address_of_a_site_in_a_folder_is_below_it() {
    let mut site = sink();
    for host in
        [None, Some(Host::Netlify), Some(Host::Github), Some(Host::Nginx), Some(Host::Caddy)]
    {
        site.options.host = host;
        site.options.base_url = None;
        site.must_build();
        let plain = site.dist();
        site.options.base_url = Some(format!("{OWN}{FOLDER}"));
        site.must_build();
        let placed = site.dist();
        assert_eq!(placed, site.cold().unwrap());
        for (path, text) in texts(&placed) {
            assert_eq!(outside(text), [""; 0], "{path}");
        }
        for name in ["nginx.conf", "Caddyfile"] {
            let snippet = std::fs::read_to_string(site.root().join(".daisy").join(name));
            let names_folder = |text: String| text.contains(FOLDER);
            assert!(snippet.map_or(true, names_folder), "{name}");
        }
        // The outputs differ only in the folder, and in the digest that it changes.
        let name = |path: &String| path.split('.').next().unwrap_or_default().to_owned();
        let names = |dist: &BTreeMap<String, Vec<u8>>| dist.keys().map(name).collect::<Vec<_>>();
        let own = |names: Vec<String>| names.into_iter().filter(|name| name != "CNAME");
        assert!(own(names(&placed)).eq(own(names(&plain))));
        let form = "dist/chat/index.html";
        let form = std::fs::read_to_string(site.root().join(form)).unwrap();
        assert!(form.contains(&format!("href=\"{FOLDER}/privacy/\"")), "{form}");
        assert!(form.contains("action=\"https://forms.sink.test/api/chat\""), "{form}");
    }
}

#[test]
fn check_reports_hand_written_addresses_outside_the_folder() {
    let mut site = Site::new();
    site.options.base_url = Some(format!("{OWN}{FOLDER}"));
    site.write(
        "content/stories/_index.md",
        "---\ntitle: Stories\nraw_html: allow\n---\n\n[a](../about.md) [b](/about/)\n\n\
         <a href=\"/our-site/about/\">c</a> <a href=\"https://kitchen-sink.test/our-site/about/#d\">d</a> \
         <a href=\"/about/\">e</a> <a href=\"../../about/\">f</a> <a href=\"../about/\">h</a> <a href=\"/api/chat\">g</a>\n",
    );
    site.write("content/about.md", "---\ntitle: About\n---\n\n## D {#d}\n");
    let files = engine::sources(site.root(), None).unwrap().files;
    let snapshot =
        Snapshot::take(site.root(), files, &site.options, site.now, KnownSources::NOTHING).unwrap();
    let found = check::check(&snapshot).unwrap().found;
    let links: Vec<_> = found.iter().filter(|found| found.rule == "link").collect();
    let said = |at: usize| {
        let fault = &links[at].diagnostic;
        (
            fault.place.map(|place| place.line),
            fault.message.as_str(),
            fault.help.as_deref().unwrap(),
        )
    };
    assert_eq!(links.len(), 2, "{links:#?}");
    assert_eq!(
        said(0),
        (
            Some(8),
            "`/about/` leads out of the site",
            "the site is in the folder `/our-site/` of its host: write `/our-site/about/`"
        )
    );
    assert_eq!(
        said(1),
        (
            Some(8),
            "`../../about/` leads out of the site",
            "write the full address within the site, such as `/our-site/about/`"
        )
    );
}

#[test]
fn the_server_serves_the_site_in_its_folder() {
    let site = sink();
    let settings = site.root().join("content/site.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    site.write("content/site.yaml", &text.replace(OWN, &format!("{OWN}{FOLDER}")));
    let server = Server::start(site.root(), &[]);
    assert!(server.said().contains(&format!("http://127.0.0.1:{}{FOLDER}/", server.port)));
    for (path, to) in [("/", "/our-site/"), ("/our-site", "/our-site/")] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (307, Some(to)), "{path}");
    }
    let home = server.get("/our-site/");
    assert_eq!(home.status, 200);
    let addresses = home.body.split("=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let own: Vec<&str> = addresses.filter(|address| address.starts_with("/our-site/")).collect();
    assert!(own.iter().any(|address| address.contains("/styles/")) && own.len() > 10, "{own:?}");
    for address in own {
        let address = address.split(['#', ' ']).next().unwrap();
        assert_eq!(server.get(address).status, 200, "{address}");
    }
    for path in ["/chat/", "/our-sites/", "/our-site/nowhere/"] {
        let missing = server.get(path);
        assert_eq!(missing.status, 404, "{path}");
        assert!(missing.body.contains("/our-site/styles/"), "{path}");
    }
    let events = server.get("/_daisy/reload.js");
    assert_eq!(events.status, 200);
}
