//! Many short lists in one long one: read and written at once, since there are tens of thousands of them. Pure.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Lists by their numbers, from 0 on. Written as two runs of numbers of four bytes each: that takes a little more
/// room than numbers as short as they are, and a tenth of the time to read.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists<T> {
    items: Vec<T>,
    /// Where each list ends in `items`.
    ends: Vec<u32>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { items: Vec::new(), ends: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// Adds a list behind the others.
    pub fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        let end = u32::try_from(self.items.len());
        self.ends.push(end.expect("fewer than 4 billion items"));
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether they are what was once written: no list ends before it begins, or behind the last item.
    pub fn is_sound(&self) -> bool {
        self.ends.is_sorted() && self.ends.last().map_or(0, |end| *end as usize) == self.items.len()
    }

    /// Every list, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[T]> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| *end as usize));
        starts.zip(&self.ends).map(|(start, end)| &self.items[start..*end as usize])
    }
}

impl<T: Copy> Serialize for Lists<T>
where
    u32: From<T>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = Numbers(self.items.iter().map(|item| u32::from(*item)).collect());
        (items, Numbers(self.ends.clone())).serialize(serializer)
    }
}

impl<'de, T: From<u32>> Deserialize<'de> for Lists<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (items, ends) = <(Numbers, Numbers)>::deserialize(deserializer)?;
        Ok(Lists { items: items.0.into_iter().map(T::from).collect(), ends: ends.0 })
    }
}

/// Numbers, the lowest byte of each first.
struct Numbers(Vec<u32>);

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|number| number.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Numbers;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("whole numbers")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
                let (numbers, rest) = bytes.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                Ok(Numbers(numbers.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_given_back_as_they_came() {
        let mut lists = Lists::<u32>::default();
        for list in [vec![1, 2], vec![], vec![300_000]] {
            lists.push(list);
        }
        assert_eq!(lists.iter().collect::<Vec<_>>(), [&[1, 2][..], &[], &[300_000]]);
        assert!(lists.len() == 3 && lists.is_sound());
        let mut bytes = postcard::to_stdvec(&lists).unwrap();
        assert_eq!(postcard::from_bytes::<Lists<u32>>(&bytes).unwrap(), lists);
        // Thirteen bytes, no whole numbers.
        bytes[0] = 13;
        assert!(postcard::from_bytes::<Lists<u32>>(&bytes).is_err());
        assert!(!Lists { items: vec![1], ends: vec![2] }.is_sound());
        assert!(!Lists { items: vec![1, 2], ends: vec![2, 1] }.is_sound());
    }
}
