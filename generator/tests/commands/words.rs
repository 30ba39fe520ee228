//! Tests of the command-line texts: every help text, the reference generated from them, man pages,
//! completions and the schema.

use std::fmt::Write as _;
use std::path::Path;

use clap::{Arg, Command, CommandFactory as _};
use daisychain::cli::Cli;

use super::says;
use super::support::transcript::{Transcript, matches_kept};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every command with its name, except clap's own `help`.
fn commands() -> Vec<(Vec<String>, Command)> {
    fn add(found: &mut Vec<(Vec<String>, Command)>, words: &[String], command: &Command) {
        found.push((words.to_vec(), command.clone()));
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            let words = [words, &[below.get_name().to_owned()]].concat();
            add(found, &words, below);
        }
    }
    let mut found = Vec::new();
    let mut daisy = Cli::command();
    daisy.build();
    add(&mut found, &[], &daisy);
    found
}

#[test]
fn every_help_text_is_as_expected() {
    let here = tempfile::tempdir().unwrap();
    let mut all = String::new();
    for (words, _) in commands() {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        arguments.push("--help");
        let _ = writeln!(all, "$ daisy {}\n{}", arguments.join(" "), says(here.path(), &arguments));
    }
    matches_kept(&folder().join("tests/commands/help.txt"), &all).unwrap();
}

#[test]
fn every_command_and_option_has_a_help_text() {
    for (words, command) in commands() {
        assert!(command.get_about().is_some(), "{words:?}");
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{words:?} {}", argument.get_id());
        }
    }
}

/// `make docs` writes it.
#[test]
fn the_command_reference_is_up_to_date() {
    let mut text = String::from(
        "# Commands\n\nMade from the program's own words by `make docs`; do not edit it.\n\n\
         Exit codes: 0 is fine, 1 that the content is at fault or that nobody was \
         found, 2 that the call or the machine is at fault.\n",
    );
    for (words, command) in commands() {
        let name = [&["daisy".to_owned()][..], &words].concat().join(" ");
        let _ = write!(text, "\n## `{name}`\n\n{}.\n", command.get_about().unwrap());
        let usage = command.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        let _ = write!(text, "\n```text\n{usage}\n```\n");
        let own = |each: &&Arg| words.is_empty() || !each.is_global_set();
        let shown: Vec<&Arg> =
            command.get_arguments().filter(own).filter(|each| is_told(each)).collect();
        if !shown.is_empty() {
            text.push_str("\n| | |\n|---|---|\n");
            for argument in shown {
                let _ = writeln!(text, "| {} | {} |", named(argument), told(argument));
            }
        }
    }
    matches_kept(&folder().join("../docs/reference/commands.md"), &text).unwrap();
}

fn is_told(argument: &Arg) -> bool {
    !matches!(argument.get_id().as_str(), "help" | "version")
}

fn named(argument: &Arg) -> String {
    let value =
        argument.get_value_names().and_then(|names| names.first()).map(|name| name.to_string());
    let takes = argument.get_action().takes_values();
    let value = value.filter(|_| takes);
    match (argument.get_long(), argument.get_short(), value) {
        (Some(long), Some(short), None) => format!("`-{short}`, `--{long}`"),
        (Some(long), _, Some(value)) => format!("`--{long} <{value}>`"),
        (Some(long), ..) => format!("`--{long}`"),
        (None, _, value) => {
            format!("`<{}>`", value.unwrap_or_else(|| argument.get_id().to_string().to_uppercase()))
        }
    }
}

fn told(argument: &Arg) -> String {
    let mut text = argument.get_help().unwrap().to_string().replace('|', "\\|");
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| match value.get_help() {
            Some(help) => format!("`{}`: {help}", value.get_name()),
            None => format!("`{}`", value.get_name()),
        })
        .collect();
    if !values.is_empty() && values.len() < 12 {
        let _ = write!(text, ". {}", values.join("; "));
    }
    let usual: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !usual.is_empty() && argument.get_action().takes_values() {
        let _ = write!(text, " (usually {})", usual.join(", "));
    }
    text
}

#[test]
fn a_misspelt_command_suggests_the_nearest() {
    let here = tempfile::tempdir().unwrap();
    let mut told = Transcript::new(here.path());
    told.run(&["bild"]).run(&["serv"]).run(&["serve", "--prot", "1"]);
    told.run(&["completions", "bsh"]).run(&["build", "--base-url", "www.our-street.org.uk"]);
    told.is_kept_as("misspelt", &[]);
}

#[test]
fn man_pages_and_completions_are_generated() {
    let here = tempfile::tempdir().unwrap();
    assert!(says(here.path(), &["man"]).contains(".TH daisy 1"));
    says(here.path(), &["man", "--out", "manual"]);
    for page in ["daisy.1", "daisy-build.1", "daisy-inbox-list.1"] {
        assert!(here.path().join("manual").join(page).is_file(), "{page}");
    }
    for (shell, words) in
        [("bash", "complete -F"), ("zsh", "#compdef daisy"), ("fish", "complete -c daisy")]
    {
        assert!(says(here.path(), &["completions", shell]).contains(words), "{shell}");
    }
    let mut told = Transcript::new(here.path());
    told.run(&["man", "--out", "manual"]).run(&["man", "--out", "manual/daisy.1"]);
    told.is_kept_as("man", &[]);
}

#[test]
fn a_section_s_schema_is_printed() {
    let here = tempfile::tempdir().unwrap();
    says(here.path(), &["init"]);
    let settings = here.path().join("content/site.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text + "\ntaxonomies: [tags]\n").unwrap();
    let schema = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&says(here.path(), arguments)).unwrap()
    };
    let any = schema(&["schema"]);
    assert_eq!(any["properties"]["draft"]["type"], "boolean");
    let index = here.path().join("content/stories/_index.md");
    std::fs::write(
        index,
        "---\ntitle: Stories\nschema:\n  summary: {required: true}\n  extra.area:\n    type: text\n    values: [North, South]\n---\n\n{{<unknown />}}\n",
    )
    .unwrap();
    let terms = "Its terms of the taxonomy `tags`";
    assert_eq!(any["properties"]["tags"]["description"], terms);
    let stories = schema(&["schema", "story"]);
    assert_eq!(stories["title"], "Stories");
    assert_eq!(stories["required"], serde_json::json!(["summary"]));
    assert_eq!(
        stories["properties"]["extra"]["properties"]["area"]["enum"],
        serde_json::json!(["North", "South"])
    );
    let mut told = Transcript::new(here.path());
    told.run(&["schema", "storys"]).run(&["schema", "--root", "nowhere"]);
    told.is_kept_as("schema", &[]);
}
