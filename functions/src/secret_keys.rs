//! Holds the secrets, and derives digests from them. Pure, but for fresh random bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secrets of a site. Their use is told apart by a purpose, so none stands in for another.
#[derive(Clone)]
pub struct Keys {
    tokens: Vec<(String, Vec<u8>)>,
    person: Vec<u8>,
}

/// Why a text is no key.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyError(&'static str);

impl std::fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for KeyError {}

/// A key has at least this many bytes; HMAC-SHA256 gains nothing from more.
const KEY_BYTES: usize = 32;

impl Keys {
    /// Keys from text. `tokens` is `id:hex`, or several of these with commas between them: the
    /// first signs, all verify. `person` is hexadecimal, and never changes: the hashes by which
    /// people are found again are made with it. Each has at least 32 bytes.
    ///
    /// # Errors
    /// Text that is not so.
    pub fn parse(tokens: &str, person: &str) -> Result<Keys, KeyError> {
        let tokens = tokens
            .split(',')
            .map(|part| {
                let (id, key) = part
                    .trim()
                    .split_once(':')
                    .ok_or(KeyError("a token key is `id:hexadecimal`"))?;
                Ok((id.trim().to_owned(), key_bytes(key.trim())?))
            })
            .collect::<Result<Vec<_>, KeyError>>()?;
        let is_id = |id: &str| {
            !id.is_empty()
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        for (number, (id, _)) in tokens.iter().enumerate() {
            if !is_id(id) {
                return Err(KeyError(
                    "the id of a token key has letters, digits, `-` and `_` alone",
                ));
            }
            // A link names the id of its key: of two, one would never be found.
            if tokens[..number].iter().any(|(earlier, _)| earlier == id) {
                return Err(KeyError("two token keys have the same id: give each its own"));
            }
        }
        Ok(Keys { tokens, person: key_bytes(person.trim())? })
    }

    /// A hash by which a person is found again: of the form and their address's identity, or their
    /// number. Of an address's mailbox, it finds everybody who shares that.
    pub fn person(&self, form: &str, contact: &str) -> String {
        mac(&self.person, &["person", form, contact])
    }

    /// A hash of a mailbox, by which the mails to it are counted over all forms.
    pub fn mailbox(&self, mailbox: &str) -> String {
        mac(&self.person, &["mailbox", mailbox])
    }

    /// A hash of a reply's words, by which its repetition is known.
    pub fn same(&self, form: &str, answers: &str) -> String {
        mac(&self.person, &["same", form, answers])
    }

    /// A hash of a reply's words without how to reach the person, by which its correction is known.
    pub fn alike(&self, form: &str, answers: &str) -> String {
        mac(&self.person, &["alike", form, answers])
    }

    /// A hash of a visitor's address, another one each day.
    pub fn visitor(&self, day: i64, address: &str) -> String {
        mac(&self.person, &["visitor", &day.to_string(), address])[..32].to_owned()
    }

    /// The id of the key that signs now, and the signature.
    pub(crate) fn sign(&self, parts: &[&str]) -> (String, String) {
        let (id, key) = self.tokens.first().expect("parse takes at least one key");
        (id.clone(), mac(key, parts))
    }

    /// Whether the key with this id made this signature. The time it takes tells nothing.
    pub(crate) fn verify(&self, id: &str, signature: &str, parts: &[&str]) -> bool {
        let Some((_, key)) = self.tokens.iter().find(|(known, _)| known == id) else {
            return false;
        };
        let Some(signature) = from_hex(signature) else {
            return false;
        };
        hasher(key, parts).verify_slice(&signature).is_ok()
    }
}

/// Bytes as hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Fresh random bytes, as hexadecimal.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    fill(&mut buffer);
    hex(&buffer)
}

/// Fresh random bytes.
pub(crate) fn fill(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the system has random numbers");
}

fn key_bytes(text: &str) -> Result<Vec<u8>, KeyError> {
    match from_hex(text) {
        Some(bytes) if bytes.len() >= KEY_BYTES => Ok(bytes),
        Some(_) => Err(KeyError("a key has at least 32 bytes, which are 64 hexadecimal digits")),
        None => Err(KeyError("a key is written in hexadecimal")),
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

/// Each part with its length before it, so that no two lists of parts are the same bytes.
fn hasher(key: &[u8], parts: &[&str]) -> Hmac<Sha256> {
    let mut hasher = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
}

fn mac(key: &[u8], parts: &[&str]) -> String {
    hex(&hasher(key, parts).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_still_verifies() {
        let (old, new) = ("aa".repeat(32), "bb".repeat(32));
        let before = Keys::parse(&format!("1:{old}"), &old).unwrap();
        let after = Keys::parse(&format!("2:{new}, 1:{old}"), &old).unwrap();
        let (id, signature) = before.sign(&["confirm", "x"]);
        assert!(after.verify(&id, &signature, &["confirm", "x"]));
        assert!(!after.verify(&id, &signature, &["confirmx", ""]));
        assert_eq!(after.sign(&["confirm"]).0, "2");
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(Keys::parse("1:abcd", &"aa".repeat(32)).is_err());
        assert!(Keys::parse("abcd", &"aa".repeat(32)).is_err());
    }
}
