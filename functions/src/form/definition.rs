//! Reads a definition into a [`Form`]. Pure.

use super::field::{Field, KINDS, Kind, MAX_TEXT_CHARS};
use super::reader::{Reader, unknown};
use super::{
    Confirmation, DefinitionError, Form, HONEYPOT_FIELD, MAX_PAIRS, More, Organisation, Purpose,
    Thanks, messages, paragraph,
};
use crate::email_address::is_email;
use located_yaml::{Node, Place, Value};
use std::collections::BTreeMap;

const KEYS: [&str; 17] = [
    "title",
    "purpose",
    "language",
    "intro",
    "fields",
    "more",
    "submit",
    "small_print",
    "thanks",
    "keep_days",
    "answer_within",
    "closed",
    "notify",
    "details",
    "phone",
    "confirmation",
    "words",
];
const FIELD_KEYS: [&str; 11] = [
    "name",
    "kind",
    "label",
    "hint",
    "optional",
    "missing",
    "invalid",
    "longest",
    "choices",
    "other",
    "autocomplete",
];
const PURPOSES: [(&str, Purpose); 4] = [
    ("newsletter", Purpose::Newsletter),
    ("volunteer", Purpose::Volunteer),
    ("chat", Purpose::Chat),
    ("enquiry", Purpose::Enquiry),
];

/// Two years: long enough for volunteers, short enough for the GDPR's "no longer than is necessary".
const KEEP_DAYS: u32 = 730;

pub(super) fn read(
    organisation: &Organisation,
    name: &str,
    text: &str,
) -> Result<Form, Vec<DefinitionError>> {
    let node = located_yaml::parse(text, 1).map_err(|error| vec![error])?.root;
    let mut errors = Vec::new();
    let mut form = form(organisation, name, &node, &mut errors);
    let phone = form.phone.clone();
    form.paragraphs().for_each(|text| paragraph::insert_phone(text, &phone));
    errors.sort_by_key(|error| (error.place.line, error.place.column));
    if errors.is_empty() { Ok(form) } else { Err(errors) }
}

fn form(
    organisation: &Organisation,
    name: &str,
    node: &Node,
    errors: &mut Vec<DefinitionError>,
) -> Form {
    let mut reader = Reader::new(node, &KEYS, errors);
    if !is_name(name) {
        reader.error(
            Place::START,
            format!("a form cannot be called `{name}`"),
            "name the file with lower-case letters, digits and `-`, beginning with a letter",
        );
    }
    let fields = reader.required_list("fields");
    let more = reader.entry("more").map(|entry| &entry.node);
    let purpose = purpose(name, &mut reader);
    let known = |email: &&String| is_email(email);
    let notify =
        reader.text("notify").or_else(|| organisation.email.as_ref().filter(known).cloned());
    let phone = match (reader.entry("phone"), &organisation.phone) {
        (None, Some(phone)) => phone.trim().to_owned(),
        _ => reader.required_text("phone"),
    };
    if let (Some(address), Some(entry)) = (&notify, reader.entry("notify"))
        && !is_email(address)
    {
        let place = entry.node.place;
        reader.error(
            place,
            "`notify` must be an email address",
            "write one, like team@example.org",
        );
    }
    let closed = closed(&mut reader);
    let confirmation = reader.entry("confirmation").map(|entry| &entry.node);
    if purpose == Purpose::Newsletter && confirmation.is_none() {
        let place = Place { length: 1, ..reader.place() };
        reader.error(
            place,
            "`confirmation` is missing",
            "a newsletter asks its subscribers to confirm; add `confirmation:` with its words",
        );
    }
    let mut form = Form {
        name: name.to_owned(),
        purpose,
        language: reader.text("language").unwrap_or_else(|| "en-GB".to_owned()),
        title: reader.required_text("title"),
        intro: reader.paragraphs("intro"),
        fields: Vec::new(),
        more: None,
        submit: reader.required_text("submit"),
        small_print: reader.paragraphs("small_print"),
        thanks: Thanks { title: String::new(), next: Vec::new() },
        keep_days: reader.number("keep_days", 1, 3_650, 365).unwrap_or(KEEP_DAYS),
        answer_within: reader
            .number("answer_within", 1, 60, 3)
            .and_then(|days| u8::try_from(days).ok()),
        closed,
        notify,
        details: reader.flag("details").unwrap_or(true),
        phone,
        confirmation: None,
        words: BTreeMap::new(),
        translations: BTreeMap::new(),
        localization: None,
        months: Vec::new(),
    };
    let words = reader.entry("words").map(|entry| &entry.node);
    match reader.entry("thanks").map(|entry| &entry.node) {
        Some(node) => form.thanks = thanks(node, errors),
        None => {
            let _ = reader.required_text("thanks");
        }
    }
    form.words = words.map(|node| messages::read(node, errors)).unwrap_or_default();
    form.confirmation = confirmation.map(|node| read_confirmation(node, errors));
    form.fields = fields.iter().map(|node| field(node, errors)).collect();
    form.more = more.map(|node| {
        let mut reader = Reader::new(node, &["summary", "fields"], errors);
        let summary = reader.required_text("summary");
        let fields = reader.required_list("fields");
        More { summary, fields: fields.iter().map(|node| field(node, errors)).collect() }
    });
    check_fields(&form, fields, more, errors);
    form
}

/// The days on which the team does not answer.
fn closed(reader: &mut Reader<'_, '_>) -> Vec<String> {
    let days = reader.texts("closed");
    let places: Vec<Place> = reader.list("closed").iter().map(|node| node.place).collect();
    for (day, place) in days.iter().zip(places) {
        if !crate::holidays::is_date(day) {
            let message = format!("`{day}` is not a date");
            reader.error(place, message, "write the year, the month and the day, like 2026-12-24");
        }
    }
    days
}

fn purpose(name: &str, reader: &mut Reader<'_, '_>) -> Purpose {
    let find = |word: &str| PURPOSES.iter().find(|(known, _)| *known == word).map(|found| found.1);
    let Some(word) = reader.text("purpose") else {
        return find(name).unwrap_or(Purpose::Enquiry);
    };
    find(&word).unwrap_or_else(|| {
        let place = reader.entry("purpose").map_or_else(Place::default, |entry| entry.node.place);
        reader.problems.push(unknown(&word, place, "purpose", &PURPOSES.map(|known| known.0)));
        Purpose::Enquiry
    })
}

fn thanks(node: &Node, errors: &mut Vec<DefinitionError>) -> Thanks {
    let mut reader = Reader::new(node, &["title", "next"], errors);
    Thanks { title: reader.required_text("title"), next: reader.required_paragraphs("next") }
}

fn read_confirmation(node: &Node, errors: &mut Vec<DefinitionError>) -> Confirmation {
    let mut reader = Reader::new(node, &Confirmation::KEYS, errors);
    let subject = reader.required_text("subject");
    let mail = reader.required_paragraphs("mail");
    let button = reader.required_text("button");
    let leave_button = reader.required_text("leave_button");
    let pages = ["confirmed", "left"].map(|key| {
        let node = reader.entry(key).map(|entry| &entry.node);
        if node.is_none() {
            let _ = reader.required_text(key);
        }
        node
    });
    let [confirmed, left] = pages.map(|node| match node {
        Some(node) => thanks(node, errors),
        None => Thanks { title: String::new(), next: Vec::new() },
    });
    Confirmation { subject, mail, button, confirmed, leave_button, left }
}

fn field(node: &Node, errors: &mut Vec<DefinitionError>) -> Field {
    let mut reader = Reader::new(node, &FIELD_KEYS, errors);
    let name = reader.required_text("name");
    let label = reader.required_text("label");
    let kind = kind(&mut reader);
    if let Some(entry) = reader.entry("name")
        && !name.is_empty()
        && !is_name(&name)
    {
        let place = entry.node.place;
        reader.error(
            place,
            format!("a field cannot be called `{name}`"),
            "use lower-case letters, digits and `_`, beginning with a letter",
        );
    }
    let choices = choices(kind, &mut reader);
    let longest =
        reader.number("longest", 1, MAX_TEXT_CHARS, 200).unwrap_or_else(|| kind.max_chars());
    Field {
        kind,
        hint: reader.text("hint"),
        optional: reader.flag("optional").unwrap_or(false),
        missing: reader.text("missing").unwrap_or_else(|| kind.missing(&label)),
        invalid: reader.text("invalid").unwrap_or_else(|| kind.invalid(&label)),
        longest,
        choices,
        choice_words: BTreeMap::new(),
        other: reader.text("other"),
        autocomplete: reader
            .text("autocomplete")
            .or_else(|| kind.autocomplete().map(str::to_owned)),
        name,
        label,
    }
}

fn kind(reader: &mut Reader<'_, '_>) -> Kind {
    let word = reader.required_text("kind");
    if let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == word) {
        return *kind;
    }
    if let Some(entry) = reader.entry("kind").filter(|_| !word.is_empty()) {
        let place = entry.node.place;
        reader.problems.push(unknown(&word, place, "kind", &KINDS.map(|known| known.0)));
    }
    Kind::Text
}

fn choices(kind: Kind, reader: &mut Reader<'_, '_>) -> Vec<String> {
    let takes_choices = matches!(kind, Kind::Choice | Kind::Choices);
    for key in ["choices", "other"] {
        if let Some(entry) = reader.entry(key).filter(|_| !takes_choices) {
            let place = entry.key_place;
            reader.error(
                place,
                format!("only the kinds `choice` and `choices` have `{key}`"),
                "remove it, or change the kind",
            );
        }
    }
    if !takes_choices {
        return Vec::new();
    }
    let nodes = reader.required_list("choices");
    let choices = reader.texts("choices");
    for (index, node) in nodes.iter().enumerate() {
        let Value::String(text) = &node.value else { continue };
        if nodes[..index].iter().any(|earlier| earlier.value == node.value) {
            reader.error(node.place, format!("`{text}` is listed twice"), "keep one of the two");
        }
    }
    choices
}

/// Checks the fields against each other: unique names, and no more pairs than a body may have.
fn check_fields(
    form: &Form,
    fields: &[Node],
    more: Option<&Node>,
    errors: &mut Vec<DefinitionError>,
) {
    let folded = more.and_then(|node| node.get("fields")).map(|entry| &entry.node.value);
    let folded = match folded {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let mut taken: Vec<String> = Vec::new();
    for (field, node) in form.fields().zip(fields.iter().chain(folded)) {
        let place = node.get("name").map_or(node.place, |entry| entry.node.place);
        for name in field.names() {
            if taken.contains(&name) && !name.is_empty() {
                errors.push(
                    DefinitionError::error(
                        place,
                        format!("the name `{name}` is used by an earlier field"),
                    )
                    .help("give each field a name of its own"),
                );
            }
            taken.push(name);
        }
    }
    if taken.iter().any(|name| name == HONEYPOT_FIELD) {
        errors.push(
            DefinitionError::error(
                Place::START,
                format!("the name `{}` is reserved for the spam check", HONEYPOT_FIELD),
            )
            .help("give the field another name"),
        );
    }
    // Three more: the definition's digest, the page's language and the honeypot.
    let pairs = form.fields().map(Field::max_pairs).sum::<usize>() + 3;
    if pairs > MAX_PAIRS {
        errors.push(
            DefinitionError::error(
                Place::START,
                format!("the form can send {pairs} answers, and {MAX_PAIRS} are the limit"),
            )
            .help("remove a field, or some of the choices"),
        );
    }
    let email = form.fields.iter().any(|field| field.kind == Kind::Email && !field.optional);
    if form.purpose == Purpose::Newsletter && !email {
        errors.push(
            DefinitionError::error(Place::START, "a newsletter's form asks for no email address")
                .help("add a field of the kind `email` that is not optional"),
        );
    }
}

/// Lower-case letters, digits, `-` and `_`, beginning with a letter: safe in URLs, keys and ids.
fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}
