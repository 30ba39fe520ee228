//! Computes 128-bit digests of content.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use twox_hash::XxHash3_128;

/// A 128-bit digest of content: no two contents of one site have the same one by chance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 16]);

/// Serialized as one byte string: a cache holds a hundred thousand digests.
impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Digest;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("16 bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Digest, E> {
                let bytes = bytes.try_into();
                bytes.map(Digest).map_err(|_| E::custom("no digest"))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

impl Digest {
    /// The BLAKE3 digest, for content supplied by others: collision-resistant, so that an attacker cannot replace
    /// another's image.
    pub fn blake3(bytes: impl AsRef<[u8]>) -> Self {
        let mut digest = [0; 16];
        digest.copy_from_slice(&blake3::hash(bytes.as_ref()).as_bytes()[..16]);
        Digest(digest)
    }

    /// The XXH3 digest, for our own content, ten times as fast. With a deliberate collision, authors would only get an
    /// old page of their own.
    pub fn xxh3(bytes: impl AsRef<[u8]>) -> Self {
        Digest(XxHash3_128::oneshot(bytes.as_ref()).to_be_bytes())
    }

    /// The raw bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Lower-case hexadecimal, 32 characters.
    pub fn hex(self) -> String {
        hex::encode(self.0)
    }

    /// The first 16 characters of [`hex`](Self::hex), for file names.
    pub fn short(self) -> String {
        self.hex()[..16].to_owned()
    }
}

/// Computes one digest of several parts, as [`Digest::xxh3`]; each part is preceded by its length, so that different
/// lists of parts never have the same input.
pub(crate) struct Digester(Vec<u8>);

impl Default for Digester {
    fn default() -> Self {
        Self::new()
    }
}

impl Digester {
    /// A digester without parts.
    pub(crate) fn new() -> Self {
        // Enough for most inputs.
        Digester(Vec::with_capacity(256))
    }

    /// Adds a part.
    pub(crate) fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Adds a digest as a part.
    pub(crate) fn digest(&mut self, digest: Digest) -> &mut Self {
        self.part(digest.0)
    }

    /// Adds the binary serialization of a value.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> &mut Self {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 8]);
        self.0 = postcard::to_extend(value, std::mem::take(&mut self.0))
            .expect("cards and options have a binary form");
        let length = (self.0.len() - start - 8) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_le_bytes());
        self
    }

    /// The digest of all parts so far.
    pub(crate) fn finish(&self) -> Digest {
        Digest::xxh3(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_survives_a_round_trip() {
        let digest = Digest::blake3("a");
        let bytes = postcard::to_stdvec(&digest).unwrap();
        assert_eq!((bytes.len(), postcard::from_bytes(&bytes)), (17, Ok(digest)));
        assert!(postcard::from_bytes::<Digest>(&bytes[..16]).is_err());
        assert!(postcard::from_bytes::<Digest>(&[1, 2]).is_err());
    }

    #[test]
    fn different_parts_have_different_digests() {
        let one = Digester::new().part("ab").part("c").finish();
        let other = Digester::new().part("a").part("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.hex().len(), 32);
    }
}
