//! Finds which of many names was most likely meant by a misspelt one, and lists names in messages.

/// Names prepared for many look-ups: each look-up compares letter counts with every name and computes
/// edit distances only for the few that can be near enough.
#[derive(Debug, Default)]
pub struct Suggestions {
    names: Vec<Prepared>,
}

/// A name in lower case, with what is needed to rule it out cheaply.
#[derive(Debug)]
struct Prepared {
    lower: Box<str>,
    letters: Letters,
}

/// A name longer than this is not looked up: the cost of a comparison is the product of both lengths.
const MAX_NAME_CHARS: usize = 200;

impl Suggestions {
    /// Prepares `names`; look-ups give their positions.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names = names.into_iter().map(Prepared::new).collect();
        Suggestions { names }
    }

    /// The position of the name that `word` most likely means, if one is near enough. Of equally near
    /// names, the first.
    pub fn nearest(&self, word: &str) -> Option<usize> {
        let allowed = match word.chars().count() {
            0 => return None,
            1..=2 => 1,
            length => length.div_ceil(3),
        };
        self.nearest_within(word, allowed).first().copied()
    }

    /// The positions of all names at the smallest edit distance from `word`, in order; none where that
    /// distance exceeds `allowed`.
    pub fn nearest_within(&self, word: &str, allowed: usize) -> Vec<usize> {
        let wanted = Prepared::new(word);
        let mut nearest = Vec::new();
        if wanted.letters.total > MAX_NAME_CHARS {
            return nearest;
        }
        let mut best = allowed;
        for (position, name) in self.names.iter().enumerate() {
            if wanted.letters.least_distance(&name.letters) > best {
                continue;
            }
            let distance = strsim::osa_distance(&wanted.lower, &name.lower);
            if distance < best {
                best = distance;
                nearest.clear();
            }
            if distance == best {
                nearest.push(position);
            }
        }
        nearest
    }
}

impl Prepared {
    fn new(name: &str) -> Self {
        let lower = name.to_lowercase().into_boxed_str();
        let letters = Letters::of(&lower);
        Prepared { lower, letters }
    }
}

/// How often each letter is in a name; letters whose code points are equal modulo [`BUCKETS`] are counted
/// together.
#[derive(Debug)]
struct Letters {
    counts: [u8; BUCKETS],
    total: usize,
}

const BUCKETS: usize = 32;

impl Letters {
    fn of(name: &str) -> Self {
        let mut letters = Letters { counts: [0; BUCKETS], total: 0 };
        for letter in name.chars() {
            let count = &mut letters.counts[letter as usize % BUCKETS];
            *count = count.saturating_add(1);
            letters.total += 1;
        }
        letters
    }

    /// A lower bound of the edit distance: each edit but a transposition, which changes no count, adds or
    /// removes one letter at most (the *bag distance*: Bartolini, Ciaccia and Patella, 2002).
    fn least_distance(&self, other: &Letters) -> usize {
        let pairs = || self.counts.iter().zip(&other.counts);
        let more: usize = pairs().map(|(a, b)| usize::from(a.saturating_sub(*b))).sum();
        let fewer: usize = pairs().map(|(a, b)| usize::from(b.saturating_sub(*a))).sum();
        more.max(fewer)
    }
}

/// The candidate that `word` most likely means, where one is near enough to be suggested. Of equally near
/// candidates, the first. For many words and the same candidates, prepare [`Suggestions`] once.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.collect();
    let position = Suggestions::new(candidates.iter().copied()).nearest(word)?;
    Some(candidates[position])
}

/// Names in a message: `a`, `b` and `c`.
pub fn quoted_list<N: AsRef<str>>(names: &[N]) -> String {
    let mut text = String::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            text.push_str(if index + 1 == names.len() { " and " } else { ", " });
        }
        text.push('`');
        text.push_str(name.as_ref());
        text.push('`');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        let words = ["title", "date", "tags"];
        let near = |word| nearest(word, words.into_iter());
        assert_eq!(near("titel"), Some("title"));
        assert_eq!(near("Date"), Some("date"));
        assert_eq!(near("tag"), Some("tags"));
        assert_eq!(near("colour"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"t".repeat(MAX_NAME_CHARS + 1)), None);
    }

    /// What is ruled out by its letters would not have been suggested either.
    #[test]
    fn suggestions_equal_those_of_comparing_every_name() {
        let names = ["rose", "Rosé", "roes", "stories/rose", "ਰੋਜ਼", "sore", "roses-garden", "o", ""];
        let suggestions = Suggestions::new(names);
        for word in ["rose", "ROSE", "eros", "ros", "ਰੋਜ", "stroies/rose", "garden", "é", "x"]
        {
            for allowed in 0..6 {
                let lower = word.to_lowercase();
                let distances =
                    names.map(|name| strsim::osa_distance(&lower, &name.to_lowercase()));
                let least = *distances.iter().min().unwrap();
                let expected: Vec<usize> = (0..names.len())
                    .filter(|at| distances[*at] == least && least <= allowed)
                    .collect();
                assert_eq!(suggestions.nearest_within(word, allowed), expected, "{word} {allowed}");
            }
        }
    }
}
