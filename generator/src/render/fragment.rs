//! Caches components by their arguments, so that fragments shared by many outputs are rendered
//! once.
//!
//! A fragment is a pure function of the site, the theme, its arguments and its language. It lives
//! in memory as long as the query engine.

use std::cell::RefCell;
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use tera::value::{Key, ValueKind};
use tera::{Kwargs, Value};

use super::Renderer;
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::query::{self, Answer, QueryError};

/// A rendered component.
pub(super) struct Fragment {
    pub(super) html: Value,
    /// The distinct answers used.
    pub(super) queries: Arc<[Arc<Answer>]>,
}

/// The maximum number of fragments. A theme whose arguments differ on every page gains nothing, and
/// must not use the memory of a second site.
const KEPT: usize = 1_000;

/// The fragments of one site.
#[derive(Default)]
pub(super) struct Fragments(RwLock<HashMap<Vec<u8>, Arc<Fragment>>>);

impl Fragments {
    pub(super) fn get(&self, key: &[u8]) -> Option<Arc<Fragment>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Stores a fragment, unless another thread has stored it in the meantime or there are too
    /// many.
    pub(super) fn keep(&self, key: Vec<u8>, fragment: Fragment) -> Arc<Fragment> {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&key) {
            return Arc::new(fragment);
        }
        Arc::clone(kept.entry(key).or_insert_with(|| Arc::new(fragment)))
    }
}

thread_local! {
    /// The renderer of this thread: functions called by templates have no other access to it.
    static RENDERING: RefCell<Option<Rendering>> = const { RefCell::new(None) };
}

struct Rendering {
    renderer: Arc<Renderer>,
    /// The error of a failed fragment: Tera keeps only the text of an error in a function.
    fault: Option<Diagnostic>,
}

/// Clears [`RENDERING`] even if rendering panics.
struct Cleared;

impl Drop for Cleared {
    fn drop(&mut self) {
        RENDERING.set(None);
    }
}

/// Runs `render` on this thread with a renderer for [`cached`].
pub(super) fn with_renderer<T>(renderer: &Arc<Renderer>, render: impl FnOnce() -> T) -> T {
    RENDERING.set(Some(Rendering { renderer: Arc::clone(renderer), fault: None }));
    let _cleared = Cleared;
    render()
}

/// Returns a component as HTML, rendered once for all outputs that call it with the same arguments
/// in the same language; `arguments` may include its name. Every output that shows it depends on
/// all its queries.
///
/// # Errors
/// Why it cannot be rendered; [`take_fault`] returns the diagnostic itself.
pub fn cached(component: &str, arguments: &Kwargs) -> Result<Value, QueryError> {
    let renderer = RENDERING
        .with_borrow(|rendering| Some(Arc::clone(&rendering.as_ref()?.renderer)))
        .ok_or(QueryError::ComponentOutsidePage)?;
    let (page_language, content_language) =
        query::languages().ok_or(QueryError::ComponentOutsidePage)?;
    let key = key(component, given(arguments), page_language, content_language);
    let fragment = match renderer.fragments.get(&key) {
        Some(fragment) => fragment,
        None => {
            let (made, queries) =
                query::record_apart(|| renderer.templates().fragment(component, given(arguments)));
            let html = made.map_err(|fault| {
                let message = fault.message.clone();
                RENDERING.with_borrow_mut(|rendering| {
                    if let Some(rendering) = rendering {
                        rendering.fault = Some(fault);
                    }
                });
                QueryError::Component(message)
            })?;
            let html = Value::safe_string(&html);
            renderer.fragments.keep(key, Fragment { html, queries: queries.distinct().into() })
        }
    };
    query::record_shared(&fragment.queries);
    Ok(fragment.html.clone())
}

/// Takes the diagnostic of the fragment that just failed on this thread.
pub(super) fn take_fault() -> Option<Diagnostic> {
    RENDERING.with_borrow_mut(|rendering| rendering.as_mut()?.fault.take())
}

/// The argument of `cached()` that names the component.
pub(super) const COMPONENT: &str = "component";

/// The arguments for the component itself.
pub(super) fn given(arguments: &Kwargs) -> impl Iterator<Item = (&Key<'static>, &Value)> {
    arguments.iter().filter(|(name, _)| name.as_str() != Some(COMPONENT))
}

/// Returns the cache key of a fragment: equal arguments in the same order have equal keys,
/// different ones have different keys.
pub(super) fn key<'a>(
    component: &str,
    arguments: impl Iterator<Item = (&'a Key<'static>, &'a Value)>,
    page_language: LanguageId,
    content_language: LanguageId,
) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    for language in [page_language, content_language] {
        key.extend(language.index().to_le_bytes());
    }
    text(component, &mut key);
    entries(arguments, &mut key);
    key
}

fn text(text: &str, key: &mut Vec<u8>) {
    key.extend(text.len().to_le_bytes());
    key.extend(text.as_bytes());
}

fn entries<'a>(entries: impl Iterator<Item = (&'a Key<'static>, &'a Value)>, key: &mut Vec<u8>) {
    for (name, each) in entries {
        key.push(b',');
        match name {
            Key::Str(name) => text(name, key),
            Key::String(name) => text(name, key),
            name => value(&name.as_value(), key),
        }
        value(each, key);
    }
    key.push(b'.');
}

fn value(of: &Value, key: &mut Vec<u8>) {
    let kind = of.kind();
    key.push(kind as u8);
    match kind {
        ValueKind::String => {
            key.push(of.is_safe().into());
            text(of.as_str().unwrap_or_default(), key);
        }
        ValueKind::Array => {
            let all = of.as_array().unwrap_or_default();
            key.extend(all.len().to_le_bytes());
            all.iter().for_each(|each| value(each, key));
        }
        ValueKind::Map => of.as_map().into_iter().for_each(|map| entries(map.iter(), key)),
        // A number, a boolean or none, as a template would write it.
        _ => text(&of.to_string(), key),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tera::Value;

    use super::{Fragment, Fragments, KEPT, key};
    use crate::config::LanguageId;

    fn of(value: Value) -> Vec<u8> {
        key("component", [(&"a".into(), &value)].into_iter(), LanguageId::FIRST, LanguageId::FIRST)
    }

    #[test]
    fn different_arguments_have_different_keys() {
        let map = |key: &'static str| {
            Value::from([(key, 1)].into_iter().collect::<std::collections::BTreeMap<_, _>>())
        };
        let all = [
            Value::from("1"),
            Value::safe_string("1"),
            Value::from(1u64),
            Value::from(1i64),
            Value::from(1.0),
            Value::from(true),
            Value::from("true"),
            Value::none(),
            Value::undefined(),
            Value::from(vec!["1"]),
            Value::from(vec!["1", ""]),
            Value::from(vec![""; 2]),
            map("a"),
            map("b"),
        ];
        let keys: std::collections::BTreeSet<Vec<u8>> = all.into_iter().map(of).collect();
        assert_eq!(keys.len(), 14);
        assert_eq!(of(Value::from("1")), of(Value::from("1")));
    }

    #[test]
    fn the_number_of_fragments_is_limited() {
        let fragments = Fragments::default();
        for number in 0..2 * KEPT {
            let fragment = Fragment { html: Value::from(number), queries: Arc::default() };
            assert_eq!(fragments.keep(of(Value::from(number)), fragment).html, Value::from(number));
        }
        assert!(fragments.get(&of(Value::from(KEPT - 1))).is_some());
        assert!(fragments.get(&of(Value::from(KEPT))).is_none());
    }
}
