//! Tests of `daisy check` for errors in the built-in theme's files, which are not in the site: it
//! reports what the editor wrote if known, and otherwise how to get a copy of the theme.

use super::support::Site;
use super::support::transcript::Transcript;

const SETTINGS: &str = "title: A site\nlanguage: en-GB\nbase_url: https://our-street.org.uk\n";

/// A site without a theme of its own.
fn site() -> Site {
    let site = Site::with_address();
    site.remove("themes");
    site
}

#[test]
fn an_error_is_traced_to_what_the_editor_wrote() {
    let site = site();
    let mut told = Transcript::new(site.root());
    let check = ["check", "--now", "2020-05-21T00:00Z"];
    let home =
        |text: &str| site.write("content/_index.md", &format!("---\ntitle: Home\n---\n\n{text}"));

    home(
        "Hello.\n\n{% <hero button=\"Go\"> %}\nNow.\n{% </hero> %}\n\n{% <band id=\"join\" heading=\"Join\"> %}\nDo.\n{% </band> %}\n",
    );
    told.then("A component's button leads to a section that has been removed.").run(&check);

    home("{% <call-to-action label=\"Go\" link=\"about.md\"> %}\nNow.\n{% </call-to-action> %}\n");
    told.then("An argument of a component names a page that does not exist.").run(&check);

    home("{% <callout kind=\"loud\"> %}\nNow.\n{% </callout> %}\n");
    told.then("A component refuses an argument.").run(&check);

    home("Hello.\n");
    let organisation = "organisation:\n  logo: images/loga.png\n";
    site.write("content/site.yaml", &format!("{SETTINGS}{organisation}"));
    told.then("A setting names an image that does not exist.").run(&check);

    let organisation = "organisation:\n  social: [/nowhere/]\n  phone: 01632 960123\n";
    site.write("content/site.yaml", &format!("{SETTINGS}{organisation}"));
    told.then("A setting leads to a page that does not exist.").run(&check);

    site.write(
        "content/site.yaml",
        &SETTINGS
            .replace("uk\n", "uk\norganisation:\n  phone: 01632 960123\n  charity_number: 12\n"),
    );
    site.write("content/strings/en-GB.yaml", "ring: { one: Ring, other: Rings }\n");
    told.then("A text has plural forms, but the theme gives no count.").run(&check);

    site.write("content/strings/en-GB.yaml", "charity_number: \"Charity {no}\"\n");
    told.then("A text has a placeholder for a value that the theme does not give.").run(&check);
    site.remove("content/strings");

    site.write("themes/mine/theme.yaml", "extends: daisy\n");
    site.write("themes/mine/templates/page.html", "<p>{{ page.title }}</p>\n");
    site.write("content/site.yaml", &format!("{SETTINGS}theme: mine\n"));
    told.then(
        "A file that replaces one of the built-in theme lacks a block that other templates need.",
    )
    .run(&check);
    site.remove("themes/mine/templates/page.html");

    let trail = "{% component trail(steps: array) %}{{ steps | length }}{% endcomponent trail %}\n";
    site.write("themes/mine/templates/trail.html", trail);
    site.write("content/about.md", "---\ntitle: About\n---\n\nUs.\n");
    told.then("A replaced component has other parameters than the built-in theme expects.")
        .run(&check);
    told.run(&["check", "--now", "2020-05-21T00:00Z", "--format", "github"]);

    site.remove("themes/mine");
    site.write("themes/mine/templates/page.html", "<!DOCTYPE html><html lang=\"en-GB\"><title>{{ page.title }}</title><h1>{{ page.title }}</h1>{{ page.content }}</html>\n");
    site.write("themes/mine/templates/home.html", "{% extends \"page.html\" %}\n");
    site.write("themes/mine/theme.yaml", "strings:\n  rather_talk: \"Call {name}\"\n");
    let settings = format!("{SETTINGS}theme: mine\norganisation:\n  phone: 020 7946 0000\n");
    site.write("content/site.yaml", &settings);
    site.write("content/about.md", "---\ntitle: About\n---\n\n{{<ring />}}\n");
    told.then(
        "A theme of its own uses a default component, and a text with a placeholder that has no value.",
    )
    .run(&check);
    told.is_kept_as("check-built-in-theme", &[]);
}

/// Following the help: with the copy, the same error is reported in a file of the site.
#[test]
fn following_the_help_copies_the_built_in_theme() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    std::fs::create_dir_all(&site).unwrap();
    super::says(&site, &["init"]);
    super::says(&site, &["init", "../copy", "--theme"]);
    std::fs::create_dir(site.join("themes")).unwrap();
    std::fs::rename(folder.path().join("copy/themes/daisy"), site.join("themes/daisy")).unwrap();
    std::fs::write(site.join("themes/daisy/templates/home.html"), "{{ nothing( }}\n").unwrap();
    let output = super::daisy(&site, &["check"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(" --> themes/daisy/templates/home.html:1:"), "{said}");
}
