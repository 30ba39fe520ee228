//! Names content by what it is: bytes in, 128 bits out. Pure.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// The first 128 bits of BLAKE3: enough that two contents of one site never share a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 16]);

/// As one run of bytes: a cache holds a hundred thousand of them.
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
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self::cut(blake3::hash(bytes.as_ref()))
    }

    /// The bits themselves.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Lower-case hexadecimal, 32 characters.
    pub fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The first 16 characters of [`hex`](Self::hex): what the name of a file carries.
    pub fn short(self) -> String {
        self.hex()[..16].to_owned()
    }

    fn cut(hash: blake3::Hash) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.as_bytes()[..16]);
        Digest(bytes)
    }
}

/// Makes one digest of several parts; each part is preceded by its length, so that no two lists of
/// parts run together.
#[derive(Default)]
pub struct Digester(blake3::Hasher);

impl Digester {
    /// A digester that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one part.
    pub fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Takes in a digest as a part.
    pub fn digest(&mut self, digest: Digest) -> &mut Self {
        self.part(digest.0)
    }

    /// Takes in a value by its binary form.
    pub fn value(&mut self, value: &impl Serialize) -> &mut Self {
        let bytes = postcard::to_stdvec(value).expect("cards and options have a binary form");
        self.part(bytes)
    }

    /// The digest of all parts so far.
    pub fn finish(&self) -> Digest {
        Digest::cut(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_as_it_was_written() {
        let digest = Digest::of("a");
        let bytes = postcard::to_stdvec(&digest).unwrap();
        assert_eq!((bytes.len(), postcard::from_bytes(&bytes)), (17, Ok(digest)));
        assert!(postcard::from_bytes::<Digest>(&bytes[..16]).is_err());
        assert!(postcard::from_bytes::<Digest>(&[1, 2]).is_err());
    }

    #[test]
    fn parts_never_run_together() {
        let one = Digester::new().part("ab").part("c").finish();
        let other = Digester::new().part("a").part("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.hex().len(), 32);
    }
}
