//! What the last build knew: stamps, cards, and of what each output was made. Reads and writes one
//! file under `.daisy/`.
//!
//! The file has three parts, each with its digest: stamps (read at every build), cards and traces
//! (read only where something changed). Damaged, or written by another build of `daisy`, it is
//! dropped, never trusted.

#![allow(clippy::disallowed_methods, reason = "this room stands at the edge: it touches the disk")]

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::derive::image;
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::load::Stamp;
use crate::parse::Card;
use crate::query::Question;
use crate::site::Options;

/// The file's first bytes: what it is, and which build of `daisy` wrote it.
const HEADER: &str =
    concat!("daisychain cache ", env!("CARGO_PKG_VERSION"), " ", env!("DAISY_BUILD"), "\n");

/// A source file or an output as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its path: from the root for a source, from `dist/` for an output.
    pub path: String,
    /// Its stamp.
    pub stamp: Stamp,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// The part that every build reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stamps {
    /// When the sources were about to be stamped, in nanoseconds since 1970.
    pub sources_taken: u64,
    /// When the outputs were about to be stamped, in nanoseconds since 1970.
    pub outputs_taken: u64,
    /// The moment that the build was for, in seconds since 1970.
    pub now: i64,
    /// What was asked of the build.
    pub options: Options,
    /// The next moment at which a page appears or goes, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// The sources, ordered by path.
    pub sources: Vec<Record>,
    /// The outputs, ordered by path.
    pub outputs: Vec<Record>,
    /// How many warnings the build gave.
    pub warnings: u32,
    /// Those of them that no card holds.
    pub more_warnings: Vec<Diagnostic>,
    /// What pictures were found to be.
    pub images: image::Known,
}

/// A card with what it depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownCard {
    /// The digest of the text.
    pub source: Digest,
    /// The digest of the rules it was parsed by.
    pub rules: Digest,
    /// What parsing gave.
    pub card: Arc<Card>,
}

/// Every card by path below `content/`.
pub type Cards = HashMap<String, KnownCard>;

/// Of what every output was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Every distinct question of the build with the digest of its answer.
    pub queries: Vec<(Question, Digest)>,
    /// One for each output, in the order of [`Stamps::outputs`].
    pub outputs: Vec<Trace>,
}

/// Of what one output was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The digest of what it shows of itself: of its page, or of its bytes.
    pub view: Digest,
    /// The digest of the theme; zero where none was used.
    pub theme: Digest,
    /// The queries it made, as positions in [`Traces::queries`], ascending.
    pub asked: Vec<u32>,
}

/// A cache file as it was read: the stamps, and the other parts still to be decoded.
pub struct Cache {
    /// The part that every build reads.
    pub stamps: Stamps,
    bytes: Vec<u8>,
    cards: std::ops::Range<usize>,
    traces: std::ops::Range<usize>,
}

impl Cache {
    /// The cards; none where that part is damaged.
    pub fn cards(&self) -> Cards {
        part(&self.bytes, self.cards.clone()).unwrap_or_default()
    }

    /// The traces; none where that part is damaged.
    pub fn traces(&self) -> Traces {
        let traces: Traces = part(&self.bytes, self.traces.clone()).unwrap_or_default();
        if traces.outputs.len() == self.stamps.outputs.len() { traces } else { Traces::default() }
    }
}

/// Where the cache of builds into `out` lies.
pub fn path(root: &Path, out: &Path) -> PathBuf {
    if out == root.join("dist") {
        return root.join(".daisy/cache");
    }
    let name = Digest::of(out.as_os_str().as_encoded_bytes()).short();
    root.join(format!(".daisy/cache-{name}"))
}

/// What came of reading a cache.
pub enum Read {
    /// It can be used.
    Cache(Box<Cache>),
    /// There is none.
    Absent,
    /// There is one that cannot be used: why, for a person.
    Dropped(&'static str),
}

/// Reads the cache at `path`.
pub fn read(path: &Path) -> Read {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Read::Absent,
        Err(_) => return Read::Dropped("the cache could not be read"),
    };
    if !bytes.starts_with(HEADER.as_bytes()) {
        return Read::Dropped("the cache is of another version of daisy");
    }
    let cache = || {
        let mut at = HEADER.len();
        let mut ranges = Vec::with_capacity(3);
        for _ in 0..3 {
            let length = bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)?;
            let start = at + 8;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            bytes.get(start..end)?;
            ranges.push(start..end);
            at = end;
        }
        let [stamps, cards, traces] = ranges.try_into().ok()?;
        let stamps = part(&bytes, stamps)?;
        Some((stamps, cards, traces))
    };
    match cache() {
        Some((stamps, cards, traces)) => {
            Read::Cache(Box::new(Cache { stamps, bytes, cards, traces }))
        }
        None => Read::Dropped("the cache is damaged"),
    }
}

/// A part is its digest and then its bytes.
fn part<T: DeserializeOwned>(bytes: &[u8], range: std::ops::Range<usize>) -> Option<T> {
    let (digest, body) = bytes.get(range)?.split_at_checked(16)?;
    if Digester::new().part(body).finish() != postcard::from_bytes::<Digest>(digest).ok()? {
        return None;
    }
    postcard::from_bytes(body).ok()
}

/// Writes the cache at `path`, entirely or not at all.
///
/// # Errors
/// The disk's.
pub fn write(path: &Path, stamps: &Stamps, cards: &Cards, traces: &Traces) -> io::Result<()> {
    let mut bytes = HEADER.as_bytes().to_vec();
    append(&mut bytes, stamps)?;
    append(&mut bytes, cards)?;
    append(&mut bytes, traces)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    fs::write(&fresh, bytes)?;
    fs::rename(fresh, path)
}

fn append(bytes: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    let body = postcard::to_stdvec(value).map_err(io::Error::other)?;
    let digest = postcard::to_stdvec(&Digester::new().part(&body).finish());
    bytes.extend_from_slice(&(16 + body.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&digest.map_err(io::Error::other)?);
    bytes.extend_from_slice(&body);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("cache");
        let record = Record { path: "a".into(), stamp: Stamp::default(), digest: Digest::of("a") };
        let stamps = Stamps { now: 7, outputs: vec![record], ..Stamps::default() };
        let query = crate::query::Query::Config("title".into());
        let question = Question { query, language: Default::default() };
        let traces = Traces {
            queries: vec![(question, Digest::of("x"))],
            outputs: vec![Trace { asked: vec![0], ..Trace::default() }],
        };
        write(&path, &stamps, &Cards::new(), &traces).unwrap();
        path
    }

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let Read::Cache(cache) = read(&written(folder.path())) else { panic!("not read") };
        assert_eq!(cache.stamps.now, 7);
        assert_eq!(cache.traces().outputs[0].asked, [0]);
    }

    #[test]
    fn a_cache_damaged_anywhere_is_never_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = fs::read(&path).unwrap();
        let Read::Cache(right) = read(&path) else { panic!("not read") };
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            if let Read::Cache(cache) = read(&path) {
                assert_eq!(cache.stamps, right.stamps, "byte {at}");
                let traces = cache.traces();
                assert!(traces == right.traces() || traces == Traces::default(), "byte {at}");
            }
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(!matches!(read(&path), Read::Cache(_)), "cut at {length}");
        }
    }
}
