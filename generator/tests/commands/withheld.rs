//! Tests that `daisy import` publishes nothing that the source site did not publish, for each program.

use std::fs;
use std::path::Path;

use super::support::tree;
use super::{daisy, says};

/// A file of the source site.
struct File {
    old: &'static str,
    /// Its front matter.
    front: &'static str,
    /// Its path in the new site; empty if it is left out.
    new: &'static str,
    /// The lines of the new front matter that withhold it.
    holds: &'static [&'static str],
    /// What the report says about it.
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
const SECRET_PAGE: &str = "---\ntitle: Secret\n---\n\nNobody is to read this.\n";

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Imports a site with these settings and files, some of which are published. Returns the report and the
/// new settings.
fn import(settings: &[(&str, &str)], files: &[File]) -> (String, String) {
    let seen = files.iter().filter(|file| file.holds.is_empty() && !file.new.is_empty()).count();
    assert!(seen > 0, "nothing is left to see");
    let folder = imported(settings, files);
    let read = |path: &str| fs::read_to_string(folder.path().join(path)).unwrap();
    (read("new/imported.md"), read("new/content/site.yaml"))
}

/// Imports a site with these settings and files, compares each file, and looks for anything that must
/// not be published.
fn imported(settings: &[(&str, &str)], files: &[File]) -> tempfile::TempDir {
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
        let line = report.lines().find_map(|line| line.strip_prefix(&format!("- `{old}`: ")));
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
        let names =
            settings.iter().map(|(name, text)| format!("{name}: {text}")).collect::<String>();
        assert!(!text.contains(SECRET), "{path} says what the old site did not publish: {names}");
    }
    folder
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
                "will be published on 2999-01-02 (`publish_on`): its `date` is in the future",
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
                "will be published on 2999-02-03T10:00:00Z (`publish_on`): its `pubdate` is in the future",
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
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/post/unpublished.md",
                "published: false\n",
                "post/unpublished.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `published: false`",
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
                "imported as a draft (`draft: true`): the old site has `headless: true`",
            ),
            // Only a bundle can be headless.
            file("content/post/headless.md", "headless: true\n", "post/headless.md", &[], ""),
            file(
                "content/post/never.md",
                "build:\n  render: never\n",
                "post/never.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: never`",
            ),
            file(
                "content/post/link.md",
                "_build: { render: link }\n",
                "post/link.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: link`",
            ),
            file(
                "content/post/no.md",
                "_build: { render: false }\n",
                "post/no.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: false`",
            ),
            file(
                "content/post/broken.md",
                "draft: true\nsummary: [\n",
                "post/broken.md",
                DRAFT,
                "imported as a draft (`draft: true`): its front matter cannot be read, so it may be a draft",
            ),
            file(
                "content/post/unlisted.md",
                "build: { list: never }\n",
                "post/unlisted.md",
                &[],
                "",
            ),
            // A section that is not published withholds its pages.
            file(
                "content/closed/_index.md",
                "draft: true\n",
                "closed/_index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/closed/inside.md",
                "",
                "closed/inside.md",
                DRAFT,
                "imported as a draft (`draft: true`): its section is not published \
                 (content/closed/_index.md)",
            ),
            file(
                "content/later/_index.md",
                "date: 2999-05-05\n",
                "later/_index.md",
                &["publish_on: 2999-05-05"],
                "will be published on 2999-05-05 (`publish_on`): its `date` is in the future",
            ),
            file(
                "content/later/inside.md",
                "date: 2001-01-01\n",
                "later/inside.md",
                &["publish_on: 2999-05-05"],
                "will be published on 2999-05-05 (`publish_on`): its section is not published \
                 (content/later/_index.md)",
            ),
            // Values are inherited unless the page or a nearer section overrides them.
            file(
                "content/parts/_index.md",
                "cascade: { build: { render: never } }\n",
                "parts/_index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: never`",
            ),
            file(
                "content/parts/one.md",
                "",
                "parts/one.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: never`",
            ),
            file("content/parts/own.md", "build: { render: always }\n", "parts/own.md", &[], ""),
            file(
                "content/parts/deep/_index.md",
                "cascade:\n  - build: { render: always }\n    target: { kind: page }\n",
                "parts/deep/_index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `build.render: never`",
            ),
            file("content/parts/deep/two.md", "", "parts/deep/two.md", &[], ""),
            file(
                "content/inner/a.md",
                "",
                "inner/a.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/post/mine.private.md",
                "",
                "",
                &[],
                "not imported: `ignoreFiles` excludes it (`\\.private\\.md$`)",
            ),
            file(
                "content/post/plain.pl.md",
                "",
                "post/plain.pl.md",
                DRAFT,
                "imported as a draft (`draft: true`): the language `pl` is disabled on the old site",
            ),
        ],
    );
    assert!(report.contains("- was in no list (`build.list: never`), but is now\n"), "{report}");
    let line = "the item `Plans` of the menu `main` was removed: `/post/draft` is not published";
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
    let told = "- the pattern `(` of `ignoreFiles` cannot be read, so the files that it excludes were imported\n";
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
                "will be published on 2999-01-02 (`publish_on`): its `goes` is in the future",
            ),
            file(
                "content/b.md",
                "publishDate: 2999-01-02\n",
                "b.md",
                &["publish_on: 2999-01-02"],
                "will be published on 2999-01-02 (`publish_on`): its `publishDate` is in the future",
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
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/stories/c.md",
                "render: false\n",
                "stories/c.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `render = false`",
            ),
            // A section without a page of its own still has pages.
            file(
                "content/stories/broken.md",
                "draft: true\nsummary: [\n",
                "stories/broken.md",
                DRAFT,
                "imported as a draft (`draft: true`): its front matter cannot be read, so it may be a draft",
            ),
            file(
                "content/people/_index.md",
                "render: false\n",
                "people/_index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `render = false`",
            ),
            file("content/people/rose.md", "", "people/rose.md", &[], ""),
            file(
                "content/plans/_index.md",
                "draft: true\n",
                "plans/_index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/plans/deep/garden.md",
                "",
                "plans/deep/garden.md",
                DRAFT,
                "imported as a draft (`draft: true`): its section is not published \
                 (content/plans/_index.md)",
            ),
            file(
                "content/stories/mine.private.md",
                "",
                "",
                &[],
                "not imported: `ignored_content` excludes it (`*.private.md`)",
            ),
            file(
                "content/temp/x.md",
                "",
                "",
                &[],
                "not imported: `ignored_content` excludes it (`temp/*`)",
            ),
            file(
                "static/mine.xlsx",
                "",
                "",
                &[],
                "not imported: `ignored_static` excludes it (`*.xlsx`)",
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
                "will be published on 2999-01-02 (`publish_on`): its `date` is in the future",
            ),
            // Jekyll ignores the date of a page.
            file("about.md", "date: 2999-01-02\n", "about.md", &[], ""),
            file(
                "_places/garden.md",
                "date: 2999-01-02 10:00:00 +0100\n",
                "places/garden.md",
                &["publish_on: 2999-01-02 10:00:00 +0100"],
                "will be published on 2999-01-02 10:00:00 +0100 (`publish_on`): its `date` is in the future",
            ),
            file("_places/bench.md", "", "places/bench.md", &[], ""),
            file(
                "_people/rose.md",
                "",
                "people/rose.md",
                DRAFT,
                "imported as a draft (`draft: true`): the collection `people` has no `output: true`",
            ),
            file(
                "_people/list.txt",
                "",
                "",
                &[],
                "not imported: the collection `people` has no `output: true`",
            ),
            file(
                "_minutes/may.md",
                "",
                "minutes/may.md",
                DRAFT,
                "imported as a draft (`draft: true`): the collection `minutes` has no `output: true`",
            ),
            file(
                "_drafts/plan.md",
                "",
                "posts/plan.md",
                DRAFT,
                "imported as a draft (`draft: true`): it is in `_drafts`",
            ),
            file(
                "plan.md",
                "published: false\n",
                "plan.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `published: false`",
            ),
            file(
                "hidden/a.md",
                "",
                "hidden/a.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `published: false`",
            ),
            file(
                "broken.md",
                "draft: true\nsummary: [\n",
                "broken.md",
                DRAFT,
                "imported as a draft (`draft: true`): its front matter cannot be read, so it may be a draft",
            ),
            file("hidden/own.md", "published: true\n", "hidden/own.md", &[], ""),
            file("hidden/seen/b.md", "", "hidden/seen/b.md", &[], ""),
            file("notes/x.md", "", "", &[], "not imported: `exclude` excludes it (`notes`)"),
            file("a.bak.md", "", "", &[], "not imported: `exclude` excludes it (`*.bak.md`)"),
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
                "imported as a draft (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/hid/a.md",
                "",
                "hid/a.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/broken.md",
                "draft: true\nsummary: [\n",
                "broken.md",
                DRAFT,
                "imported as a draft (`draft: true`): its front matter cannot be read, so it may be a draft",
            ),
            file(
                "content/parts/data.md",
                "",
                "parts/data.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `permalink: false`",
            ),
            file(
                "content/parts/code.md",
                "",
                "parts/code.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/projects/a.md",
                "",
                "projects/a.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `permalink: false`",
            ),
            file("content/hid/own.md", "permalink: /own/\n", "hid/own.md", &[], ""),
            file(
                "content/b.md",
                "draft: true\n",
                "b.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `draft: true`",
            ),
            file(
                "content/private/a.md",
                "",
                "",
                &[],
                "not imported: `.eleventyignore` excludes it (`content/private/`)",
            ),
            file(
                "content/a.skip.md",
                "",
                "",
                &[],
                "not imported: `.eleventyignore` excludes it (`*.skip.md`)",
            ),
            file("content/kept.skip.md", "", "kept.skip.md", &[], ""),
            file(
                "content/inner.md",
                "",
                "",
                &[],
                "not imported: `content/.eleventyignore` excludes it (`/inner.md`)",
            ),
            file(
                "content/told.md",
                "",
                "",
                &[],
                "not imported: `eleventy.config.js` excludes it (`/content/told.md`)",
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
        ("content/projects/projects.11tydata.js", "module.exports = {\n\tpermalink: false,\n};\n"),
    ];
    let settings = [&[("eleventy.config.js", SETTINGS)][..], &ignores].concat();
    import(&settings, &files("not imported: `.gitignore` excludes it (`content/git.md`)"));
    let without_git =
        SETTINGS.replace("\treturn", "\televentyConfig.setUseGitIgnore(false);\n\treturn");
    let settings = [&[("eleventy.config.js", without_git.as_str())][..], &ignores].concat();
    import(&settings, &files(""));
}

#[test]
fn files_outside_the_folders_of_eleventy() {
    for (name, program) in [
        (
            ".eleventy.js",
            "module.exports = c => { return { dir: { input: \"content\", output: \"_site\" } }; };\n",
        ),
        ("eleventy.config.js", "export const config = { dir: { input: 'content' } };\n"),
        (
            "eleventy.config.js",
            "export default (c) => ({\n  dir:\n    { output: `x`,\n    \"input\": `./content/` } })\n",
        ),
        ("eleventy.config.mjs", "export default (c) => { c.setInputDirectory(\"content\"); }\n"),
        (
            "eleventy.config.js",
            "const IN = \"content\"; // dir: { input: \".\" }\nexport default () => ({ dir: { input: IN } })\n",
        ),
    ] {
        let outside = [
            ("outside.md", SECRET_PAGE),
            ("content/_includes/a.md", SECRET_PAGE),
            ("content/_data/b.md", SECRET_PAGE),
            (name, program),
        ];
        import(&outside, &[file("content/about.md", "", "about.md", &[], "")]);
    }
    let script =
        r#"{"scripts": {"start": "eleventy --serve --input=content", "css": "sass --input=x"}}"#;
    let settings = [
        ("outside.md", SECRET_PAGE),
        (".eleventy.js", "module.exports = {};\n"),
        ("package.json", script),
    ];
    import(&settings, &[file("content/about.md", "", "about.md", &[], "")]);
}

#[test]
fn ambiguous_settings_of_eleventy() {
    for program in [
        "export default () => ({ dir: { input: process.env.IN } });\n",
        "export default () => ({ dir: folders });\n",
        "const dir = pick();\nexport default () => ({ dir, pathPrefix: \"/\" });\n",
        "export default (c) => { c.setInputDirectory(IN + \"/a\"); };\n",
        "export default () => ({ dir: { ...usual, output: \"x\" } });\n",
        "export default (c) => { c.ignores.add(`${place}/a.md`); };\n",
        "export const config = { dir: { input: \".\" } };\nconst b = { dir: { input: \"b\" } };\n",
    ] {
        let settings = [("eleventy.config.js", program), ("a/b.txt", "Nobody is to read this.")];
        let told = "imported as a draft (`draft: true`): `eleventy.config.js` does not show the folders of the site";
        let folder = imported(&settings, &[file("a/b.md", "", "a/b.md", DRAFT, told)]);
        let report = fs::read_to_string(folder.path().join("new/imported.md")).unwrap();
        assert!(
            report.contains(
                "`a/b.txt`: not imported: `eleventy.config.js` does not show the folders"
            ),
            "{program}: {report}"
        );
    }
}

#[test]
fn javascript_front_matter() {
    for front in [
        "---js\n{title:\"U\",permalink:false}\n---\n",
        "---js\n{ title: \"U\", permalink: (data) => false, }\n---\n",
        "---js\nconst title = \"U\"; const permalink = hidden();\n---\n",
        "---javascript\n{ draft: true }\n---\n",
        "---json\n{\"permalink\": false}\n---\n",
        "---yaml\npermalink: false\n---\n",
        "---coffee\npermalink: false\n---\n",
    ] {
        let text = format!("{front}\n{SECRET}\n");
        let settings = [
            ("eleventy.config.js", "export const config = { dir: { input: \"content\" } };\n"),
            ("content/u.md", text.as_str()),
            ("content/projects/projects.11tydata.js", "module.exports={permalink:false}"),
            (
                "content/plan/plan.11tydata.js",
                "export default { eleventyComputed: { permalink: (data) => data.open ? 1 : false } }",
            ),
        ];
        let told = "imported as a draft (`draft: true`): the old site has `permalink: false`";
        let unknown = "imported as a draft (`draft: true`): `permalink` is computed by a program, which may not publish the page";
        let files = [
            file("content/about.md", "", "about.md", &[], ""),
            file("content/projects/a.md", "", "projects/a.md", DRAFT, told),
            file("content/plan/a.md", "", "plan/a.md", DRAFT, unknown),
        ];
        let (report, _) = import(&settings, &files);
        assert!(report.contains("- `content/u.md`: imported as a draft"), "{front}: {report}");
        let told = match front {
            _ if front.contains("coffee") => "the format `coffee` is not supported",
            _ if front.contains("data") || front.contains("hidden") => {
                "`permalink` is computed by a program, which was not run"
            }
            _ => continue,
        };
        assert!(report.contains(told), "{front}: {report}");
    }
}

#[test]
fn leaf_bundles_of_hugo() {
    const TOLD: &str =
        "not imported: Hugo does not make pages of files beside `content/post/b/index.md`";
    import(
        &[
            (
                "hugo.toml",
                "title = 'Old'\ndefaultContentLanguage = 'en'\nignoreFiles = ['ignored/index']\n\
                [languages.en]\nlanguageName = 'English'\n[languages.pl]\nlanguageName = 'Polski'\n",
            ),
            ("content/post/b/deep/note.txt.md", SECRET_PAGE),
            ("content/html/index.html", "<p>x</p>"),
            ("content/html/a.md", SECRET_PAGE),
        ],
        &[
            file("content/post/b/index.md", "", "post/b/index.md", &[], ""),
            file("content/post/b/index.pl.md", "", "post/b/index.pl.md", &[], ""),
            file("content/post/b/resource.md", "", "", &[], TOLD),
            file("content/post/b/deep/index.md", "", "", &[], TOLD),
            file("content/post/b/deep/_index.md", "", "", &[], TOLD),
            file("content/post/bc.md", "", "post/bc.md", &[], ""),
            file(
                "content/hid/index.md",
                "headless: true\n",
                "hid/index.md",
                DRAFT,
                "imported as a draft (`draft: true`): the old site has `headless: true`",
            ),
            file(
                "content/hid/a.md",
                "",
                "",
                &[],
                "not imported: Hugo does not make pages of files beside `content/hid/index.md`",
            ),
            file("content/branch/_index.md", "", "branch/_index.md", &[], ""),
            file("content/branch/a.md", "", "branch/a.md", &[], ""),
            file(
                "content/branch/#a.md",
                "",
                "",
                &[],
                "not imported: Hugo ignores names like `#a.md`",
            ),
            file(
                "content/ignored/index.md",
                "",
                "",
                &[],
                "not imported: `ignoreFiles` excludes it (`ignored/index`)",
            ),
            file("content/ignored/a.md", "", "ignored/a.md", &[], ""),
        ],
    );
}

#[test]
fn unreadable_settings() {
    for (name, text, page) in [
        ("hugo.toml", "title = [", "content/a.md"),
        ("zola.toml", "title = [", "content/a.md"),
        ("_config.yml", "title: [\n", "a.md"),
    ] {
        let content = page.strip_prefix("content/").unwrap_or(page);
        let folder = imported(&[(name, text), (page, SECRET_PAGE)], &[]);
        let new = folder.path().join("new");
        let report = fs::read_to_string(new.join("imported.md")).unwrap();
        let told = format!(
            "- `{page}`: imported as a draft (`draft: true`): `{name}` cannot be read, so it is unknown what the old site published"
        );
        assert!(report.contains(&told), "{name} {text}: {report}");
        let words = fs::read_to_string(new.join("content").join(content)).unwrap();
        assert!(words.contains("draft: true"), "{name} {text}: {words}");
    }
}

#[test]
fn values_that_jekyll_reads_as_false() {
    let settings = [("_config.yml", "title: Old\nfuture: no\nunpublished: off\n")];
    let held = |written: &str| {
        let told = format!("imported as a draft (`draft: true`): the old site has `{written}`");
        let front = format!("{written}\n");
        let front: &'static str = front.leak();
        file("_posts/2001-01-01-a.md", front, "posts/a.md", DRAFT, told.leak())
    };
    for written in [
        "published: no",
        "published: No",
        "published: off",
        "published: OFF",
        "published: n",
        "published: N",
        "draft: yes",
        "draft: On",
        "draft: y",
    ] {
        import(&settings, &[held(written), file("a.md", "published: yes\n", "a.md", &[], "")]);
    }
}

#[test]
fn names_that_jekyll_ignores() {
    const POST: &str =
        "not imported: Jekyll only publishes posts with file names like `2020-05-21-rose.md`";
    let passed = |old, name: &str| {
        file(old, "", "", &[], format!("not imported: Jekyll ignores names like `{name}`").leak())
    };
    import(
        &[("_config.yml", "title: Old\ncollections:\n  places: { output: true }\n")],
        &[
            file("_posts/2001-01-01-a.md", "", "posts/a.md", &[], ""),
            file("_posts/nodate.md", "", "", &[], POST),
            file("_posts/2020-01-01.md", "", "", &[], POST),
            file("_posts/2020-13-45-bad.md", "", "", &[], POST),
            file("cat/_posts/x.md", "", "", &[], POST),
            passed("#x.md", "#x.md"),
            passed("sub/~t.md", "~t.md"),
            passed("#sub/t.md", "#sub"),
            file("_places/a.md", "", "places/a.md", &[], ""),
        ],
    );
}

#[test]
fn unsupported_settings() {
    for (settings, page, said) in [
        (
            &[("_config.yml", "source: src\n")][..],
            "a.md",
            "`source` in `_config.yml` is not supported",
        ),
        (
            &[("_config.yml", "collections_dir: of\n")],
            "a.md",
            "`collections_dir` in `_config.yml` is not supported",
        ),
        (
            &[("hugo.yaml", "contentDir: src\n")],
            "content/a.md",
            "`contentDir` in `hugo.yaml` is not supported",
        ),
        (
            &[(
                "hugo.toml",
                "[[module.mounts]]\nsource = \"content\"\ntarget = \"content\"\nexcludeFiles = [\"a*\"]\n",
            )],
            "content/a.md",
            "`mounts` in `hugo.toml` are not supported",
        ),
        (
            &[("hugo.toml", "[frontmatter]\ndate = [\":filename\", \":default\"]\n")],
            "content/2099-01-01-a.md",
            "`frontmatter` in `hugo.toml` takes dates from file names or the file history",
        ),
        (
            &[("hugo.toml", "title = \"x\"\n"), ("config/_default/module.toml", "x = 1\n")],
            "content/a.md",
            "`config/_default/module.toml` is not supported",
        ),
        (
            &[
                ("config/_default/hugo.yaml", "title: x\n"),
                ("config/production/hugo.yaml", "x: 1\n"),
            ],
            "content/a.md",
            "`config/production/hugo.yaml` is not supported",
        ),
    ] {
        let mut files = settings.to_vec();
        files.push((page, SECRET_PAGE));
        let folder = imported(&files, &[]);
        let report = fs::read_to_string(folder.path().join("new/imported.md")).unwrap();
        let told = format!(
            "- `{page}`: imported as a draft (`draft: true`): {said}, so it is unknown what the old site published"
        );
        assert!(report.contains(&told), "{told}: {report}");
    }
}

#[test]
fn the_settings_folder_of_hugo() {
    for name in ["hugo.yaml", "config.yaml", "hugo.yml"] {
        let file_name = format!("config/_default/{name}");
        let settings = [
            (file_name.as_str(), "title: Old\nignoreFiles: ['secret']\n"),
            ("config/_default/params.yaml", "color: red\n"),
        ];
        let (_, new) = import(
            &settings,
            &[
                file("content/a.md", "", "a.md", &[], ""),
                file(
                    "content/secret.md",
                    "",
                    "",
                    &[],
                    "not imported: `ignoreFiles` excludes it (`secret`)",
                ),
            ],
        );
        assert!(new.contains("title: Old"), "{name}: {new}");
    }
}
