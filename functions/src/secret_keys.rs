//! The secret keys, and the keyed hashes derived from them. Pure, except for random bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret keys of a site. Each hash includes its purpose, so that none can be used for another.
#[derive(Clone)]
pub struct SecretKeys {
    tokens: Vec<(String, Vec<u8>)>,
    person: Vec<u8>,
}

/// Why a text is not a valid key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(&'static str);

/// The fewest bytes of a key; HMAC-SHA256 gains nothing from more.
const KEY_BYTES: usize = 32;

impl SecretKeys {
    /// Parses keys. `tokens` is `id:hex`, or several of these separated by commas: the first signs, all verify.
    /// `person` is hexadecimal, and must never change, because people are found by hashes made with it. Each has at
    /// least 32 bytes.
    ///
    /// # Errors
    /// The text is not valid.
    pub fn parse(tokens: &str, person: &str) -> Result<SecretKeys, KeyError> {
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
            // A link names the id of its key, so ids must be unique.
            if tokens[..number].iter().any(|(earlier, _)| earlier == id) {
                return Err(KeyError("two token keys have the same id: give each its own"));
            }
        }
        Ok(SecretKeys { tokens, person: key_bytes(person.trim())? })
    }

    /// The hash by which a person is found: of the form and their address's identity or their number. For an address's
    /// mailbox, it finds everyone who shares that.
    pub fn person(&self, form: &str, contact: &str) -> String {
        mac(&self.person, &["person", form, contact])
    }

    /// The hash of a mailbox, by which mails to it are counted for all forms.
    pub fn mailbox(&self, mailbox: &str) -> String {
        mac(&self.person, &["mailbox", mailbox])
    }

    /// The hash of a reply's answers, by which a repetition is recognised.
    pub fn dedup_hash(&self, form: &str, answers: &str) -> String {
        mac(&self.person, &["same", form, answers])
    }

    /// The hash of a reply's answers without contact details, by which a correction is recognised.
    pub fn correction_hash(&self, form: &str, answers: &str) -> String {
        mac(&self.person, &["alike", form, answers])
    }

    /// The hash of a search term: a contact, or the beginning of a name.
    pub(crate) fn search(&self, kind: &str, term: &str) -> String {
        mac(&self.person, &["search", kind, term])[..32].to_owned()
    }

    /// The hash of a visitor's address, which changes daily.
    pub fn visitor(&self, day: i64, address: &str) -> String {
        mac(&self.person, &["visitor", &day.to_string(), address])[..32].to_owned()
    }

    /// The id of the current signing key, and the signature.
    pub(crate) fn sign(&self, parts: &[&str]) -> (String, String) {
        let (id, key) = self.tokens.first().expect("parse takes at least one key");
        (id.clone(), mac(key, parts))
    }

    /// Whether the key with this id made this signature. Constant-time.
    pub(crate) fn verify(&self, id: &str, signature: &str, parts: &[&str]) -> bool {
        let Some((_, key)) = self.tokens.iter().find(|(known, _)| known == id) else {
            return false;
        };
        let Ok(signature) = hex::decode(signature) else {
            return false;
        };
        hasher(key, parts).verify_slice(&signature).is_ok()
    }
}

/// Random bytes as hexadecimal.
pub fn random_hex(bytes: usize) -> String {
    let mut buffer = vec![0; bytes];
    fill(&mut buffer);
    hex::encode(buffer)
}

/// Fills a buffer with random bytes.
pub(crate) fn fill(buffer: &mut [u8]) {
    getrandom::fill(buffer).expect("the system has random numbers");
}

fn key_bytes(text: &str) -> Result<Vec<u8>, KeyError> {
    match hex::decode(text) {
        Ok(bytes) if bytes.len() >= KEY_BYTES => Ok(bytes),
        Ok(_) => Err(KeyError("a key has at least 32 bytes, which are 64 hexadecimal digits")),
        Err(_) => Err(KeyError("a key is written in hexadecimal")),
    }
}

/// Each part is preceded by its length, so that different lists of parts are never the same bytes.
fn hasher(key: &[u8], parts: &[&str]) -> Hmac<Sha256> {
    let mut hasher = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher
}

fn mac(key: &[u8], parts: &[&str]) -> String {
    hex::encode(hasher(key, parts).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_key_still_verifies() {
        let (old, new) = ("aa".repeat(32), "bb".repeat(32));
        let before = SecretKeys::parse(&format!("1:{old}"), &old).unwrap();
        let after = SecretKeys::parse(&format!("2:{new}, 1:{old}"), &old).unwrap();
        let (id, signature) = before.sign(&["confirm", "x"]);
        assert!(after.verify(&id, &signature, &["confirm", "x"]));
        assert!(!after.verify(&id, &signature, &["confirmx", ""]));
        assert_eq!(after.sign(&["confirm"]).0, "2");
    }

    #[test]
    fn a_short_key_is_refused() {
        assert!(SecretKeys::parse("1:abcd", &"aa".repeat(32)).is_err());
        assert!(SecretKeys::parse("abcd", &"aa".repeat(32)).is_err());
    }
}
