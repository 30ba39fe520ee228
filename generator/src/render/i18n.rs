//! The functions by which templates show texts, dates and numbers in the language of the content.

use jiff::civil::{Date, DateTime};
use tera::{Kwargs, State, Tera, TeraResult, Value};

use super::functions::{answer, only};
use crate::html::escape_attribute;
use crate::locale::Length;
use crate::query::{Query, QueryError, with_locale};

/// The part of a message after the key of a text with plural forms that is used without a count.
const NEEDS_COUNT: &str = " needs a count";

/// The part of a message after the key of a text with a placeholder that has no value.
const HAS_PLACE: &str = " has a placeholder for ";

/// Registers `t()`, `date`, `time` and `number`.
pub(super) fn register(tera: &mut Tera) {
    tera.register_function("t", |kwargs: Kwargs, _: &State| text(&kwargs));
    tera.register_filter("date", |value: &str, kwargs: Kwargs, _: &State| date(value, &kwargs));
    tera.register_filter("time", |value: &str, kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        match value.get(..16).and_then(|start| start.parse::<DateTime>().ok()) {
            Some(moment) => said(with_locale(None, |locale| locale.time(moment.time()))),
            None => Err(tera::Error::message(format!("`{value}` has no time of day"))),
        }
    });
    tera.register_filter("number", |value: Value, kwargs: Kwargs, _: &State| {
        only(&kwargs, &[])?;
        number(&value, None)
    });
}

/// `t(key="stories", count=3, name="…")`: returns the text in the plural form for the count, with
/// the placeholders `{count}`, `{name}` and so on replaced. With `mark=true` it is HTML, in which
/// an untranslated text is marked with its language (WCAG 2.2, 3.1.2).
fn text(kwargs: &Kwargs) -> TeraResult<Value> {
    let key = kwargs.must_get::<&str>("key")?;
    let found = answer(&Query::Text(key.to_owned()))?;
    let code = found.get_from_path("code").and_then(Value::as_str);
    let words = match (found.get_from_path("forms"), kwargs.get::<u64>("count")?) {
        (None, _) => found.get_from_path("text").unwrap_or(&found).as_str(),
        (Some(forms), Some(count)) => {
            let form = with_locale(code, |locale| locale.plural(count));
            forms.get_from_path(form?).and_then(Value::as_str)
        }
        (Some(_), None) => {
            let message = format!("`{key}`{NEEDS_COUNT}; write `t(key=\"{key}\", count=…)`");
            return Err(tera::Error::message(message));
        }
    };
    let text = fill(key, words.unwrap_or_default(), code, kwargs)?;
    let untranslated = found.get_from_path("untranslated").is_some_and(Value::is_truthy);
    let mark = kwargs.get::<bool>("mark")?.unwrap_or_default();
    match code.filter(|_| untranslated && mark) {
        Some(code) => Ok(marked(&text, code)),
        None => Ok(text),
    }
}

/// Returns the key of the text that a template's error message is about, and how to fix it.
pub(crate) fn text_at_fault(message: &str) -> Option<(&str, &'static str)> {
    let (key, rest) = message.strip_prefix('`')?.split_once('`')?;
    if rest.starts_with(NEEDS_COUNT) {
        Some((key, "write one text without plural forms: the theme does not give a count here"))
    } else if rest.starts_with(HAS_PLACE) {
        Some((key, "remove it, or use a placeholder of the theme's own text"))
    } else {
        None
    }
}

/// Returns a text as HTML, marked with its language.
pub(super) fn marked(text: &Value, code: &str) -> Value {
    let mut html = String::from("<span lang=\"");
    escape_attribute(code, &mut html);
    html.push_str("\" dir=\"auto\">");
    escape_attribute(text.as_str().unwrap_or_default(), &mut html);
    html.push_str("</span>");
    Value::safe_string(&html)
}

/// Replaces the placeholders `{name}`.
fn fill(key: &str, words: &str, code: Option<&str>, kwargs: &Kwargs) -> TeraResult<Value> {
    if !words.contains('{') {
        return Ok(Value::from(words));
    }
    let mut filled = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        match kwargs.get::<&Value>(name)? {
            Some(value) if value.as_str().is_none() => {
                filled.push_str(number(value, code)?.as_str().unwrap_or_default());
            }
            Some(value) => filled.push_str(value.as_str().unwrap_or_default()),
            None => {
                let message = format!("`{key}`{HAS_PLACE}`{name}`, which has no value");
                return Err(tera::Error::message(message));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Value::from(filled))
}

/// `{{ page.date | date }}`, `date(length="short")`: formats the day of a date or moment.
fn date(value: &str, kwargs: &Kwargs) -> TeraResult<Value> {
    only(kwargs, &["length"])?;
    let length = match kwargs.get::<&str>("length")?.unwrap_or("long") {
        "long" => Length::Long,
        "medium" => Length::Medium,
        "short" => Length::Short,
        other => {
            let message = format!(
                "`length` of a date must be `long`, `medium` or `short`, not \
                                   `{other}`"
            );
            return Err(tera::Error::message(message));
        }
    };
    match value.get(..10).and_then(|start| start.parse::<Date>().ok()) {
        Some(day) => said(with_locale(None, |locale| locale.day(day, length))),
        None => Err(tera::Error::message(format!("`{value}` is not a date"))),
    }
}

fn number(value: &Value, code: Option<&str>) -> TeraResult<Value> {
    let digits = value.to_string();
    match with_locale(code, |locale| locale.number(&digits)) {
        Ok(None) => Err(tera::Error::message(format!("`{digits}` is not a number"))),
        found => said(found),
    }
}

fn said(found: Result<Option<String>, QueryError>) -> TeraResult<Value> {
    Ok(Value::from(found?.unwrap_or_default()))
}
