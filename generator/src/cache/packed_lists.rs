//! Stores many short lists in one long one, so that tens of thousands of them load at once.

use serde::{Deserialize, Serialize};

use crate::packed::{self, Fixed};

/// Lists numbered from 0 on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Fixed<4>", deserialize = "T: Fixed<4>"))]
pub struct Lists<T> {
    #[serde(with = "packed")]
    items: Vec<T>,
    /// The end of each list in `items`.
    #[serde(with = "packed")]
    ends: Vec<u32>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { items: Vec::new(), ends: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// Appends a list.
    pub fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        let end = u32::try_from(self.items.len());
        self.ends.push(end.expect("fewer than 4 billion items"));
    }

    /// The number of lists.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no lists.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether the data is valid: no list ends before it begins or after the last item.
    pub fn is_sound(&self) -> bool {
        self.ends.is_sorted() && self.ends.last().map_or(0, |end| *end as usize) == self.items.len()
    }

    /// Iterates over the lists in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize));
        starts.zip(&self.ends).map(|(start, end)| &self.items[start..*end as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_round_trip() {
        let mut lists = Lists::<u32>::default();
        for list in [vec![1, 2], vec![], vec![300_000]] {
            lists.push(list);
        }
        assert_eq!(lists.iter().collect::<Vec<_>>(), [&[1, 2][..], &[], &[300_000]]);
        assert!(lists.len() == 3 && lists.is_sound());
        let mut bytes = postcard::to_stdvec(&lists).unwrap();
        assert_eq!(postcard::from_bytes::<Lists<u32>>(&bytes).unwrap(), lists);
        // Thirteen bytes are not a whole number of items.
        bytes[0] = 13;
        assert!(postcard::from_bytes::<Lists<u32>>(&bytes).is_err());
        assert!(!Lists { items: vec![1], ends: vec![2] }.is_sound());
        assert!(!Lists { items: vec![1, 2], ends: vec![2, 1] }.is_sound());
    }
}
