//! Two outputs with one path, or a file where a folder must be, are errors at their sources, in cold and
//! warm builds and in `daisy check`.

use daisychain::build::Error;
use daisychain::diagnostic::Diagnostic;

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

fn refused(built: Result<impl Sized, Error>) -> Vec<String> {
    match built {
        Err(Error::Content(faults)) => faults.iter().map(said).collect(),
        Err(error) => vec![error.to_string()],
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
            "content/a.md:3: this needs a folder `feed.xml`, but there is a file with that name: the feed of `/`; \
             remove this alias",
        ),
        (
            "content/a.md",
            page("aliases:\n  - /sitemap.xml/more"),
            "content/a.md:4: this needs a folder `sitemap.xml`, but there is a file with that name: `sitemap.xml`, which `daisy build` generates; remove this alias",
        ),
        (
            "content/a.md",
            page("aliases: [/index.html]"),
            "content/a.md:3: this would be written to `index.html`, like content/_index.md; \
             remove this alias",
        ),
        (
            "content/a.md",
            page("path: /robots.txt/"),
            "content/a.md:3: this needs a folder `robots.txt`, but there is a file with that name: `robots.txt`, which `daisy build` generates; write another `path:`",
        ),
        (
            "content/a.md",
            page("slug: plan.pdf"),
            "content/a.md:3: this needs a folder `plan.pdf`, but there is a file with that name: \
             content/plan.pdf; write another `slug:`",
        ),
        (
            "content/a.md",
            page("path: /.daisychain/"),
            "content/a.md:3: this needs a folder `.daisychain`, but there is a file with that name: the marker of the output folder; write another `path:`",
        ),
        (
            "content/stories/page/2.md",
            page(""),
            "content/stories/page/2.md: this would be written to `stories/page/2/index.html`, like page 2 of the list of content/stories/_index.md; rename the file or its folder, or set a `path:` for the page",
        ),
        (
            "content/tags.md",
            page(""),
            "content/tags.md: this would be written to `tags/index.html`, like the list of \
             `tags`; rename the file or its folder, or set a `path:` for the page",
        ),
        (
            "content/tags/music.md",
            page(""),
            "content/tags/music.md: this would be written to `tags/music/index.html`, like the \
             page of `music` in `tags`; rename the file or its folder, or set a `path:` for the page",
        ),
        (
            "themes/daisy/static/plan.pdf",
            "%PDF".to_owned(),
            "content/plan.pdf: this would be written to `plan.pdf`, like \
             themes/daisy/static/plan.pdf; rename the file or its folder",
        ),
        (
            "themes/daisy/static/images",
            "x".to_owned(),
            "themes/daisy/static/images: this would be written to the file `images`, but there must be a folder with that name for the resized images; rename this file of the theme",
        ),
        (
            "content/api/plan.pdf",
            "%PDF".to_owned(),
            "content/api/plan.pdf: the folder `api` is reserved for forms; rename the file or its folder",
        ),
        (
            "content/a.md",
            page("path: /API/chat/"),
            "content/a.md:3: addresses under `/API/` are reserved for forms; rename the file or folder",
        ),
        (
            "content/a.md",
            page(&format!("slug: {long}")),
            "content/a.md:3: `ਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰਰ…` has 258 bytes; the maximum for a file or folder name is 255; write another `slug:`",
        ),
        (
            "content/a.md",
            page(&format!("path: /{deep}/")),
            "content/a.md:3: this path has 1260 bytes; the maximum is 1000; write another `path:`",
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
        [
            "content/a.md:3: this would be written to the file `old.html`, but there must be a folder with that name for \
          content/below.md; remove this alias"
        ]
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
        ["content/a.md:3: this would be written to `old.html`, like \
          themes/daisy/static/old.html; remove this alias"]
    );
    assert_eq!(
        warnings[0].note.as_deref(),
        Some("many servers and computers do not distinguish capital letters")
    );
}

#[cfg(unix)]
#[test]
fn a_name_that_no_browser_can_request_is_an_error() {
    let site = full();
    site.write("content/a\\b.pdf", "%PDF");
    assert_eq!(
        refused(site.build()),
        ["content/a\\b.pdf: browsers cannot request `a\\\\b.pdf`; rename the file or its folder"]
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
