//! Records queries made while rendering on this thread, in the project's only global state.

use std::cell::RefCell;
use std::sync::Arc;

use tera::Value;

use super::{Answer, Dependency, LocalizedQuery, Query, QueryEngine, QueryError};
use crate::config::LanguageId;
use crate::html::EXPIRED;
use crate::locale::Locale;
use crate::url;

struct Recorder {
    answers: Arc<QueryEngine>,
    /// The language of the output.
    page_language: LanguageId,
    /// The language of the text that is being written.
    content_language: LanguageId,
    queries: RecordedQueries,
}

/// The answers used while something was rendered.
#[derive(Default)]
pub struct RecordedQueries {
    own: Vec<Arc<Answer>>,
    /// The answers of fragments shared by several outputs.
    shared: Vec<Arc<[Arc<Answer>]>>,
}

impl RecordedQueries {
    /// Iterates over every query; may contain duplicates.
    pub fn questions(&self) -> impl Iterator<Item = &LocalizedQuery> {
        self.answers().map(|answer| answer.question())
    }

    /// Returns the distinct dependencies, in the order in which the site's queries were first made.
    pub fn dependencies(&self) -> Vec<Arc<Dependency>> {
        self.distinct().into_iter().map(|answer| Arc::clone(&answer.dependency)).collect()
    }

    /// Returns the distinct answers.
    pub(crate) fn distinct(&self) -> Vec<Arc<Answer>> {
        let mut answers: Vec<&Arc<Answer>> = self.answers().collect();
        answers.sort_unstable_by_key(|answer| answer.number);
        answers.dedup_by_key(|answer| answer.number);
        answers.into_iter().map(Arc::clone).collect()
    }

    fn answers(&self) -> impl Iterator<Item = &Arc<Answer>> {
        self.own.iter().chain(self.shared.iter().flat_map(|answers| &**answers))
    }
}

thread_local! {
    /// The queries of the output that this thread renders. Tera's functions are `Send + Sync`, and
    /// a component sees only its arguments, so neither a captured value nor the context can hold
    /// them.
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Clears the thread's recorder even if rendering panics.
struct Cleared;

impl Drop for Cleared {
    fn drop(&mut self) {
        RECORDER.with_borrow_mut(|recorder| *recorder = None);
    }
}

/// Runs `render` with queries resolved by `answers` in a language, and returns its result with
/// every answer used. Calls cannot be nested on a thread.
pub fn record<T>(
    answers: &Arc<QueryEngine>,
    language: LanguageId,
    render: impl FnOnce() -> T,
) -> (T, RecordedQueries) {
    RECORDER.with_borrow_mut(|recorder| {
        assert!(recorder.is_none(), "one output is rendered at a time on a thread");
        let (page_language, content_language, answers) = (language, language, Arc::clone(answers));
        let queries = RecordedQueries { own: Vec::with_capacity(16), ..RecordedQueries::default() };
        *recorder = Some(Recorder { answers, page_language, content_language, queries });
    });
    let cleared = Cleared;
    let made = render();
    let recorder = RECORDER.with_borrow_mut(Option::take).expect("set above");
    drop(cleared);
    (made, recorder.queries)
}

/// Runs `write` for content in another language than the page around it, such as that of an
/// untranslated page.
pub fn with_content_language<T>(language: LanguageId, write: impl FnOnce() -> T) -> T {
    let set = |language| {
        RECORDER.with_borrow_mut(|recorder| {
            recorder
                .as_mut()
                .map(|recorder| std::mem::replace(&mut recorder.content_language, language))
        })
    };
    let before = set(language);
    let written = write();
    if let Some(before) = before {
        set(before);
    }
    written
}

/// Runs `say` with the locale of the content that this thread writes, or with that of `code` for a
/// text shown in another language because it is not translated. The locale depends only on the
/// language, which every output's digest covers, so nothing is recorded.
///
/// # Errors
/// Nothing is being rendered.
pub fn with_locale<T>(code: Option<&str>, say: impl FnOnce(&Locale) -> T) -> Result<T, QueryError> {
    let (answers, content_language) = RECORDER.with_borrow(|recorder| {
        let recorder = recorder.as_ref().ok_or(QueryError::WithoutLanguage)?;
        Ok::<_, QueryError>((Arc::clone(&recorder.answers), recorder.content_language))
    })?;
    let site = answers.site();
    let code = code.unwrap_or(&site.config.language(content_language).code);
    Ok(say(site.locale(code)))
}

/// Makes a query for the output that this thread renders.
///
/// # Errors
/// Why the query has no result.
pub fn ask(query: &Query) -> Result<Value, QueryError> {
    RECORDER.with_borrow_mut(|recorder| {
        let recorder = recorder.as_mut().ok_or(QueryError::OutsidePage)?;
        let language = query.in_language(recorder.page_language, recorder.content_language);
        let answer = recorder.answers.answer(query, language);
        let value = recorder.answers.value(&answer);
        recorder.queries.own.push(answer);
        value
    })
}

/// Returns the target of an absolute URL: the URL itself, unless it is that of an expired page of
/// the site.
pub(crate) fn external_link(address: &str) -> Value {
    let place = with(|recorder| recorder.answers.site().whole_address(address)).flatten();
    // Whether the page exists affects the output, so both results are recorded.
    let found = place.and_then(|place| ask(&Query::Link(place)).ok());
    found
        .filter(|url| url.as_str() == Some(EXPIRED))
        .unwrap_or_else(|| Value::from(url::outside(address)))
}

/// The languages of the page and of its content that this thread renders; `None` outside an output.
pub(crate) fn languages() -> Option<(LanguageId, LanguageId)> {
    with(|recorder| (recorder.page_language, recorder.content_language))
}

/// Runs `render` and returns what it recorded, separately from what its output has recorded so far.
pub(crate) fn record_apart<T>(render: impl FnOnce() -> T) -> (T, RecordedQueries) {
    let replace = |queries| with(|recorder| std::mem::replace(&mut recorder.queries, queries));
    let before = replace(RecordedQueries::default()).unwrap_or_default();
    let made = render();
    (made, replace(before).unwrap_or_default())
}

/// Records answers of a fragment that several outputs share.
pub(crate) fn record_shared(answers: &Arc<[Arc<Answer>]>) {
    with(|recorder| recorder.queries.shared.push(Arc::clone(answers)));
}

fn with<T>(act: impl FnOnce(&mut Recorder) -> T) -> Option<T> {
    RECORDER.with_borrow_mut(|recorder| recorder.as_mut().map(act))
}
