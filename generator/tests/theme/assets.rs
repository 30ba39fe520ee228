//! Tests of `asset`: the URL of a theme file has a fingerprint, so that browsers can cache it.

use crate::support::{Site, faults};

/// A site whose page shows the result of `asset` for `path`.
fn site(path: &str) -> Site {
    let site = Site::new();
    site.write("themes/daisy/static/play.js", "play()");
    site.write("themes/daisy/static/fonts/chain.woff2", "font");
    site.write("content/plan.pdf", "%PDF-1.4\n");
    site.write("content/about.md", "---\ntitle: About\n---\nWords.\n");
    site.write(
        "themes/daisy/templates/page.html",
        &format!("{{% set file = asset(path=\"{path}\") %}}<a href=\"{{{{ file.url }}}}\">{{{{ file.integrity }}}}</a>"),
    );
    site
}

/// The address that the page shows.
fn shown(site: &Site) -> String {
    let html = site.output("about/index.html");
    html.split("href=\"/").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[test]
fn a_theme_file_has_a_fingerprint() {
    for (path, own, start, end) in [
        ("static/play.js", "play.js", "play.", ".js"),
        ("static/fonts/chain.woff2", "fonts/chain.woff2", "fonts/chain.", ".woff2"),
    ] {
        let site = site(path);
        site.must_build();
        let first = shown(&site);
        let digest = first.strip_prefix(start).and_then(|rest| rest.strip_suffix(end)).unwrap();
        assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{first}");
        let dist = site.dist();
        assert_eq!(dist[&first], dist[own]);
        let html = site.output("about/index.html");
        assert_eq!(html.contains(">sha384-"), end == ".js", "{html}");

        site.write(&format!("themes/daisy/{path}"), "another");
        site.must_build();
        let second = shown(&site);
        assert_ne!(first, second);
        let dist = site.dist();
        assert!(dist.contains_key(&second) && !dist.contains_key(&first), "{:?}", dist.keys());
        assert_eq!(dist, site.cold().unwrap());

        // A file that no page requests with `asset` is published under its own name only.
        site.write("themes/daisy/templates/page.html", "{{ page.title }}");
        site.must_build();
        let dist = site.dist();
        assert!(dist.contains_key(own) && !dist.contains_key(&second), "{:?}", dist.keys());
    }
}

#[test]
fn a_missing_file_is_an_error_that_suggests_the_nearest() {
    for (path, near) in [
        ("play.js", "`static/play.js`"),
        ("/static/play.js", "`static/play.js`"),
        ("static/paly.js", "`static/play.js`"),
        ("static/chain.woff2", "`static/fonts/chain.woff2`"),
        ("plan.pdf", "`content/plan.pdf`"),
        ("content/plans.pdf", "`content/plan.pdf`"),
        ("styles/mian.css", "`styles/main.css`"),
    ] {
        let site = site(path);
        let said = faults(&site.build().unwrap_err());
        let expected = format!(
            "themes/daisy/templates/page.html:1: there is no file `{path}`; did you mean {near}?"
        );
        assert_eq!(said, [expected]);
    }
}
