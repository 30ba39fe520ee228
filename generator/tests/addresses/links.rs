//! Tests of links and aliases as people write them, and the messages about them.

use daisychain::build::Error;
use daisychain::site::Host;

use crate::support::Site;

/// The errors of a build, each with its help.
fn refused(site: &Site) -> Vec<(String, String)> {
    let Error::Content(faults) = site.build().err().unwrap() else {
        panic!("the disk is at fault")
    };
    let help = |help: Option<&str>| help.unwrap_or_default().to_owned();
    faults.iter().map(|fault| (fault.message.to_string(), help(fault.help.as_deref()))).collect()
}

#[test]
fn following_the_help_links_to_a_page_or_file_of_any_name() {
    for (name, written, advised) in [
        ("what?.md", "what?.md", "what%3F.md"),
        ("how? #2.md", "<how? #2.md>", "<how%3F %232.md>"),
        ("report#3.pdf", "report#3.pdf", "report%233.pdf"),
        ("a@b.md", "a@b.md", "./a@b.md"),
        ("note:2.pdf", "note:2.pdf", "./note:2.pdf"),
    ] {
        let site = Site::new();
        let text = if name.ends_with(".md") { "---\ntitle: A\n---\n" } else { "%PDF" };
        site.write(&format!("content/{name}"), text);
        let page = |link: &str| format!("---\ntitle: Links\n---\n\n[a link]({link})\n");
        site.write("content/links.md", &page(written));
        let (_, help) = refused(&site).remove(0);
        assert!(help.contains(&format!("`{advised}`")), "{name}: {help}");
        if written.contains(['?', '#']) {
            let expected = format!("`?` and `#` end the file name in a link; write `{advised}`");
            assert_eq!(help, expected);
        }
        site.write("content/links.md", &page(advised));
        site.must_build();
    }
}

#[test]
fn an_alias_may_be_written_as_a_browser_shows_it() {
    let mut site = Site::new();
    site.write(
        "content/a.md",
        "---\ntitle: A\naliases: [/our café/, /caf%C3%A9/, /what%3F/, /50%25/, /100%/]\n---\n",
    );
    site.options.host = Some(Host::Netlify);
    site.must_build();
    for path in ["our café/index.html", "café/index.html", "what?/index.html", "50%/index.html"] {
        assert!(site.output(path).contains("url=/a/"), "{path}");
    }
    assert_eq!(
        site.output("_redirects"),
        "/100%25/ /a/ 301!\n/50%25/ /a/ 301!\n/caf%C3%A9/ /a/ 301!\n\
         /our%20caf%C3%A9/ /a/ 301!\n/what%3F/ /a/ 301!\n"
    );
    assert_eq!(site.cold().unwrap(), site.dist());
}

#[test]
fn an_invalid_alias_is_an_error() {
    for (alias, message, help) in [
        (
            "/a/?p=1",
            "an alias cannot contain `?` or `#`",
            "write `/a/`, or `%3F` if the `?` is part of the address",
        ),
        (
            "/a/#b",
            "an alias cannot contain `?` or `#`",
            "write `/a/`, or `%23` if the `#` is part of the address",
        ),
        (
            "/a%2Fb/",
            "this is not a valid address",
            "write an address within the site, such as `/help/volunteer/`",
        ),
        (
            "/%2e%2E/b/",
            "this address leads out of the site",
            "write an address within the site, such as `/help/volunteer/`",
        ),
    ] {
        let site = Site::new();
        site.write("content/a.md", &format!("---\ntitle: A\naliases: ['{alias}']\n---\n"));
        assert_eq!(refused(&site), [(message.to_owned(), help.to_owned())]);
    }
}

#[test]
fn links_with_sms_geo_and_similar_schemes_are_links() {
    let site = Site::new();
    site.write(
        "content/a.md",
        "---\ntitle: A\n---\n\n[a](sms:+441632960123) [b](whatsapp://send?phone=441632960123) \
         [c](webcal://example.org/events.ics) [d](geo:52.4081,-1.5106)\n",
    );
    site.must_build();
    let html = site.output("a/index.html");
    for href in [
        "sms:+441632960123",
        "whatsapp://send?phone=441632960123",
        "webcal://example.org/events.ics",
        "geo:52.4081,-1.5106",
    ] {
        assert!(html.contains(&format!("<a href=\"{href}\">")), "{href} in {html}");
    }
}

#[test]
fn a_tag_too_long_for_a_folder_name_has_a_page() {
    let site = Site::new();
    site.write("content/site.yaml", "title: A site\ntaxonomies: [tags]\n");
    let tag = "ਸਾਂਝਾ ਬਾਗ਼ ਬਣਾਉਣਾ ".repeat(12);
    site.write("content/a.md", &format!("---\ntitle: A\ntags: ['{}']\n---\n", tag.trim()));
    site.must_build();
    let mut pages = site.dist().into_keys().filter(|path| path.starts_with("tags/"));
    let page = pages.find(|path| path != "tags/index.html").unwrap();
    let folder = page.split('/').nth(1).unwrap();
    assert!(folder.len() <= 255 && !folder.ends_with('-'), "{page}");
    let list = site.output("tags/index.html");
    assert!(list.contains(&format!("href=\"/tags/{folder}/\"")), "{list}");
}
