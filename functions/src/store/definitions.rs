//! Definitions of forms.

use super::StoreResult;
use crate::form::Definition;
use serde::{Deserialize, Serialize};
use std::future::Future;

/// The definition that was last published under a form's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The definition.
    pub definition: Definition,
    /// Whether the form is no longer on the site.
    pub withdrawn: bool,
}

/// The name of a form that was ever published, and whether it is on the site now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownForm {
    /// The form's name.
    pub name: String,
    /// Whether the form is no longer on the site.
    pub withdrawn: bool,
}

/// Definitions of forms. Each is kept for ever, because it is the wording to which people consented.
pub trait Definitions: Send + Sync {
    /// Stores a definition permanently under its digest, and makes it the form's current one. The form is no longer
    /// withdrawn.
    fn publish(&self, definition: &Definition) -> impl Future<Output = StoreResult<()>> + Send;

    /// Marks a form as no longer on the site. Its definitions, replies and subscribers stay. Does nothing if the form was
    /// never published.
    fn withdraw(&self, form: &str) -> impl Future<Output = StoreResult<()>> + Send;

    /// Every form that was ever published, ordered by name.
    fn forms(&self) -> impl Future<Output = StoreResult<Vec<KnownForm>>> + Send;

    /// A form's current definition: the one that was last published.
    fn current(&self, form: &str) -> impl Future<Output = StoreResult<Option<Published>>> + Send;

    /// The definition with this digest, or the current one.
    fn definition(
        &self,
        form: &str,
        digest: Option<&str>,
    ) -> impl Future<Output = StoreResult<Option<Definition>>> + Send;
}
