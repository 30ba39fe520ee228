//! Exports replies and subscribers as CSV or JSON. Pure.

use super::wordings::{Wordings, heads};
use crate::characters::for_terminal;
use crate::clock::rfc3339;
use crate::model::claim_of;
use crate::model::{StoredReply, Subscriber};
use serde_json::{Value, json as value};
use std::collections::BTreeMap;

const COLUMNS: [&str; 8] =
    ["reference", "received", "due", "state", "assignee", "held", "corrects", "note"];

/// Replies as CSV (RFC 4180): a row for each reply, a column for each question. A byte order mark lets spreadsheets
/// recognise UTF-8. The current definition's questions come first, then those of earlier definitions, so that no answer
/// is left out.
pub fn csv(wordings: &Wordings, replies: &[StoredReply]) -> String {
    let mut table = String::from('\u{FEFF}');
    let columns = wordings.columns(replies);
    let heads = heads(&columns, &COLUMNS);
    row(&mut table, COLUMNS.into_iter().chain(heads.iter().map(String::as_str)));
    for reply in replies {
        let (received, due) = (rfc3339(reply.received), rfc3339(reply.due));
        let note = reply.history.iter().rev().find_map(|step| step.note.as_deref());
        let own = [
            reply.reference.as_str(),
            &received,
            &due,
            reply.state.as_str(),
            claim_of(reply).map_or("", |claim| claim.by),
            reply.held.as_deref().unwrap_or_default(),
            reply.corrects.as_deref().unwrap_or_default(),
            note.unwrap_or_default(),
        ];
        let answered = wordings.answered(reply);
        let answers: Vec<String> = columns
            .iter()
            .map(|column| answered.iter().find(|answered| column.is_of(answered)))
            .map(|answered| answered.map(|answered| answered.answers.join("; ")))
            .map(Option::unwrap_or_default)
            .collect();
        row(&mut table, own.into_iter().chain(answers.iter().map(String::as_str)));
    }
    table
}

/// A newsletter's subscribers as CSV.
pub fn people_csv(people: &[Subscriber]) -> String {
    let mut table = String::from('\u{FEFF}');
    row(&mut table, ["reference", "email", "state", "since", "language"].into_iter());
    for person in people {
        let since = rfc3339(person.since);
        let cells = [
            person.reference.as_str(),
            person.email.as_deref().unwrap_or_default(),
            person.state.as_str(),
            &since,
            person.language.as_deref().unwrap_or_default(),
        ];
        row(&mut table, cells.into_iter());
    }
    table
}

/// A newsletter's subscribers as a JSON array of objects.
pub fn people_json(people: &[Subscriber]) -> String {
    let list: Vec<Value> = people
        .iter()
        .map(|person| {
            value!({
                "form": person.form,
                "reference": person.reference,
                "email": person.email,
                "state": person.state.as_str(),
                "since": rfc3339(person.since),
                "language": person.language,
                "wording": person.definition,
            })
        })
        .collect();
    serde_json::to_string_pretty(&list).expect("subscribers serialize to JSON") + "\n"
}

fn row<'a>(table: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            table.push(',');
        }
        // A spreadsheet runs a cell that begins like this as a formula, even after white space. A telephone number is
        // still readable with the apostrophe.
        let signs = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%'];
        let first = cell.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c));
        let runs = first.starts_with(signs) || cell.starts_with(['\t', '\r', '\n']);
        table.push('"');
        table.push_str(if runs { "'" } else { "" });
        // The table may be shown in a terminal.
        table.push_str(&for_terminal(&cell.replace("\r\n", "\n")).replace('"', "\"\""));
        table.push('"');
    }
    table.push_str("\r\n");
}

/// Characters without width, which a spreadsheet may ignore.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// Replies as a JSON array of objects. `answers` has the answers by the names of their fields, and `questions` the
/// labels that the resident saw, by the same names.
pub fn json(wordings: &Wordings, replies: &[StoredReply]) -> String {
    let list: Vec<Value> = replies
        .iter()
        .map(|reply| {
            let answered = wordings.answered(reply).into_iter();
            let questions: BTreeMap<&str, &str> =
                answered.map(|answered| (answered.name, answered.label)).collect();
            value!({
                "form": reply.form,
                "reference": reply.reference,
                "received": rfc3339(reply.received),
                "due": rfc3339(reply.due),
                "state": reply.state,
                "assignee": claim_of(reply).map(|claim| claim.by),
                "held": reply.held,
                "corrects": reply.corrects,
                "wording": reply.definition,
                "questions": questions,
                "answers": reply.submission.answers,
                "history": reply.history.iter().map(|step| value!({
                    "at": rfc3339(step.at),
                    "from": step.from,
                    "to": step.to,
                    "by": step.by,
                    "note": step.note,
                    "email": step.email,
                    "taken_over_from": step.taken_over_from,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::to_string_pretty(&list).expect("replies serialize to JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_cell_is_whole() {
        let mut table = String::new();
        row(&mut table, ["=1+1", "+44 1632", "a \"b\", c\nd", "plain"].into_iter());
        assert_eq!(table, "\"'=1+1\",\"'+44 1632\",\"a \"\"b\"\", c\nd\",\"plain\"\r\n");
        for hidden in [" =1", "\u{200B}=1", "\u{FEFF}@x", "\u{A0}+1", "|calc", "%cmd"] {
            let mut table = String::new();
            row(&mut table, [hidden].into_iter());
            assert!(table.starts_with("\"'"), "{hidden:?}");
        }
    }
}
