//! Notes what the output asks that a thread renders. Pure, but for the one global of the project.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use tera::{Kwargs, Value};

use super::fragment::{Fragment, given, key};
use super::{Answer, Answers, Query};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::html::EXPIRED;
use crate::locale::Locale;
use crate::url;

struct Recorder {
    answers: Arc<Answers>,
    /// The language of the output.
    frame: LanguageId,
    /// The language of the words that are being written.
    words: LanguageId,
    asked: Recorded,
    /// Why a fragment could not be rendered: a template's error is but a text where a function fails.
    fault: Option<Diagnostic>,
}

/// What was answered while something was rendered.
#[derive(Default)]
pub struct Recorded {
    own: Vec<Arc<Answer>>,
    /// What it shows that was rendered for whoever else shows it.
    fragments: Vec<Arc<Fragment>>,
}

impl Recorded {
    /// Every answer; one that was given twice may come twice.
    pub fn answers(&self) -> impl Iterator<Item = &Arc<Answer>> {
        let shared = self.fragments.iter().flat_map(|fragment| &fragment.asked);
        self.own.iter().chain(shared)
    }

    /// Every answer that was given while any of `all` was rendered; one may come several times, but what many
    /// outputs show is looked at once.
    pub fn of_all<'a>(
        all: impl Iterator<Item = &'a Recorded>,
    ) -> impl Iterator<Item = &'a Arc<Answer>> {
        let mut seen = HashSet::new();
        all.flat_map(move |recorded| {
            let fragments = recorded.fragments.iter();
            let new = fragments.filter(|fragment| seen.insert(Arc::as_ptr(fragment)));
            let new: Vec<&Arc<Fragment>> = new.collect();
            recorded.own.iter().chain(new.into_iter().flat_map(|fragment| &fragment.asked))
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
    answers: &Arc<Answers>,
    language: LanguageId,
    render: impl FnOnce() -> T,
) -> (T, Recorded) {
    RECORDER.with_borrow_mut(|recorder| {
        assert!(recorder.is_none(), "one output is rendered at a time on a thread");
        let (frame, words, answers) = (language, language, Arc::clone(answers));
        let asked = Recorded { own: Vec::with_capacity(16), ..Recorded::default() };
        *recorder = Some(Recorder { answers, frame, words, asked, fault: None });
    });
    let cleared = Cleared;
    let made = render();
    let recorder = RECORDER.with_borrow_mut(Option::take).expect("set above");
    drop(cleared);
    (made, recorder.asked)
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
        let value = recorder.answers.value(&answer);
        recorder.asked.own.push(answer);
        value
    })
}

/// Where a whole address leads: to what it says, unless it is that of a page of the site that has expired.
pub(crate) fn outside(address: &str) -> Value {
    let place = with(|recorder| recorder.answers.site().whole_address(address)).flatten();
    // Whether there is such a page, or none, is an answer: both are recorded.
    let found = place.and_then(|place| ask(&Query::Link(place)).ok());
    found
        .filter(|url| url.as_str() == Some(EXPIRED))
        .unwrap_or_else(|| Value::from(url::outside(address)))
}

/// A component of the theme as HTML, rendered once for all outputs that give it the same arguments in the
/// same language; `arguments` may have its name among them. What it asked, whoever shows it has asked.
///
/// # Errors
/// Why it cannot be rendered; the template's fault itself is left to [`fault`].
pub fn cached(component: &str, arguments: &Kwargs) -> Result<Value, String> {
    let (answers, frame, words) = RECORDER.with_borrow(|recorder| {
        let recorder = recorder.as_ref().ok_or("a component was called outside of a page")?;
        Ok::<_, String>((Arc::clone(&recorder.answers), recorder.frame, recorder.words))
    })?;
    let key = key(component, given(arguments), frame, words);
    let fragment = match answers.fragments.get(&key) {
        Some(fragment) => fragment,
        None => {
            let around = asked_since(Recorded::default());
            let made = answers.theme().fragment(component, given(arguments));
            let asked = asked_since(around);
            let html = made.map_err(|fault| {
                let message = fault.message.clone();
                with(|recorder| recorder.fault = Some(fault));
                message
            })?;
            let html = Value::safe_string(&html);
            answers.fragments.keep(key, Fragment { html, asked: asked.distinct() })
        }
    };
    let html = fragment.html.clone();
    with(|recorder| recorder.asked.fragments.push(fragment));
    Ok(html)
}

/// Why the fragment could not be rendered that just failed on this thread.
pub fn fault() -> Option<Diagnostic> {
    with(|recorder| recorder.fault.take()).flatten()
}

/// What was asked until now; what is asked from now on stands after `before`.
fn asked_since(before: Recorded) -> Recorded {
    with(|recorder| std::mem::replace(&mut recorder.asked, before)).unwrap_or_default()
}

fn with<T>(act: impl FnOnce(&mut Recorder) -> T) -> Option<T> {
    RECORDER.with_borrow_mut(|recorder| recorder.as_mut().map(act))
}
