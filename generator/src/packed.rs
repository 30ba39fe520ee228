//! Serializes lists of fixed-size items as one byte string: slightly larger than variable-length integers, but ten
//! times as fast to read. For `#[serde(with = "crate::packed")]`.

use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

/// A type whose binary form always has `N` bytes.
pub trait Fixed<const N: usize>: Copy {
    /// Converts to bytes.
    fn to_bytes(self) -> [u8; N];

    /// Converts from the result of [`to_bytes`](Self::to_bytes).
    fn from_bytes(bytes: [u8; N]) -> Self;
}

impl Fixed<4> for u32 {
    fn to_bytes(self) -> [u8; 4] {
        self.to_le_bytes()
    }

    fn from_bytes(bytes: [u8; 4]) -> Self {
        u32::from_le_bytes(bytes)
    }
}

/// Serializes the items one after another.
pub(crate) fn serialize<T: Fixed<N>, const N: usize, S: Serializer>(
    list: &[T],
    to: S,
) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = list.iter().flat_map(|item| item.to_bytes()).collect();
    to.serialize_bytes(&bytes)
}

/// Deserializes the output of [`serialize`].
pub(crate) fn deserialize<'de, T: Fixed<N>, const N: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    struct Bytes<T, const N: usize>(PhantomData<T>);

    impl<T: Fixed<N>, const N: usize> Visitor<'_> for Bytes<T, N> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("whole items")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<T>, E> {
            let (items, rest) = bytes.as_chunks::<N>();
            if !rest.is_empty() {
                return Err(E::invalid_length(bytes.len(), &self));
            }
            Ok(items.iter().map(|bytes| T::from_bytes(*bytes)).collect())
        }
    }
    from.deserialize_bytes(Bytes(PhantomData))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::digest::Digest;
    use crate::parse::Moment;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lists {
        #[serde(with = "crate::packed")]
        numbers: Vec<u32>,
        #[serde(with = "crate::packed")]
        digests: Vec<Digest>,
        #[serde(with = "crate::packed")]
        days: Vec<Option<Moment>>,
    }

    #[test]
    fn a_list_survives_a_round_trip() {
        let day = |seconds, offset, timed| Some(Moment { seconds, offset, timed });
        let lists = Lists {
            numbers: vec![0, 300_000, u32::MAX],
            digests: vec![Digest::blake3("a"), Digest::xxh3("a")],
            days: vec![day(-1, -3_600, true), None, day(i64::MAX, 0, false), day(0, 3_600, false)],
        };
        let mut bytes = postcard::to_stdvec(&lists).unwrap();
        assert_eq!(postcard::from_bytes(&bytes), Ok(lists));
        // Eleven bytes are not a whole number of items.
        bytes[0] = 11;
        assert!(postcard::from_bytes::<Lists>(&bytes).is_err());
    }
}
