//! The standard messages of forms: in English, unless a definition or a translation replaces them. Pure.

use super::DefinitionError;
use super::reader::Reader;
use located_yaml::Node;
use std::collections::BTreeMap;

/// Defines the enum, and the list of each message's key and English text.
macro_rules! words {
    ($($word:ident $key:literal $english:literal,)*) => {
        /// A standard message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Message { $(#[doc = $english] $word,)* }

        /// Every message, with its key in a definition and its English text.
        pub(crate) const MESSAGES: &[(Message, &str, &str)] = &[$((Message::$word, $key, $english),)*];

        impl Message {
            /// Its key under `words` in a definition.
            pub(crate) fn key(self) -> &'static str {
                match self { $(Message::$word => $key,)* }
            }

            /// Its English text.
            pub(crate) fn english(self) -> &'static str {
                match self { $(Message::$word => $english,)* }
            }
        }
    };
}

words! {
    Problem "problem" "There is a problem",
    ErrorTitle "error_title" "Error: {title}",
    Optional "optional" "(optional)",
    Yes "yes" "Yes",
    No "no" "No",
    Day "day" "Day",
    Month "month" "Month",
    Year "year" "Year",
    NeedDay "need_day" "‘{label}’ must include a day",
    NeedMonth "need_month" "‘{label}’ must include a month",
    NeedYear "need_year" "‘{label}’ must include a year",
    NeedDayMonth "need_day_month" "‘{label}’ must include a day and month",
    NeedDayYear "need_day_year" "‘{label}’ must include a day and year",
    NeedMonthYear "need_month_year" "‘{label}’ must include a month and year",
    YearNumbers "year_numbers" "The year of ‘{label}’ must have 4 numbers",
    UpTo "up_to" "Up to {number} characters.",
    TooLong "too_long" "Your answer to ‘{label}’ must be {number} characters or fewer",
    Unreadable "unreadable" "Some characters in ‘{label}’ could not be read. Type them again",
    Trap "trap" "Leave this box empty",
    Reference "reference" "Your reference is {reference}",
    HeldTitle "held_title" "Thank you. We have your address",
    HeldNext "held_next"
        "One of us reads it before we send you anything. Questions? Ring us on {phone}",
    NotSent "not_sent"
        "Sorry, something went wrong on our side, and your answers were not sent. They are still below: send them again in a few minutes, or ring us on {phone}",
    FormTooLong "form_too_long"
        "What you wrote is too long to send. Shorten it and send it again",
    FormUnreadable "form_unreadable" "This form was sent in a format that we cannot read",
    FormForeign "form_foreign"
        "This form was sent from another site. Check your answers and send it here",
    FormChanged "form_changed"
        "This form has changed since you opened it. Check your answers and send it",
    FormMany "form_many"
        "Too many replies have come from your network, so this one was not sent. Send it again in an hour, or ring us on {phone}",
    LinkBrokenTitle "link_broken_title" "This link is incomplete",
    LinkBroken "link_broken"
        "Part of it is missing. Open it from the email again, or copy all of it.",
    LinkOver "link_over"
        "This link no longer works. Enter your email address here, and we will send you another",
    NotNowTitle "not_now_title" "Temporarily unavailable",
    NotNow "not_now"
        "Sorry, this page is not available at the moment. Try again in a few minutes, or ring us on {phone}",
}

impl Message {
    /// Whether only forms that ask for a date use it.
    pub(crate) fn is_of_dates(self) -> bool {
        use Message::{
            NeedDay, NeedDayMonth, NeedDayYear, NeedMonth, NeedMonthYear, NeedYear, YearNumbers,
        };
        matches!(
            self,
            NeedDay
                | NeedMonth
                | NeedYear
                | NeedDayMonth
                | NeedDayYear
                | NeedMonthYear
                | YearNumbers
        )
    }
}

/// Reads the messages of a definition or a translation.
pub(super) fn read(node: &Node, errors: &mut Vec<DefinitionError>) -> BTreeMap<String, String> {
    let known: Vec<&str> = MESSAGES.iter().map(|(_, key, _)| *key).collect();
    let mut reader = Reader::new(node, &known, errors);
    let mut given = BTreeMap::new();
    for (_, key, english) in MESSAGES {
        let Some(text) = reader.text(key) else { continue };
        if let Some(placeholder) =
            placeholders(english).find(|placeholder| !text.contains(placeholder))
        {
            let place = node.get(key).map_or(node.place, |entry| entry.node.place);
            let help = format!("write `{placeholder}` where it belongs, as in `{english}`");
            reader.error(place, format!("`{key}` has no `{placeholder}`"), &help);
        }
        given.insert((*key).to_owned(), text);
    }
    given
}

/// The placeholders of a text, such as `{phone}`.
pub(crate) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('{').filter_map(|(start, _)| {
        let end = start + text[start..].find('}')?;
        Some(&text[start..=end])
    })
}

/// Replaces the placeholders of a text. Inserted values are not searched again.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut whole = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, from) = rest.split_at(start);
        whole.push_str(before);
        let end = from.find('}').map_or(from.len(), |end| end + 1);
        let (placeholder, after) = from.split_at(end);
        let name = placeholder.trim_matches(['{', '}']);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => whole.push_str(value),
            None => whole.push_str(placeholder),
        }
        rest = after;
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_once() {
        let values = [("label", "{number} of {label}"), ("number", "7")];
        assert_eq!(
            fill("‘{label}’: {number}, {other} {", &values),
            "‘{number} of {label}’: 7, {other} {"
        );
        assert_eq!(placeholders("a {b} {c}").collect::<Vec<_>>(), ["{b}", "{c}"]);
    }
}
