//! `daisy new`: a page or a story, with its lines between the dashes, where it belongs.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::fs;
use std::path::Path;

use super::{Voice, init};
use crate::build::Failure;
use crate::cli::New;
use crate::clock;
use crate::diagnostic::nearest;
use crate::parse::slug;

pub(super) fn run(voice: &Voice, arguments: &New) -> Result<(), Failure> {
    let content = voice.root().join("content");
    if !content.is_dir() {
        return Err(Failure::Machine(format!(
            "{} is not a site; name its folder with `--root`, or make one with `daisy init`",
            voice.root().display()
        )));
    }
    let title = arguments.title.trim();
    let name = slug(title);
    if name.is_empty() || title.contains(['\n', '\r']) {
        return Err(Failure::Machine(format!("`{title}` is no title; write a few words")));
    }
    let folder = folder(&content, &arguments.kind)?;
    let path = content.join(&folder).join(format!("{name}.md"));
    let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
    let date = if folder.is_empty() {
        String::new()
    } else {
        format!("date: {}\n", init::today(clock::seconds()))
    };
    let text = format!("---\ntitle: \"{quoted}\"\n{date}draft: true\n---\n\nWrite here.\n");
    init::write(&path, text.as_bytes())?;
    voice.say(&format!(
        "Made {}. It is a draft: take the line `draft: true` out to publish it.",
        path.display()
    ));
    Ok(())
}

/// The folder for a kind: none for a page, else the section of that name, in the singular or the
/// plural.
fn folder(content: &Path, kind: &str) -> Result<String, Failure> {
    if kind == "page" {
        return Ok(String::new());
    }
    let sections = sections(content);
    let plurals =
        [kind.to_owned(), format!("{kind}s"), format!("{}ies", kind.trim_end_matches('y'))];
    if let Some(found) = plurals.into_iter().find(|name| sections.contains(name)) {
        return Ok(found);
    }
    let known = sections.join("`, `");
    let help = match nearest(kind, sections.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if sections.is_empty() => "it has none yet; `page` makes a page".to_owned(),
        None => format!("there is `page`, `{known}`"),
    };
    Err(Failure::Machine(format!("the site has no section `{kind}`; {help}")))
}

fn sections(content: &Path) -> Vec<String> {
    let entries = fs::read_dir(content).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().join("_index.md").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}
