//! The store's file is deleted, renamed or replaced while the server runs: a reply is only acknowledged if it
//! is in a file at the store's path.

#![cfg(all(feature = "sqlite", unix))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

mod common;

use common::site::{Answer, Site};
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::model::ReplyState;
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Definitions as _, Replies as _};
use std::fs;
use std::path::{Path, PathBuf};

/// A site whose store is in a folder of its own, as in `.daisy/`.
async fn site() -> (Site<Sqlite, FileMailer>, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("site/.daisy");
    fs::create_dir_all(&place).unwrap();
    let path = place.join("replies.sqlite");
    let store = sqlite::open(&path).unwrap();
    store.keys().unwrap();
    for name in ["newsletter", "volunteer", "chat"] {
        store.publish(&common::site::definition(name)).await.unwrap();
    }
    let outbox = FileMailer::new(place.join("outbox"));
    (Site::over(folder, store, outbox), path)
}

async fn send(site: &Site<Sqlite, FileMailer>, name: &str) -> Answer {
    site.post("chat", &[("name", name), ("contact", "01632 960 111")]).await
}

/// The names in the store at a path, as another program reads them.
async fn names_at(path: &Path) -> Vec<String> {
    let store = sqlite::open(path).unwrap();
    let replies = store.queue("chat", ReplyState::New, None, 99).await.unwrap().items;
    let name = |reply: &daisychain_functions::model::StoredReply| {
        reply.submission.get("name").unwrap().to_owned()
    };
    let mut names: Vec<String> = replies.iter().map(name).collect();
    names.sort_unstable();
    names
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Does something to the file at a path.
type Mishap = fn(&Path);

#[tokio::test(start_paused = true)]
async fn what_is_thanked_for_is_at_the_path() {
    // The change, and whether earlier replies are still at the path afterwards.
    let mishaps: [(&str, Mishap, bool); 11] = [
        ("deleted", |path| fs::remove_file(path).unwrap(), false),
        (
            "deleted with its log and index",
            |path| {
                for end in ["", "-wal", "-shm"] {
                    fs::remove_file(beside(path, end)).unwrap();
                }
            },
            false,
        ),
        ("renamed", |path| fs::rename(path, path.with_file_name("old.sqlite")).unwrap(), false),
        ("the folder deleted", |path| fs::remove_dir_all(path.parent().unwrap()).unwrap(), false),
        (
            "the folder renamed",
            |path| {
                let folder = path.parent().unwrap();
                fs::rename(folder, folder.with_file_name("old")).unwrap();
            },
            false,
        ),
        (
            "an empty file in its place",
            |path| {
                fs::write(path.with_file_name("new"), "").unwrap();
                fs::rename(path.with_file_name("new"), path).unwrap();
            },
            false,
        ),
        (
            "a copy in its place",
            |path| {
                let copy = path.with_file_name("copy.sqlite");
                rusqlite::Connection::open(path)
                    .unwrap()
                    .execute("VACUUM INTO ?1", [copy.to_str().unwrap()])
                    .unwrap();
                fs::rename(copy, path).unwrap();
            },
            true,
        ),
        ("the log deleted", |path| fs::remove_file(beside(path, "-wal")).unwrap(), true),
        ("the index deleted", |path| fs::remove_file(beside(path, "-shm")).unwrap(), true),
        (
            "the log and its index deleted",
            |path| {
                fs::remove_file(beside(path, "-wal")).unwrap();
                fs::remove_file(beside(path, "-shm")).unwrap();
            },
            true,
        ),
        ("nothing", |_| (), true),
    ];
    for (what, mishap, stays) in mishaps {
        let (site, path) = site().await;
        assert_eq!(send(&site, "before").await.status, 303, "{what}");
        let keys = site.service.store().keys().unwrap().person("chat", "somebody");
        mishap(&path);
        let answer = send(&site, "after").await;
        assert_eq!(answer.status, 303, "{what}: {}", answer.body);
        let expected: &[&str] = if stays { &["after", "before"] } else { &["after"] };
        // As another program reads them, while the server runs and after it has ended.
        assert_eq!(names_at(&path).await, expected, "{what}");
        assert_eq!(send(&site, "last").await.status, 303, "{what}");
        assert_eq!(site.service.store().was_replaced(), what != "nothing", "{what}");
        assert!(!site.service.store().was_replaced(), "{what}");
        site.service.store().close().unwrap();
        assert_eq!(names_at(&path).await.len(), expected.len() + 1, "{what}");
        // The site's secrets are kept: links in emails still work, and people are still found.
        let store = sqlite::open(&path).unwrap();
        assert_eq!(store.keys().unwrap().person("chat", "somebody"), keys, "{what}");
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert!(stays || what.contains("in its place") || mode & 0o077 == 0, "{what}: {mode:o}");
        // The file that was moved away is complete.
        for old in [
            path.with_file_name("old.sqlite"),
            path.parent().unwrap().with_file_name("old/replies.sqlite"),
        ] {
            if old.exists() {
                assert_eq!(names_at(&old).await, ["before"], "{what}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn where_it_cannot_go_on_nobody_is_thanked() {
    let mishaps: [(&str, Mishap); 4] = [
        ("something else in its place", |path| {
            fs::write(path.with_file_name("new"), "no database ".repeat(999)).unwrap();
            fs::rename(path.with_file_name("new"), path).unwrap();
        }),
        ("another site's store in its place", |path| {
            let other = path.with_file_name("other.sqlite");
            let store = sqlite::open(&other).unwrap();
            store.keys().unwrap();
            store.close().unwrap();
            fs::rename(other, path).unwrap();
        }),
        ("a folder in its place", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("the site deleted", |path| {
            fs::remove_dir_all(path.parent().unwrap().parent().unwrap()).unwrap();
        }),
    ];
    for (what, mishap) in mishaps {
        let (site, path) = site().await;
        // The form is cached.
        assert_eq!(send(&site, "before").await.status, 303, "{what}");
        mishap(&path);
        for _ in 0..2 {
            let answer = send(&site, "Quillfeather").await;
            assert_eq!(answer.status, 503, "{what}: {}", answer.body);
            for kept in ["value=\"Quillfeather\"", "value=\"01632 960 111\"", "01632 960123"] {
                assert!(answer.body.contains(kept), "{what}: {kept} in {}", answer.body);
            }
        }
        assert!(what != "the site deleted" || !path.parent().unwrap().exists());
        // Once the path is usable again, replies are stored.
        let _ = fs::remove_file(&path);
        let _ = fs::remove_dir(&path);
        let _ = fs::create_dir_all(path.parent().unwrap());
        assert_eq!(send(&site, "Quillfeather").await.status, 303, "{what}");
        assert_eq!(names_at(&path).await, ["Quillfeather"], "{what}");
    }
}
