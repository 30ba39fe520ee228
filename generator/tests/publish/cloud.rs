//! An emulated AWS with a bucket and a table for each test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    VersioningConfiguration,
};
use daisychain::publish::bucket::Bucket;
use daisychain_functions::aws;
use daisychain_functions::store::dynamodb::{self, DynamoDb};

pub(crate) struct Cloud {
    pub(crate) endpoint: String,
    pub(crate) name: String,
    pub(crate) client: Client,
}

/// The files that visitors can fetch, by path.
pub(crate) type Visible = BTreeMap<String, Vec<u8>>;

impl Cloud {
    pub(crate) async fn new() -> Cloud {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let endpoint = std::env::var("DAISYCHAIN_TEST_DYNAMODB").expect(
            "DAISYCHAIN_TEST_DYNAMODB is not set: run the tests with `make test`, which starts an \
             emulated AWS",
        );
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("site-{}-{number}", std::process::id());
        let settings = aws_sdk_s3::config::Builder::from(&config(&endpoint).await);
        let client = Client::from_conf(settings.force_path_style(true).build());
        let cloud = Cloud { endpoint, name, client };
        cloud.make_bucket(&cloud.name).await;
        let kept = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
        let call = cloud.client.put_bucket_versioning().bucket(&cloud.name);
        call.versioning_configuration(kept.build()).send().await.unwrap();
        dynamodb::create_table(&cloud.table().await).await.unwrap();
        cloud
    }

    async fn make_bucket(&self, name: &str) {
        let here = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::EuWest2)
            .build();
        let call = self.client.create_bucket().bucket(name).create_bucket_configuration(here);
        // A call whose response was lost is retried and finds its own bucket: no other test uses the
        // name.
        if let Err(error) = call.send().await {
            let error = error.into_service_error();
            assert!(error.is_bucket_already_owned_by_you(), "{error:?}");
        }
    }

    /// A bucket without versioning.
    pub(crate) async fn plain_bucket(&self) -> String {
        let name = format!("{}-plain", self.name);
        self.make_bucket(&name).await;
        name
    }

    pub(crate) async fn table(&self) -> DynamoDb {
        dynamodb::connect_for_commands(Some(&self.endpoint), &self.name).await
    }

    pub(crate) async fn bucket(&self) -> Bucket {
        Bucket::new(&config(&self.endpoint).await, &self.name)
    }

    pub(crate) fn command(&self, root: &Path, now: &str, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
        command.args(["publish", "--root"]).arg(root).args(words);
        command.env("SOURCE_DATE_EPOCH", now).env("AWS_ENDPOINT_URL", &self.endpoint);
        command.env("USER", "mo").env_remove("GITHUB_ACTOR");
        command
    }

    pub(crate) fn here<'a>(&'a self, words: &[&'a str]) -> Vec<&'a str> {
        let mut all = vec!["--bucket", &self.name, "--table", &self.name, "--yes"];
        if !words.contains(&"--rollback") && !words.contains(&"--base-url") {
            all.extend(["--base-url", "https://daisy.org.uk"]);
        }
        all.extend(words);
        all
    }

    /// Publishes, and returns the output.
    pub(crate) fn publish(&self, root: &Path, words: &[&str]) -> String {
        self.publish_at(root, &super::support::SPRING.to_string(), words)
    }

    pub(crate) fn publish_at(&self, root: &Path, now: &str, words: &[&str]) -> String {
        let output = self.command(root, now, &self.here(words)).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn fails(&self, root: &Path, words: &[&str], code: i32) -> String {
        let now = super::support::SPRING.to_string();
        let output: Output = self.command(root, &now, words).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{error}");
        error
    }

    /// Publishes, which must be rejected, and returns the reason.
    pub(crate) fn refused(&self, root: &Path, words: &[&str]) -> String {
        self.fails(root, &self.here(words), 2)
    }

    /// The same with only these arguments.
    pub(crate) fn refused_with(&self, root: &Path, words: &[&str]) -> String {
        let address = ["--base-url", "https://daisy.org.uk"];
        self.fails(root, &[words, &address].concat(), 2)
    }

    /// Publishes a site with errors at an address that it does not have, and returns the errors.
    pub(crate) fn faults(&self, root: &Path, words: &[&str]) -> String {
        let here = ["--bucket", &self.name, "--table", &self.name, "--yes"];
        self.fails(root, &[&here, words].concat(), 1)
    }

    /// Whether a publish has started and not finished.
    pub(crate) async fn has_begun(&self) -> bool {
        let call = self.client.head_object().bucket(&self.name).key("releases/unfinished.json");
        call.send().await.is_ok()
    }

    /// The files that visitors can fetch.
    pub(crate) async fn visible(&self) -> Visible {
        let mut found = Visible::new();
        for key in self.keys("site/").await {
            let call = self.client.get_object().bucket(&self.name).key(&key).send();
            let bytes = call.await.unwrap().body.collect().await.unwrap().to_vec();
            found.insert(key.strip_prefix("site/").unwrap().to_owned(), bytes);
        }
        found
    }

    async fn keys(&self, prefix: &str) -> Vec<String> {
        let call = self.client.list_objects_v2().bucket(&self.name).prefix(prefix);
        let mut pages = call.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        }
        keys
    }

    /// The ids of the stored releases.
    pub(crate) async fn releases(&self) -> Vec<String> {
        let mut keys = self.keys("releases/2").await;
        keys.retain(|key| key.ends_with(".json"));
        keys
    }

    /// Every version with content, with its path.
    pub(crate) async fn versions(&self) -> BTreeSet<(String, String)> {
        let versions = self.bucket().await.versions().await.unwrap();
        let versions = versions.into_iter().filter(|version| !version.marker);
        versions.map(|version| (version.path, version.id)).collect()
    }

    /// The paths of all versions that contain these bytes.
    pub(crate) async fn holding(&self, words: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (path, version) in self.versions().await {
            let call = self.client.get_object().bucket(&self.name).key(format!("site/{path}"));
            let answer = call.version_id(version).send().await.unwrap();
            let bytes = answer.body.collect().await.unwrap().to_vec();
            if bytes.windows(words.len()).any(|part| part == words) {
                found.push(path);
            }
        }
        found
    }

    /// The content type and cache control of a file.
    pub(crate) async fn headers(&self, path: &str) -> (String, String) {
        let call = self.client.head_object().bucket(&self.name).key(format!("site/{path}")).send();
        let answer = call.await.unwrap();
        (answer.content_type.unwrap(), answer.cache_control.unwrap())
    }
}

pub(crate) async fn config(endpoint: &str) -> aws_config::SdkConfig {
    aws::config(Some(endpoint), Duration::from_secs(300)).await
}

/// Follows links from these pages, and returns every address that does not exist.
pub(crate) fn dead_ends<'a>(
    files: &'a Visible,
    from: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let mut seen: BTreeSet<&str> = from.map(String::as_str).collect();
    let mut queue: Vec<&str> = seen.iter().copied().collect();
    let mut dead = Vec::new();
    while let Some(path) = queue.pop() {
        let Some(bytes) = files.get(path).filter(|_| path.ends_with(".html")) else { continue };
        let html = String::from_utf8_lossy(bytes);
        for (part, end) in
            html.match_indices("href=\"").chain(html.match_indices("src=\"")).map(|(at, name)| {
                let rest = &html[at + name.len()..];
                (rest, rest.find('"').unwrap())
            })
        {
            let address = part[..end].split(['#', '?']).next().unwrap();
            if !address.starts_with('/') || address.starts_with("/api/") {
                continue;
            }
            let mut file = address.trim_start_matches('/').to_owned();
            if file.is_empty() || file.ends_with('/') {
                file.push_str("index.html");
            }
            match files.get_key_value(&file) {
                None => dead.push(format!("{path} -> {address}")),
                Some((file, _)) => {
                    if seen.insert(file) {
                        queue.push(file);
                    }
                }
            }
        }
    }
    dead
}

/// Copies the text files of a folder, each changed by `change`.
pub(crate) fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target, change);
        } else {
            std::fs::write(target, change(std::fs::read_to_string(path).unwrap())).unwrap();
        }
    }
}

/// The campaign's texts with real-looking values in place of the placeholders.
pub(crate) fn without_examples(text: String) -> String {
    text.replace("01632 960123", "024 7699 1234")
        .replace("01632960123", "02476991234")
        .replace(" (example number and hours)", "")
        .replace("An example address", "12 Hearsall Lane")
        .replace("hello@example.org", "hello@daisy-coventry.org.uk")
}
