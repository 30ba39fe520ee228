//! Lists of numbers of four bytes, written as one run and read at once: that takes a little more room than numbers
//! as short as they are, and a tenth of the time. For `#[serde(with = "crate::numbers")]`. Pure.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Writes each number with its lowest byte first.
pub(crate) fn serialize<T: Copy + Into<u32>, S: Serializer>(
    list: &[T],
    to: S,
) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = list.iter().flat_map(|item| (*item).into().to_le_bytes()).collect();
    to.serialize_bytes(&bytes)
}

/// Reads what [`serialize`] wrote.
pub(crate) fn deserialize<'de, T: From<u32>, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    struct Bytes<T>(std::marker::PhantomData<T>);

    impl<T: From<u32>> Visitor<'_> for Bytes<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("whole numbers")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<T>, E> {
            let (numbers, rest) = bytes.as_chunks::<4>();
            if !rest.is_empty() {
                return Err(E::invalid_length(bytes.len(), &self));
            }
            Ok(numbers.iter().map(|bytes| T::from(u32::from_le_bytes(*bytes))).collect())
        }
    }
    from.deserialize_bytes(Bytes(std::marker::PhantomData))
}

/// A list that is written so wherever it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Numbers(#[serde(with = "crate::numbers")] pub(crate) Vec<u32>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let numbers = Numbers(vec![0, 300_000, u32::MAX]);
        let mut bytes = postcard::to_stdvec(&numbers).unwrap();
        assert_eq!((bytes.len(), postcard::from_bytes(&bytes)), (13, Ok(numbers)));
        // Eleven bytes, no whole numbers.
        bytes[0] = 11;
        assert!(postcard::from_bytes::<Numbers>(&bytes).is_err());
    }
}
