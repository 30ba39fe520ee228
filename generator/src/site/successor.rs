//! Finds the new page that has the content of a deleted one.

use std::collections::{BTreeMap, HashMap};

use super::PageVersion;
use crate::digest::Digest;
use crate::parse::{Moment, PageMeta};

/// The number of equal parts that makes two pages the same.
const ENOUGH: usize = 2;

/// New pages, indexed by what a deleted page may have in common with them.
pub(super) struct NewPages<'a> {
    /// Ordered by path.
    pages: Vec<&'a PageVersion>,
    by_text: HashMap<Digest, Vec<usize>>,
    by_part: HashMap<Part<'a>, Vec<usize>>,
}

/// A part of a page that may survive renaming and editing.
#[derive(PartialEq, Eq, Hash)]
enum Part<'a> {
    Title(&'a str),
    Summary(&'a str),
    /// The level, anchor and text of each heading.
    Headings(Vec<(u8, &'a str, &'a str)>),
    /// The targets of the links.
    Links(Vec<&'a str>),
    Date(Moment),
}

impl<'a> NewPages<'a> {
    /// Indexes `pages`, which are ordered by path.
    pub(super) fn new(pages: impl Iterator<Item = &'a PageVersion>) -> NewPages<'a> {
        let pages: Vec<&PageVersion> = pages.collect();
        let mut by_text: HashMap<Digest, Vec<usize>> = HashMap::new();
        let mut by_part: HashMap<Part<'a>, Vec<usize>> = HashMap::new();
        for (index, &(meta, text)) in pages.iter().enumerate() {
            by_text.entry(*text).or_default().push(index);
            for part in parts(meta) {
                by_part.entry(part).or_default().push(index);
            }
        }
        NewPages { pages, by_text, by_part }
    }

    /// Returns the page most similar to `gone` among those that `is_eligible`: one with the same
    /// text, or else the one with the most equal parts, at least [`ENOUGH`]; the last by path among
    /// equals.
    pub(super) fn most_like(
        &self,
        (gone, text): &PageVersion,
        is_eligible: impl Fn(&PageMeta) -> bool,
    ) -> Option<&'a PageMeta> {
        let meta = |index: usize| -> &'a PageMeta { &self.pages[index].0 };
        let same = self.by_text.get(text).into_iter().flatten().map(|index| meta(*index));
        if let Some(same) = same.filter(|meta| is_eligible(meta)).last() {
            return Some(same);
        }
        let mut in_common: BTreeMap<usize, usize> = BTreeMap::new();
        for index in parts(gone).iter().filter_map(|part| self.by_part.get(part)).flatten() {
            *in_common.entry(*index).or_default() += 1;
        }
        let candidates = in_common.into_iter().filter(|(_, count)| *count >= ENOUGH);
        let candidates = candidates.map(|(index, _)| meta(index)).filter(|meta| is_eligible(meta));
        let likeness = candidates.map(|meta| (likeness(gone, meta), meta));
        let likely = likeness.filter(|(likeness, _)| *likeness >= ENOUGH);
        likely.max_by_key(|(likeness, _)| *likeness).map(|(_, meta)| meta)
    }
}

/// The non-empty parts of a page.
fn parts(meta: &PageMeta) -> Vec<Part<'_>> {
    let headings = meta.headings.iter();
    let headings = headings.map(|heading| (heading.level, &*heading.id, &*heading.text)).collect();
    let mut parts = vec![Part::Title(&meta.title)];
    parts.extend((!meta.summary.is_empty()).then(|| Part::Summary(&meta.summary)));
    parts.extend((!meta.headings.is_empty()).then_some(Part::Headings(headings)));
    parts.extend((!meta.links.is_empty()).then(|| Part::Links(targets(meta))));
    parts.extend(meta.front.date.as_ref().map(|date| Part::Date(date.value)));
    parts
}

fn targets(meta: &PageMeta) -> Vec<&str> {
    meta.links.iter().map(|link| link.target.as_str()).collect()
}

/// The number of equal, non-empty parts of two pages. A date counts only if their word counts are
/// nearly equal.
fn likeness(one: &PageMeta, other: &PageMeta) -> usize {
    let has_as_many_words = one.words > 0 && one.words.abs_diff(other.words) <= one.words / 10;
    let others = parts(other);
    let same = parts(one).into_iter().filter(|part| others.contains(part));
    same.filter(|part| has_as_many_words || !matches!(part, Part::Date(_))).count()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use located_yaml::Place;

    use super::*;
    use crate::parse::{Heading, LinkKind, Located, PageLink};

    const PARTS: [&str; 5] = ["title", "summary", "headings", "links", "date"];

    /// A page whose `kept` parts are equal for every path; the others are unique.
    fn page(path: &str, kept: &[&str]) -> PageVersion {
        let word =
            |part: &str| if kept.contains(&part) { part.to_owned() } else { path.to_owned() };
        let place = Place::default();
        let mut meta = PageMeta { path: path.to_owned(), words: 10, ..PageMeta::unread() };
        meta.title = word("title");
        meta.summary = word("summary");
        meta.headings = vec![Heading { level: 2, id: "a".to_owned(), text: word("headings") }];
        meta.links = vec![PageLink { target: word("links"), place, kind: LinkKind::Text }];
        let seconds = if kept.contains(&"date") { 0 } else { 1 };
        let value = Moment { seconds, offset: 0, timed: false };
        meta.front.date = Some(Located { value, place });
        (Arc::new(meta), Digest::blake3(path.as_bytes()))
    }

    fn found(gone: &PageVersion, new: &[PageVersion]) -> Option<String> {
        let new = NewPages::new(new.iter());
        new.most_like(gone, |meta| meta.path != "z.md").map(|meta| meta.path.clone())
    }

    #[test]
    fn two_equal_parts_are_enough() {
        let gone = page("old.md", &PARTS);
        for one in PARTS {
            assert_eq!(found(&gone, &[page("a.md", &[one])]), None, "{one}");
            for other in PARTS.into_iter().filter(|other| *other != one) {
                let new = [page("a.md", &[one]), page("b.md", &[one, other]), page("c.md", &[])];
                assert_eq!(found(&gone, &new).as_deref(), Some("b.md"), "{one}, {other}");
            }
        }
    }

    #[test]
    fn equal_text_wins_then_most_parts_then_last_path() {
        let gone = page("old.md", &PARTS);
        let pages = || vec![page("a.md", &PARTS[..3]), page("b.md", &PARTS[..2])];
        assert_eq!(found(&gone, &pages()).as_deref(), Some("a.md"));
        let mut new = pages();
        new.push(page("c.md", &PARTS[..3]));
        new.push(page("z.md", &PARTS));
        assert_eq!(found(&gone, &new).as_deref(), Some("c.md"), "z.md is not eligible");
        new[1].1 = gone.1;
        assert_eq!(found(&gone, &new).as_deref(), Some("b.md"));
    }

    #[test]
    fn a_date_counts_only_with_a_similar_word_count() {
        let gone = page("old.md", &PARTS);
        for (words, expected) in [(10, Some("a.md")), (11, Some("a.md")), (12, None), (0, None)] {
            let (meta, text) = page("a.md", &["title", "date"]);
            let meta = PageMeta { words, ..PageMeta::clone(&meta) };
            let new = [(Arc::new(meta), text)];
            assert_eq!(found(&gone, &new).as_deref(), expected, "{words}");
        }
    }
}
