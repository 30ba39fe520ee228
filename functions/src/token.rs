//! Makes the links of mails, and reads them: HMAC over purpose, form, person, nonce and expiry, so
//! nothing secret is stored. Pure.

use crate::clock::Millis;
use crate::secret_keys::SecretKeys;

/// What a link is for. A link for one never works for the other.
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

/// What a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) purpose: TokenPurpose,
    /// The person's hash.
    pub(crate) person: String,
    /// Of one mail; empty for links that work for ever.
    pub(crate) nonce: String,
    /// When it ends; 0 for never.
    pub(crate) expires: Millis,
}

impl Token {
    /// The text in the link: letters, digits and dots only.
    pub(crate) fn sign(&self, keys: &SecretKeys, form: &str) -> String {
        let expires = self.expires.to_string();
        let (id, signature) = keys.sign(&self.parts(form, &expires));
        format!("{id}.{}.{}.{expires}.{signature}", self.person, self.nonce)
    }

    fn parts<'a>(&'a self, form: &'a str, expires: &'a str) -> [&'a str; 5] {
        [self.purpose.as_str(), form, &self.person, &self.nonce, expires]
    }

    /// Reads a link's text; `None` where we did not make it for this purpose and form. Whether
    /// its time is over is for the caller to say.
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
    fn a_link_works_for_its_own_purpose_form_and_words_alone() {
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
