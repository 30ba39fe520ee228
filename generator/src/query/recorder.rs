//! Notes what the output asks that a thread renders. Pure, but for the one global of the project.

use std::cell::RefCell;
use std::sync::Arc;

use tera::Value;

use super::{Answer, Answers, Query};
use crate::config::LanguageId;
use crate::locale::Locale;

struct Recorder {
    answers: Arc<Answers>,
    /// The language of the output.
    frame: LanguageId,
    /// The language of the words that are being written.
    words: LanguageId,
    asked: Vec<Arc<Answer>>,
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
/// answer it was given, each once. One call at a time on a thread.
pub fn record<T>(
    answers: &Arc<Answers>,
    language: LanguageId,
    render: impl FnOnce() -> T,
) -> (T, Vec<Arc<Answer>>) {
    RECORDER.with_borrow_mut(|recorder| {
        assert!(recorder.is_none(), "one output is rendered at a time on a thread");
        let (answers, asked) = (Arc::clone(answers), Vec::new());
        *recorder = Some(Recorder { answers, frame: language, words: language, asked });
    });
    let cleared = Cleared;
    let made = render();
    let recorder = RECORDER.with_borrow_mut(Option::take).expect("set above");
    drop(cleared);
    let mut asked = recorder.asked;
    asked.sort_unstable_by_key(|answer| answer.number);
    asked.dedup_by_key(|answer| answer.number);
    (made, asked)
}

/// Runs `write` for words that are in another language than what is around them, such as those of a
/// page that is not translated.
pub fn in_words_of<T>(language: LanguageId, write: impl FnOnce() -> T) -> T {
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
pub fn by_rules<T>(code: Option<&str>, say: impl FnOnce(&Locale) -> T) -> Result<T, String> {
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
        recorder.asked.push(Arc::clone(&answer));
        recorder.answers.value(&answer)
    })
}
