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
    /// `asked`, `confirmed`, `unsubscribed`, `bounced`, `complained`, `erased`, `lapsed` (asked, and
    /// not confirmed in time, by someone who had unsubscribed before).
    pub step: String,
    /// What caused it: `form`, `link`, `one-click`, `team`, `mail` (a bounce or complaint), `time`.
    pub method: String,
    /// The digest of the definition whose wording they saw.
    pub definition: String,
    /// The language of that wording.
    pub language: String,
    /// The path of the page, if the browser sent it.
    pub page: Option<String>,
}
