//! `daisy import` publishes nothing that the old site did not publish: file by file, for each program.

use std::fs;
use std::path::Path;

use super::support::tree;
use super::{daisy, says};

/// A file of the old site.
struct File {
    old: &'static str,
    /// Its front matter.
    front: &'static str,
    /// Where it is in the new site; empty where it is left out.
    new: &'static str,
    /// The lines of the new front matter that hold it back.
    holds: &'static [&'static str],
    /// What the report says of it.
    told: &'static str,
}

const fn file(
    old: &'static str,
    front: &'static str,
    new: &'static str,
    holds: &'static [&'static str],
    told: &'static str,
) -> File {
    File { old, front, new, holds, told }
}

const DRAFT: &[&str] = &["draft: true"];
const SECRET: &str = "Nobody is to read this.";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Imports a site of these settings and files, compares each file, and looks for what must not be published. Gives
/// the report and the new settings.
fn import(settings: &[(&str, &str)], files: &[File]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in settings {
        write(folder.path(), &format!("old/{path}"), text);
    }
    for (at, File { old, front, holds, new, .. }) in files.iter().enumerate() {
        let is_seen = !new.is_empty()
            && holds.iter().all(|line| {
                line.starts_with("publish_on: 2001") || line.starts_with("expires_on: 2999")
            });
        let body = if is_seen { "Everybody may read this." } else { SECRET };
        let title = format!("Page number {at}");
        write(
            folder.path(),
            &format!("old/{old}"),
            &format!("---\ntitle: {title}\n{front}---\n\n{body}\n"),
        );
    }
    says(folder.path(), &["import", "old", "new"]);
    let new = folder.path().join("new");
    let report = fs::read_to_string(new.join("imported.md")).unwrap();
    for File { old, new: to, holds, told, .. } in files {
        let line = report.lines().find_map(|line| line.strip_prefix(&format!("- `{old}` ")));
        assert_eq!(line.unwrap_or_default(), *told, "{old}");
        if to.is_empty() {
            continue;
        }
        let text = fs::read_to_string(new.join("content").join(to))
            .unwrap_or_else(|error| panic!("{to}: {error}"));
        let is_hold = |line: &&str| {
            ["draft:", "publish_on:", "expires_on:"].iter().any(|key| line.starts_with(key))
        };
        assert_eq!(text.lines().filter(is_hold).collect::<Vec<_>>(), *holds, "{old}: {text}");
    }
    let built = daisy(&new, &["build"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    for (path, bytes) in tree(&new.join("dist")) {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(SECRET), "{path} says what the old site did not publish");
    }
    let seen = files.iter().filter(|file| file.holds.is_empty() && !file.new.is_empty()).count();
    assert!(seen > 0, "nothing is left to see");
    (report, fs::read_to_string(new.join("content/site.yaml")).unwrap())
}

#[test]
fn what_hugo_does_not_publish() {
    const SETTINGS: &str = r#"
title = "Old"
defaultContentLanguage = "en"
ignoreFiles = ['\.private\.md$']

[languages.en]
languageName = "English"

[languages.pl]
languageName = "Polski"
disabled = true

[[menus.main]]
name = "Plans"
pageRef = "/post/draft"

[[menus.main]]
name = "Stories"
pageRef = "/post/plain"

[[cascade]]
draft = true
[cascade.target]
path = "{/inner,/inner/**}"
"#;
    let (report, settings) = import(
        &[("hugo.toml", SETTINGS)],
        &[
            file("content/post/plain.md", "date: 2001-01-01\n", "post/plain.md", &[], ""),
            file(
                "content/post/future.md",
                "date: 2999-01-02\n",
                "post/future.md",
                &["publish_on: 2999-01-02"],
                "is published on 2999-01-02 (`publish_on`): its `date` is in the future",
            ),
            file(
                "content/post/published.md",
                "date: 2999-01-02\npublishDate: 2001-01-02\n",
                "post/published.md",
                &["publish_on: 2001-01-02"],
                "",
            ),
            file(
                "content/post/pubdate.md",
                "pubdate: 2999-02-03T10:00:00Z\n",
                "post/pubdate.md",
                &["publish_on: 2999-02-03T10:00:00Z"],
                "is published on 2999-02-03T10:00:00Z (`publish_on`): its `pubdate` is in the future",
            ),
            file(
                "content/post/expired.md",
                "expiryDate: 2001-02-03\n",
                "post/expired.md",
                &["expires_on: 2001-02-03"],
                "was published until 2001-02-03 (`expires_on`): its `expiryDate`",
            ),
            file(
                "content/post/draft.md",
                "draft: true\n",
                "post/draft.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/post/unpublished.md",
                "published: false\n",
                "post/unpublished.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `published: false`",
            ),
            file(
                "content/post/both.md",
                "draft: false\npublished: false\n",
                "post/both.md",
                &[],
                "",
            ),
            file(
                "content/hidden/index.md",
                "headless: true\n",
                "hidden/index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `headless: true`",
            ),
            // Only a bundle can be headless.
            file("content/post/headless.md", "headless: true\n", "post/headless.md", &[], ""),
            file(
                "content/post/never.md",
                "build:\n  render: never\n",
                "post/never.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: never`",
            ),
            file(
                "content/post/link.md",
                "_build: { render: link }\n",
                "post/link.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: link`",
            ),
            file(
                "content/post/no.md",
                "_build: { render: false }\n",
                "post/no.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: false`",
            ),
            file(
                "content/post/broken.md",
                "draft: true\nsummary: [\n",
                "post/broken.md",
                DRAFT,
                "is a draft here (`draft: true`): its first lines cannot be read, so they may say that it is one",
            ),
            file(
                "content/post/unlisted.md",
                "build: { list: never }\n",
                "post/unlisted.md",
                &[],
                "",
            ),
            // A section that is not published takes its pages along.
            file(
                "content/closed/_index.md",
                "draft: true\n",
                "closed/_index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/closed/inside.md",
                "",
                "closed/inside.md",
                DRAFT,
                "is a draft here (`draft: true`): its section is not published \
                 (content/closed/_index.md)",
            ),
            file(
                "content/later/_index.md",
                "date: 2999-05-05\n",
                "later/_index.md",
                &["publish_on: 2999-05-05"],
                "is published on 2999-05-05 (`publish_on`): its `date` is in the future",
            ),
            file(
                "content/later/inside.md",
                "date: 2001-01-01\n",
                "later/inside.md",
                &["publish_on: 2999-05-05"],
                "is published on 2999-05-05 (`publish_on`): its section is not published \
                 (content/later/_index.md)",
            ),
            // What is inherited, unless the page or a nearer section says otherwise.
            file(
                "content/parts/_index.md",
                "cascade: { build: { render: never } }\n",
                "parts/_index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: never`",
            ),
            file(
                "content/parts/one.md",
                "",
                "parts/one.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: never`",
            ),
            file("content/parts/own.md", "build: { render: always }\n", "parts/own.md", &[], ""),
            file(
                "content/parts/deep/_index.md",
                "cascade:\n  - build: { render: always }\n    target: { kind: page }\n",
                "parts/deep/_index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `build.render: never`",
            ),
            file("content/parts/deep/two.md", "", "parts/deep/two.md", &[], ""),
            file(
                "content/inner/a.md",
                "",
                "inner/a.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/post/mine.private.md",
                "",
                "",
                &[],
                "is left out: `ignoreFiles` names it (`\\.private\\.md$`)",
            ),
            file(
                "content/post/plain.pl.md",
                "",
                "post/plain.pl.md",
                DRAFT,
                "is a draft here (`draft: true`): the language `pl` is disabled on the old site",
            ),
        ],
    );
    assert!(
        report.contains("- stood in no list (`build.list: never`), and does here\n"),
        "{report}"
    );
    let line = "the line `Plans` of the menu `main` is left out: `/post/draft` is not published";
    assert!(report.contains(line), "{report}");
    assert!(settings.contains("Stories") && !settings.contains("Plans"), "{settings}");
}

#[test]
fn what_hugo_publishes_by_its_settings() {
    const SETTINGS: &str = "title: Old\nbuildDrafts: true\nbuildFuture: true\nbuildExpired: true\n\
        ignoreFiles: ['(']\n";
    let (report, _) = import(
        &[("hugo.yaml", SETTINGS)],
        &[
            file("content/a.md", "date: 2999-01-02\n", "a.md", &[], ""),
            file("content/b.md", "draft: true\n", "b.md", &[], ""),
            file("content/c.md", "expiryDate: 2001-01-02\n", "c.md", &[], ""),
        ],
    );
    let told = "- the pattern `(` of `ignoreFiles` cannot be read, so the files that it names are brought in\n";
    assert!(report.contains(told), "{report}");
    const DATES: &str =
        "title: Old\nfrontmatter:\n  publishDate: [goes, ':default']\n  expiryDate: [ends]\n";
    import(
        &[("hugo.yaml", DATES)],
        &[
            file(
                "content/a.md",
                "goes: 2999-01-02\n",
                "a.md",
                &["publish_on: 2999-01-02"],
                "is published on 2999-01-02 (`publish_on`): its `goes` is in the future",
            ),
            file(
                "content/b.md",
                "publishDate: 2999-01-02\n",
                "b.md",
                &["publish_on: 2999-01-02"],
                "is published on 2999-01-02 (`publish_on`): its `publishDate` is in the future",
            ),
            file(
                "content/c.md",
                "ends: 2999-01-02\n",
                "c.md",
                &["expires_on: 2999-01-02"],
                "is published until 2999-01-02 (`expires_on`): its `ends`",
            ),
            file("content/d.md", "expiryDate: 2001-01-02\n", "d.md", &[], ""),
        ],
    );
}

#[test]
fn what_zola_does_not_publish() {
    const SETTINGS: &str = "base_url = \"https://old.example\"\ntitle = \"Old\"\n\
        ignored_content = [\"*.private.md\", \"temp/*\"]\nignored_static = [\"*.xlsx\"]\n";
    import(
        &[("config.toml", SETTINGS), ("static/budget.xlsx", "Nobody is to read this.")],
        &[
            // Zola publishes a page whose date is in the future.
            file("content/stories/a.md", "date: 2999-01-02\n", "stories/a.md", &[], ""),
            file(
                "content/stories/b.md",
                "draft: true\n",
                "stories/b.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/stories/c.md",
                "render: false\n",
                "stories/c.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `render = false`",
            ),
            // A section without a page of its own has pages all the same.
            file(
                "content/stories/broken.md",
                "draft: true\nsummary: [\n",
                "stories/broken.md",
                DRAFT,
                "is a draft here (`draft: true`): its first lines cannot be read, so they may say that it is one",
            ),
            file(
                "content/people/_index.md",
                "render: false\n",
                "people/_index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `render = false`",
            ),
            file("content/people/rose.md", "", "people/rose.md", &[], ""),
            file(
                "content/plans/_index.md",
                "draft: true\n",
                "plans/_index.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/plans/deep/garden.md",
                "",
                "plans/deep/garden.md",
                DRAFT,
                "is a draft here (`draft: true`): its section is not published \
                 (content/plans/_index.md)",
            ),
            file(
                "content/stories/mine.private.md",
                "",
                "",
                &[],
                "is left out: `ignored_content` names it (`*.private.md`)",
            ),
            file(
                "content/temp/x.md",
                "",
                "",
                &[],
                "is left out: `ignored_content` names it (`temp/*`)",
            ),
            file(
                "static/mine.xlsx",
                "",
                "",
                &[],
                "is left out: `ignored_static` names it (`*.xlsx`)",
            ),
        ],
    );
}

#[test]
fn what_jekyll_does_not_publish() {
    const SETTINGS: &str = "title: Old\nexclude: [notes, '*.bak.md']\n\
        collections:\n  people: { output: false }\n  minutes: {}\n  places: { output: true }\n\
        defaults:\n  - scope: { path: '', type: posts }\n    values: { published: true }\n  \
        - scope: { path: hidden }\n    values: { published: false }\n  \
        - scope: { path: hidden/seen, type: pages }\n    values: { published: true }\n";
    import(
        &[("_config.yml", SETTINGS)],
        &[
            file("_posts/2001-01-02-past.md", "", "posts/past.md", &[], ""),
            file(
                "_posts/2999-01-02-future.md",
                "",
                "posts/future.md",
                &["publish_on: 2999-01-02"],
                "is published on 2999-01-02 (`publish_on`): its `date` is in the future",
            ),
            // Of a page Jekyll asks no date.
            file("about.md", "date: 2999-01-02\n", "about.md", &[], ""),
            file(
                "_places/garden.md",
                "date: 2999-01-02 10:00:00 +0100\n",
                "places/garden.md",
                &["publish_on: 2999-01-02 10:00:00 +0100"],
                "is published on 2999-01-02 10:00:00 +0100 (`publish_on`): its `date` is in the future",
            ),
            file("_places/bench.md", "", "places/bench.md", &[], ""),
            file(
                "_people/rose.md",
                "",
                "people/rose.md",
                DRAFT,
                "is a draft here (`draft: true`): the collection `people` has no `output: true`",
            ),
            file(
                "_people/list.txt",
                "",
                "",
                &[],
                "is left out: the collection `people` has no `output: true`",
            ),
            file(
                "_minutes/may.md",
                "",
                "minutes/may.md",
                DRAFT,
                "is a draft here (`draft: true`): the collection `minutes` has no `output: true`",
            ),
            file(
                "_drafts/plan.md",
                "",
                "posts/plan.md",
                DRAFT,
                "is a draft here (`draft: true`): it is in `_drafts`",
            ),
            file(
                "plan.md",
                "published: false\n",
                "plan.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `published: false`",
            ),
            file(
                "hidden/a.md",
                "",
                "hidden/a.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `published: false`",
            ),
            file(
                "broken.md",
                "draft: true\nsummary: [\n",
                "broken.md",
                DRAFT,
                "is a draft here (`draft: true`): its first lines cannot be read, so they may say that it is one",
            ),
            file("hidden/own.md", "published: true\n", "hidden/own.md", &[], ""),
            file("hidden/seen/b.md", "", "hidden/seen/b.md", &[], ""),
            file("notes/x.md", "", "", &[], "is left out: `exclude` names it (`notes`)"),
            file("a.bak.md", "", "", &[], "is left out: `exclude` names it (`*.bak.md`)"),
        ],
    );
    import(
        &[("_config.yml", "title: Old\nfuture: true\nunpublished: true\nshow_drafts: true\n")],
        &[
            file("_posts/2999-01-02-future.md", "", "posts/future.md", &[], ""),
            file("_drafts/plan.md", "", "posts/plan.md", &[], ""),
            file("plan.md", "published: false\n", "plan.md", &[], ""),
        ],
    );
}

#[test]
fn what_eleventy_does_not_publish() {
    const SETTINGS: &str = "export default function (eleventyConfig) {\n\t\
        eleventyConfig.ignores.add(\"content/told.md\");\n\treturn {\n\t\tdir: {\n\t\t\tinput: \"content\",\n\t\t},\n\t};\n}\n";
    let files = |git: &'static str| {
        [
            file("content/about.md", "", "about.md", &[], ""),
            file(
                "content/parts/a.md",
                "permalink: false\n",
                "parts/a.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/hid/a.md",
                "",
                "hid/a.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/broken.md",
                "draft: true\nsummary: [\n",
                "broken.md",
                DRAFT,
                "is a draft here (`draft: true`): its first lines cannot be read, so they may say that it is one",
            ),
            file(
                "content/parts/data.md",
                "",
                "parts/data.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/parts/code.md",
                "",
                "parts/code.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/work/a.md",
                "",
                "work/a.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `permalink: false`",
            ),
            file("content/hid/own.md", "permalink: /own/\n", "hid/own.md", &[], ""),
            file(
                "content/b.md",
                "draft: true\n",
                "b.md",
                DRAFT,
                "is a draft here (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/private/a.md",
                "",
                "",
                &[],
                "is left out: `.eleventyignore` names it (`content/private/`)",
            ),
            file(
                "content/a.skip.md",
                "",
                "",
                &[],
                "is left out: `.eleventyignore` names it (`*.skip.md`)",
            ),
            file("content/kept.skip.md", "", "kept.skip.md", &[], ""),
            file(
                "content/inner.md",
                "",
                "",
                &[],
                "is left out: `content/.eleventyignore` names it (`/inner.md`)",
            ),
            file(
                "content/told.md",
                "",
                "",
                &[],
                "is left out: `eleventy.config.js` names it (`/content/told.md`)",
            ),
            match git {
                "" => file("content/git.md", "", "git.md", &[], ""),
                told => file("content/git.md", "", "", &[], told),
            },
        ]
    };
    let ignores = [
        (".eleventyignore", "# Mine\ncontent/private/\n*.skip.md\n!kept.skip.md\n"),
        ("content/.eleventyignore", "/inner.md\n"),
        (".gitignore", "content/git.md\n"),
        ("content/hid/hid.json", "{ \"permalink\": false }\n"),
        ("content/parts/data.11tydata.json", "{ \"permalink\": false }\n"),
        ("content/parts/code.11tydata.js", "export default {\n\tdraft: true,\n};\n"),
        ("content/work/work.11tydata.js", "module.exports = {\n\tpermalink: false,\n};\n"),
    ];
    let settings = [&[("eleventy.config.js", SETTINGS)][..], &ignores].concat();
    import(&settings, &files("is left out: `.gitignore` names it (`content/git.md`)"));
    let without_git =
        SETTINGS.replace("\treturn", "\televentyConfig.setUseGitIgnore(false);\n\treturn");
    let settings = [&[("eleventy.config.js", without_git.as_str())][..], &ignores].concat();
    import(&settings, &files(""));
}
