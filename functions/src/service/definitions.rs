//! Reads definitions from the store, and caches them.

use super::Service;
use crate::clock::Millis;
use crate::deadline::Deadline;
use crate::email_address::is_email;
use crate::form::{Definition, Form};
use crate::log;
use crate::store::{Published, Store, StoreResult};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The cached definitions by form and digest; an empty digest means the current one. Only definitions that exist are
/// cached, so requests cannot fill it.
#[derive(Default)]
pub(crate) struct DefinitionCache(Mutex<BTreeMap<(String, String), CachedDefinition>>);

#[derive(Clone)]
struct CachedDefinition {
    current: CurrentDefinition,
    fetched: Millis,
}

/// The definition that was last published for a form.
#[derive(Clone)]
pub(crate) struct CurrentDefinition {
    pub(crate) definition: Arc<Definition>,
    /// Whether the form is no longer on the site.
    pub(crate) withdrawn: bool,
}

/// The definition of the page that a request comes from.
pub(crate) struct PageDefinition {
    /// The page's wording with the rules and the frame of the current definition, whose style sheets still exist.
    pub(crate) definition: Arc<Definition>,
    pub(crate) edition: Edition,
}

/// How the page that a request comes from relates to the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// It shows the current definition.
    Current,
    /// It shows an earlier definition, or a form that was withdrawn.
    Former,
    /// The store does not have its definition; the current one is used.
    Unknown,
}

impl DefinitionCache {
    fn get(&self, form: &str, digest: &str) -> Option<CachedDefinition> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&(form.to_owned(), digest.to_owned())).cloned()
    }

    fn keep(&self, form: &str, digest: &str, current: CurrentDefinition, fetched: Millis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert((form.to_owned(), digest.to_owned()), CachedDefinition { current, fetched });
    }

    /// The definition that was last read for this form.
    pub(crate) fn last(&self, form: &str) -> Option<Arc<Definition>> {
        self.get(form, "").map(|kept| kept.current.definition)
    }
}

impl<S: Store, M: Send + Sync> Service<S, M> {
    /// The forms that are served: those of the settings, or all that the store has.
    pub(crate) async fn served_forms(&self) -> StoreResult<Vec<String>> {
        if !self.settings.forms.is_empty() {
            return Ok(self.settings.forms.clone());
        }
        let known = self.store.forms().await?;
        Ok(known.into_iter().map(|form| form.name).collect())
    }

    /// A form's current definition, also if the form was withdrawn.
    pub(crate) async fn current(&self, form: &str) -> StoreResult<Option<Arc<Definition>>> {
        let current = self.fetch(form, "", &Deadline::new()).await?;
        Ok(current.map(|current| current.definition))
    }

    /// A form's current definition, if the form is on the site.
    pub(crate) async fn published_definition(
        &self,
        form: &str,
    ) -> StoreResult<Option<Arc<Definition>>> {
        let current = self.fetch(form, "", &Deadline::new()).await?;
        Ok(current.filter(|current| !current.withdrawn).map(|current| current.definition))
    }

    /// The definition with this digest.
    pub(crate) async fn by_digest(
        &self,
        form: &str,
        digest: &str,
        deadline: &Deadline,
    ) -> StoreResult<Option<Arc<Definition>>> {
        let fits = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !fits {
            return Ok(None);
        }
        Ok(self.fetch(form, digest, deadline).await?.map(|found| found.definition))
    }

    /// The definition of the page with this digest; without one, the current definition. `None` if there is no such
    /// form: it was never published, or it was withdrawn and there is no digest.
    pub(crate) async fn page_definition(
        &self,
        name: &str,
        digest: &str,
        deadline: &Deadline,
    ) -> StoreResult<Option<PageDefinition>> {
        let current = self.fetch(name, "", deadline).await;
        let opened = |definition: &Arc<Definition>, edition| {
            Ok(Some(PageDefinition { definition: definition.clone(), edition }))
        };
        if let Ok(Some(CurrentDefinition { definition, withdrawn: false })) = &current
            && (digest.is_empty() || definition.form.digest() == digest)
        {
            return opened(definition, Edition::Current);
        }
        if let Some(former) = self.by_digest(name, digest, deadline).await? {
            // If the current definition cannot be read, the reply is stored by the page's own definition. Its
            // recipients are read again when it is mailed.
            let Ok(Some(current)) = current else { return opened(&former, Edition::Former) };
            let form = self.with_current_rules(&former.form, &current);
            let months = former.months.clone();
            let framed = Definition { form, months, ..(*current.definition).clone() };
            return opened(&Arc::new(framed), Edition::Former);
        }
        match current? {
            Some(CurrentDefinition { withdrawn: true, .. }) if digest.is_empty() => Ok(None),
            Some(current) => opened(&current.definition, Edition::Unknown),
            None => Ok(None),
        }
    }

    /// A form's wording with the rules of its current definition. For a withdrawn form, the site's own address is
    /// notified, without the answers.
    pub(crate) fn with_current_rules(&self, form: &Form, current: &CurrentDefinition) -> Form {
        let mut form = form.with_rules_of(&current.definition.form);
        if current.withdrawn {
            form.notify = self.settings.notify.clone().filter(|address| is_email(address));
            form.details = false;
        }
        form
    }

    /// A form's current rules, for a mail that is about to be sent. Unlike for a page, an outdated definition is not
    /// used if the store does not answer, because it may name a former recipient.
    pub(crate) async fn current_rules(&self, form: &str) -> StoreResult<Option<CurrentDefinition>> {
        let now = self.clock.now();
        match self.fresh(form, "", now) {
            Some(current) => Ok(Some(current)),
            None => self.read_definition(form, "", now).await,
        }
    }

    /// The cached definition, unless it is outdated.
    fn fresh(&self, form: &str, digest: &str, now: Millis) -> Option<CurrentDefinition> {
        let kept = self.definitions.get(form, digest)?;
        let age = now - kept.fetched;
        (age < self.settings.keep_definitions).then_some(kept.current)
    }

    async fn fetch(
        &self,
        form: &str,
        digest: &str,
        deadline: &Deadline,
    ) -> StoreResult<Option<CurrentDefinition>> {
        let now = self.clock.now();
        if let Some(current) = self.fresh(form, digest, now) {
            return Ok(Some(current));
        }
        let kept = self.definitions.get(form, digest);
        let call = self.read_definition(form, digest, now);
        let answer = match kept {
            Some(_) => deadline.call_optional(call).await,
            None => deadline.call(call).await,
        };
        match answer {
            Ok(current) => Ok(current),
            Err(error) => match kept {
                // An outdated definition is better than losing the reply.
                Some(kept) => {
                    log::event(
                        "definition_stale",
                        &[("form", form), ("error", &error.to_string())],
                    );
                    Ok(Some(kept.current))
                }
                None => Err(error),
            },
        }
    }

    async fn read_definition(
        &self,
        form: &str,
        digest: &str,
        now: Millis,
    ) -> StoreResult<Option<CurrentDefinition>> {
        let published = if digest.is_empty() {
            self.store.current(form).await?
        } else {
            let definition = self.store.definition(form, Some(digest)).await?;
            definition.map(|definition| Published { definition, withdrawn: false })
        };
        let current = published.map(|Published { definition, withdrawn }| CurrentDefinition {
            definition: Arc::new(definition),
            withdrawn,
        });
        if let Some(current) = &current {
            self.definitions.keep(form, digest, current.clone(), now);
        }
        Ok(current)
    }
}
