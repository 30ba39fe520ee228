//! Reads a page's record of consent from its front matter.
//!
//! Consent must be recorded: who gave it, when, and to what (UK GDPR, article 7(1), and the ICO's guidance on
//! consent). Who gave it is only required to be there: nothing keeps it beyond the source, so no output can show it.

use located_yaml::{Entry, Located, Place, Problem, Reader, Value};
use serde::{Deserialize, Serialize};

use super::{FrontMatter, Moment, moment};
use crate::key_tables;
use crate::parse::{ParseOptions, Purpose};

/// A record of the consent of the person whom a page is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    /// The place of its key.
    pub place: Place,
    /// What it covers.
    pub covers: Vec<Covered>,
    /// Where the page may be published.
    pub channels: Vec<Channel>,
    /// When it ends, if that was agreed.
    pub until: Option<Located<Moment>>,
    /// When it was withdrawn, if it was.
    pub withdrawn: Option<Located<Moment>>,
    /// The first required key that the record lacks.
    lacks: Option<RequiredKey>,
}

/// A key that every record of consent needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum RequiredKey {
    By,
    On,
}

/// What a person can consent to. Each has to be asked for: consent is specific (UK GDPR, article 4(11)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Covered {
    /// What they said.
    Words,
    /// Their name.
    Name,
    /// The images on the page.
    Photo,
}

/// Where a page can be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channel {
    /// On the site.
    Site,
    /// In the newsletter.
    Newsletter,
}

/// In the order of their names, [`key_tables::COVERED`].
const COVERED: [Covered; 3] = [Covered::Words, Covered::Name, Covered::Photo];

/// In the order of their names, [`key_tables::CHANNELS`].
const CHANNELS: [Channel; 2] = [Channel::Site, Channel::Newsletter];

/// When a page is no longer published, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// The moment.
    pub moment: Moment,
    /// Where it is written; for a translation, this may be in its original.
    pub place: Place,
    /// The reason.
    pub reason: EndReason,
}

/// Why a page is no longer published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It has expired.
    Expired,
    /// The consent was given until then.
    ConsentEnded,
    /// The consent was withdrawn.
    ConsentWithdrawn,
}

impl EndReason {
    /// The key that states the moment.
    pub fn key(self) -> &'static str {
        match self {
            EndReason::Expired => "expires_on",
            EndReason::ConsentEnded => "until",
            EndReason::ConsentWithdrawn => "withdrawn",
        }
    }
}

impl Consent {
    /// Whether it covers this.
    pub fn covers(&self, what: Covered) -> bool {
        self.covers.contains(&what)
    }

    /// Whether the page may be published on the site.
    pub fn is_for_site(&self) -> bool {
        self.channels.contains(&Channel::Site)
    }

    /// The consent for a translation: that of its original, which ends no later than the translation's own.
    pub(crate) fn of_translation(own: Option<&Consent>, original: &Consent) -> Consent {
        let earlier = |one: &Option<Located<Moment>>, other: Option<&Located<Moment>>| {
            one.iter().chain(other).min_by_key(|moment| moment.value).cloned()
        };
        Consent {
            until: earlier(&original.until, own.and_then(|own| own.until.as_ref())),
            withdrawn: earlier(&original.withdrawn, own.and_then(|own| own.withdrawn.as_ref())),
            ..original.clone()
        }
    }
}

impl FrontMatter {
    /// When the page is no longer published: the earliest of its expiry date and the end of the consent.
    pub fn end(&self) -> Option<End> {
        let consent = self.consent.as_ref();
        let ends = [
            (self.expires_on.as_ref(), EndReason::Expired),
            (consent.and_then(|it| it.until.as_ref()), EndReason::ConsentEnded),
            (consent.and_then(|it| it.withdrawn.as_ref()), EndReason::ConsentWithdrawn),
        ];
        let ends = ends.into_iter().filter_map(|(moment, reason)| {
            moment.map(|moment| End { moment: moment.value, place: moment.place, reason })
        });
        ends.min_by_key(|end| end.moment)
    }
}

/// Reads `consent`.
pub(super) fn consent(entry: &Entry, rules: &ParseOptions, reader: &mut Reader) -> Consent {
    let (mut by, mut on) = (None, None);
    let mut consent = Consent {
        place: entry.key_place,
        covers: Vec::new(),
        channels: Vec::new(),
        until: None,
        withdrawn: None,
        lacks: None,
    };
    for part in reader.map(entry) {
        match part.key.as_str() {
            "by" => by = reader.text(part).filter(|text| !text.value.trim().is_empty()),
            "on" => on = moment(part, rules, reader),
            "covers" => {
                let words = reader.words(part, &key_tables::COVERED);
                consent.covers = words.into_iter().map(|index| COVERED[index]).collect();
            }
            "where" => {
                let words = reader.words(part, &key_tables::CHANNELS);
                consent.channels = words.into_iter().map(|index| CHANNELS[index]).collect();
            }
            "until" => consent.until = moment(part, rules, reader),
            "withdrawn" => consent.withdrawn = moment(part, rules, reader),
            _ => reader.unknown_key(part, &key_tables::CONSENT),
        }
    }
    // The least that a record of consent can mean.
    if consent.covers.is_empty() {
        consent.covers.push(Covered::Words);
    }
    if consent.channels.is_empty() {
        consent.channels.push(Channel::Site);
    }
    consent.lacks = match (&by, &on) {
        // That is an error of its own.
        _ if !matches!(entry.node.value, Value::Map(_) | Value::Null) => None,
        (None, _) => Some(RequiredKey::By),
        (_, None) => Some(RequiredKey::On),
        _ => None,
    };
    let later = |end: &&Located<Moment>| on.as_ref().is_some_and(|on| end.value < on.value);
    if let Some(until) = consent.until.as_ref().filter(later) {
        reader.push(
            Problem::error(until.place, "this consent would end before it was given")
                .help("correct `until` or `on`"),
        );
    }
    if let Some(withdrawn) = consent.withdrawn.as_ref().filter(later) {
        reader.push(
            Problem::error(withdrawn.place, "this consent would be withdrawn before it was given")
                .help("correct `withdrawn` or `on`"),
        );
    }
    consent
}

/// Reports a record that does not say who consented, or when. A draft may still lack it, and after a withdrawal no one
/// relies on it.
pub(super) fn check_complete(front: &FrontMatter, purpose: Purpose, reader: &mut Reader) {
    let Some(consent) = front.consent.as_ref().filter(|_| !front.draft) else { return };
    let (message, help) = match consent.lacks.filter(|_| consent.withdrawn.is_none()) {
        Some(RequiredKey::By) => (
            "this consent does not say who gave it",
            "below it, write their name: `  by: Rose Okafor`; it is not published",
        ),
        Some(RequiredKey::On) => (
            "this consent does not say when it was given",
            "below it, write the date: `  on: 2026-05-21`",
        ),
        None => return,
    };
    let severity = purpose.severity_of_missing();
    reader.push(Problem::new(severity, consent.place, message).help(help));
}

/// Reports the first of title, summary and author that names the person, if the consent does not cover their name.
pub(super) fn check_name(
    front: &FrontMatter,
    entries: &[Entry],
    purpose: Purpose,
    reader: &mut Reader,
) {
    let Some(consent) = front.consent.as_ref().filter(|_| !front.draft) else { return };
    let by = entries.iter().find(|entry| entry.key == "consent");
    let by = by.and_then(|entry| entry.node.get("by")?.node.characters());
    let by = by.map(|by| by.trim().to_lowercase()).filter(|by| !by.is_empty());
    let (Some(by), None, false) = (by, &consent.withdrawn, consent.covers(Covered::Name)) else {
        return;
    };
    let shown = [&front.title, &front.summary, &front.author].into_iter().flatten();
    let names = |shown: &&Located<String>| is_named(&by, &shown.value.to_lowercase());
    let Some(shown) = { shown }.find(names) else { return };
    let message = "consent for this page does not cover the person's name";
    let words = COVERED.into_iter().zip(key_tables::COVERED);
    let words: Vec<&str> = words
        .filter(|(what, _)| *what == Covered::Name || consent.covers(*what))
        .map(|(_, word)| word)
        .collect();
    let help = format!(
        "if they consented to it too, write `covers: [{}]` under `consent`; if not, change this line",
        words.join(", ")
    );
    let problem = Problem::new(purpose.severity_of_missing(), shown.place, message);
    reader.push(problem.label("this is the name in `by`").help(help));
}

/// Whether a text contains a name as whole words; both in lower case.
fn is_named(name: &str, text: &str) -> bool {
    let is_letter = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
    text.match_indices(name).any(|(at, found)| {
        let (before, after) = (&text[..at], &text[at + found.len()..]);
        !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_name_is_found_as_whole_words() {
        for (name, text, expected) in [
            ("ann", "tom & ann", true),
            ("ann", "ann's garden", true),
            ("ann", "annual report", false),
            ("ann", "joann, ann", true),
            ("rose okafor", "rose", false),
            ("ਰੋਜ਼", "ਰੋਜ਼ ਦੀ ਕਹਾਣੀ", true),
        ] {
            assert_eq!(is_named(name, text), expected, "{name} in {text}");
        }
    }
}
