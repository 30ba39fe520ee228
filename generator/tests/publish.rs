//! Tests of `daisy publish` with an emulated S3 and DynamoDB: what visitors can fetch after a publish, a
//! second one, a rollback, the removal of a page, and kills at every point.

#![cfg(feature = "publish")]
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

#[path = "publish/cloud.rs"]
mod cloud;
#[path = "publish/kills.rs"]
#[cfg(feature = "failpoints")]
mod kills;
#[path = "publish/moods.rs"]
mod moods;
#[path = "publish/stack.rs"]
mod stack;
mod support;
#[path = "publish/transcripts.rs"]
mod transcripts;

use std::time::Duration;

use cloud::{Cloud, dead_ends};
use daisychain::publish::bucket::Unfinished;
use daisychain::publish::lock::Lock;
use daisychain_functions::store::Definitions as _;
use support::Site;

const ROSE: &str = "---\ntitle: Rose\nsummary: Rose has lived here for sixty years\n---\n\
    Rose told us of the garden.\n\n![Rose in her garden](rose.jpg)\n";

/// A site with a story, an image and a form.
fn site() -> Site {
    let site = Site::new();
    let base = std::fs::read_to_string(site.root().join("themes/daisy/templates/base.html"));
    let title = "{{ page.title or \"Not here\" }}";
    let base = base
        .unwrap()
        .replace("{{ page.title }}", title)
        .replace("<p>", &format!("<h1>{title}</h1><p>"));
    site.write("themes/daisy/templates/base.html", &base);
    site.write("content/about.md", "---\ntitle: About\n---\nHow [it began](_index.md).\n");
    site.write("content/stories/_index.md", "---\ntitle: Stories\n---\nThey tell of it.\n");
    site.write("content/stories/rose/index.md", ROSE);
    site.write_bytes("content/stories/rose/rose.jpg", &support::pictures::photo(64, 48));
    site.write("content/stories/amir.md", "---\ntitle: Amir\nsummary: Amir bakes\n---\nBread.\n");
    let form = include_str!("../../content/forms/chat.yaml").replace("(/privacy/)", "(/about/)");
    let own = "phone: 024 7699 1234\nnotify: team@daisy.org.uk\n";
    site.write("content/forms/chat.yaml", &format!("{form}{own}"));
    site
}

#[tokio::test]
async fn a_second_publish_uploads_only_changes() {
    let cloud = Cloud::new().await;
    let site = site();
    let told = cloud.publish(site.root(), &[]);
    assert!(told.starts_with("pages: 6 new\n"), "{told}");
    assert!(told.contains("forms to publish: chat"), "{told}");
    let first = cloud.visible().await;
    assert_eq!(first.keys().collect::<Vec<_>>(), site.dist().keys().collect::<Vec<_>>());
    assert_eq!(dead_ends(&first, first.keys()), [""; 0]);

    let (kind, cache) = cloud.headers("stories/rose/index.html").await;
    assert_eq!(kind, "text/html; charset=utf-8");
    assert_eq!(cache, "public, max-age=0, s-maxage=60, must-revalidate");
    let style = first.keys().find(|path| path.starts_with("styles/")).unwrap();
    let (kind, cache) = cloud.headers(style).await;
    assert_eq!(kind, "text/css; charset=utf-8");
    assert_eq!(cache, "public, max-age=31536000, immutable");

    let form = cloud.table().await.definition("chat", None).await.unwrap().unwrap().form;
    assert_eq!(form.title(), "Have a chat with one of our team");

    assert!(cloud.publish(site.root(), &[]).starts_with("nothing to publish"));
    let before = cloud.versions().await;
    site.write("content/about.md", "---\ntitle: About\n---\nHow [it all began](_index.md).\n");
    let told = cloud.publish(site.root(), &[]);
    assert!(told.starts_with("pages: 1 changed, 5 unchanged\n  changed: /about/\n"), "{told}");
    let after = cloud.versions().await;
    let brought: Vec<&String> =
        after.iter().filter(|version| !before.contains(version)).map(|(path, _)| path).collect();
    assert_eq!(brought, ["about/index.html"], "nothing else was touched");
    assert_eq!(cloud.releases().await.len(), 2, "each release is remembered");
}

#[tokio::test]
async fn a_rollback_restores_the_previous_release() {
    let cloud = Cloud::new().await;
    let site = site();
    cloud.publish(site.root(), &[]);
    let first = cloud.visible().await;
    let chat = cloud.table().await.definition("chat", None).await.unwrap().unwrap().form;

    let form = std::fs::read_to_string(site.root().join("content/forms/chat.yaml")).unwrap();
    site.write("content/forms/chat.yaml", &form.replace("Your name", "What do we call you?"));
    site.write("content/about.md", "---\ntitle: About us\n---\nWrong.\n");
    site.write("content/new.md", "---\ntitle: New\n---\nToo early.\n");
    site.write("themes/daisy/styles/main.css", "body { margin: 1px }\n");
    cloud.publish(site.root(), &[]);
    let second = cloud.visible().await;
    assert!(second.contains_key("new/index.html"));

    let told = cloud.publish(site.root(), &["--rollback"]);
    assert!(told.contains("returning to the release"), "{told}");
    let third = cloud.visible().await;
    for (path, bytes) in &first {
        assert_eq!(third.get(path), Some(bytes), "{path} is as it was");
    }
    assert!(!third.contains_key("new/index.html"));
    let style = second.keys().find(|path| path.starts_with("styles/")).unwrap();
    assert!(third.contains_key(style), "pages that are open still find their style");
    let now = cloud.table().await.definition("chat", None).await.unwrap().unwrap().form;
    assert_eq!(now.digest(), chat.digest(), "the form is the former one too");

    let words = cloud.refused(site.root(), &["--rollback"]);
    assert!(words.contains("there is no earlier release"), "{words}");
    assert_eq!(cloud.holding(b"Too early").await, [""; 0], "nobody can return to the mistake");
    let told = cloud.publish(site.root(), &[]);
    assert!(told.contains("changed: /"), "the way forward is a publish: {told}");
    assert_eq!(cloud.visible().await, second);
}

#[tokio::test]
async fn a_form_is_removed_and_added_again() {
    let cloud = Cloud::new().await;
    let site = site();
    let chat = std::fs::read_to_string(site.root().join("content/forms/chat.yaml")).unwrap();
    let lunch = format!("purpose: enquiry\n{chat}");
    site.write("content/forms/lunch.yaml", &lunch);
    cloud.publish(site.root(), &[]);
    let withdrawn = async |expected: &[(&str, bool)]| {
        let forms = cloud.table().await.forms().await.unwrap();
        let forms: Vec<_> = forms.iter().map(|form| (&*form.name, form.withdrawn)).collect();
        assert_eq!(forms, expected);
    };
    withdrawn(&[("chat", false), ("lunch", false)]).await;

    // No page shows it, so only the form changes.
    site.remove("content/forms/lunch.yaml");
    let told = cloud.publish(site.root(), &[]);
    assert!(told.contains("forms to withdraw (their replies are kept): lunch\n"), "{told}");
    withdrawn(&[("chat", false), ("lunch", true)]).await;
    assert!(cloud.publish(site.root(), &[]).starts_with("nothing to publish"));

    site.write("content/forms/lunch.yaml", &lunch);
    let told = cloud.publish(site.root(), &[]);
    assert!(told.contains("forms to publish: lunch"), "{told}");
    withdrawn(&[("chat", false), ("lunch", false)]).await;
}

#[tokio::test]
async fn a_withdrawn_story_is_never_restored() {
    let cloud = Cloud::new().await;
    let site = site();
    cloud.publish(site.root(), &[]);
    site.write("content/about.md", "---\ntitle: About\n---\nMistaken.\n");
    site.remove("content/stories/rose");
    let told = cloud.publish(site.root(), &[]);
    assert!(told.contains("deleted: /stories/rose/"), "{told}");
    assert!(told.contains("a rollback does not restore them"), "{told}");

    assert_eq!(
        cloud.holding(b"sixty years").await,
        Vec::<String>::new(),
        "no version tells of her"
    );
    assert_eq!(cloud.holding(b"Rose in her garden").await, Vec::<String>::new());
    let pictures = cloud.versions().await;
    let pictures = pictures.iter().filter(|(path, _)| path.starts_with("images/"));
    assert_eq!(pictures.count(), 0, "nor do her pictures rest for ninety days");

    let told = cloud.publish(site.root(), &["--rollback"]);
    assert!(told.contains("withdrawn pages stay withdrawn"), "{told}");
    let visible = cloud.visible().await;
    assert!(!visible.contains_key("stories/rose/index.html"));
    let about = String::from_utf8_lossy(&visible["about/index.html"]).into_owned();
    assert!(about.contains("it began"), "what did not tell of her is as it was");
    let stories = String::from_utf8_lossy(&visible["stories/index.html"]).into_owned();
    assert!(!stories.contains("Rose") && stories.contains("Amir"));
    assert_eq!(dead_ends(&visible, visible.keys()), [""; 0]);

    site.write(
        "content/stories/rose/index.md",
        &ROSE.replace("![Rose in her garden](rose.jpg)", ""),
    );
    cloud.publish(site.root(), &[]);
    assert!(
        cloud.visible().await.contains_key("stories/rose/index.html"),
        "unless she wants it to"
    );
}

#[tokio::test]
async fn text_removed_from_a_page_can_be_deleted_for_good() {
    let cloud = Cloud::new().await;
    let site = site();
    cloud.publish(site.root(), &[]);
    site.write("content/stories/amir.md", "---\ntitle: Amir\nsummary: Amir sings\n---\nSongs.\n");
    cloud.publish(site.root(), &[]);
    assert!(!cloud.holding(b"Bread.").await.is_empty(), "a return would bring it back");
    let told = cloud.publish(site.root(), &["--forget"]);
    assert!(told.contains("earlier releases will be deleted"), "{told}");
    assert_eq!(cloud.holding(b"Bread.").await, [""; 0]);
    assert_eq!(cloud.holding(b"Amir bakes").await, [""; 0]);
    assert!(cloud.refused(site.root(), &["--rollback"]).contains("there is no earlier release"));
    assert!(cloud.publish(site.root(), &[]).starts_with("nothing to publish"));
}

#[tokio::test]
async fn a_rollback_undoes_an_interrupted_publish() {
    let cloud = Cloud::new().await;
    let site = site();
    site.write("content/ਰੋਜ਼ a+b.md", "---\ntitle: ਰੋਜ਼\nslug: ਰੋਜ਼\n---\nOne.\n");
    cloud.publish(site.root(), &[]);
    let first = cloud.visible().await;
    let page = first.keys().find(|path| path.contains("ਰੋਜ਼")).unwrap().clone();
    // As if a run was killed after two pages.
    let bucket = cloud.bucket().await;
    let begun = Unfinished { id: "20200521T000000Z-000000".to_owned(), returned_to: None };
    bucket.begin(&begun).await.unwrap();
    bucket.put("about/index.html", false, b"half".to_vec()).await.unwrap();
    bucket.put(&page, false, b"half".to_vec()).await.unwrap();
    bucket.put("new/index.html", false, b"half".to_vec()).await.unwrap();
    let told = cloud.publish(site.root(), &["--rollback"]);
    assert!(told.starts_with("the last publish did not finish"), "{told}");
    assert_eq!(cloud.visible().await, first);
    assert_eq!(cloud.holding(b"half").await, [""; 0], "what belongs to no release leaves");
    assert!(cloud.refused(site.root(), &["--rollback"]).contains("there is no earlier release"));
}

#[tokio::test]
async fn a_fingerprinted_file_is_kept_for_ninety_days() {
    let cloud = Cloud::new().await;
    let site = site();
    cloud.publish(site.root(), &[]);
    let first = cloud.visible().await;
    let style = first.keys().find(|path| path.starts_with("styles/")).unwrap();
    let on_day = |day: i64| (support::SPRING + day * 24 * 60 * 60).to_string();
    for (day, stays) in [(1, true), (90, true), (92, false)] {
        site.write("themes/daisy/styles/main.css", &format!("body {{ margin: {day}px }}\n"));
        cloud.publish_at(site.root(), &on_day(day), &[]);
        assert_eq!(cloud.visible().await.contains_key(style), stays, "day {day}");
    }
}

#[tokio::test]
async fn a_scheduled_publish_runs_only_when_a_page_is_due() {
    let cloud = Cloud::new().await;
    let site = site();
    let day = "---\ntitle: Fair\npublish_on: 2020-05-22\n---\nCome along.\n";
    site.write("content/fair.md", day);
    cloud.publish(site.root(), &[]);
    let told = cloud.publish(site.root(), &["--due"]);
    assert_eq!(told, "nothing to publish before 2020-05-21T23:00:00Z\n");
    let later = (support::SPRING + 2 * 24 * 60 * 60).to_string();
    let told = cloud.publish_at(site.root(), &later, &["--due"]);
    assert!(told.contains("expired at 2020-05-21T23:00:00Z"), "{told}");
    assert!(cloud.visible().await.contains_key("fair/index.html"));
    let told = cloud.publish_at(site.root(), &later, &["--due"]);
    assert_eq!(told, "nothing to publish: no page is waiting to appear or expire\n");
}

#[tokio::test]
async fn errors_of_a_publish_are_github_annotations() {
    let cloud = Cloud::new().await;
    let site = site();
    site.write("content/help.md", "---\ntitle: Help\n---\nRing 01632 960123.\n");
    let words = cloud.here(&["--format", "github"]);
    let output = cloud.command(site.root(), &support::SPRING.to_string(), &words).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    let line = "::error file=content/help.md,line=4,col=6,endColumn=17::this is the phone number of the example%0Ahelp: write your own number; no one answers this one\n";
    assert_eq!(told, line);
}

#[tokio::test]
async fn a_concurrent_publish_is_rejected() {
    let cloud = Cloud::new().await;
    let (here, there) = (site(), site());
    let bucket = cloud.bucket().await;
    let take = |site: &Site, lease| {
        let (bucket, root) = (bucket.clone(), site.root().to_owned());
        async move { Lock::take(&bucket, &root, "asha", lease).await }
    };
    let minute = Duration::from_secs(60);
    let lock = take(&there, minute).await.unwrap();
    let words = cloud.refused(here.root(), &[]);
    assert!(words.contains("asha is publishing this site; wait"), "{words}");
    assert_eq!(cloud.visible().await.len(), 0, "nothing was begun");
    let words = take(&there, minute).await.err().unwrap().to_string();
    assert!(words.contains("from this folder"), "{words}");
    lock.release().await;
    cloud.publish(here.root(), &[]);

    // A dead process's lock is taken over after its lease; in the same folder, at once.
    drop(take(&there, minute).await.unwrap());
    assert!(take(&here, minute).await.is_err());
    let own = take(&there, minute).await.unwrap();
    drop(own);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    drop(take(&here, Duration::from_secs(1)).await.unwrap());
    // A holder that was mistaken for dead notices it, and stops. Its own lease is longer: the emulator
    // responds within a quarter of it on any machine.
    let mut late = take(&here, Duration::from_secs(16)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    let over = take(&there, Duration::from_secs(1)).await.unwrap();
    let lost = late.hold().await;
    assert_eq!(
        lost.to_string(),
        "this publish did not respond for a long time, so someone else started one; this one was stopped"
    );
    late.release().await;
    assert!(take(&here, minute).await.is_err(), "what the late one lets go of is not the other's");
    over.release().await;
    take(&here, minute).await.unwrap().release().await;
}

#[tokio::test]
async fn placeholders_are_rejected_with_their_lines() {
    let cloud = Cloud::new().await;
    let folder = tempfile::tempdir().unwrap();
    let campaign = concat!(env!("CARGO_MANIFEST_DIR"), "/../content");
    cloud::copy(campaign.as_ref(), &folder.path().join("content"), &|text| text);
    let form = folder.path().join("content/forms/chat.yaml");
    let text = std::fs::read_to_string(&form).unwrap();
    std::fs::write(&form, format!("# A form of their own.\nnotify: hello@example.org\n{text}"))
        .unwrap();
    let words = cloud.faults(folder.path(), &[]);
    for part in [
        "this is the phone number of the example\n  --> content/site.yaml:11:10",
        "these are the opening hours of the example\n  --> content/site.yaml:12:16",
        "this is the email address of the example\n  --> content/site.yaml:13:10",
        "the site has no address yet\n --> content/site.yaml:4:1",
        "this is the email address of the example\n --> content/forms/chat.yaml:2:9",
        "no one answers this one",
    ] {
        assert!(words.contains(part), "{part}\nis not in\n{words}");
    }
    assert_eq!(cloud.visible().await.len(), 0);

    cloud::copy(campaign.as_ref(), &folder.path().join("content"), &cloud::without_examples);
    let told = cloud.publish(folder.path(), &["--base-url", "https://daisy-coventry.org.uk"]);
    assert!(told.contains(" new"), "{told}");
    let visible = cloud.visible().await;
    assert_eq!(dead_ends(&visible, visible.keys()), [""; 0]);
}

#[tokio::test]
async fn missing_prerequisites_are_reported_before_any_change() {
    let cloud = Cloud::new().await;
    let site = site();
    site.write("content/about.md", "---\ntitle: About\n---\n[Nowhere](/nowhere/)\n");
    let words = cloud.faults(site.root(), &[]);
    assert!(words.contains("--> content/about.md:4"), "{words}");
    site.write("content/about.md", "---\ntitle: About\n---\nHere.\n");
    let words = cloud.refused_with(site.root(), &["--bucket", "nobody-has-this-one", "--yes"]);
    assert!(words.contains("the bucket does not exist"), "{words}");
    let plain = cloud.plain_bucket().await;
    let words = cloud.refused_with(site.root(), &["--bucket", &plain, "--yes"]);
    assert!(words.contains("is not versioned"), "{words}");
    let name = cloud.name.clone();
    let words = cloud.refused_with(site.root(), &["--bucket", &name]);
    assert!(words.contains("add `--yes`"), "{words}");
    assert_eq!(cloud.visible().await.len(), 0);
}
