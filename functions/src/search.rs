//! The terms by which the team's search finds replies to any form: references, and keyed hashes of contacts and of the
//! beginnings of names. Pure.
//!
//! A store holds only the hashes, so it can be searched without an index of personal data, and erasing a reply erases
//! its terms.

use crate::characters::case_folded;
use crate::form::Form;
use crate::form::field::Kind;
use crate::id;
use crate::secret_keys::SecretKeys;
use crate::submission::{Contact, Submission};
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

/// How many letters of each word of a name are hashed.
const PREFIX_CHARS: usize = 3;
/// The most words of the names in one reply by which it is found.
const MAX_WORDS: usize = 12;

/// What a person typed into the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchQuery {
    /// A reference.
    Reference(String),
    /// An email address or a telephone number.
    Contact(Contact),
    /// Words of a name, folded: each is the beginning of a word of the name.
    Name(Vec<String>),
}

impl SearchQuery {
    /// Everything that the typed text can mean: a number of eight digits may also be a reference. Nothing if it has no
    /// letter or digit.
    pub fn parse(typed: &str) -> Vec<SearchQuery> {
        let typed = typed.trim();
        let reference = id::parse_reference(typed).map(SearchQuery::Reference);
        let contact = Contact::parse(typed).map(SearchQuery::Contact);
        let words = words(typed);
        // A reference may also be a name of eight letters.
        let is_name = contact.is_none() && !words.is_empty();
        let name = is_name.then_some(SearchQuery::Name(words));
        [reference, contact, name].into_iter().flatten().collect()
    }

    /// The term to ask the store for. Of several words, the longest, because fewest replies have it.
    pub(crate) fn term(&self, keys: &SecretKeys) -> String {
        match self {
            SearchQuery::Reference(reference) => reference_term(reference),
            SearchQuery::Contact(contact) => keys.search("contact", &contact.identity()),
            SearchQuery::Name(words) => {
                let longest = words.iter().max_by_key(|word| word.chars().count());
                keys.search("name", prefix(longest.map_or("", String::as_str)))
            }
        }
    }

    /// Whether a reply that has the term is meant: the term of a name is only its beginning.
    pub(crate) fn matches(&self, form: Option<&Form>, submission: &Submission) -> bool {
        match self {
            SearchQuery::Reference(_) | SearchQuery::Contact(_) => true,
            SearchQuery::Name(wanted) => {
                let names = names(form, submission);
                wanted.iter().all(|wanted| match wanted.chars().count() < PREFIX_CHARS {
                    true => names.contains(wanted),
                    false => names.iter().any(|name| name.starts_with(wanted.as_str())),
                })
            }
        }
    }
}

/// All terms by which a reply is found, each once. Without its definition, the reference alone.
pub(crate) fn terms_of_reply(
    keys: &SecretKeys,
    reference: &str,
    form: Option<&Form>,
    submission: &Submission,
) -> Vec<String> {
    let contacts = form.map(|form| submission.contacts(form)).unwrap_or_default();
    let mut terms = vec![reference_term(reference)];
    terms.extend(contacts.iter().map(|contact| keys.search("contact", &contact.identity())));
    let names = names(form, submission);
    terms.extend(names.iter().take(MAX_WORDS).map(|word| keys.search("name", prefix(word))));
    let mut seen = std::collections::BTreeSet::new();
    terms.retain(|term| seen.insert(term.clone()));
    terms
}

/// A reference says nothing of a person, so it is no hash.
fn reference_term(reference: &str) -> String {
    format!("reference#{reference}")
}

/// The words of all names in a submission, folded.
fn names(form: Option<&Form>, submission: &Submission) -> Vec<String> {
    let fields = form.into_iter().flat_map(Form::fields);
    let names = fields.filter(|field| field.kind() == Kind::FullName);
    names.filter_map(|field| submission.get(field.name())).flat_map(words).collect()
}

/// The words of a text in lower case and without diacritics, so that `josé` is found by `Jose`.
fn words(text: &str) -> Vec<String> {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let is_mark = |c: &char| categories.get(*c) == GeneralCategory::NonspacingMark;
    let folded: String = decomposed.chars().filter(|c| !is_mark(c)).collect();
    let folded = case_folded(&folded);
    // `O'Neill` and `ONeill` are one word, `Smith-Jones` two.
    let joined: String = folded.chars().filter(|c| !matches!(c, '\'' | '’' | '.')).collect();
    joined
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The part of a word that is hashed.
fn prefix(word: &str) -> &str {
    word.char_indices().nth(PREFIX_CHARS).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_a_reference_a_contact_or_a_name() {
        let reference = |text: &str| SearchQuery::Reference(text.to_owned());
        let email = |text: &str| SearchQuery::Contact(Contact::Email(text.to_owned()));
        let phone = |text: &str| SearchQuery::Contact(Contact::Phone(text.to_owned()));
        let name = |words: &[&str]| {
            SearchQuery::Name(words.iter().map(|word| (*word).to_owned()).collect())
        };
        for (typed, query) in [
            (" 7kmb-2xq4 ", vec![reference("7KMB-2XQ4"), name(&["7kmb", "2xq4"])]),
            ("Rose@Example.com", vec![email("Rose@example.com")]),
            ("+44 1632 960111", vec![phone("01632960111")]),
            ("2345 6789", vec![reference("2345-6789"), phone("23456789")]),
            ("José  O’Neill", vec![name(&["jose", "oneill"])]),
            ("Margaret", vec![name(&["margaret"])]),
            ("STRAẞE-Smith", vec![name(&["strasse", "smith"])]),
            ("محمد", vec![name(&["محمد"])]),
            ("  – ", vec![]),
        ] {
            assert_eq!(SearchQuery::parse(typed), query, "{typed}");
        }
    }
}
