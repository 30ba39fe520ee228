//! Notes what the output asks that a thread renders. Pure, but for the one global of the project.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use tera::Value;

use super::{Answer, Query, QueryEngine};
use crate::config::LanguageId;
use crate::html::EXPIRED;
use crate::locale::Locale;
use crate::url;

struct Recorder {
    answers: Arc<QueryEngine>,
    /// The language of the output.
    frame: LanguageId,
    /// The language of the words that are being written.
    words: LanguageId,
    asked: RecordedQueries,
}

/// What was answered while something was rendered.
#[derive(Default)]
pub struct RecordedQueries {
    own: Vec<Arc<Answer>>,
    /// The answers behind what several outputs share.
    shared: Vec<Arc<[Arc<Answer>]>>,
}

impl RecordedQueries {
    /// Every answer; one that was given twice may come twice.
    pub fn answers(&self) -> impl Iterator<Item = &Arc<Answer>> {
        self.own.iter().chain(self.shared.iter().flat_map(|answers| &**answers))
    }

    /// Every answer that was given while any of `all` was rendered; one may come several times, but what many
    /// outputs show is looked at once.
    pub fn of_all<'a>(
        all: impl Iterator<Item = &'a RecordedQueries>,
    ) -> impl Iterator<Item = &'a Arc<Answer>> {
        let mut seen = HashSet::new();
        all.flat_map(move |recorded| {
            let shared = recorded.shared.iter();
            let new: Vec<_> = shared.filter(|answers| seen.insert(Arc::as_ptr(answers))).collect();
            recorded.own.iter().chain(new.into_iter().flat_map(|answers| &**answers))
        })
    }

    /// Every answer once, ordered by number.
    pub fn distinct(&self) -> Vec<Arc<Answer>> {
        let mut answers: Vec<Arc<Answer>> = self.answers().map(Arc::clone).collect();
        answers.sort_unstable_by_key(|answer| answer.number);
        answers.dedup_by_key(|answer| answer.number);
        answers
    }
}

thread_local! {
    /// What the output that this thread renders has asked. Tera's functions are `Send + Sync`, and
    /// a component sees only its arguments, so neither a captured value nor the context can carry it.
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Clears the thread's recorder even when rendering panics.
struct Cleared;

impl Drop for Cleared {
    fn drop(&mut self) {
        RECORDER.with_borrow_mut(|recorder| *recorder = None);
    }
}

/// Runs `render` with `answers` at hand, asking in a language, and gives what it made with every
/// answer it was given. One call at a time on a thread.
pub fn record<T>(
    answers: &Arc<QueryEngine>,
    language: LanguageId,
    render: impl FnOnce() -> T,
) -> (T, RecordedQueries) {
    RECORDER.with_borrow_mut(|recorder| {
        assert!(recorder.is_none(), "one output is rendered at a time on a thread");
        let (frame, words, answers) = (language, language, Arc::clone(answers));
        let asked = RecordedQueries { own: Vec::with_capacity(16), ..RecordedQueries::default() };
        *recorder = Some(Recorder { answers, frame, words, asked });
    });
    let cleared = Cleared;
    let made = render();
    let recorder = RECORDER.with_borrow_mut(Option::take).expect("set above");
    drop(cleared);
    (made, recorder.asked)
}

/// Runs `write` for words that are in another language than what is around them, such as those of a
/// page that is not translated.
pub fn with_content_language<T>(language: LanguageId, write: impl FnOnce() -> T) -> T {
    let set = |language| {
        RECORDER.with_borrow_mut(|recorder| {
            recorder.as_mut().map(|recorder| std::mem::replace(&mut recorder.words, language))
        })
    };
    let before = set(language);
    let written = write();
    if let Some(before) = before {
        set(before);
    }
    written
}

/// Says something by the rules of the language of the words that this thread writes. They depend on
/// the language alone, which every output has in its view, so nothing is recorded. A text that is
/// said in another language for want of a translation keeps the rules of its own: `code`.
///
/// # Errors
/// Nothing is being rendered.
pub fn with_locale<T>(code: Option<&str>, say: impl FnOnce(&Locale) -> T) -> Result<T, String> {
    let (answers, words) = RECORDER.with_borrow(|recorder| {
        let recorder = recorder.as_ref().ok_or("this was said outside of a page")?;
        Ok::<_, String>((Arc::clone(&recorder.answers), recorder.words))
    })?;
    let site = answers.site();
    let code = code.unwrap_or(&site.config.language(words).code);
    Ok(say(site.locale(code)))
}

/// Asks on behalf of the output that this thread renders.
///
/// # Errors
/// Why there is no answer.
pub fn ask(query: &Query) -> Result<Value, String> {
    RECORDER.with_borrow_mut(|recorder| {
        let recorder = recorder.as_mut().ok_or("a query was made outside of a page")?;
        let language = query.in_language(recorder.frame, recorder.words);
        let answer = recorder.answers.answer(query, language);
        let value = recorder.answers.value(&answer);
        recorder.asked.own.push(answer);
        value
    })
}

/// Where a whole address leads: to what it says, unless it is that of a page of the site that has expired.
pub(crate) fn external_link(address: &str) -> Value {
    let place = with(|recorder| recorder.answers.site().whole_address(address)).flatten();
    // Whether there is such a page, or none, is an answer: both are recorded.
    let found = place.and_then(|place| ask(&Query::Link(place)).ok());
    found
        .filter(|url| url.as_str() == Some(EXPIRED))
        .unwrap_or_else(|| Value::from(url::outside(address)))
}

/// The languages of the frame and of the words that this thread renders; `None` outside of an output.
pub(crate) fn languages() -> Option<(LanguageId, LanguageId)> {
    with(|recorder| (recorder.frame, recorder.words))
}

/// Runs `render`, and gives what it recorded apart from what its output recorded until now.
pub(crate) fn record_apart<T>(render: impl FnOnce() -> T) -> (T, RecordedQueries) {
    let replace = |asked| with(|recorder| std::mem::replace(&mut recorder.asked, asked));
    let before = replace(RecordedQueries::default()).unwrap_or_default();
    let made = render();
    (made, replace(before).unwrap_or_default())
}

/// Records answers that several outputs share.
pub(crate) fn record_shared(answers: &Arc<[Arc<Answer>]>) {
    with(|recorder| recorder.asked.shared.push(Arc::clone(answers)));
}

fn with<T>(act: impl FnOnce(&mut Recorder) -> T) -> Option<T> {
    RECORDER.with_borrow_mut(|recorder| recorder.as_mut().map(act))
}
