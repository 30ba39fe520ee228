//! Tests of what hosts, phones and other sites read: headers, redirects, icons, social media previews.

use std::process::Command;

use daisychain::site::Host;
use daisychain::source::git::History;

use crate::support::{Site, faults, pictures, tree};
use crate::{site, structured};

/// A site with a page that has an alias.
fn moved() -> Site {
    let site = site("base_url: https://connecting.test\nforms_url: https://forms.test\n");
    site.write(
        "content/rose.md",
        "---\ntitle: Rose\naliases: [/old/rosé/, /rose.html]\n---\nWords.\n",
    );
    site
}

#[test]
fn host_configuration_is_read_by_hosts_and_not_served() {
    let mut site = moved();
    site.must_build();
    let plain = site.dist();
    assert!(!plain.contains_key("_headers") && !plain.contains_key("_redirects"));

    site.options.host = Some(Host::Netlify);
    site.must_build();
    let headers = site.output("_headers");
    for line in [
        "/*\n  Content-Security-Policy: default-src 'self'; base-uri 'none'; form-action 'self' https://forms.test; object-src 'none'; frame-ancestors 'none'\n",
        "  Strict-Transport-Security: max-age=31536000\n",
        "/styles/*\n  Cache-Control: public, max-age=31536000, immutable\n",
    ] {
        assert!(headers.contains(line), "no {line} in {headers}");
    }
    assert_eq!(site.output("_redirects"), "/old/ros%C3%A9/ /rose/ 301!\n/rose.html /rose/ 301!\n");
    assert_eq!(site.cold().unwrap(), site.dist());

    site.options.base_url = Some("https://forms.test".to_owned());
    site.must_build();
    assert!(site.output("_headers").contains("form-action 'self';"), "the host answers both");
    site.options.base_url = None;

    site.options.host = Some(Host::Cloudflare);
    site.must_build();
    assert_eq!(site.output("_redirects"), "/old/ros%C3%A9/ /rose/ 301\n/rose.html /rose/ 301\n");

    site.options.host = Some(Host::Github);
    site.must_build();
    assert_eq!(site.output("CNAME"), "connecting.test\n");
    assert!(site.dist().contains_key(".nojekyll") && !site.dist().contains_key("_headers"));

    site.options.host = None;
    site.must_build();
    assert_eq!(site.dist(), plain);
}

#[test]
fn the_address_of_a_withdrawn_story_is_gone() {
    let mut site = moved();
    site.write(
        "content/amira.md",
        "---\ntitle: Amira\naliases: [/old/amira/, /amira.html]\n\
         consent: { withdrawn: 2020-05-01 }\n---\nHers.\n",
    );
    let page = |site: &Site| site.output("amira/index.html");
    site.options.host = Some(Host::Netlify);
    site.must_build();
    assert!(page(&site).contains("<meta name=\"robots\" content=\"noindex\">"));
    assert!(page(&site).contains("<h1>This page has been removed</h1>"), "{}", page(&site));
    let of_the_story = |bytes: &Vec<u8>| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("Amira") || text.contains("Hers")
    };
    assert!(!site.dist().values().any(of_the_story));
    assert_eq!(
        site.output("_redirects"),
        "/old/ros%C3%A9/ /rose/ 301!\n/rose.html /rose/ 301!\n\
         /amira.html /amira.html 410!\n/amira/ /amira/index.html 410!\n\
         /old/amira/ /old/amira/index.html 410!\n"
    );
    assert_eq!(site.cold().unwrap(), site.dist());

    site.options.host = Some(Host::Cloudflare);
    site.must_build();
    assert!(!site.output("_redirects").contains("amira"), "it knows no such rule");

    let snippet = |site: &Site, name: &str| {
        std::fs::read_to_string(site.root().join(".daisy").join(name)).unwrap()
    };
    site.options.host = Some(Host::Nginx);
    site.must_build();
    let nginx = snippet(&site, "nginx.conf");
    for line in [
        "location = \"/amira/\" { error_page 410 /amira/index.html; return 410; }\n",
        "location = \"/amira.html\" { return 410; }\n",
    ] {
        assert!(nginx.contains(line), "{nginx}");
    }
    site.options.host = Some(Host::Caddy);
    site.must_build();
    let caddy = snippet(&site, "Caddyfile");
    assert!(caddy.contains("error /amira/ \"Gone\" 410\n"), "{caddy}");
    let missing = "\t@missing expression {err.status_code} != 410\n\trewrite @missing /404.html\n";
    assert!(caddy.contains(missing), "{caddy}");

    // Another page may take the address, or an alias of it.
    site.options.host = None;
    site.write(
        "content/new.md",
        "---\ntitle: New\naliases: [/amira.html]\npath: /amira/\n---\nOther.\n",
    );
    site.must_build();
    assert!(page(&site).contains("Other."));
    assert!(site.output("amira.html").contains("url=/amira/"));
    assert!(site.output("old/amira/index.html").contains("removed"));
    assert_eq!(site.cold().unwrap(), site.dist());
}

#[test]
fn media_types_of_linkable_files_are_configured() {
    let mut site = moved();
    for file in ["list.CSV", "talk.pptx", "notes.txt", "setup.exe", "old.html", "LICENSE", "a.b c"]
    {
        site.write(&format!("content/{file}"), "x");
    }
    site.options.host = Some(Host::Nginx);
    site.must_build();
    let snippet = std::fs::read_to_string(site.root().join(".daisy/nginx.conf")).unwrap();
    for (ending, kind) in [
        ("csv", "text/csv; charset=utf-8"),
        ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("txt", "text/plain; charset=utf-8"),
    ] {
        let block = format!(
            "location ~* [.]{ending}$ {{\n    types {{}}\n    default_type \"{kind}\";\n}}\n"
        );
        assert!(snippet.contains(&block), "no {block} in {snippet}");
    }
    assert_eq!(snippet.matches("default_type").count(), 3, "{snippet}");
    site.options.host = Some(Host::Caddy);
    site.must_build();
    let snippet = std::fs::read_to_string(site.root().join(".daisy/Caddyfile")).unwrap();
    assert!(
        snippet.contains("@csv path *.csv\nheader @csv Content-Type \"text/csv; charset=utf-8\"\n"),
        "{snippet}"
    );
    let errors = "handle_errors {
	rewrite * /404.html
	file_server
}
";
    assert!(snippet.ends_with(errors), "{snippet}");
}

#[test]
fn a_changing_file_in_an_immutable_folder_removes_its_rule() {
    let mut site = moved();
    site.write("content/images/plan.pdf", "%PDF");
    site.options.host = Some(Host::Cloudflare);
    site.must_build();
    let headers = site.output("_headers");
    assert!(headers.contains("/styles/*") && !headers.contains("/images/*"), "{headers}");
}

#[test]
fn server_configuration_is_outside_the_served_folder() {
    let mut site = moved();
    for (host, name, line) in [
        (Host::Nginx, "nginx.conf", "location = \"/old/rosé/\" { return 301 /rose/; }"),
        (Host::Caddy, "Caddyfile", "redir /old/ros%C3%A9/ /rose/ 301"),
    ] {
        site.options.host = Some(host);
        let path = site.must_build().snippet.unwrap();
        assert_eq!(path, site.root().join(".daisy").join(name));
        let lines = std::fs::read_to_string(&path).unwrap();
        assert!(lines.contains(line) && lines.contains("frame-ancestors"), "{lines}");
        assert!(!site.dist().contains_key(name));
        // Nothing changed, except that the file was deleted.
        std::fs::remove_file(&path).unwrap();
        site.must_build();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), lines);
    }
}

#[test]
fn a_page_declares_its_policy_and_form_targets() {
    let site = moved();
    let form = include_str!("../../../content/forms/chat.yaml");
    site.write("content/privacy.md", "---\ntitle: Privacy\n---\n");
    site.write("content/forms/chat.yaml", &format!("{form}phone: 01632 960123\n"));
    site.write("content/chat.md", "---\ntitle: Chat\n---\n{{<form name=\"chat\" />}}\n");
    site.must_build();
    let html = site.output("chat/index.html");
    assert!(html.contains("content=\"default-src 'self'; base-uri 'none'; form-action 'self' https://forms.test; object-src 'none'\""));
    assert!(html.contains("action=\"https://forms.test/api/chat\""));
}

#[test]
fn the_theme_s_vector_icon_is_not_offered_beside_the_site_s_icon() {
    let asset =
        "{% set icon = asset(path=\"static/favicon.svg\") %}<img src=\"{{ icon.url }}\" alt>";
    for (path, text, fault) in [
        ("themes/daisy/templates/page.html", asset, "there is no file `static/favicon.svg`"),
        (
            "content/about.md",
            "---\ntitle: About\n---\n[Icon](/favicon.svg)\n",
            "this link goes to a page that does not exist",
        ),
        (
            "themes/daisy/styles/main.css",
            "a { background: url(/favicon.svg) }",
            "`/favicon.svg` refers to a file that does not exist",
        ),
    ] {
        let site = Site::new();
        site.write("themes/daisy/static/favicon.svg", "<svg/>");
        site.write("content/about.md", "---\ntitle: About\n---\nWords.\n");
        site.write(path, text);
        site.must_build();
        assert_eq!(site.output("favicon.svg"), "<svg/>");
        site.write("content/site.yaml", "title: A site\nicon: rose.png\n");
        site.write_bytes("content/rose.png", &pictures::png(600, 520, 9, false));
        let found = faults(&site.build().unwrap_err());
        assert!(found.len() == 1 && found[0].ends_with(fault), "{path}: {found:?}");
    }
    // The icons that the site's own replaces are still there.
    let site = Site::new();
    site.write("themes/daisy/static/favicon.ico", "icon");
    site.write("themes/daisy/templates/page.html", &asset.replace("svg", "ico"));
    site.write("themes/daisy/styles/main.css", "a { background: url(/icon-192.png) }");
    site.write("content/about.md", "---\ntitle: About\n---\nWords.\n");
    let found = faults(&site.build().unwrap_err());
    assert!(
        found[0].ends_with("`/icon-192.png` refers to a file that does not exist"),
        "{found:?}"
    );
    site.write("content/site.yaml", "title: A site\nicon: rose.png\n");
    site.write_bytes("content/rose.png", &pictures::png(600, 520, 9, false));
    site.must_build();
    assert!(site.output("about/index.html").contains("\"/favicon.ico\""));
    assert!(site.dist().contains_key("icon-192.png"));
}

#[test]
fn the_site_s_icons_override_the_theme_s() {
    let site = site("");
    site.must_build();
    let html = site.output("index.html");
    for link in [
        "<link rel=\"icon\" href=\"/favicon.ico\" sizes=\"32x32\" type=\"image/x-icon\">",
        "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">",
        "<link rel=\"apple-touch-icon\" href=\"/apple-touch-icon.png\">",
        "<link rel=\"manifest\" href=\"/manifest.webmanifest\">",
    ] {
        assert!(html.contains(link), "no {link} in {html}");
    }
    let theirs = site.dist();

    site.write("content/site.yaml", "title: A site\nicon: images/rose.png\n");
    site.write_bytes("content/images/rose.png", &pictures::png(600, 520, 9, true));
    site.must_build();
    let ours = site.dist();
    assert!(!ours.contains_key("favicon.svg") && !site.output("index.html").contains("svg+xml"));
    for (path, size) in
        [("apple-touch-icon.png", 180), ("icon-192.png", 192), ("icon-512.png", 512)]
    {
        let icon = image::load_from_memory(&ours[path]).unwrap();
        assert_eq!((icon.width(), icon.height()), (size, size), "{path}");
        assert!(!icon.color().has_alpha() && ours[path] != theirs[path], "{path}");
    }
    let tab = &ours["favicon.ico"];
    assert_eq!(&tab[..6], [0, 0, 1, 0, 1, 0]);
    let png = image::load_from_memory(&tab[22..]).unwrap();
    assert_eq!((png.width(), png.height()), (32, 32));
    let manifest: serde_json::Value =
        serde_json::from_slice(&ours["manifest.webmanifest"]).unwrap();
    assert_eq!(manifest["icons"][1]["src"], "/icon-512.png");
    assert_eq!(site.cold().unwrap(), ours);

    site.write_bytes("content/images/rose.png", &pictures::png(600, 511, 9, true));
    let daisychain::build::Error::Content(faults) = site.build().unwrap_err() else { panic!() };
    assert_eq!(faults[0].label.as_deref(), Some("it is 600 by 511"));
}

#[test]
fn previews_show_the_page_s_image_or_else_the_site_s() {
    let site = site(
        "base_url: https://connecting.test\nimage:\n  src: images/all.png\n  alt: Everybody\n  ",
    );
    site.write_bytes("content/images/all.png", &pictures::png(1400, 1400, 9, true));
    site.write_bytes("content/stories/rose.jpg", &pictures::photo(800, 600));
    let rose = "---\ntitle: Rose\ndate: 2020-05-01\nimage:\n  src: rose.jpg\n  alt: Rose\n---\n";
    site.write("content/stories/rose.md", rose);
    site.must_build();
    let property = |html: &str, name: &str| {
        let (_, rest) = html.split_once(&format!("<meta property=\"{name}\" content=\"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    let html = site.output("stories/rose/index.html");
    let url = property(&html, "og:image");
    let file = url.strip_prefix("https://connecting.test/").unwrap();
    let shown = image::load_from_memory(&site.dist()[file]).unwrap();
    // Upright it is 600 by 800; the largest preview image in it is 600 wide.
    assert_eq!((shown.width(), shown.height()), (600, 315));
    assert_eq!(property(&html, "og:image:width"), "600");
    assert_eq!(property(&html, "og:image:alt"), "Rose");
    let article = structured(&html).into_iter().find(|each| each["@type"] == "Article").unwrap();
    assert_eq!(article["image"][0], url.as_str());

    let home = site.output("index.html");
    let url = property(&home, "og:image");
    let file = url.strip_prefix("https://connecting.test/").unwrap();
    let shown = image::load_from_memory(&site.dist()[file]).unwrap();
    assert_eq!((shown.width(), shown.height()), (1200, 630));
    assert_eq!(property(&home, "og:image:alt"), "Everybody");
    assert_eq!(site.cold().unwrap(), site.dist());
}

#[test]
fn pages_excluded_from_search_are_marked() {
    let site = site("base_url: https://connecting.test\n");
    site.write("content/thanks.md", "---\ntitle: Thanks\nsearch: false\n---\n");
    site.must_build();
    assert!(
        site.output("thanks/index.html").contains("<meta name=\"robots\" content=\"noindex\">")
    );
    assert!(!site.output("index.html").contains("noindex"));
    assert!(!site.output("sitemap.xml").contains("/thanks/"));
}

/// Runs `git` in the site's folder on a day of 2020.
fn git(site: &Site, day: &str, arguments: &[&str]) {
    let moment = format!("{day}T10:00:00+00:00");
    let said = Command::new("git")
        .args(["-c", "user.name=Rose", "-c", "user.email=rose@post.example"])
        .args(arguments)
        .current_dir(site.root())
        .env("GIT_AUTHOR_DATE", &moment)
        .env("GIT_COMMITTER_DATE", &moment)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// The `lastmod` of a page in the sitemap.
fn changed(site: &Site, url: &str) -> Option<String> {
    let sitemap = site.output("sitemap.xml");
    let (_, rest) = sitemap.split_once(&format!("<loc>https://connecting.test{url}</loc>"))?;
    let (entry, _) = rest.split_once("</url>")?;
    let (_, rest) = entry.split_once("<lastmod>")?;
    Some(rest.split_once('<')?.0.to_owned())
}

#[test]
fn a_page_s_lastmod_is_its_last_commit() {
    let site = site("base_url: https://connecting.test\ngit_dates: true\n");
    site.write("content/rose.md", "---\ntitle: Rose\n---\nWords.\n");
    site.write("content/tom.md", "---\ntitle: Tom\nupdated: 2020-01-01\n---\nWords.\n");
    // Without a repository there is no date and no warning.
    assert!(site.must_build().warnings.is_empty());
    assert_eq!(changed(&site, "/rose/"), None);

    git(&site, "2020-06-01", &["init", "-q"]);
    site.write(".gitignore", "dist\n.daisy\ncold\n");
    git(&site, "2020-06-01", &["add", "."]);
    git(&site, "2020-06-01", &["commit", "-qm", "Begin"]);
    site.must_build();
    assert_eq!(changed(&site, "/rose/").as_deref(), Some("2020-06-01T11:00:00+01:00"));
    assert_eq!(changed(&site, "/tom/").as_deref(), Some("2020-01-01"));
    // A commit does not notify followers of the feed, which lists dated pages.
    assert!(
        !site
            .dist()
            .get("feed.xml")
            .is_some_and(|feed| { String::from_utf8_lossy(feed).contains("Rose") })
    );

    site.write("content/rose.md", "---\ntitle: Rose\n---\nOther words.\n");
    site.must_build();
    assert_eq!(changed(&site, "/rose/").as_deref(), Some("2020-06-01T11:00:00+01:00"));
    git(&site, "2020-12-01", &["commit", "-qam", "Mend"]);
    // No source has changed since, but the page shows another date.
    site.must_build();
    assert_eq!(changed(&site, "/rose/").as_deref(), Some("2020-12-01T10:00:00+00:00"));
    assert_eq!(site.cold().unwrap(), site.dist());

    site.write("content/new.md", "---\ntitle: New\n---\n");
    site.must_build();
    assert_eq!(changed(&site, "/new/"), None);
}

#[test]
fn a_shallow_clone_gives_no_dates_and_a_warning() {
    let site = site("base_url: https://connecting.test\ngit_dates: true\n");
    git(&site, "2020-06-01", &["init", "-q"]);
    git(&site, "2020-06-01", &["add", "content"]);
    git(&site, "2020-06-01", &["commit", "-qm", "Begin"]);
    git(&site, "2020-07-01", &["commit", "-q", "--allow-empty", "-m", "Go on"]);
    let from = format!("file://{}", site.root().display());
    git(&site, "2020-07-01", &["clone", "-q", "--depth", "1", &from, "clone"]);
    let clone = Site::new();
    clone.remove("content").remove("themes");
    for (path, bytes) in tree(&site.root().join("clone")) {
        clone.write_bytes(&path, &bytes);
    }
    assert!(History::read(clone.root(), &History::default()).shallow);
    let warnings = clone.must_build().warnings;
    assert_eq!(warnings[0].path, "content/site.yaml");
    assert_eq!(changed(&clone, "/"), None);
}
