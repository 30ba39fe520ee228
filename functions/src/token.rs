//! Signs and verifies the tokens in links of mails: HMAC over purpose, form, person, nonce and expiry. No secret is
//! stored. Pure.

use crate::clock::Millis;
use crate::secret_keys::SecretKeys;

/// The purpose of a token. A token for one never works for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenPurpose {
    Confirm,
    Unsubscribe,
}

impl TokenPurpose {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TokenPurpose::Confirm => "confirm",
            TokenPurpose::Unsubscribe => "leave",
        }
    }
}

/// The contents of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) purpose: TokenPurpose,
    /// The person's hash.
    pub(crate) person: String,
    /// The nonce of one mail; empty for tokens that never expire.
    pub(crate) nonce: String,
    /// When it expires; 0 for never.
    pub(crate) expires: Millis,
}

impl Token {
    /// The signed token: letters, digits and dots only.
    pub(crate) fn sign(&self, keys: &SecretKeys, form: &str) -> String {
        let expires = self.expires.to_string();
        let (id, signature) = keys.sign(&self.parts(form, &expires));
        format!("{id}.{}.{}.{expires}.{signature}", self.person, self.nonce)
    }

    fn parts<'a>(&'a self, form: &'a str, expires: &'a str) -> [&'a str; 5] {
        [self.purpose.as_str(), form, &self.person, &self.nonce, expires]
    }

    /// Verifies a token; `None` if it was not signed for this purpose and form. The caller checks whether it has
    /// expired.
    pub(crate) fn read(
        keys: &SecretKeys,
        purpose: TokenPurpose,
        form: &str,
        text: &str,
    ) -> Option<Token> {
        let mut parts = text.splitn(5, '.');
        let mut next = || parts.next();
        let (id, person, nonce) = (next()?, next()?.to_owned(), next()?.to_owned());
        let (expires, signature) = (next()?, next()?);
        let token = Token { purpose, person, nonce, expires: expires.parse().ok()? };
        keys.verify(id, signature, &token.parts(form, expires)).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_works_only_unchanged_for_its_purpose_and_form() {
        let keys = SecretKeys::parse(&format!("1:{}", "ab".repeat(32)), &"cd".repeat(32)).unwrap();
        let token = Token {
            purpose: TokenPurpose::Confirm,
            person: "p".into(),
            nonce: "n".into(),
            expires: 7,
        };
        let text = token.sign(&keys, "newsletter");
        assert_eq!(Token::read(&keys, TokenPurpose::Confirm, "newsletter", &text), Some(token));
        assert_eq!(Token::read(&keys, TokenPurpose::Unsubscribe, "newsletter", &text), None);
        assert_eq!(Token::read(&keys, TokenPurpose::Confirm, "other", &text), None);
        assert_eq!(
            Token::read(&keys, TokenPurpose::Confirm, "newsletter", &text.replace(".7.", ".8.")),
            None
        );
        assert_eq!(Token::read(&keys, TokenPurpose::Confirm, "newsletter", "1.p"), None);
    }
}
