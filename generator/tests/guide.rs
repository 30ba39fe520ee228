//! Tests the editors' guide: each file in it is written to a site made by `daisy init`, and built. A
//! block begins with three backticks, `markdown` or `yaml`, and the file's path below `content`; `text
//! output` is the output of a build with the block before it, which is then reverted.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

struct Example {
    /// The info string of the block.
    words: Vec<String>,
    text: String,
    line: usize,
}

fn examples() -> Vec<Example> {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/editors.md");
    let guide = fs::read_to_string(guide).unwrap();
    let mut examples = Vec::new();
    let mut open: Option<Example> = None;
    for (number, line) in guide.lines().enumerate() {
        match (&mut open, line.strip_prefix("````").or_else(|| line.strip_prefix("```"))) {
            (None, Some(words)) => {
                let words = words.split_whitespace().map(str::to_owned).collect();
                open = Some(Example { words, text: String::new(), line: number + 1 });
            }
            (Some(_), Some("")) => examples.extend(open.take()),
            (Some(example), _) => {
                example.text.push_str(line);
                example.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block of the guide is not closed");
    examples
}

fn daisy(folder: &Path, arguments: &[&str]) -> (bool, String) {
    // Building a site without an address would warn about it.
    let address: &[&str] = match arguments {
        ["build", ..] => &["--base-url", "https://hearsall.org"],
        _ => &[],
    };
    let output = Command::new(env!("CARGO_BIN_EXE_daisy"))
        .args(arguments)
        .args(address)
        .current_dir(folder)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn must(folder: &Path, arguments: &[&str]) {
    let (fine, said) = daisy(folder, arguments);
    assert!(fine && warns_of_placeholders_alone(&said), "daisy {arguments:?}: {said}");
}

/// Whether the output has only warnings about what a new site must fill in: its address and
/// placeholders.
fn warns_of_placeholders_alone(said: &str) -> bool {
    let known = [
        "the site has no address",
        "this is the phone number of the example",
        "this is the email address of the example",
        "this is an example address",
    ];
    let mut messages = said.lines().filter(|line| line.contains(": ") && !line.starts_with(' '));
    messages.all(|line| {
        let message = line.strip_prefix("warning: ").unwrap_or_default();
        known.iter().any(|known| message.starts_with(known))
    })
}

#[test]
fn files_in_the_guide_build_and_messages_are_as_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    must(at, &["init"]);
    let (mut files, mut messages) = (0, 0);
    let examples = examples();
    for pair in examples.windows(2) {
        let words: Vec<&str> = pair[0].words.iter().map(String::as_str).collect();
        let ["markdown" | "yaml", path] = words[..] else { continue };
        let file = at.join("content").join(path);
        let before = fs::read_to_string(&file).ok();
        fs::write(&file, &pair[0].text).unwrap();
        files += 1;
        let next: Vec<&str> = pair[1].words.iter().map(String::as_str).collect();
        if next == ["text", "output"] {
            let (_, said) = daisy(at, &["build"]);
            let shown = pair[1].text.trim();
            assert!(said.contains(shown), "line {} of the guide:\n{said}", pair[1].line);
            messages += 1;
            match before {
                Some(text) => fs::write(&file, text).unwrap(),
                None => fs::remove_file(&file).unwrap(),
            }
        }
        // A forced build does not report that the previous example is gone.
        let (fine, said) = daisy(at, &["build", "--drafts", "--force"]);
        assert!(
            fine && warns_of_placeholders_alone(&said),
            "line {} of the guide:\n{said}",
            pair[0].line
        );
    }
    assert!(files >= 7 && messages >= 3, "{files} files and {messages} messages");
}

#[test]
fn every_command_in_the_guide_exists() {
    let folder = tempfile::tempdir().unwrap();
    must(folder.path(), &["init"]);
    let mut commands = 0;
    for example in
        examples().iter().filter(|example| example.words.first().is_some_and(|word| word == "sh"))
    {
        for line in example.text.lines().filter_map(|line| line.strip_prefix("daisy ")) {
            let arguments: Vec<String> = line
                .split('"')
                .enumerate()
                .flat_map(|(at, part)| match at % 2 {
                    1 => vec![part.to_owned()],
                    _ => part.split_whitespace().map(str::to_owned).collect(),
                })
                .collect();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            commands += 1;
            if arguments[0] == "serve" {
                must(folder.path(), &["serve", "--help"]);
            } else {
                must(folder.path(), &arguments);
            }
        }
    }
    assert!(commands >= 4, "{commands} commands");
}
