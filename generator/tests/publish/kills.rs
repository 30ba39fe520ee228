//! A publish killed at any moment: what visitors can fetch is a whole site, and the next run finishes.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::cloud::{Cloud, Visible, dead_ends};
use super::support::{SPRING, Site};

const STORIES: usize = 12;
const KILLS: u64 = 12;

/// Edition `edition` of the site: every page changes, some come or go, the style is another one.
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
}

/// Starts `daisy publish`, and waits until it begins to change the bucket.
async fn begin(cloud: &Cloud, site: &Site, words: &[&str]) -> Child {
    let mut command = cloud.command(site.root(), &SPRING.to_string(), &cloud.here(words));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() && !cloud.has_begun().await {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    child
}

/// Kills a publish so long after it has begun. Gives whether it was still at work.
async fn kill(mut child: Child, after: Duration) -> bool {
    tokio::time::sleep(after).await;
    let at_work = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    at_work
}

/// Whole: every file is of one of these editions, and all that visitors reach from the home page, and
/// from every page that both have, is there.
fn assert_whole(visible: &Visible, editions: [&Visible; 2], round: u64) {
    for (path, bytes) in visible.iter().filter(|(path, _)| path.ends_with(".html")) {
        let is_one = editions.iter().any(|edition| edition.get(path) == Some(bytes));
        assert!(is_one, "round {round}: {path} is neither old nor new");
    }
    let [old, new] = editions;
    let known: BTreeSet<&String> = old.keys().filter(|path| new.contains_key(*path)).collect();
    assert_eq!(dead_ends(visible, known.into_iter()), [""; 0], "round {round}");
    for path in ["index.html", "stories/index.html", "404.html"] {
        assert!(visible.contains_key(path), "round {round}: {path} is missing");
    }
}

#[tokio::test]
async fn a_publish_killed_at_any_moment_leaves_a_whole_site() {
    let cloud = Cloud::new().await;
    let mut site = super::site();
    site.options.base_url = Some("https://daisy.org.uk".to_owned());
    write(&site, 0);
    cloud.publish(site.root(), &[]);
    let mut older = cloud.visible().await;
    write(&site, 1);
    let mut whole = begin(&cloud, &site, &[]).await;
    let begun = Instant::now();
    assert!(whole.wait().unwrap().success());
    let mut work = begun.elapsed();
    let mut old = cloud.visible().await;
    let (mut killed, mut unfinished, mut round) = (0, 0, 0);
    assert!(!cloud.has_begun().await);
    while killed < KILLS || unfinished < KILLS / 2 {
        // Steps of the golden ratio are spread evenly, however many there are.
        let after = work.mul_f64((round as f64 * 0.618_034).fract());
        // Each fifth is a return that is killed; then, as each time, a publish puts everything right.
        let returns = round % 5 == 4;
        write(&site, usize::try_from(round).unwrap() + 2);
        let new = site.cold().unwrap();
        let words: &[&str] = if returns { &["--rollback"] } else { &[] };
        let at_work = kill(begin(&cloud, &site, words).await, after).await;
        killed += u64::from(at_work);
        if !at_work {
            // This one was quicker than the one that was measured. In the end, each is killed at work.
            work = work.mul_f64(0.8);
        }
        unfinished += u64::from(cloud.has_begun().await);
        let visible = cloud.visible().await;
        assert_whole(&visible, [&old, if returns { &older } else { &new }], round);
        cloud.publish(site.root(), &[]);
        let mut finished = cloud.visible().await;
        finished.retain(|path, _| !path.starts_with("styles/") || new.contains_key(path));
        assert_eq!(finished, new, "round {round}: the next run finishes it");
        assert!(!cloud.has_begun().await);
        older = std::mem::replace(&mut old, finished);
        round += 1;
    }
}
