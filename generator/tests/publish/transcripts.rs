//! Transcripts of `daisy publish`.

use std::os::unix::fs::PermissionsExt as _;

use daisychain::publish::bucket::Unfinished;
use daisychain::publish::lock::{LEASE, Lock};

use super::cloud::Cloud;
use super::support::transcript::Transcript;
use super::support::{SPRING, Site};
use super::{ROSE, site};

/// A transcript in a site's folder, with the emulated AWS.
fn transcript<'a>(cloud: &Cloud, site: &'a Site) -> Transcript<'a> {
    let mut told = Transcript::new(site.root());
    told.set("AWS_ENDPOINT_URL", &cloud.endpoint).set("SOURCE_DATE_EPOCH", SPRING.to_string());
    told
}

#[test]
fn placeholders_are_reported_with_their_lines() {
    let site = site();
    site.write(
        "content/site.yaml",
        "title: A site\nbase_url: https://www.example.org\norganisation:\n  \
         phone: 01632 960123\n  phone_hours: 9 to 5 (example hours)\n  \
         email: hello@example.org\n  address: 1 Example Road\n",
    );
    site.write("content/about.md", "---\ntitle: About\n---\nSee [us](https://www.example.com/).\n");
    let mut told = Transcript::new(site.root());
    told.run(&["publish", "--bucket", "daisy"]);
    site.write("content/site.yaml", "title: A site\n");
    site.write("content/about.md", "---\ntitle: About\n---\n");
    told.then("no address").run(&["publish", "--bucket", "daisy"]);
    let base_url = "--base-url=https://daisy.org.uk/our-site";
    told.then("an address with a path").run(&["publish", "--bucket", "daisy", base_url]);
    told.is_kept_as("publish-examples", &[]);
}

#[tokio::test]
async fn the_life_of_a_published_site() {
    let cloud = Cloud::new().await;
    let site = site();
    let settings = std::fs::read_to_string(site.root().join("content/site.yaml")).unwrap();
    site.write("content/site.yaml", &format!("{settings}base_url: https://daisy.org.uk\n"));
    let mut told = transcript(&cloud, &site);
    let name = cloud.name.as_str();
    let publish =
        |words: &[&'static str]| [&["publish", "--bucket", name, "--table", name], words].concat();
    told.then("not a terminal").run(&publish(&[]));
    told.then("rollback before the first publish").run(&publish(&["--rollback"]));
    told.then("the first publish").run(&publish(&["--yes"])).run(&publish(&["--yes"]));
    told.run(&publish(&["--rollback"]));

    site.write("content/about.md", "---\ntitle: About\n---\nMistaken.\n");
    site.remove("content/stories/rose");
    told.then("a story is withdrawn").run(&publish(&["--yes"]));
    told.then("a mistake is undone").run(&publish(&["--rollback", "--yes"]));
    site.write(
        "content/stories/rose/index.md",
        &ROSE.replace("![Rose in her garden](rose.jpg)", ""),
    );
    told.then("the story is back, and earlier releases are deleted");
    told.run(&publish(&["--forget", "--yes"]));

    let begun = Unfinished { id: "20200521T000000Z-000000".to_owned(), returned_to: None };
    cloud.bucket().await.begin(&begun).await.unwrap();
    told.then("an earlier publish was interrupted").run(&publish(&["--yes"]));

    site.write("content/about.md", "---\ntitle: About\n---\nRight.\n");
    told.then("without the table of forms").run(&["publish", "--bucket", name, "--yes"]);
    told.run(&["publish", "--bucket", name, "--table", "nobody-s", "--yes"]);
    let releases = cloud.releases().await;
    site.write("content/fair.md", "---\ntitle: Fair\npublish_on: 2020-05-22\n---\nCome along.\n");
    told.then("a page with a publish date in the future").run(&publish(&["--yes"]));
    told.run(&publish(&["--yes", "--due"]));
    told.set("SOURCE_DATE_EPOCH", (SPRING + 2 * 24 * 60 * 60).to_string());
    told.then("its publish date has passed")
        .run(&publish(&["--yes", "--due"]))
        .run(&publish(&["--yes", "--due"]));

    // The release before the last is deleted from the bucket.
    let before = cloud.releases().await;
    for release in before.iter().rev().skip(1) {
        cloud.client.delete_object().bucket(name).key(release).send().await.unwrap();
    }
    told.then("the earlier release is gone").run(&publish(&["--rollback"]));

    let ids: Vec<String> = releases.into_iter().chain(before).collect();
    let ids = ids.iter().map(|key| (&key["releases/".len()..key.len() - ".json".len()], "RELEASE"));
    let hide: Vec<_> = ids.chain([(name, "BUCKET")]).collect();
    told.is_kept_as("publish", &hide);
}

#[tokio::test]
async fn errors_that_prevent_a_publish() {
    let cloud = Cloud::new().await;
    let site = site();
    let mut told = transcript(&cloud, &site);
    let name = cloud.name.as_str();
    let address = ["--yes", "--base-url", "https://daisy.org.uk"];
    let publish = |bucket: &'static str, words: &[&'static str]| {
        let bucket = if bucket.is_empty() { name } else { bucket };
        [&["publish", "--bucket", bucket], &address[..], words].concat()
    };
    told.then("the bucket does not exist").run(&publish("nobody-has-this-one", &[]));
    let plain = cloud.plain_bucket().await;
    told.then("the bucket is not versioned");
    told.run(&[&["publish", "--bucket", &plain], &address[..]].concat());
    told.then("no credentials").run_with(
        &publish("", &[]),
        &[
            ("AWS_ACCESS_KEY_ID", "".as_ref()),
            ("AWS_SECRET_ACCESS_KEY", "".as_ref()),
            ("AWS_EC2_METADATA_DISABLED", "true".as_ref()),
        ],
    );

    let (bucket, there) = (cloud.bucket().await, super::site());
    let lock = Lock::take(&bucket, there.root(), "tom", LEASE).await.unwrap();
    told.then("someone else is publishing").run(&publish("", &[]));
    lock.release().await;
    let lock = Lock::take(&bucket, site.root(), "asha", LEASE).await.unwrap();
    told.then("another process is publishing from this folder").run(&publish("", &[]));
    lock.release().await;
    site.remove(".daisy/publish.lock").write(".daisy/publish.lock/here", "");
    told.then("the lock file cannot be written").run(&publish("", &[]));
    site.remove(".daisy/publish.lock");

    // A `git` that edits a page while the site is checked.
    let settings = std::fs::read_to_string(site.root().join("content/site.yaml")).unwrap();
    site.write("content/site.yaml", &format!("{settings}git_dates: true\n"));
    site.write("programs/git", "#!/bin/sh\necho more >> content/about.md\nexit 1\n");
    let program = site.root().join("programs/git");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = site.root().join("programs").into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    told.then("a source changes during the publish")
        .run_with(&publish("", &[]), &[("PATH", &path)]);
    told.is_kept_as("publish-refused", &[(&plain, "PLAIN"), (name, "BUCKET")]);
}
