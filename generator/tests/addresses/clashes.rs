//! Two outputs with one path, or a file where a folder must be, are errors at their sources, in cold and
//! warm builds and in `daisy check`.

use daisychain::diagnostic::Diagnostic;
use daisychain::failure::Failure;

use crate::support::Site;

/// A site with everything that `daisy build` generates: a feed, a sitemap, a taxonomy, a paginated list,
/// images.
fn full() -> Site {
    let site = Site::new();
    site.write(
        "content/site.yaml",
        "title: A site\nbase_url: https://a.test\ntaxonomies: [tags]\n",
    );
    site.write("content/stories/_index.md", "---\ntitle: Stories\npaginate_by: 1\n---\n");
    for name in ["rose", "tom"] {
        let page = format!("---\ntitle: {name}\ndate: 2020-05-01\ntags: [music]\n---\nWords.\n");
        site.write(&format!("content/stories/{name}.md"), &page);
    }
    site.write("content/images/a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    site.write("content/plan.pdf", "%PDF-1.7");
    site
}

fn said(found: &Diagnostic) -> String {
    let place = found.place.map_or(String::new(), |place| format!(":{}", place.line));
    let help = found.help.as_deref().unwrap_or_default();
    format!("{}{place}: {}; {help}", found.path, found.message)
}

fn refused(built: Result<impl Sized, Failure>) -> Vec<String> {
    match built {
        Err(Failure::Content(faults)) => faults.iter().map(said).collect(),
        Err(Failure::NotFound(message) | Failure::Machine(message)) => vec![message],
        Ok(_) => vec!["nothing is wrong".to_owned()],
    }
}

/// A page with this front matter.
fn page(front: &str) -> String {
    format!("---\ntitle: A page\n{front}\n---\nWords.\n")
}

#[test]
fn conflicting_outputs_are_errors_at_their_sources() {
    let long = "ਰ".repeat(86);
    let deep = vec!["part"; 250].join("/");
    let cases: Vec<(&str, String, &str)> = vec![
        (
            "content/a.md",
            page("aliases: [/feed.xml]"),
            "content/a.md:3: this needs the folder `feed.xml`, and that is a file: the feed of `/`; \
             take this alias out",
        ),
        (
            "content/a.md",
            page("aliases:\n  - /sitemap.xml/more"),
            "content/a.md:4: this needs the folder `sitemap.xml`, and that is a file: `sitemap.xml`, \
             which `daisy build` makes; take this alias out",
        ),
        (
            "content/a.md",
            page("aliases: [/index.html]"),
            "content/a.md:3: this would be written to `index.html`, and so would content/_index.md; \
             take this alias out",
        ),
        (
            "content/a.md",
            page("path: /robots.txt/"),
            "content/a.md:3: this needs the folder `robots.txt`, and that is a file: `robots.txt`, \
             which `daisy build` makes; write another `path:`",
        ),
        (
            "content/a.md",
            page("slug: plan.pdf"),
            "content/a.md:3: this needs the folder `plan.pdf`, and that is a file: \
             content/plan.pdf; write another `slug:`",
        ),
        (
            "content/a.md",
            page("path: /.daisychain/"),
            "content/a.md:3: this needs the folder `.daisychain`, and that is a file: the mark of the \
             output folder; write another `path:`",
        ),
        (
            "content/stories/page/2.md",
            page(""),
            "content/stories/page/2.md: this would be written to `stories/page/2/index.html`, and so \
             would page 2 of the list of content/stories/_index.md; rename the file or its folder, or \
             give the page a `path:` of its own",
        ),
        (
            "content/tags.md",
            page(""),
            "content/tags.md: this would be written to `tags/index.html`, and so would the list of \
             `tags`; rename the file or its folder, or give the page a `path:` of its own",
        ),
        (
            "content/tags/music.md",
            page(""),
            "content/tags/music.md: this would be written to `tags/music/index.html`, and so would the \
             page of `music` in `tags`; rename the file or its folder, or give the page a `path:` of \
             its own",
        ),
        (
            "themes/daisy/static/plan.pdf",
            "%PDF".to_owned(),
            "content/plan.pdf: this would be written to `plan.pdf`, and so would \
             themes/daisy/static/plan.pdf; rename the file or its folder",
        ),
        (
            "themes/daisy/static/images",
            "x".to_owned(),
            "themes/daisy/static/images: this would be the file `images`, and a folder of that name \
             holds the pictures of pages; rename the file of the theme",
        ),
        (
            "content/api/plan.pdf",
            "%PDF".to_owned(),
            "content/api/plan.pdf: the folder `api` is kept for the forms; rename the file or its folder",
        ),
        (
            "content/a.md",
            page("path: /API/chat/"),
            "content/a.md:3: the address `/API/` is kept for the forms; give the file or folder \
             another name",
        ),
        (
            "content/a.md",
            page(&format!("slug: {long}")),
            "content/a.md:3: `ਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰ…` has 258 bytes, and the name of a file or folder \
             may have 255; write another `slug:`",
        ),
        (
            "content/a.md",
            page(&format!("path: /{deep}/")),
            "content/a.md:3: the path of this has 1260 bytes, and it may have 1000; write another `path:`",
        ),
    ];
    for (path, text, expected) in cases {
        let site = full();
        site.must_build();
        let good = site.dist();
        site.write(path, &text);
        assert_eq!(refused(site.build()), [expected], "warm");
        assert_eq!(site.dist(), good, "what was published stays");
        assert_eq!(refused(site.cold()), [expected], "cold");
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_daisy"))
            .args(["check", "--now", "2020-05-21T00:00Z", "--root"])
            .arg(site.root())
            .output()
            .unwrap();
        let checked = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        let message = expected.split_once(": ").unwrap().1.rsplit_once("; ").unwrap().0;
        assert_eq!(output.status.code(), Some(1), "{checked}");
        assert!(checked.contains(message), "{checked}");
    }
}

#[test]
fn an_alias_file_in_place_of_a_folder_is_an_error() {
    let site = full();
    site.write("content/below.md", &page("path: /old.html/more/"));
    site.write("content/a.md", &page("aliases: [/old.html]"));
    assert_eq!(
        refused(site.build()),
        ["content/a.md:3: this would be the file `old.html`, and a folder of that name holds \
          content/below.md; take this alias out"]
    );
}

#[test]
fn names_that_differ_only_in_case_give_a_warning() {
    let site = full();
    site.write("themes/daisy/static/old.html", "<title>Old</title>");
    site.write("content/a.md", &page("aliases: [/Old.html]"));
    let warnings = site.must_build().warnings;
    assert_eq!(
        warnings.iter().map(said).collect::<Vec<_>>(),
        ["content/a.md:3: this would be written to `old.html`, and so would \
          themes/daisy/static/old.html; take this alias out"]
    );
    assert_eq!(
        warnings[0].note.as_deref(),
        Some("many hosts and computers do not tell capital letters apart")
    );
}

#[cfg(unix)]
#[test]
fn a_name_that_no_browser_can_request_is_an_error() {
    let site = full();
    site.write("content/a\\b.pdf", "%PDF");
    assert_eq!(
        refused(site.build()),
        ["content/a\\b.pdf: no browser can ask for `a\\\\b.pdf`; rename the file or its folder"]
    );
}

#[test]
fn outputs_without_conflicts_are_built() {
    let site = full();
    site.write(
        "content/a.md",
        &page("aliases: [/feed.html, /tags.html, /stories/old/, /pages/2/]"),
    );
    site.write("content/feed.md", &page(""));
    site.write("content/stories/page.md", &page(""));
    site.must_build();
    assert_eq!(site.cold().unwrap(), site.dist());
}
