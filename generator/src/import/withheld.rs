//! Determines which pages the source site did not publish, so that an import does not reveal them.
//!
//! A page with a publish or expiry date keeps it. A page withheld for any other reason becomes a draft,
//! because only an editor can decide what to do with it.

use jiff::tz::TimeZone;

use super::value_text::{moment, texts};
use super::{Notes, Page, Plan};
use crate::config;
use crate::parse::date;
use crate::value::Value;

/// Why a page becomes a draft if it is unknown whether it was one.
pub(super) const UNREAD: &str = "its front matter cannot be read, so it may be a draft";

/// What keeps a page from visitors.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hold {
    /// It is a draft.
    Draft,
    /// It is published from this moment on.
    From(String),
    /// It is published until this moment.
    Until(String),
}

/// The moment of the import, and the time zone of the source site.
pub(super) struct Clock {
    /// Unix seconds.
    pub(super) now: i64,
    /// The time zone of dates without one.
    pub(super) zone: TimeZone,
}

impl Clock {
    fn seconds(&self, words: &str) -> Option<i64> {
        date::parse(words, &self.zone).ok().map(|moment| moment.seconds)
    }

    /// Whether a date is in the future. Anything that is not a date is not.
    fn is_future(&self, words: &str) -> bool {
        self.seconds(words).is_some_and(|seconds| seconds > self.now)
    }
}

/// What the program's settings publish, and the keys of a page's dates.
pub(super) struct Rules<'a> {
    /// Drafts are published (Hugo's `buildDrafts`, Jekyll's `show_drafts`).
    pub(super) drafts: bool,
    /// Pages with a future date are published (Hugo's `buildFuture`, Jekyll's `future`).
    pub(super) future: bool,
    /// Expired pages are published (Hugo's `buildExpired`).
    pub(super) expired: bool,
    /// `published: false` is ignored (Jekyll's `unpublished`).
    pub(super) unpublished: bool,
    /// The keys of the publish date; the first that a page has takes precedence.
    pub(super) publish: Vec<&'a str>,
    /// The keys of the expiry date, likewise.
    pub(super) expire: Vec<&'a str>,
}

/// The keys that have the same meaning in every program that has them, and in the usual plugins of the
/// others.
impl Default for Rules<'_> {
    fn default() -> Self {
        Rules {
            drafts: false,
            future: false,
            expired: false,
            unpublished: false,
            publish: vec!["publishDate", "publish_on"],
            expire: vec!["expiryDate", "expires_on"],
        }
    }
}

impl Page {
    /// Makes the page a draft, with the reason for the report.
    pub(super) fn make_draft(&mut self, reason: &str, notes: &mut Notes) {
        self.holds.push(Hold::Draft);
        notes.withhold(&self.from, format!("imported as a draft (`draft: true`): {reason}"));
    }

    /// Withholds the page according to its own and inherited values: `said` returns the value of a key.
    pub(super) fn hold_as_said(
        &mut self,
        rules: &Rules<'_>,
        said: impl Fn(&Page, &str) -> Option<Value>,
        clock: &Clock,
        notes: &mut Notes,
    ) {
        // If a page has both, Hugo prefers `draft`.
        let (draft, published) = (said(self, "draft"), said(self, "published"));
        let written =
            |value: &Option<Value>| value.as_ref().map(texts).unwrap_or_default().join(" ");
        if is_true(draft.as_ref()) && !rules.drafts {
            let reason = format!("the old site has `draft: {}`", written(&draft));
            self.make_draft(&reason, notes);
        } else if draft.is_none() && is_false(published.as_ref()) && !rules.unpublished {
            let reason = format!("the old site has `published: {}`", written(&published));
            self.make_draft(&reason, notes);
        }
        let day = |keys: &[&str]| {
            keys.iter().find_map(|key| {
                let words = moment(&texts(&said(self, key)?).join(" "))?;
                Some(((*key).to_owned(), words))
            })
        };
        let (publish, expire) = (day(&rules.publish), day(&rules.expire));
        // A date that only the source program can parse may withhold the page.
        let unread = |keys: &[&str]| {
            let is_unread = |key: &&&str| {
                let value = said(self, key).filter(|value| !matches!(value, Value::Bool(_)));
                let words = value.map(|value| texts(&value).join(" "));
                words.is_some_and(|words| !words.trim().is_empty() && moment(&words).is_none())
            };
            keys.iter().find(is_unread).map(|key| (*key).to_owned())
        };
        let unread_day = unread(&rules.publish).filter(|_| !rules.future && publish.is_none());
        let unread_end = unread(&rules.expire).filter(|_| !rules.expired && expire.is_none());
        if let Some(key) = unread_day.or(unread_end) {
            self.make_draft(&format!("its `{key}` cannot be read as a date"), notes);
        }
        if let Some((key, words)) = publish.filter(|_| !rules.future) {
            // For a page that is published already, `date` is only its date.
            if clock.is_future(&words) || key != "date" {
                self.hold_from(words, &format!("its `{key}` is in the future"), clock, notes);
            }
        }
        if let Some((key, words)) = expire.filter(|_| !rules.expired) {
            self.hold_until(words, &format!("its `{key}`"), clock, notes);
        }
    }

    fn hold_from(&mut self, words: String, reason: &str, clock: &Clock, notes: &mut Notes) {
        if clock.is_future(&words) {
            let told = format!("will be published on {words} (`publish_on`): {reason}");
            notes.withhold(&self.from, told);
        }
        self.holds.push(Hold::From(words));
    }

    fn hold_until(&mut self, words: String, reason: &str, clock: &Clock, notes: &mut Notes) {
        let is = if clock.is_future(&words) { "is" } else { "was" };
        let told = format!("{is} published until {words} (`expires_on`): {reason}");
        notes.withhold(&self.from, told);
        self.holds.push(Hold::Until(words));
    }

    /// Whether visitors cannot see the page at this moment.
    pub(super) fn is_withheld(&self, clock: &Clock) -> bool {
        self.holds.iter().any(|hold| match hold {
            Hold::Draft => true,
            Hold::From(words) => clock.is_future(words),
            Hold::Until(words) => !clock.is_future(words),
        })
    }

    /// The latest moment from which it may be published.
    pub(super) fn publish_on(&self) -> Option<&str> {
        let moments = self.holds.iter().filter_map(|hold| match hold {
            Hold::From(words) => Some(words.as_str()),
            _ => None,
        });
        moments.max_by_key(|words| in_order(words))
    }

    /// The earliest moment at which it expires.
    pub(super) fn expires_on(&self) -> Option<&str> {
        let moments = self.holds.iter().filter_map(|hold| match hold {
            Hold::Until(words) => Some(words.as_str()),
            _ => None,
        });
        moments.min_by_key(|words| in_order(words))
    }
}

fn in_order(words: &str) -> i64 {
    date::parse(words, &TimeZone::UTC).map_or(0, |moment| moment.seconds)
}

/// Withholds the pages of each withheld section: Hugo and Zola publish none of them.
pub(super) fn hold_sections(pages: &mut [Page], clock: &Clock, notes: &mut Notes) {
    let code = |page: &Page| config::coded(&page.to).map(|(_, code)| code.to_owned());
    let held = pages.iter().filter(|page| page.is_withheld(clock));
    let sections: Vec<_> = held
        .filter_map(|page| {
            Some((
                folder_of(&page.to)?.to_owned(),
                code(page),
                page.from.clone(),
                page.holds.clone(),
            ))
        })
        .collect();
    for page in pages {
        let own = code(page);
        for (folder, code, section, holds) in &sections {
            if !page.to.starts_with(folder.as_str()) || own != *code || page.from == *section {
                continue;
            }
            let reason = format!("its section is not published ({section})");
            for hold in holds {
                match hold {
                    Hold::Draft => page.make_draft(&reason, notes),
                    Hold::From(words) => page.hold_from(words.clone(), &reason, clock, notes),
                    Hold::Until(words) => page.hold_until(words.clone(), &reason, clock, notes),
                }
            }
        }
    }
}

/// The folder whose section page a file is; not that of the whole site.
fn folder_of(file: &str) -> Option<&str> {
    let name = file.rsplit('/').next()?;
    let folder = file.strip_suffix(name)?;
    (name.starts_with("_index.") && !folder.is_empty()).then_some(folder)
}

/// Withholds a section that was added for a folder, as long as none of its pages is published.
pub(super) fn hold_added_section(
    section: &mut Page,
    pages: &[Page],
    clock: &Clock,
    notes: &mut Notes,
) {
    let folder = section.to.trim_end_matches("_index.md");
    let below: Vec<&Page> = pages.iter().filter(|page| page.to.starts_with(folder)).collect();
    if !below.iter().all(|page| page.is_withheld(clock)) {
        return;
    }
    let coming = below.iter().filter(|page| {
        let is_over = |words: &str| !clock.is_future(words);
        !page.holds.contains(&Hold::Draft) && !page.expires_on().is_some_and(is_over)
    });
    let first = coming.filter_map(|page| page.publish_on()).min_by_key(|words| in_order(words));
    let to = &section.to;
    let (hold, told) = match first {
        Some(words) => {
            (Hold::From(words.to_owned()), format!("will be published on {words} (`publish_on`)"))
        }
        None => (Hold::Draft, "is a draft (`draft: true`)".to_owned()),
    };
    let file = format!("content/{to}");
    notes.withhold(&file, format!("was added, and {told}: none of its pages is published yet"));
    section.holds.push(hold);
}

/// Withholds everything if the settings do not show what was published.
pub(super) fn hold_in_doubt(plan: &mut Plan, notes: &mut Notes) {
    let Some(reason) = plan.doubt.take() else { return };
    for page in plan.pages.iter_mut().filter(|page| !page.holds.contains(&Hold::Draft)) {
        page.make_draft(&reason, notes);
    }
    let is_data = |to: &str| to.starts_with("data/");
    plan.files.retain(|from, to| {
        if !is_data(to) {
            notes.withhold(from, format!("not imported: {reason}"));
        }
        is_data(to)
    });
}

/// Whether a program reads a value as `true`; in some front matter it is quoted.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    is(value, true)
}

/// Whether a program reads a value as `false`.
pub(super) fn is_false(value: Option<&Value>) -> bool {
    is(value, false)
}

fn is(value: Option<&Value>, expected: bool) -> bool {
    // The booleans of YAML 1.1 (<https://yaml.org/type/bool.html>).
    let words = if expected { ["true", "yes", "on", "y"] } else { ["false", "no", "off", "n"] };
    match value {
        Some(Value::Bool(flag)) => *flag == expected,
        Some(Value::String(text)) => words.iter().any(|word| text.eq_ignore_ascii_case(word)),
        _ => false,
    }
}
