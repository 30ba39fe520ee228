//! The definitions by which replies are shown: each by the one that the resident saw. Pure.

use crate::form::Form;
use crate::model::StoredReply;
use std::collections::{BTreeMap, BTreeSet};

/// The definitions of some replies of one form, and the form's current one.
#[derive(Clone, Debug, Default)]
pub struct Wordings {
    pub(super) current: Option<Form>,
    /// By their digests.
    pub(super) own: BTreeMap<String, Form>,
}

/// A question and its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    /// The name of the field.
    pub name: &'a str,
    /// The question as the resident read it; the field's name if no definition has the field.
    pub label: &'a str,
    /// The answers; one, unless several could be chosen.
    pub answers: &'a [String],
}

/// A column of a table of replies: a question with a certain label. A question whose label was changed has another
/// column, because an answer belongs to the label that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
}

impl Column<'_> {
    pub(super) fn is_of(&self, answered: &Answered<'_>) -> bool {
        self.name == answered.name && self.label == answered.label
    }
}

impl Wordings {
    /// The definition that a resident saw, or the current one if the store has lost it.
    pub fn of(&self, reply: &StoredReply) -> Option<&Form> {
        self.own.get(&reply.definition).or(self.current.as_ref())
    }

    /// All answers of a reply: in the order of its form, then those without a field.
    pub fn answered<'a>(&'a self, reply: &'a StoredReply) -> Vec<Answered<'a>> {
        let answers = &reply.submission.answers;
        let fields = self.of(reply).into_iter().flat_map(Form::fields);
        let asked: Vec<Answered<'a>> = fields
            .filter_map(|field| {
                let answers = answers.get(field.name())?;
                Some(Answered { name: field.name(), label: field.label(), answers })
            })
            .collect();
        let known: BTreeSet<&str> = asked.iter().map(|answered| answered.name).collect();
        let others = answers.iter().filter(|(name, _)| !known.contains(name.as_str()));
        let others = others.map(|(name, answers)| Answered { name, label: name, answers });
        asked.iter().copied().chain(others).collect()
    }

    /// The columns of a table of these replies: the current definition's, then those of former
    /// ones in the order in which they first received a reply, then what no definition has.
    pub(super) fn columns<'a>(&'a self, replies: &'a [StoredReply]) -> Vec<Column<'a>> {
        let mut columns: Vec<Column<'a>> = Vec::new();
        let mut add = |column: Column<'a>| {
            if !columns.contains(&column) {
                columns.push(column);
            }
        };
        let column = |field: &'a crate::form::field::Field| Column {
            name: field.name(),
            label: field.label(),
        };
        self.current.iter().flat_map(Form::fields).map(column).for_each(&mut add);
        let mut oldest_first: Vec<&StoredReply> = replies.iter().collect();
        oldest_first.sort_by(|a, b| (a.received, &a.id).cmp(&(b.received, &b.id)));
        for reply in &oldest_first {
            self.own
                .get(&reply.definition)
                .into_iter()
                .flat_map(Form::fields)
                .map(column)
                .for_each(&mut add);
        }
        for reply in oldest_first {
            let answered = self.answered(reply).into_iter();
            answered.map(|Answered { name, label, .. }| Column { name, label }).for_each(&mut add);
        }
        columns
    }
}

/// The headings of columns: their labels, made different from each other and from those `taken`. Of two columns with
/// the same label, the later one also has its field's name.
pub(super) fn heads(columns: &[Column<'_>], taken: &[&str]) -> Vec<String> {
    let mut heads: Vec<String> = Vec::new();
    for Column { name, label } in columns {
        let mut head = (*label).to_owned();
        while taken.contains(&head.as_str()) || heads.contains(&head) {
            head.push_str(&format!(" ({name})"));
        }
        heads.push(head);
    }
    heads
}
