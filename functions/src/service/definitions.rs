//! Fetches definitions from the store, and keeps them.

use super::Service;
use super::patience::Patience;
use crate::clock::Millis;
use crate::form::Definition;
use crate::log;
use crate::mail::Mailer;
use crate::store::{Store, Stored};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The definitions fetched so far, by form and digest; an empty digest is the current one. Only
/// what the store has is kept, so nobody can fill this with names.
#[derive(Default)]
pub(super) struct Definitions(Mutex<BTreeMap<(String, String), Kept>>);

#[derive(Clone)]
struct Kept {
    definition: Arc<Definition>,
    fetched: Millis,
}

impl Definitions {
    fn get(&self, form: &str, digest: &str) -> Option<Kept> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(form.to_owned(), digest.to_owned())).cloned()
    }

    fn keep(&self, form: &str, digest: &str, definition: Arc<Definition>, fetched: Millis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert((form.to_owned(), digest.to_owned()), Kept { definition, fetched });
    }

    /// The definition that was last used for this form.
    pub(super) fn last(&self, form: &str) -> Option<Arc<Definition>> {
        self.get(form, "").map(|kept| kept.definition)
    }
}

impl<S: Store, M: Mailer> Service<S, M> {
    /// The definition that a form has now.
    pub(super) async fn current(&self, form: &str) -> Stored<Option<Arc<Definition>>> {
        self.fetch(form, "", &Patience::new()).await
    }

    /// The same for somebody who has waited before.
    pub(super) async fn current_within(
        &self,
        form: &str,
        patience: &Patience,
    ) -> Stored<Option<Arc<Definition>>> {
        self.fetch(form, "", patience).await
    }

    /// The definition with this digest.
    pub(super) async fn by_digest(
        &self,
        form: &str,
        digest: &str,
        patience: &Patience,
    ) -> Stored<Option<Arc<Definition>>> {
        let fits = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if fits { self.fetch(form, digest, patience).await } else { Ok(None) }
    }

    async fn fetch(
        &self,
        form: &str,
        digest: &str,
        patience: &Patience,
    ) -> Stored<Option<Arc<Definition>>> {
        let now = self.clock.now();
        let kept = self.definitions.get(form, digest);
        if let Some(kept) = &kept
            && now - kept.fetched < self.settings.keep_definitions
        {
            return Ok(Some(kept.definition.clone()));
        }
        let asked = (!digest.is_empty()).then_some(digest);
        let call = self.store.definition(form, asked);
        let answer = match kept {
            Some(_) => patience.call_for_extra(call).await,
            None => patience.call(call).await,
        };
        match answer {
            Ok(Some(definition)) => {
                let definition = Arc::new(definition);
                self.definitions.keep(form, digest, definition.clone(), now);
                Ok(Some(definition))
            }
            Ok(None) => Ok(None),
            Err(error) => match kept {
                // An old wording is better than none: the answers are still in their form.
                Some(kept) => {
                    log::event("definition_stale", &[("form", form), ("error", &error.0)]);
                    Ok(Some(kept.definition))
                }
                None => Err(error),
            },
        }
    }
}
