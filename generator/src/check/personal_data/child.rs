//! Finds a child's age in the same sentence as the name of a school: together they can identify the child.

use std::ops::Range;
use std::sync::LazyLock;

use fancy_regex::Regex;

use super::pattern;

/// The age of one child: `aged 7`, `a seven-year-old`, `Arjun, 7,` or `Arjun (7)`.
static AGE: LazyLock<Regex> = LazyLock::new(|| {
    const AGE: &str = "(?:1[0-7]|[1-9]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|\
                       fourteen|fifteen|sixteen|seventeen)";
    const DATE: &str = "(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|\
                        September|October|November|December)";
    pattern(&format!(
        "(?<![A-Za-z0-9])(?:aged? {AGE}(?![0-9A-Za-z–+-]| to | or | and )\
         |(?<!to )(?<!and )(?<!or ){AGE}[- ]years?[- ]old(?!s)\
         |{DATE}[A-Z][a-z’'-]+, {AGE},\
         |{DATE}[A-Z][a-z’'-]+ \\({AGE}\\))"
    ))
});

/// Words for several children: their age is not that of one.
static GROUP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?i)(?<![a-z])(?:children|pupils|students|kids|people|boys|girls|those|anyone|everyone|all|ages)(?: who are)?,? $",
    )
});

/// The name of a school.
static SCHOOL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        "(?<![A-Za-z])((?:[A-Z][A-Za-z’'.-]* )+)(?:School|Academy|Nursery|Preschool|Primary)(?![A-Za-z])",
    )
});

/// Words before `School` that do not name one.
const NOT_NAMES: [&str; 18] = [
    "The", "A", "An", "Our", "My", "His", "Her", "Their", "Your", "Sunday", "Saturday", "Summer",
    "Forest", "Old", "Big", "After", "At", "In",
];

/// Returns each text from an age to a school, or from a school to an age.
pub(super) fn children(line: &str) -> Vec<Range<usize>> {
    const SCHOOLS: [&str; 5] = ["School", "Academy", "Nursery", "Preschool", "Primary"];
    if !SCHOOLS.iter().any(|word| line.contains(word)) {
        return Vec::new();
    }
    let sentences = sentences(line).into_iter();
    sentences
        .filter_map(|sentence| {
            let text = &line[sentence.clone()];
            let is_of_one =
                |age: &Range<usize>| !GROUP.is_match(&text[..age.start]).unwrap_or(true);
            let ages = AGE.find_iter(text).filter_map(Result::ok).map(|found| found.range());
            let age = ages.into_iter().find(is_of_one)?;
            let is_name = |word: &str| !NOT_NAMES.contains(&word);
            let schools = SCHOOL.captures_iter(text).filter_map(Result::ok);
            let mut schools = schools.filter(|school| school[1].split_whitespace().any(is_name));
            let school = schools.next()?.get(0)?.range();
            let (start, end) = (age.start.min(school.start), age.end.max(school.end));
            Some(sentence.start + start..sentence.start + end)
        })
        .collect()
}

/// The sentences of a line. A full stop after one or two letters, as in `St.`, does not end one.
fn sentences(line: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, mark) in line.match_indices(['.', '!', '?']) {
        let word = line[start..at].rsplit([' ', '(']).next().unwrap_or_default();
        let is_end = line[at + mark.len()..].starts_with([' ', '”', '"', '’']);
        if is_end && word.chars().count() > 2 {
            sentences.push(start..at);
            start = at + mark.len();
        }
    }
    sentences.push(start..line.len());
    sentences
}
