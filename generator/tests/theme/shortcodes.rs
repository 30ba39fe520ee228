//! Tests that errors about shortcodes of other programs suggest our components, and that the suggestion
//! works.

use daisychain::build::Error;
use daisychain::diagnostic::Diagnostic;

use crate::support::{Site, pictures};

fn found(words: &str) -> Vec<Diagnostic> {
    let site = Site::new();
    site.remove("themes");
    site.write("content/about.md", "---\ntitle: About\n---\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
    site.write("content/stories/tea.md", &format!("---\ntitle: Tea\n---\n{words}\n"));
    site.write_bytes("content/stories/photo.jpg", &pictures::photo(64, 64));
    match site.build() {
        Ok(report) => report.warnings,
        Err(Error::Content(found)) => found,
        Err(other) => panic!("{other:?}"),
    }
    .into_iter()
    .filter(|each| each.path.ends_with("tea.md"))
    .collect()
}

#[test]
fn errors_about_shortcodes_and_iframes_suggest_components() {
    for (words, name) in [
        (
            "{{< youtube w7Ft2ymGmfc >}}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "{{< youtube id=\"w7Ft2ymGmfc\" >}}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "{{ youtube(id=\"w7Ft2ymGmfc\") }}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "{% youtube w7Ft2ymGmfc %}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "{{<youtube w7Ft2ymGmfc />}}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "{{<youtube id=\"w7Ft2ymGmfc\" />}}",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        ("{{< vimeo 146022717 >}}", "<video link=\"https://vimeo.com/146022717\""),
        (
            "<iframe src=\"https://www.youtube.com/embed/w7Ft2ymGmfc\"></iframe>",
            "<video link=\"https://www.youtube.com/watch?v=w7Ft2ymGmfc\"",
        ),
        (
            "<div><iframe src=\"https://player.vimeo.com/video/146022717\"></iframe></div>",
            "<video link=\"https://vimeo.com/146022717\"",
        ),
        ("{{< figure src=\"photo.jpg\" >}}", "![what it shows](photo.jpg)"),
        ("{{ image(src=\"photo.jpg\") }}", "![what it shows](photo.jpg)"),
        ("{{< gist ann 1 >}}", "[what it is](https://example.org/page)"),
        ("{{< tweet user=\"ann\" id=\"1\" >}}", "[what it is](https://example.org/page)"),
        ("{{% notice %}}", "<callout>"),
        ("{{< toc >}}", "<contents />"),
        ("{{< ref \"about.md\" >}}", "[how it began](stories/_index.md)"),
    ] {
        let before = found(words);
        assert_eq!(before.len(), 1, "{words}: {before:?}");
        let help = before[0].help.as_deref().unwrap();
        let wanted = help.split('`').skip(1).step_by(2).find(|quoted| quoted.contains(name));
        let wanted = wanted.unwrap_or_else(|| panic!("{words}: {help}"));
        if wanted.contains("<callout>") {
            continue;
        }
        let wanted = wanted.replace("(stories/_index.md)", "(_index.md)");
        assert!(found(&wanted).is_empty(), "{words}: {help}: {:?}", found(&wanted));
    }
}

#[test]
fn lists_of_components_have_only_those_for_editors() {
    let found = found("{{<carousel />}}\n\n{{<sprit />}}");
    let help: Vec<&str> = found.iter().filter_map(|each| each.help.as_deref()).collect();
    for name in ["video", "figure", "callout"] {
        assert!(help[0].contains(&format!("`{name}`")), "{help:?}");
    }
    for name in ["sprite", "chain", "byline", "site_foot", "menu_lines", "trail"] {
        assert!(help.iter().all(|help| !help.contains(&format!("`{name}`"))), "{help:?}");
    }
}
