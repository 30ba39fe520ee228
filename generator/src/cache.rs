//! Stores what the next build needs: stamps, page metadata, and the dependencies of each output.
//! Reads and writes one file under `.daisy/`.
//!
//! The file has three parts: stamps (read at every build), page metadata and dependencies (read
//! only if something changed). A part is a list of chunks, each with its digest, so that chunks can
//! be read and written in parallel. A file that is damaged or was written by another build of
//! `daisy` is discarded.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod dependencies;

use std::fs;
use std::io::{self, Read as _, Seek, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use daisychain_functions::failpoint;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::attachment;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::images;
use crate::parse::PageMeta;
use crate::query::Dependencies;
use crate::site::Options;
use crate::source::git::History;
use crate::source::{File, Stamp};

use dependencies::open_dependencies;
pub(crate) use dependencies::seal_dependencies;

/// The first bytes of the file: its format and the build of `daisy` that wrote it.
const HEADER: &str =
    concat!("daisychain cache ", env!("CARGO_PKG_VERSION"), " ", env!("DAISY_BUILD"), "\n");

/// A source or output as it was at the last build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its path: from the root for a source, from the output folder for an output.
    pub path: String,
    /// Its stamp.
    pub stamp: Stamp,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// The part that every build reads.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stamps {
    /// A moment just before the sources' stamps were taken, in nanoseconds since 1970.
    pub sources_taken: u64,
    /// A moment just before the outputs' stamps were taken, in nanoseconds since 1970.
    pub outputs_taken: u64,
    /// The time the build was for, in seconds since 1970.
    pub now: i64,
    /// The options of the build.
    pub options: Options,
    /// The next moment at which a page is published or expires, in seconds since 1970.
    pub next_moment: Option<i64>,
    /// The number of drafts, unless they were built.
    pub drafts: usize,
    /// The sources, ordered by path.
    #[serde(skip)]
    pub sources: Arc<Vec<Record>>,
    /// The folders of the sources, ordered by path.
    pub source_folders: Vec<File>,
    /// The outputs, ordered by path.
    #[serde(skip)]
    pub outputs: Vec<Record>,
    /// The folders of the outputs that contain nothing else, ordered by path.
    #[serde(skip)]
    pub output_folders: Vec<File>,
    /// The number of warnings of the build.
    pub warnings: u32,
    /// The warnings that are not part of a page's metadata.
    pub more_warnings: Vec<Diagnostic>,
    /// The next moment at which one of the warnings no longer applies, in seconds since 1970.
    pub doubtful_until: Option<i64>,
    /// What is known of images.
    pub images: images::KnownImages,
    /// What is known of other files.
    pub attachments: attachment::KnownAttachments,
    /// The last commit times of files, if the site uses them.
    pub history: Option<History>,
}

/// The metadata of a page with the digests it depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CachedPage {
    /// The digest of the text.
    pub source: Digest,
    /// The digest of the options it was parsed with.
    pub rules: Digest,
    /// The parsed metadata.
    pub meta: Arc<PageMeta>,
}

/// The metadata of pages, ordered by path below `content/`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CachedPages(Vec<CachedPage>);

impl CachedPages {
    /// No pages.
    pub const NONE: CachedPages = CachedPages(Vec::new());

    /// Creates the list from `known`, which is ordered by path.
    pub fn new(known: Vec<CachedPage>) -> Self {
        CachedPages(known)
    }

    /// Returns the metadata of the page at `path` below `content/`.
    pub fn get(&self, path: &str) -> Option<&CachedPage> {
        let at = self.0.binary_search_by(|known| known.meta.path.as_str().cmp(path)).ok()?;
        Some(&self.0[at])
    }

    /// Iterates in parallel, ordered by path.
    pub fn par_iter(&self) -> impl IndexedParallelIterator<Item = &CachedPage> {
        self.0.par_iter()
    }

    /// Iterates ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &CachedPage> {
        self.0.iter()
    }
}

/// A cache file whose stamps are loaded; the other parts are read on demand.
pub(crate) struct Cache {
    /// The part that every build reads.
    pub stamps: Stamps,
    file: fs::File,
    parts: Parts,
}

/// The locations of the chunks of each part in the file.
struct Parts {
    stamps: Vec<Range<u64>>,
    metadata: Vec<Range<u64>>,
    dependencies: Vec<Range<u64>>,
    /// The end of the last part.
    end: u64,
}

impl Cache {
    /// Reads the page metadata; empty if that part is damaged.
    pub(crate) fn metadata(&self) -> CachedPages {
        let chunk = |chunk| open(&range(&self.file, chunk).ok()?);
        let chunks = self.parts.metadata.par_iter().map(chunk);
        let metadata = chunks.collect::<Option<Vec<Vec<CachedPage>>>>();
        CachedPages(metadata.unwrap_or_default().into_iter().flatten().collect())
    }

    /// Reads the dependencies of each output, in the order of [`Stamps::outputs`]; `None` if that
    /// part is damaged.
    pub(crate) fn dependencies(&self) -> Option<Vec<Dependencies>> {
        let chunks = bytes(&self.file, &self.parts.dependencies).ok()?;
        open_dependencies(&chunks, self.stamps.outputs.len())
    }
}

/// Returns the path of the cache of builds into `out`.
pub(crate) fn path(root: &Path, out: &Path) -> PathBuf {
    if out == root.join("dist") {
        return root.join(".daisy/cache");
    }
    let name = Digest::blake3(out.as_os_str().as_encoded_bytes()).short();
    root.join(format!(".daisy/cache-{name}"))
}

/// The result of reading a cache.
pub(crate) enum Read {
    /// The cache can be used.
    Cache(Box<Cache>),
    /// There is no cache.
    Absent,
    /// There is a cache that cannot be used; the reason, for the user.
    Dropped(&'static str),
}

/// Reads the cache at `path`.
pub(crate) fn read(path: &Path) -> Read {
    match fs::File::open(path).and_then(header) {
        Ok(Some((file, table))) => match cache(file, &table) {
            Some(cache) => Read::Cache(Box::new(cache)),
            None => Read::Dropped("the cache is damaged"),
        },
        Ok(None) => Read::Dropped("the cache is from another version of daisy"),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound => Read::Absent,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Read::Dropped("the cache is damaged")
            }
            _ => Read::Dropped("the cache could not be read"),
        },
    }
}

/// The lengths of the chunks of each part, in file order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Table {
    stamps: Vec<u64>,
    metadata: Vec<u64>,
    dependencies: Vec<u64>,
}

impl Table {
    /// Returns the locations of the chunks if the first one begins at `at`.
    fn parts(&self, mut at: u64) -> Option<Parts> {
        let mut ranges = |lengths: &[u64]| -> Option<Vec<Range<u64>>> {
            let range = |length: &u64| {
                let start = at;
                at = at.checked_add(*length)?;
                Some(start..at)
            };
            lengths.iter().map(range).collect()
        };
        let (stamps, metadata) = (ranges(&self.stamps)?, ranges(&self.metadata)?);
        let dependencies = ranges(&self.dependencies)?;
        Some(Parts { stamps, metadata, dependencies, end: at })
    }
}

/// Longer than any table, so that a damaged length cannot exhaust memory.
const MAX_TABLE_BYTES: u64 = 1024 * 1024 * 16;

/// Reads what precedes the parts; `None` if another build of `daisy` wrote it.
fn header(mut file: fs::File) -> io::Result<Option<(fs::File, Table)>> {
    let mut start = [0; HEADER.len()];
    file.read_exact(&mut start)?;
    if start != HEADER.as_bytes() {
        return Ok(None);
    }
    let mut length = [0; 8];
    file.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > MAX_TABLE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut table = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut table)?;
    let table: Table = open(&table).ok_or(io::ErrorKind::InvalidData)?;
    Ok(Some((file, table)))
}

/// Reads the stamps, which follow the table.
fn cache(mut file: fs::File, table: &Table) -> Option<Cache> {
    let parts = table.parts(file.stream_position().ok()?)?;
    if file.metadata().ok()?.len() < parts.end {
        return None;
    }
    let chunks = bytes(&file, &parts.stamps).ok()?;
    let [facts, sources, outputs] = &chunks[..] else { return None };
    let (sources, outputs) = rayon::join(|| open(sources), || open(outputs));
    let (sources, (outputs, output_folders)) = (Arc::new(sources?), outputs?);
    let stamps = Stamps { sources, outputs, output_folders, ..open(facts)? };
    Some(Cache { stamps, file, parts })
}

/// Reads the bytes of chunks.
fn bytes(file: &fs::File, chunks: &[Range<u64>]) -> io::Result<Vec<Vec<u8>>> {
    chunks.iter().map(|chunk| range(file, chunk)).collect()
}

/// Reads the bytes of a range; several threads may read from one file.
fn range(file: &fs::File, range: &Range<u64>) -> io::Result<Vec<u8>> {
    let length = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; length];
    read_at(file, &mut bytes, range.start)?;
    Ok(bytes)
}

#[cfg(unix)]
fn read_at(file: &fs::File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &fs::File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => (bytes, at) = (&mut bytes[count..], at + count as u64),
        }
    }
    Ok(())
}

/// The number of pages whose metadata shares a chunk.
const PAGES_PER_CHUNK: usize = 256;

/// Serializes a value, preceded by its digest.
fn seal(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_extend(value, vec![0; 16]).map_err(io::Error::other)?;
    let mut bytes: Vec<u8> = bytes;
    let digest = Digest::xxh3(&bytes[16..]);
    bytes[..16].copy_from_slice(digest.bytes());
    Ok(bytes)
}

/// Deserializes the value in a chunk; `None` if it is damaged.
fn open<T: DeserializeOwned>(chunk: &[u8]) -> Option<T> {
    let (digest, body) = chunk.split_at_checked(16)?;
    if Digest::xxh3(body).bytes() != digest {
        return None;
    }
    postcard::from_bytes(body).ok()
}

/// A serialized part of the cache, in chunks that are read and written in parallel.
pub(crate) type SealedPart = Vec<Vec<u8>>;

/// The serialized parts that [`write()`] writes after the stamps. They are made before the stamps
/// are taken, since that takes time.
pub(crate) struct Sealed {
    /// The result of [`seal_pages`].
    pub metadata: SealedPart,
    /// The result of [`seal_dependencies`].
    pub dependencies: SealedPart,
}

/// Serializes the page metadata.
///
/// # Errors
/// Serialization failed.
pub(crate) fn seal_pages(metadata: &CachedPages) -> io::Result<SealedPart> {
    metadata.0.par_chunks(PAGES_PER_CHUNK).map(|chunk| seal(&chunk)).collect()
}

/// Writes the cache at `path` atomically.
///
/// # Errors
/// An I/O error.
pub(crate) fn write(path: &Path, stamps: &Stamps, sealed: &Sealed) -> io::Result<()> {
    let outputs = (&stamps.outputs, &stamps.output_folders);
    let (sources, outputs) = rayon::join(|| seal(&*stamps.sources), || seal(&outputs));
    let stamps = [seal(stamps)?, sources?, outputs?];
    let lengths = |chunks: &[Vec<u8>]| chunks.iter().map(|chunk| chunk.len() as u64).collect();
    let table = Table {
        stamps: lengths(&stamps),
        metadata: lengths(&sealed.metadata),
        dependencies: lengths(&sealed.dependencies),
    };
    let table = seal(&table)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    failpoint::pass("build: write the cache");
    let fresh = path.with_extension("new");
    let mut file = io::BufWriter::with_capacity(256 * 1024, fs::File::create(&fresh)?);
    file.write_all(HEADER.as_bytes())?;
    file.write_all(&(table.len() as u64).to_le_bytes())?;
    file.write_all(&table)?;
    let parts = [&stamps[..], &sealed.metadata, &sealed.dependencies];
    for chunk in parts.into_iter().flatten() {
        file.write_all(chunk)?;
    }
    failpoint::pass("build: finish the cache");
    file.into_inner().map_err(io::IntoInnerError::into_error)?;
    failpoint::pass("build: replace the cache");
    fs::rename(fresh, path)?;
    failpoint::pass("build: done");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Dependency, LocalizedQuery};

    fn written(folder: &Path) -> PathBuf {
        let path = folder.join("cache");
        let record =
            Record { path: "a".into(), stamp: Stamp::default(), digest: Digest::blake3("a") };
        let stamps = Stamps { now: 7, outputs: vec![record], ..Stamps::default() };
        let query = crate::query::Query::Config("title".into());
        let question = LocalizedQuery { query, language: Default::default() };
        let dependency = || Arc::new(Dependency::new(question.clone(), Digest::blake3("x")));
        // Two of one query are stored once.
        let queries = vec![dependency(), dependency()];
        let output = Dependencies { page: Digest::blake3("y"), queries, ..Dependencies::default() };
        let metadata = seal_pages(&CachedPages::default()).unwrap();
        let dependencies = seal_dependencies(std::iter::once(&output)).unwrap();
        write(&path, &stamps, &Sealed { metadata, dependencies }).unwrap();
        path
    }

    #[test]
    fn a_cache_round_trips() {
        let folder = tempfile::tempdir().unwrap();
        let Read::Cache(cache) = read(&written(folder.path())) else { panic!("not read") };
        assert_eq!(cache.stamps.now, 7);
        let dependencies = cache.dependencies().unwrap();
        let [output] = &dependencies[..] else { panic!("one output") };
        assert_eq!((output.page, output.theme), (Digest::blake3("y"), Digest::default()));
        let [one, other] = &output.queries[..] else { panic!("two queries") };
        assert!(Arc::ptr_eq(one, other) && one.digest == Digest::blake3("x"));
    }

    #[test]
    fn a_damaged_cache_is_discarded() {
        let folder = tempfile::tempdir().unwrap();
        let path = written(folder.path());
        let whole = fs::read(&path).unwrap();
        let Read::Cache(right) = read(&path) else { panic!("not read") };
        let known = right.dependencies().map(|known| format!("{known:?}"));
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            if let Read::Cache(cache) = read(&path) {
                assert_eq!(cache.stamps, right.stamps, "byte {at}");
                let read = cache.dependencies().map(|read| format!("{read:?}"));
                assert!(read.is_none() || read == known, "byte {at}");
            }
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(!matches!(read(&path), Read::Cache(_)), "cut at {length}");
        }
    }
}
