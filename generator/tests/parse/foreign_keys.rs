//! Tests of front matter of other programs: following the help makes the page valid.

use daisychain::config::Config;
use daisychain::diagnostic::Diagnostic;

use super::read_with;

/// Front matter lines of Hugo, Zola, Eleventy and Jekyll.
const LINES: [&str; 41] = [
    "tags: [food, music]",
    "tag: food",
    "Tags: [food]",
    "categories: [news]",
    "category: news",
    "series: [The bench]",
    "keywords: [tea]",
    "topics: [tea]",
    "description: How a bench was mended",
    "excerpt: How a bench was mended",
    "lastmod: 2026-05-21",
    "last-modified-at: 2026-05-21",
    "publishDate: 2026-05-21",
    "pubDate: 2026-05-21",
    "expiryDate: 2026-05-21",
    "unpublishDate: 2026-05-21",
    "permalink: /help/bench/",
    "permalink: /:year/:title/",
    "permalink: false",
    "url: https://example.org/bench/",
    "layout: post",
    "layout: layouts/post.njk",
    "layout: story.html",
    "type: post",
    "author: Ann\nauthors: [Ann, Bob]",
    "authors: [Ann, Bob]",
    "byline: Ann",
    "alias: /bench/",
    "redirect_from: [/bench/, /old/]",
    "order: 3",
    "Last Modified: 2026-05-21",
    "nav_order: 3",
    "published: false",
    "published: true",
    "noindex: true",
    "sitemap: false",
    "in_search_index: false",
    "lang: pa",
    "menus: [main]",
    "params:\n  mood: calm",
    "summary: A bench\ndescription: A bench",
];

/// The edit of an editor who follows a help: its line, its key, or removing the line.
fn followed(line: &str, help: &str) -> String {
    let quoted: Vec<&str> = help.split('`').skip(1).step_by(2).collect();
    let (kept, last) =
        line.rsplit_once('\n').filter(|_| !line.contains("\n ")).unwrap_or(("", line));
    let new = if help.starts_with("remove this line") {
        String::new()
    } else if help.contains("group pages by `") || help.contains("group them by `") {
        let name = help.split(" by `").last().unwrap().split('`').next().unwrap();
        last.replacen(last.split(':').next().unwrap(), name, 1)
    } else if quoted[0].contains(':') {
        quoted[0].to_owned()
    } else {
        last.replacen(last.split(':').next().unwrap(), quoted[0], 1)
    };
    format!("{kept}\n{new}")
}

fn errors(line: &str, taxonomies: &[String]) -> Vec<Diagnostic> {
    let text = format!("---\ntitle: The bench\n{line}\n---\n");
    let mut found = read_with("bench.md", &text, taxonomies).diagnostics;
    found.retain(Diagnostic::is_error);
    found
}

#[test]
fn keys_of_other_programs_suggest_ours() {
    for (settings, declared) in
        [("title: A\n", vec![]), ("title: A\ntaxonomies: [places]\n", vec!["places".to_owned()])]
    {
        for line in LINES {
            let found = errors(line, &declared);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            let help = found[0].help.as_deref().unwrap();
            assert!(!help.contains("extra:"), "{line}: {help}");
            let settings = if help.contains("add the line `") {
                let wanted = help.split('`').find(|words| words.contains("taxonomies:")).unwrap();
                format!("{settings}{wanted}\n")
            } else if help.contains("add it to `taxonomies`") {
                let name = help.split("group them by `").nth(1).unwrap().split('`').next().unwrap();
                settings.replace("places", &format!("places, {name}"))
            } else {
                settings.to_owned()
            };
            let config = Config::parse(&settings).unwrap();
            let names: Vec<String> =
                config.taxonomies.into_iter().map(|taxonomy| taxonomy.name.value).collect();
            let again = errors(&followed(line, help), &names);
            assert!(again.is_empty(), "{line}: {help}: {again:?}");
        }
    }
}

/// A declared taxonomy is read, and a similar key is corrected to it.
#[test]
fn declared_taxonomies_take_precedence() {
    for (line, declared, expected) in [
        ("tag: tea", "tags", "use `tags` instead"),
        ("tags: tea", "tag", "use `tag` instead"),
        ("categories: tea", "category", "use `category` instead"),
        ("colour: tea", "colours", "did you mean `colours`?"),
    ] {
        let found = errors(line, &[declared.to_owned()]);
        assert_eq!(found[0].help.as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn an_image_keeps_its_file() {
    for key in ["cover", "thumbnail", "featured_image", "photo"] {
        let found = errors(&format!("{key}: tea/cups.jpg"), &[]);
        let help = found[0].help.as_deref().unwrap();
        assert!(help.contains("`image`") && help.contains("`  src: tea/cups.jpg`"), "{help}");
    }
}

/// Following the help never publishes or lists a page that was private.
#[test]
fn a_page_that_was_private_stays_private() {
    let yes = ["true", "yes", "Yes", "on", "\"true\"", "\"yes\"", "'on'", "y"];
    let no = ["false", "no", "No", "off", "\"false\"", "\"no\"", "'off'", "n"];
    let leave = "remove this line: every page works like this";
    for (key, hides, line) in [
        ("private", true, "draft: true"),
        ("headless", true, "draft: true"),
        ("published", false, "draft: true"),
        ("publish", false, "draft: true"),
        ("render", false, "draft: true"),
        ("noindex", true, "search: false"),
        ("sitemap", false, "search: false"),
        ("in_search_index", false, "search: false"),
    ] {
        let help = |value: &str| {
            errors(&format!("{key}: {value}"), &[])[0].help.clone().unwrap().into_string()
        };
        let (hidden, shown) = if hides { (yes, no) } else { (no, yes) };
        for value in hidden {
            assert_eq!(help(value), format!("write `{line}` instead"), "{key}: {value}");
        }
        for value in shown {
            assert_eq!(help(value), leave, "{key}: {value}");
        }
        for value in ["", "maybe", "1", "[a]", "\n  disable: true", "\n  priority: 0.5"] {
            let help = help(value);
            assert!(help.contains(&format!("`{line}`")), "{key}: {value}: {help}");
            assert!(help.contains("remove this line"), "{key}: {value}: {help}");
            assert!(!help.starts_with("remove"), "{key}: {value}: {help}");
        }
    }
    for key in ["published", "publish"] {
        for value in ["2026-12-01", "\"2026-12-01\"", "2026-12-01 09:30"] {
            let found = errors(&format!("{key}: {value}"), &[]);
            let help = found[0].help.as_deref();
            assert_eq!(help, Some("use `publish_on` instead"), "{key}: {value}");
        }
    }
    let help = |lines: &str| errors(lines, &[])[0].help.clone().unwrap().into_string();
    assert_eq!(
        help("draft: false\nprivate: yes"),
        "write `draft: true` instead of the line `draft`, and remove this line"
    );
    assert_eq!(help("draft: true\nprivate: yes"), "remove this line: the page already has `draft`");
}

/// Helps about several taxonomies can be followed line by line.
#[test]
fn several_taxonomies_of_a_page_can_be_declared_by_their_helps() {
    let lines = "tags: [tea]\nseries: [The bench]\ncategory: news\nkeywords: [tea]";
    for found in errors(lines, &[]) {
        let help = found.help.unwrap();
        assert!(
            help.contains(
                "add the line `taxonomies: [tags, series, categories]` to content/site.yaml"
            ),
            "{help}"
        );
    }
    for found in errors(lines, &["places".to_owned()]) {
        let help = found.help.unwrap();
        assert!(
            help.contains(
                "add `tags`, `series` and `categories` to `taxonomies` in content/site.yaml"
            ),
            "{help}"
        );
    }
    let declared = ["series".to_owned(), "places".to_owned()];
    let found = errors("tags: [tea]\nseries: [The bench]", &declared);
    assert!(found[0].help.as_deref().unwrap().contains("add it to `taxonomies`"), "{found:?}");
}
