//! Derives titles, dates and addresses from file names and permalink patterns. Pure.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::parse::date;

/// A title from a file name.
pub(super) fn named(to: &str) -> String {
    let stem = to.strip_suffix(".md").unwrap_or(to);
    let stem = stem.strip_suffix("/index").or_else(|| stem.strip_suffix("/_index")).unwrap_or(stem);
    in_words(stem.rsplit('/').next().unwrap_or(stem))
}

/// Converts `our-stories` to `Our stories`.
pub(super) fn in_words(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut letters = words.trim().chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Splits `posts/2020-05-21-rose.md` into `posts/rose.md` and its date.
pub(super) fn without_day(to: &str) -> (String, Option<String>) {
    let (folder, name) = to.rsplit_once('/').map_or(("", to), |(folder, name)| (folder, name));
    let day = name.get(..10).filter(|day| date::parse(day, &TimeZone::UTC).is_ok());
    let rest = day.and_then(|_| name[10..].strip_prefix(['-', '_']));
    match (day, rest) {
        (Some(day), Some(rest)) if rest.len() > ".md".len() => {
            let slash = if folder.is_empty() { "" } else { "/" };
            (format!("{folder}{slash}{rest}"), Some(day.to_owned()))
        }
        _ => (to.to_owned(), None),
    }
}

/// The parts of a date by their names in permalink patterns.
pub(super) fn parts_of_date(written: &str) -> BTreeMap<&'static str, String> {
    let Ok(moment) = date::parse(written.get(..10).unwrap_or(written), &TimeZone::UTC) else {
        return BTreeMap::new();
    };
    let day = moment.civil().date();
    BTreeMap::from([
        ("year", format!("{:04}", day.year())),
        ("short_year", format!("{:02}", day.year() % 100)),
        ("month", format!("{:02}", day.month())),
        ("i_month", day.month().to_string()),
        ("day", format!("{:02}", day.day())),
        ("i_day", day.day().to_string()),
        ("y_day", format!("{:03}", day.day_of_year())),
    ])
}

/// Expands a pattern such as `/:year/:title/`; `None` if a part is unknown.
pub(super) fn filled(pattern: &str, known: &BTreeMap<&str, String>) -> Option<String> {
    let mut address = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(':') {
        address.push_str(&rest[..at]);
        let name = &rest[at + 1..];
        let end = name.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(name.len());
        address.push_str(known.get(&name[..end])?);
        rest = &name[end..];
    }
    address.push_str(rest);
    let parts: Vec<&str> = address.split('/').filter(|part| !part.is_empty()).collect();
    let end = if address.ends_with('/') { "/" } else { "" };
    Some(format!("/{}{end}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_become_titles_and_dates() {
        assert_eq!(in_words("our-two_benches"), "Our two benches");
        assert_eq!(
            without_day("a/2020-05-21-rose.md"),
            ("a/rose.md".to_owned(), Some("2020-05-21".to_owned()))
        );
        assert_eq!(without_day("2020-05-21.md"), ("2020-05-21.md".to_owned(), None));
        assert_eq!(without_day("2020-13-21-rose.md").1, None);
        assert_eq!(named("a/our-bench/index.md"), "Our bench");
    }
}
