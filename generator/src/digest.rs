//! Names content by what it is: bytes in, 128 bits out. Pure.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use twox_hash::XxHash3_128;

/// XXH3's 128 bits: enough that two contents of one site never share a name by chance. It keeps nobody
/// out, and need not: whoever may write the sources may write the site.
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

/// Many digests as one run of bytes, for `#[serde(with = "crate::digest::run")]`: a site keeps one of each page.
pub(crate) mod run {
    use super::{Deserializer, Digest, Error, Serializer, Visitor};

    pub(crate) fn serialize<S: Serializer>(digests: &[Digest], to: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = digests.iter().flat_map(|digest| digest.0).collect();
        to.serialize_bytes(&bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Digest>, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Vec<Digest>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("16 bytes for each digest")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<Digest>, E> {
                let (digests, rest) = bytes.as_chunks::<16>();
                if !rest.is_empty() {
                    return Err(E::invalid_length(bytes.len(), &self));
                }
                Ok(digests.iter().copied().map(Digest).collect())
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Digest(XxHash3_128::oneshot(bytes.as_ref()).to_be_bytes())
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
}

/// Makes one digest of several parts; each part is preceded by its length, so that no two lists of
/// parts run together.
pub struct Digester(Vec<u8>);

impl Default for Digester {
    fn default() -> Self {
        Self::new()
    }
}

impl Digester {
    /// A digester that has seen nothing.
    pub fn new() -> Self {
        // As much as most of what is digested has in all.
        Digester(Vec::with_capacity(256))
    }

    /// Takes in one part.
    pub fn part(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// Takes in a digest as a part.
    pub fn digest(&mut self, digest: Digest) -> &mut Self {
        self.part(digest.0)
    }

    /// Takes in a value by its binary form.
    pub fn value(&mut self, value: &impl Serialize) -> &mut Self {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 8]);
        self.0 = postcard::to_extend(value, std::mem::take(&mut self.0))
            .expect("cards and options have a binary form");
        let length = (self.0.len() - start - 8) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_le_bytes());
        self
    }

    /// The digest of all parts so far.
    pub fn finish(&self) -> Digest {
        Digest::of(&self.0)
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
    fn many_digests_are_read_as_they_were_written() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Many(#[serde(with = "run")] Vec<Digest>);

        let many = Many(vec![Digest::of("a"), Digest::of("b")]);
        let bytes = postcard::to_stdvec(&many).unwrap();
        assert_eq!((bytes.len(), postcard::from_bytes(&bytes)), (33, Ok(many)));
        let mut short = bytes[..32].to_vec();
        short[0] = 31;
        assert!(postcard::from_bytes::<Many>(&short).is_err());
    }

    #[test]
    fn parts_never_run_together() {
        let one = Digester::new().part("ab").part("c").finish();
        let other = Digester::new().part("a").part("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.hex().len(), 32);
    }
}
