//! The evidence of consent.

use crate::clock::Millis;
use serde::{Deserialize, Serialize};

/// Evidence of one step of consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEvent {
    /// A ULID.
    pub id: String,
    /// The form's name.
    pub form: String,
    /// The subscriber's hash.
    pub person: String,
    /// When it happened.
    pub at: Millis,
    /// The step.
    pub step: ConsentStep,
    /// What caused it.
    pub method: ConsentMethod,
    /// The digest of the definition whose wording they saw.
    pub definition: String,
    /// The language of that wording.
    pub language: String,
    /// The path of the page, if the browser sent it.
    pub page: Option<String>,
}

/// A step of consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentStep {
    /// Signed up.
    Asked,
    /// Confirmed the sign-up.
    Confirmed,
    /// Unsubscribed.
    Unsubscribed,
    /// Mail to the address bounced.
    Bounced,
    /// Reported a mail as unwanted.
    Complained,
    /// Was erased on request.
    Erased,
    /// Had unsubscribed or was erased before, signed up again, and did not confirm in time.
    Lapsed,
}

impl ConsentStep {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            ConsentStep::Asked => "asked",
            ConsentStep::Confirmed => "confirmed",
            ConsentStep::Unsubscribed => "unsubscribed",
            ConsentStep::Bounced => "bounced",
            ConsentStep::Complained => "complained",
            ConsentStep::Erased => "erased",
            ConsentStep::Lapsed => "lapsed",
        }
    }
}

/// What caused a step of consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentMethod {
    /// The form was sent.
    Form,
    /// A link in a mail was used.
    Link,
    /// The mail program's button was used (RFC 8058).
    OneClick,
    /// The team did it.
    Team,
    /// A mail bounced or was reported.
    Mail,
    /// The time to confirm was over.
    Time,
}

impl ConsentMethod {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            ConsentMethod::Form => "form",
            ConsentMethod::Link => "link",
            ConsentMethod::OneClick => "one-click",
            ConsentMethod::Team => "team",
            ConsentMethod::Mail => "mail",
            ConsentMethod::Time => "time",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_in_the_store() {
        use ConsentStep::{Asked, Bounced, Complained, Confirmed, Erased, Lapsed, Unsubscribed};
        for step in [Asked, Confirmed, Unsubscribed, Bounced, Complained, Erased, Lapsed] {
            assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
        }
        use ConsentMethod::{Form, Link, Mail, OneClick, Team, Time};
        for method in [Form, Link, OneClick, Team, Mail, Time] {
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        }
    }
}
