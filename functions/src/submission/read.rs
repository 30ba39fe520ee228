//! Reads a request's body into answers. Pure.

use crate::form::{Answers, MAX_PAIRS};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The most bytes that names and values of a body may have together.
pub const MAX_BODY_BYTES: usize = 16 * 1024;

/// Why a body was rejected.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_BODY_BYTES`] bytes of text, or more than [`MAX_PAIRS`] answers: 413. Holds the answers that could
    /// be read, so that they are not lost.
    #[error("the body is too large")]
    TooLarge(Answers),
    /// Not one of the two supported content types: 415.
    #[error("the content type is not supported")]
    UnsupportedType,
    /// Not a flat JSON object: 400.
    #[error("the body is not a flat JSON object: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// A longer body is not read at all.
const MAX_READ_BYTES: usize = 256 * 1024;

/// A character beyond ASCII has two to four bytes, each of which is encoded as three (`%D8`): 4,000 letters of Urdu are
/// 8 KB of text in a body of 24 KB. So text and body have separate limits.
const MAX_ENCODED_BYTES: usize = 4 * MAX_BODY_BYTES;

/// Reads `application/x-www-form-urlencoded`, or a flat JSON object of `application/json`.
///
/// # Errors
/// See [`ReadError`].
pub fn read(content_type: Option<&str>, body: &[u8]) -> Result<Answers, ReadError> {
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json");
    if !is_json && !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(ReadError::UnsupportedType);
    }
    if body.len() > MAX_READ_BYTES {
        return Err(ReadError::TooLarge(Answers::default()));
    }
    let pairs = match is_json {
        true => match json(body) {
            Err(_) if body.len() > MAX_ENCODED_BYTES => Vec::new(),
            pairs => pairs?,
        },
        false => urlencoded(body),
    };
    let written: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
    let too_long = written > MAX_BODY_BYTES || body.len() > MAX_ENCODED_BYTES;
    let too_many = pairs.len() > MAX_PAIRS;
    let answers = Answers(pairs.into_iter().take(MAX_PAIRS).collect());
    if too_long || too_many { Err(ReadError::TooLarge(answers)) } else { Ok(answers) }
}

/// Invalid UTF-8 becomes U+FFFD, which validation reports.
fn urlencoded(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body)
        .take(MAX_PAIRS + 1)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn json(body: &[u8]) -> serde_json::Result<Vec<(String, String)>> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let mut pairs = Vec::new();
    Object(&mut pairs).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(pairs)
}

/// An object whose values are strings, numbers, booleans, null, or lists of these. A repeated name has several values,
/// as in the other content type, so that no check sees another value than the store.
struct Object<'a>(&'a mut Vec<(String, String)>);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of names and answers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(Answer { name: &name, pairs: &mut *self.0, in_list: false })?;
        }
        Ok(())
    }
}

struct Answer<'a> {
    name: &'a str,
    pairs: &'a mut Vec<(String, String)>,
    in_list: bool,
}

impl Answer<'_> {
    fn push(self, value: String) {
        // One more than allowed is enough to detect the excess.
        if self.pairs.len() <= MAX_PAIRS {
            self.pairs.push((self.name.to_owned(), value));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Answer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Answer<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text, a number, true, false, null or a list of these")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.push(text.to_owned());
        Ok(())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        // `false` is an unticked checkbox; the other content type leaves it out.
        if flag {
            self.push("yes".to_owned());
        }
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.push(number.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.push(number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.push(number.to_string());
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.in_list {
            return Err(serde::de::Error::custom("a list within a list"));
        }
        while list
            .next_element_seed(Answer { name: self.name, pairs: &mut *self.pairs, in_list: true })?
            .is_some()
        {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded; charset=UTF-8");
    const JSON: Option<&str> = Some("application/json");

    #[test]
    fn both_content_types_say_the_same() {
        let form = read(FORM, b"name=Mrs+P.&time=Mornings&time=Evenings").unwrap();
        let json = read(JSON, br#"{"name": "Mrs P.", "time": ["Mornings", "Evenings"]}"#).unwrap();
        assert_eq!(form, json);
    }

    #[test]
    fn a_duplicate_key_of_json_is_kept() {
        let answers = read(JSON, br#"{"a": "1", "a": "2"}"#).unwrap();
        assert_eq!(answers.all("a").collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn deep_json_is_refused_and_not_followed() {
        let body = format!("{{\"a\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(matches!(read(JSON, body.as_bytes()), Err(ReadError::Malformed(_))));
        assert!(matches!(read(JSON, br#"{"a": {"b": 1}}"#), Err(ReadError::Malformed(_))));
    }

    #[test]
    fn what_is_too_large_keeps_its_words() {
        let body = format!("name=Rose&more={}", "x".repeat(MAX_BODY_BYTES));
        let Err(ReadError::TooLarge(answers)) = read(FORM, body.as_bytes()) else { panic!() };
        assert_eq!(answers.get("name"), Some("Rose"));
        let body = "a=1&".repeat(MAX_PAIRS + 1);
        assert!(matches!(read(FORM, body.as_bytes()), Err(ReadError::TooLarge(_))));
    }

    #[test]
    fn other_types_are_refused() {
        for content_type in [Some("multipart/form-data; boundary=x"), None] {
            assert!(matches!(read(content_type, b"a=b"), Err(ReadError::UnsupportedType)));
        }
    }
}
