//! A publish killed at any point leaves visitors a consistent site whose forms work, and the next run completes it.

use std::collections::{BTreeMap, BTreeSet};

use daisychain_functions::store::Definitions as _;

use super::cloud::{Cloud, Visible, dead_ends};
use super::support::{SPRING, Site};

const STORIES: usize = 4;

/// Version `edition` of the site: every page changes, and so do the style and a form; some pages are added or removed, and
/// so is a form with its page.
fn write(site: &Site, edition: usize) {
    let _ = std::fs::remove_dir_all(site.root().join("content/stories"));
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\nAll of them.\n");
    let is_told = |number: usize| number % 4 != edition % 4;
    for number in (0..STORIES).filter(|number| is_told(*number)) {
        let next = (number + 1..STORIES).find(|next| is_told(*next)).unwrap_or(number);
        let text = format!(
            "---\ntitle: Story {number}\nsummary: Number {number}\n---\n\
             Edition {edition}. [next](story-{next}.md)\n"
        );
        site.write(&format!("content/stories/story-{number}.md"), &text);
    }
    site.write("themes/daisy/styles/main.css", &format!("body {{ margin: {edition}px }}\n"));
    let forms = site.root().join("content/forms");
    let chat = std::fs::read_to_string(forms.join("chat.yaml")).unwrap();
    let title = chat.lines().find(|line| line.starts_with("title: ")).unwrap();
    let chat = chat.replace(title, &format!("title: Chat {edition}"));
    site.write("content/forms/chat.yaml", &chat);
    let page =
        |form| format!("---\ntitle: Page of {form}\n---\n{{{{<form name=\"{form}\" />}}}}\n");
    site.write("content/talk.md", &page("chat"));
    for path in ["content/forms/lunch.yaml", "content/lunch.md"] {
        let _ = std::fs::remove_file(site.root().join(path));
    }
    if edition % 2 == 1 {
        site.write("content/forms/lunch.yaml", &format!("purpose: enquiry\n{chat}"));
        site.write("content/lunch.md", &page("lunch"));
    }
}

/// The forms on these pages: each name with the digests of its definitions.
fn forms_on(visible: &Visible) -> BTreeMap<String, BTreeSet<String>> {
    let mut forms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let until_quote = |text: &str| text.split('"').next().unwrap().to_owned();
    for bytes in visible.iter().filter(|(path, _)| path.ends_with(".html")).map(|(_, bytes)| bytes)
    {
        let html = String::from_utf8_lossy(bytes);
        for form in html.split("action=\"/api/").skip(1) {
            let (_, digest) = form.split_once("name=\"_form\" value=\"").unwrap();
            forms.entry(until_quote(form)).or_default().insert(until_quote(digest));
        }
    }
    forms
}

/// Every form that a visitor can see is in the table in that wording, and is not withdrawn.
async fn assert_forms_work(cloud: &Cloud, visible: &Visible, at: &str) {
    let table = cloud.table().await;
    for (name, digests) in forms_on(visible) {
        for digest in digests {
            let definition = table.definition(&name, Some(&digest)).await.unwrap();
            assert!(definition.is_some(), "{at}: {name} has no definition {digest}");
        }
        let current = table.current(&name).await.unwrap().unwrap();
        assert!(!current.withdrawn, "{at}: {name} is withdrawn, and a page shows it");
    }
}

/// The forms in the table that are not withdrawn: each name with the digest of its current definition.
async fn current_forms(cloud: &Cloud) -> BTreeMap<String, BTreeSet<String>> {
    let table = cloud.table().await;
    let mut forms = BTreeMap::new();
    for form in table.forms().await.unwrap().into_iter().filter(|form| !form.withdrawn) {
        let current = table.current(&form.name).await.unwrap().unwrap();
        forms.insert(form.name, BTreeSet::from([current.definition.form.digest()]));
    }
    forms
}

/// Runs `daisy publish` until it reaches the kill point with this number. Returns the point's name, or
/// `None` if it finished before.
fn run_to(number: usize, cloud: &Cloud, site: &Site, words: &[&str]) -> Option<String> {
    let mut command = cloud.command(site.root(), &SPRING.to_string(), &cloud.here(words));
    let output = command.env("DAISYCHAIN_FAILPOINT", format!("publish:{number}")).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    match output.status.code() {
        None => Some(error.lines().last().unwrap().to_owned()),
        Some(code) => {
            assert_eq!(code, 0, "{error}");
            None
        }
    }
}

/// Every file is from one of these versions, and every link works on pages that visitors reach from the
/// home page and from each page that both versions have.
fn assert_whole(visible: &Visible, editions: [&Visible; 2], at: &str) {
    for (path, bytes) in visible.iter().filter(|(path, _)| path.ends_with(".html")) {
        let is_one = editions.iter().any(|edition| edition.get(path) == Some(bytes));
        assert!(is_one, "{at}: {path} is neither old nor new");
    }
    let [old, new] = editions;
    let known: BTreeSet<&String> = old.keys().filter(|path| new.contains_key(*path)).collect();
    assert_eq!(dead_ends(visible, known.into_iter()), [""; 0], "{at}");
    for path in ["index.html", "stories/index.html", "404.html"] {
        assert!(visible.contains_key(path), "{at}: {path} is missing");
    }
}

#[tokio::test]
async fn a_publish_killed_at_any_point_leaves_a_consistent_site() {
    let reached = kill_at_each_point(&[]).await;
    for point in [
        "publish: a file is uploaded",
        "publish: a form is stored",
        "publish: a form is withdrawn",
        "publish: files are deleted",
        "publish: a record is written",
    ] {
        assert!(reached.contains(point), "{reached:?}");
    }
}

#[tokio::test]
async fn a_rollback_killed_at_any_point_leaves_a_consistent_site() {
    let reached = kill_at_each_point(&["--rollback"]).await;
    for point in [
        "publish: a file is restored",
        "publish: a form is stored",
        "publish: a form is withdrawn",
        "publish: files are deleted",
        "publish: a record is written",
    ] {
        assert!(reached.contains(point), "{reached:?}");
    }
}

/// Kills a publish at each of its kill points in turn; after each, a complete publish repairs
/// everything. Returns the points' names.
async fn kill_at_each_point(words: &[&str]) -> BTreeSet<String> {
    let cloud = Cloud::new().await;
    let mut site = super::site();
    site.options.base_url = Some("https://daisy.org.uk".to_owned());
    let mut edition = 0;
    let mut next_edition = |site: &Site| {
        write(site, edition);
        edition += 1;
    };
    next_edition(&site);
    cloud.publish(site.root(), &[]);
    let mut names = BTreeSet::new();
    for number in 1.. {
        // Two releases, the first of which a rollback restores.
        let older = cloud.visible().await;
        next_edition(&site);
        cloud.publish(site.root(), &[]);
        let old = cloud.visible().await;
        next_edition(&site);
        let new = site.cold().unwrap();
        let killed = run_to(number, &cloud, &site, words);
        let at = format!("point {number} ({killed:?})");
        let visible = cloud.visible().await;
        assert_whole(&visible, [&old, if words.is_empty() { &new } else { &older }], &at);
        assert_forms_work(&cloud, &visible, &at).await;
        cloud.publish(site.root(), &[]);
        let mut finished = cloud.visible().await;
        finished.retain(|path, _| !path.starts_with("styles/") || new.contains_key(path));
        assert_eq!(finished, new, "{at}: the next run finishes it");
        assert_eq!(current_forms(&cloud).await, forms_on(&new), "{at}: the next run finishes it");
        assert!(!cloud.has_begun().await);
        match killed {
            Some(name) => names.insert(name),
            None => break,
        };
    }
    names
}
