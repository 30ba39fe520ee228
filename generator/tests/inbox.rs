//! `daisy inbox` over the store of a laptop.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

use axum::body::Bytes;
use axum::http::Request;
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form, frame};
use daisychain_functions::mail::unset::Unset;
use daisychain_functions::service::{Service, Settings};
use daisychain_functions::store::{Store, sqlite};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A site with the chat's form, and one reply to it; gives its reference.
async fn site_with_a_reply(root: &Path) -> String {
    let definition = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/forms/chat.yaml");
    let text = fs::read_to_string(definition).unwrap() + "\nphone: 01632 960123\n";
    fs::create_dir_all(root.join("content/forms")).unwrap();
    fs::create_dir_all(root.join(".daisy")).unwrap();
    fs::write(root.join("content/forms/chat.yaml"), &text).unwrap();
    let store = sqlite::open(&root.join(".daisy/replies.sqlite")).unwrap();
    let form = Form::parse("chat", &text).unwrap();
    store.publish(&Definition::new(form, frame::PLAIN)).await.unwrap();
    let keys = store.keys().unwrap();
    let settings = Settings::new("http://127.0.0.1", "daisy@example.org", "01632 960123");
    let service = Service::new(store, Unset, keys, Clock::system(), settings);
    let request = Request::post("/api/chat")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from("name=Mrs+P.&contact=01632+960+111&anything=%3D1%2B1"));
    let answer = service.handle(request.unwrap()).await;
    let location = answer.headers()["location"].to_str().unwrap();
    location.split_once("reference=").unwrap().1.to_owned()
}

fn daisy(root: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daisy"));
    command.arg("inbox").args(words).arg("--root").arg(root).env("USER", "asha");
    command.output().unwrap()
}

fn said(root: &Path, words: &[&str]) -> String {
    let output = daisy(root, words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(root: &Path, words: &[&str]) -> String {
    let output = daisy(root, words);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn the_team_reads_moves_exports_and_erases() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let reference = site_with_a_reply(root).await;
    let listed = said(root, &["list"]);
    assert!(listed.starts_with(&reference) && listed.contains("Mrs P."), "{listed}");
    let shown = said(root, &["show", &reference.to_lowercase()]);
    assert!(shown.contains("Phone number or email address\n  01632 960 111"), "{shown}");

    said(root, &["move", &reference, "assigned", "--note", "rings on Monday"]);
    assert!(said(root, &["show", &reference]).contains("asha: new → assigned: rings on Monday"));
    assert!(said(root, &["list", "chat", "--state", "new"]).contains("nothing there"));
    let wrong = refused(root, &["move", &reference, "finished"]);
    assert!(wrong.contains("no such state; it has new, assigned"), "{wrong}");

    let table = said(root, &["export", "chat"]);
    assert!(table.contains("\"'=1+1\""), "{table}");
    assert!(said(root, &["export", "chat", "--format", "json"]).contains("\"=1+1\""));

    assert!(said(root, &["erase", "chat", "+44 1632 960111"]).contains("one record is erased"));
    assert!(refused(root, &["show", &reference]).contains("no reply has this reference"));
}

#[test]
fn a_store_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let words = refused(folder.path(), &["list"]);
    assert!(words.contains("there are no replies at"), "{words}");
    assert!(!folder.path().join(".daisy").exists());
    assert!(refused(folder.path(), &["list", "--store", "paper"]).contains("`sqlite:PATH`"));
}
