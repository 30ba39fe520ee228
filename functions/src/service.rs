//! The state that all requests share: store, mailer, keys, clock and settings.

pub(crate) mod definitions;

use crate::clock::Clock;
use crate::secret_keys::SecretKeys;
use crate::settings::Settings;
use definitions::DefinitionCache;

/// The service behind a site's forms. Built once at start.
pub struct Service<S, M> {
    pub(crate) store: S,
    pub(crate) mailer: M,
    pub(crate) keys: SecretKeys,
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) definitions: DefinitionCache,
}

impl<S, M> Service<S, M> {
    /// A service over a store and a mailer.
    pub fn new(
        store: S,
        mailer: M,
        keys: SecretKeys,
        clock: Clock,
        settings: Settings,
    ) -> Service<S, M> {
        Service { store, mailer, keys, clock, settings, definitions: DefinitionCache::default() }
    }

    /// The store.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The mailer.
    pub fn mailer(&self) -> &M {
        &self.mailer
    }
}
