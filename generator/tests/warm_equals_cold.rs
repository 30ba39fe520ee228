//! *After any sequence of edits, a warm `dist/` equals a cold one byte for byte.*
//!
//! Random edits of every kind, in random order, with builds between; after each build the output is
//! compared with a cold build. A failing build must leave the output unchanged.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use support::{Site, pictures};

const TITLES: [&str; 4] = ["Rose", "Tom & Ann", "A daisy", "ਰੋਜ਼"];
const STORIES: [&str; 4] = ["rose", "tom", "ann", "deep/er/lee"];

const TAGS: [&str; 5] = ["[]", "[Growing food]", "[growing food]", "[Music, Growing food]", "?!"];

const ALIASES: [&str; 4] = ["old", "/stories/tom/", "/Old/", "tags/music"];
const DATA: [&str; 2] = ["team.json", "team.csv"];

/// Folders in which stories can be.
const FOLDERS: [&str; 3] = ["stories/deep", "stories/far", "notes"];

/// Parts of a page template that show other pages.
const TEMPLATES: [&str; 8] = [
    "",
    "<p>Changed</p>",
    "{{ page(path=\"stories/rose.md\") | length }}",
    "{% set near = neighbours(path=page.path) %}\
     {% if near.previous %}{{ near.previous.title }}{% endif %}\
     {% if near.next %}{{ near.next.url }}{% endif %}\
     {% for each in related(path=page.path) %}{{ each.title }}{% endfor %}\
     {% for each in backlinks(path=page.path) %}{{ each.title }}{% endfor %}\
     {% for each in menu(name=\"main\") %}{{ each.label }}{% endfor %}",
    "{% for each in data(name=\"team\") %}{{ each.name }}{% endfor %}",
    TRANSLATIONS,
    "{{ last_commit(path=page.path) }} {{ page.updated }}",
    "{% set chat = form(name=\"chat\") %}{{ chat.title }}{{ chat.html }}",
];

/// The languages that the settings declare.
const LANGUAGES: [&str; 4] = [
    "",
    "languages:\n  en-GB: { name: English }\n  pa: { name: ਪੰਜਾਬੀ }\n",
    "languages:\n  ur: { name: اردو, title: ایک سائٹ }\n  pa: { name: ਪੰਜਾਬੀ, prefix: p }\n  \
     en-GB: { name: English }\n",
    "languages:\n  en-GB: { name: UK English }\n  pa: { name: ਪੰਜਾਬੀ }\n  ur: { name: اردو }\n",
];
const CODES: [&str; 2] = ["pa", "ur"];

/// A part of a page template that shows languages.
const TRANSLATIONS: &str = "{% set frame = language() %}{{ frame.lang }} {{ frame.name }}\
     {% for each in page.translations %}<a hreflang=\"{{ each.lang }}\" href=\"{{ each.url }}\">\
     {{ each.name }} {{ each.written }}</a>{% endfor %}\
     {{ page.lang }} {{ page.fallback }} {{ t(key=\"days\", count=page.words) }}\
     {% if page.date %}{{ page.date | date }}{% endif %}\
     {% for each in related(path=page.path) %}{{ each.title }}{{ each.lang }}{% endfor %}\
     {% for each in menu(name=\"main\") %}{{ each.label }}{{ each.lang }}{% endfor %}";

#[derive(Clone, Debug)]
enum Edit {
    Story { story: usize, title: usize, body: usize },
    Words { story: usize, words: usize },
    Retitle { story: usize, title: usize },
    Tags { story: usize, tags: usize },
    Taxonomies { text: usize },
    Alias { story: usize, alias: usize },
    Menu { story: usize, weight: usize },
    Languages { languages: usize },
    Translate { story: usize, code: usize, title: usize, unreviewed: bool },
    TranslateSection { code: usize, title: usize },
    Untranslate { story: usize, code: usize },
    Strings { code: usize, text: usize },
    Drafts,
    Data { file: usize, text: usize },
    Link { story: usize, to: usize },
    Delete { story: usize },
    Rename { story: usize, to: usize },
    Swap,
    Bundle { story: usize },
    Draft { story: usize },
    Schedule { story: usize, hours: i64, ends: bool },
    Consent { story: usize, hours: i64, withdrawn: bool },
    Require { consent: bool },
    Section { sort_by: usize, reverse: bool, feed: bool, paginate_by: usize },
    Template { text: usize },
    Component { text: usize },
    Style { margin: u8 },
    Settings { title: usize, address: bool },
    Static { text: u8 },
    Attachment { text: u8 },
    Picture { shade: u8, translucent: bool },
    Shows { story: usize, how: usize },
    Widths { width: u32 },
    LosePictures,
    DamagePicture { at: usize },
    SameStampOtherContent { story: usize },
    Tamper { output: usize },
    Lose { output: usize },
    MoveFolder { from: usize, to: usize },
    Form { title: usize },
    Commit { dates: bool },
    Litter,
    LoseCache,
    DamageCache { at: usize },
    OlderCache,
    LeaveStage,
    Hours { hours: i64 },
    Wait,
}

fn edits() -> impl Strategy<Value = Edit> {
    let story = || 0..STORIES.len();
    prop_oneof![
        4 => (story(), 0..TITLES.len(), 0..5_usize)
            .prop_map(|(story, title, body)| Edit::Story { story, title, body }),
        6 => (story(), 0..4_usize).prop_map(|(story, words)| Edit::Words { story, words }),
        6 => (story(), 0..TITLES.len()).prop_map(|(story, title)| Edit::Retitle { story, title }),
        3 => (story(), 0..TAGS.len()).prop_map(|(story, tags)| Edit::Tags { story, tags }),
        2 => (0..4_usize).prop_map(|text| Edit::Taxonomies { text }),
        2 => (story(), 0..ALIASES.len()).prop_map(|(story, alias)| Edit::Alias { story, alias }),
        1 => (story(), 0..3_usize).prop_map(|(story, weight)| Edit::Menu { story, weight }),
        3 => (0..LANGUAGES.len()).prop_map(|languages| Edit::Languages { languages }),
        4 => (story(), 0..CODES.len(), 0..TITLES.len(), any::<bool>()).prop_map(
            |(story, code, title, unreviewed)| Edit::Translate { story, code, title, unreviewed }
        ),
        1 => (0..CODES.len(), 0..TITLES.len())
            .prop_map(|(code, title)| Edit::TranslateSection { code, title }),
        2 => (story(), 0..CODES.len()).prop_map(|(story, code)| Edit::Untranslate { story, code }),
        1 => (0..CODES.len(), 0..4_usize).prop_map(|(code, text)| Edit::Strings { code, text }),
        1 => Just(Edit::Drafts),
        1 => (0..DATA.len(), 0..3_usize).prop_map(|(file, text)| Edit::Data { file, text }),
        2 => (story(), story()).prop_map(|(story, to)| Edit::Link { story, to }),
        2 => story().prop_map(|story| Edit::Delete { story }),
        2 => (story(), story()).prop_map(|(story, to)| Edit::Rename { story, to }),
        1 => Just(Edit::Swap),
        1 => story().prop_map(|story| Edit::Bundle { story }),
        1 => story().prop_map(|story| Edit::Draft { story }),
        2 => (story(), -3..3_i64, any::<bool>())
            .prop_map(|(story, hours, ends)| Edit::Schedule { story, hours, ends }),
        2 => (story(), -3..3_i64, any::<bool>())
            .prop_map(|(story, hours, withdrawn)| Edit::Consent { story, hours, withdrawn }),
        1 => any::<bool>().prop_map(|consent| Edit::Require { consent }),
        2 => (0..3_usize, any::<bool>(), any::<bool>(), 0..3_usize).prop_map(
            |(sort_by, reverse, feed, paginate_by)| {
                Edit::Section { sort_by, reverse, feed, paginate_by }
            }
        ),
        2 => (0..TEMPLATES.len()).prop_map(|text| Edit::Template { text }),
        1 => (0..3_usize).prop_map(|text| Edit::Component { text }),
        1 => (0..4_u8).prop_map(|margin| Edit::Style { margin }),
        2 => (0..TITLES.len(), any::<bool>())
            .prop_map(|(title, address)| Edit::Settings { title, address }),
        1 => (0..3_u8).prop_map(|text| Edit::Static { text }),
        1 => (0..3_u8).prop_map(|text| Edit::Attachment { text }),
        2 => (0..3_u8, any::<bool>())
            .prop_map(|(shade, translucent)| Edit::Picture { shade, translucent }),
        3 => (story(), 0..6_usize).prop_map(|(story, how)| Edit::Shows { story, how }),
        1 => (16..24_u32).prop_map(|width| Edit::Widths { width }),
        1 => Just(Edit::LosePictures),
        1 => any::<usize>().prop_map(|at| Edit::DamagePicture { at }),
        1 => story().prop_map(|story| Edit::SameStampOtherContent { story }),
        2 => any::<usize>().prop_map(|output| Edit::Tamper { output }),
        2 => any::<usize>().prop_map(|output| Edit::Lose { output }),
        2 => (0..FOLDERS.len(), 0..FOLDERS.len())
            .prop_map(|(from, to)| Edit::MoveFolder { from, to }),
        1 => (0..TITLES.len()).prop_map(|title| Edit::Form { title }),
        2 => any::<bool>().prop_map(|dates| Edit::Commit { dates }),
        1 => Just(Edit::Litter),
        1 => Just(Edit::LoseCache),
        1 => any::<usize>().prop_map(|at| Edit::DamageCache { at }),
        1 => Just(Edit::OlderCache),
        1 => Just(Edit::LeaveStage),
        2 => (-2..3_i64).prop_map(|hours| Edit::Hours { hours }),
        2 => Just(Edit::Wait),
    ]
}

fn small_edits() -> impl Strategy<Value = Edit> {
    let story = || 0..STORIES.len();
    let in_one_language = edits().prop_filter("in one language", |edit| {
        let of_languages = matches!(edit, Edit::Languages { .. } | Edit::Translate { .. });
        !of_languages && !matches!(edit, Edit::TranslateSection { .. } | Edit::Strings { .. })
    });
    prop_oneof![
        3 => (story(), 0..4_usize).prop_map(|(story, words)| Edit::Words { story, words }),
        3 => (story(), 0..TITLES.len()).prop_map(|(story, title)| Edit::Retitle { story, title }),
        2 => in_one_language,
    ]
}

fn path(story: usize) -> String {
    format!("content/stories/{}.md", STORIES[story])
}

fn translation(story: usize, code: usize) -> String {
    format!("content/stories/{}.{}.md", STORIES[story], CODES[code])
}

fn story(title: usize, front: &str, body: &str) -> String {
    format!("---\ntitle: \"{}\"\n{front}---\n{body}\n", TITLES[title])
}

fn form(title: usize) -> String {
    format!(
        "title: \"{}\"\nfields:\n  - {{ name: name, kind: full-name, label: Your name }}\nsubmit: Send\n\
         small_print: [Only the team reads this.]\nthanks: {{ title: Thank you, next: [We write.] }}\nphone: 024 7600 0000\n\
         keep_days: 30\n",
        TITLES[title]
    )
}

/// Commits all sources, one hour after the last commit.
fn commit(root: &Path, number: i64) {
    let date = format!("@{} +0000", support::SPRING + number * 3600);
    let git = |words: &[&str]| {
        let call = Command::new("git")
            .args(["-c", "user.name=Rose", "-c", "user.email=rose@example.org"])
            .args(words)
            .env("GIT_COMMITTER_DATE", &date)
            .current_dir(root)
            .output();
        call.unwrap()
    };
    if number == 1 {
        assert!(git(&["init", "--quiet"]).status.success());
    }
    assert!(git(&["add", "content", "themes"]).status.success());
    // It fails if nothing has changed.
    git(&["commit", "--quiet", "--message", "Changed"]);
}

struct World {
    site: Site,
    commits: i64,
    older_cache: Option<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let site = Site::new();
        site.write("content/stories/_index.md", "---\ntitle: Stories\n---\n");
        site.write("content/stories/rose.md", &story(0, "date: 2020-05-21\n", "Her words."));
        site.write(
            "themes/daisy/templates/note.html",
            "{% component note(text: string) %}<p>{{ text }}</p>{{ body }}{% endcomponent note %}",
        );
        site.write(
            "themes/daisy/templates/photo.html",
            "{% component photo(src: string, @page) %}\
             {{ image(src=src, from=page.path, alt=\"\") }}{% endcomponent photo %}",
        );
        site.write("content/strings/en-GB.yaml", "days: { one: a day, other: \"{count} days\" }\n");
        site.write_bytes("content/images/street.png", &pictures::png(32, 8, 0, false));
        site.write("content/forms/chat.yaml", &form(0));
        World { site, commits: 0, older_cache: None }
    }

    fn apply(&mut self, edit: &Edit) {
        let site = &self.site;
        let full = |path: &str| site.root().join(path);
        match edit {
            Edit::Story { story: at, title, body } => {
                let body = match body {
                    0 => "Words.".to_owned(),
                    1 => "## A heading {#words}\n\nOther words, [home](/).".to_owned(),
                    2 => "{{<note text=\"noted\" />}}".to_owned(),
                    3 => "{% <note text=\"around\"> %}\n\n*inner*\n\n{% </note> %}".to_owned(),
                    body => format!("Words for {body}.\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |"),
                };
                site.write(&path(*at), &story(*title, "date: 2020-05-22\n", &body));
            }
            Edit::Words { story, words } => {
                if let Ok(text) = fs::read_to_string(full(&path(*story))) {
                    site.write(&path(*story), &format!("{text}{}\n", "and more ".repeat(*words)));
                }
            }
            Edit::Retitle { story, title } => {
                if let Ok(text) = fs::read_to_string(full(&path(*story))) {
                    let lines = text.lines().map(|line| match line.starts_with("title: ") {
                        true => format!("title: \"{} once more\"\n", TITLES[*title]),
                        false => format!("{line}\n"),
                    });
                    site.write(&path(*story), &lines.collect::<String>());
                }
            }
            Edit::Tags { story: at, tags } => {
                let front = format!("tags: {}\ndate: 2020-05-0{}\n", TAGS[*tags], at + 1);
                site.write(&path(*at), &story(*at, &front, "Words under a tag."));
            }
            Edit::Taxonomies { text } => {
                let text = [
                    "[]",
                    "tags",
                    "[{ name: tags, paginate_by: 1 }]",
                    "[{ name: tags, title: Topics, feed: true }]",
                ][*text];
                let address = "base_url: https://connecting.test";
                let text = format!("title: Tagged\n{address}\ntaxonomies: {text}\n");
                site.write("content/site.yaml", &text);
            }
            Edit::Alias { story: at, alias } => {
                let front = format!("aliases: {}\n", ALIASES[*alias]);
                site.write(&path(*at), &story(*at, &front, "It was elsewhere before."));
            }
            Edit::Menu { story: at, weight } => {
                let front = format!("menu: main\nweight: {weight}\n");
                site.write(&path(*at), &story(*at, &front, "In the menu."));
            }
            Edit::Languages { languages } => {
                let address = "base_url: https://connecting.test";
                let text =
                    format!("title: Ours\n{address}\ntaxonomies: tags\n{}", LANGUAGES[*languages]);
                site.write("content/site.yaml", &text);
            }
            Edit::Translate { story: at, code, title, unreviewed } => {
                let front = format!("tags: [ਬਾਗ਼]\nunreviewed: {unreviewed}\n");
                let body = "In other words, [home](/), [there](rose.md).";
                site.write(&translation(*at, *code), &story(*title, &front, body));
            }
            Edit::TranslateSection { code, title } => {
                let path = format!("content/stories/_index.{}.md", CODES[*code]);
                site.write(&path, &story(*title, "", ""));
            }
            Edit::Untranslate { story, code } => {
                let _ = fs::remove_file(full(&translation(*story, *code)));
            }
            Edit::Strings { code, text } => {
                let text = [
                    "",
                    "days: Days\n",
                    "days: { one: Day, other: \"{count} days\" }\n",
                    "days: { one: Day }\n",
                ][*text];
                site.write(&format!("content/strings/{}.yaml", CODES[*code]), text);
            }
            Edit::Drafts => self.site.options.drafts ^= true,
            Edit::Data { file, text } => {
                let text = match (file, text) {
                    (_, 0) => "",
                    (0, 1) => "[{\"name\": \"Ann\"}]",
                    (0, _) => "[{\"name\": \"Tom\", \"part\": 1.5}]",
                    (_, 1) => "name,part\nAnn,1\n",
                    (_, _) => "name,part\nTom\n",
                };
                site.write(&format!("content/data/{}", DATA[*file]), text);
            }
            Edit::Link { story: at, to } => {
                let up = "../".repeat(STORIES[*at].matches('/').count());
                let link = format!("See [it]({up}{}.md).", STORIES[*to]);
                site.write(&path(*at), &story(*at, "", &link));
            }
            Edit::Delete { story } => {
                let _ = fs::remove_file(full(&path(*story)));
            }
            Edit::Rename { story, to } => {
                if full(&path(*story)).exists() {
                    fs::create_dir_all(full(&path(*to)).parent().unwrap()).unwrap();
                    fs::rename(full(&path(*story)), full(&path(*to))).unwrap();
                }
            }
            Edit::Swap => {
                let (one, other) = (full(&path(0)), full(&path(1)));
                if one.exists() && other.exists() {
                    fs::rename(&one, full("content/swap")).unwrap();
                    fs::rename(&other, &one).unwrap();
                    fs::rename(full("content/swap"), &other).unwrap();
                }
            }
            Edit::Bundle { story } => {
                let from = full(&path(*story));
                if from.is_file() {
                    let folder = full(&format!("content/stories/{}", STORIES[*story]));
                    fs::create_dir_all(&folder).unwrap();
                    fs::rename(from, folder.join("index.md")).unwrap();
                }
            }
            Edit::Draft { story: at } => {
                site.write(&path(*at), &story(*at, "draft: true\n", "Not yet."));
            }
            Edit::Schedule { story: at, hours, ends } => {
                let moment = jiff::Timestamp::from_second(support::SPRING + hours * 3600).unwrap();
                let key = if *ends { "expires_on" } else { "publish_on" };
                site.write(&path(*at), &story(*at, &format!("{key}: {moment}\n"), "In time."));
            }
            Edit::Consent { story: at, hours, withdrawn } => {
                let moment = jiff::Timestamp::from_second(support::SPRING + hours * 3600).unwrap();
                let key = if *withdrawn { "withdrawn" } else { "until" };
                let consent =
                    format!("consent: {{ by: Lee Ward, on: 2019-01-01, {key}: \"{moment}\" }}\n");
                site.write(&path(*at), &story(*at, &consent, "With consent."));
            }
            Edit::Require { consent } => {
                site.write(
                    "content/stories/_index.md",
                    &format!("---\ntitle: Stories\nrequire_consent: {consent}\n---\n\nOurs\n"),
                );
            }
            Edit::Section { sort_by, reverse, feed, paginate_by } => {
                let sort_by = ["date", "title", "weight"][*sort_by];
                let parts = ["", "paginate_by: 1\n", "paginate_by: 2\n"][*paginate_by];
                let html = if *feed { "allow" } else { "show" };
                let front = format!(
                    "sort_by: {sort_by}\nreverse: {reverse}\nfeed: {feed}\nraw_html: {html}\n{parts}"
                );
                site.write(
                    "content/stories/_index.md",
                    &format!("---\ntitle: Stories\n{front}---\n\n<b>Ours</b>\n"),
                );
            }
            Edit::Template { text } => {
                let main = TEMPLATES[*text];
                site.write(
                    "themes/daisy/templates/page.html",
                    &format!(
                        "{{% extends \"base.html\" %}}\
                         {{% block main %}}{{{{ page.content }}}}{main}{{% endblock main %}}"
                    ),
                );
            }
            Edit::Component { text } => {
                let text = ["", "<b>1</b>", "{{ config(key=\"title\") }}"][*text];
                site.write(
                    "themes/daisy/templates/note.html",
                    &format!(
                        "{{% component note(text: string) %}}<p>{{{{ text }}}}</p>{text}\
                         {{{{ body }}}}{{% endcomponent note %}}"
                    ),
                );
            }
            Edit::Style { margin } => {
                site.write(
                    "themes/daisy/styles/main.css",
                    &format!("body {{ margin: {margin}px }}\n"),
                );
            }
            Edit::Settings { title, address } => {
                let address = if *address { "base_url: https://connecting.test\n" } else { "" };
                let text = format!("title: \"{}\"\n{address}language: en-GB\n", TITLES[*title]);
                site.write("content/site.yaml", &text);
            }
            Edit::Static { text } => {
                site.write("themes/daisy/static/robots.txt", &format!("{text}"));
            }
            Edit::Attachment { text } => {
                site.write("content/stories/leaflet.txt", &format!("{text}"));
            }
            Edit::Picture { shade, translucent } => {
                let bytes = pictures::png(32, 8, *shade, *translucent);
                site.write_bytes("content/images/street.png", &bytes);
            }
            Edit::Shows { story: at, how } => {
                let up = "../".repeat(1 + STORIES[*at].matches('/').count());
                let file = format!("{up}images/street.png");
                let (front, body) = match how {
                    0 => (String::new(), format!("![Our street]({file})")),
                    1 => (format!("image:\n  src: {file}\n  alt: Our street\n"), String::new()),
                    2 => (String::new(), format!("{{{{<photo src=\"{file}\" />}}}}")),
                    3 => (String::new(), format!("[![Our street]({file})]({file})")),
                    4 => (String::new(), format!("[Leaflet]({up}stories/leaflet.txt)")),
                    _ => (String::new(), "![Our street](nowhere.png)".to_owned()),
                };
                site.write(&path(*at), &story(*at % TITLES.len(), &front, &body));
            }
            Edit::Widths { width } => {
                let text = format!("images:\n  widths: [{width}, 32]\n");
                site.write("themes/daisy/theme.yaml", &text);
            }
            Edit::LosePictures => {
                let _ = fs::remove_dir_all(full(".daisy/images"));
            }
            Edit::DamagePicture { at } => {
                let kept: Vec<_> =
                    fs::read_dir(full(".daisy/images")).into_iter().flatten().flatten().collect();
                if let Some(entry) = kept.get(at % kept.len().max(1)) {
                    let mut bytes = fs::read(entry.path()).unwrap();
                    let at = at % bytes.len();
                    bytes[at] ^= 0x55;
                    fs::write(entry.path(), bytes).unwrap();
                }
            }
            Edit::SameStampOtherContent { story } => {
                let file = full(&path(*story));
                if let Ok(text) = fs::read_to_string(&file) {
                    let modified = fs::metadata(&file).unwrap().modified().unwrap();
                    fs::write(&file, text.replace("ords", "0rds")).unwrap();
                    File::options()
                        .append(true)
                        .open(&file)
                        .unwrap()
                        .set_modified(modified)
                        .unwrap();
                }
            }
            Edit::Tamper { output } => self.damage(*output, |file| {
                let mut bytes = fs::read(file).unwrap();
                let modified = fs::metadata(file).unwrap().modified().unwrap();
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
                fs::write(file, bytes).unwrap();
                File::options().append(true).open(file).unwrap().set_modified(modified).unwrap();
            }),
            Edit::Lose { output } => self.damage(*output, |file| fs::remove_file(file).unwrap()),
            Edit::MoveFolder { from, to } => {
                let [from, to] = [from, to].map(|at| full(&format!("content/{}", FOLDERS[*at])));
                if from.is_dir() && !to.exists() {
                    fs::rename(from, to).unwrap();
                }
            }
            Edit::Form { title } => {
                site.write("content/forms/chat.yaml", &form(*title));
            }
            Edit::Commit { dates } => {
                if *dates {
                    let text = "title: Dated\nbase_url: https://connecting.test\ngit_dates: true\n";
                    site.write("content/site.yaml", text);
                }
                self.commits += 1;
                commit(site.root(), self.commits);
            }
            Edit::Litter => {
                site.write("dist/stories/withdrawn/index.html", "gone");
                site.write("dist/.hidden", "gone");
            }
            Edit::LoseCache => {
                let _ = fs::remove_file(full(".daisy/cache"));
            }
            Edit::DamageCache { at } => {
                if let Ok(mut bytes) = fs::read(full(".daisy/cache")) {
                    let at = at % bytes.len();
                    bytes[at] ^= 0x55;
                    fs::write(full(".daisy/cache"), bytes).unwrap();
                }
            }
            // As after a kill between the last rename and writing the cache.
            Edit::OlderCache => match self.older_cache.take() {
                Some(bytes) => fs::write(full(".daisy/cache"), bytes).unwrap(),
                None => self.older_cache = fs::read(full(".daisy/cache")).ok(),
            },
            Edit::LeaveStage => {
                site.write(".dist.stage/stories/rose/index.html", "half");
            }
            Edit::Hours { hours } => self.site.now += hours * 3600,
            // Long enough for timestamps to be trusted again.
            Edit::Wait => self.site.wait_for_file_clock(),
        }
    }

    fn damage(&self, output: usize, damage: impl Fn(&Path)) {
        let dist = self.site.dist();
        let Some(path) = dist.keys().nth(output % dist.len().max(1)) else { return };
        damage(&self.site.root().join("dist").join(path));
    }

    fn live_through(&mut self, steps: &[Vec<Edit>]) -> Result<(), TestCaseError> {
        self.site.must_build();
        self.check()?;
        for edits in steps {
            edits.iter().for_each(|edit| self.apply(edit));
            self.check()?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let before = self.site.dist();
        let warm = self.site.build();
        let after = self.site.dist();
        match self.site.cold() {
            Ok(cold) => {
                prop_assert!(warm.is_ok(), "warm failed: {:?}", warm.err());
                let names = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
                    tree.keys().cloned().collect::<Vec<_>>()
                };
                prop_assert_eq!(names(&after), names(&cold));
                for (path, bytes) in &cold {
                    let (warm, cold) =
                        (String::from_utf8_lossy(&after[path]), String::from_utf8_lossy(bytes));
                    prop_assert_eq!(warm, cold, "{}", path);
                }
            }
            Err(cold) => {
                let Err(warm) = warm else {
                    return Err(TestCaseError::fail(format!(
                        "warm built what cold does not: {cold:?}"
                    )));
                };
                prop_assert_eq!(support::faults(&warm), support::faults(&cold));
                prop_assert_eq!(before, after, "a build that fails leaves dist as it was");
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: support::cases(150),
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn after_any_sequence_of_edits(steps in prop::collection::vec(
        prop::collection::vec(edits(), 1..4), 1..10,
    )) {
        World::new().live_through(&steps)?;
    }

    /// A site in one language; most edits change only the text of a page, which takes the incremental
    /// path.
    #[test]
    fn after_any_sequence_of_small_edits(steps in prop::collection::vec(
        prop::collection::vec(small_edits(), 1..3), 1..12,
    )) {
        World::new().live_through(&steps)?;
    }
}
