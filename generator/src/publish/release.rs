//! What the bucket remembers of a publish: every file with its digest, its version and what it leads
//! to. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One publish.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Its name, which begins with its moment: `20261127T014056Z-1f3a`.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub made: i64,
    /// The release that `--rollback` returns to.
    pub before: Option<String>,
    /// The release that this one returned to, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_to: Option<String>,
    /// The digests of the forms' definitions, by name.
    pub forms: BTreeMap<String, String>,
    /// The site's files, ordered by path.
    pub files: Vec<File>,
    /// Digested files that no page of this release uses any more, by path.
    pub resting: BTreeMap<String, Retained>,
}

/// One file of a release.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Its path below the site.
    pub path: String,
    /// The digest of its content.
    pub digest: String,
    /// Its version in the bucket.
    pub version: String,
    /// The page it was made of, below `content/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The files of the same release that it leads to or loads, as positions in [`Release::files`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<u32>,
    /// Whether it is named by its digest; not said by earlier versions of `daisy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprinted: Option<bool>,
}

impl File {
    /// Whether it is named by its digest.
    pub fn is_fingerprinted(&self) -> bool {
        self.fingerprinted.unwrap_or_else(|| seems_fingerprinted(&self.path))
    }
}

/// A digested file that stays for a while.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retained {
    /// When a release first did without it, in seconds since 1970.
    pub since: i64,
    /// The digest of its content; unknown where a publish was broken off.
    pub digest: Option<String>,
    /// Its version in the bucket.
    pub version: String,
    /// Whether it is certain that it is named by its digest; not said by earlier versions of `daisy`.
    #[serde(default)]
    pub fingerprinted: bool,
}

impl Release {
    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// The paths that a file of this release leads to.
    pub fn links<'a>(&'a self, file: &'a File) -> impl Iterator<Item = &'a str> {
        let target = |at: &u32| self.files.get(*at as usize).map(|file| file.path.as_str());
        file.links.iter().filter_map(target)
    }

    /// Which of this release's files tell of a page that is withdrawn since, as positions.
    pub fn withdrawn(&self, now: &Present) -> Withdrawn {
        let mut withdrawn = Withdrawn::default();
        for (at, file) in self.files.iter().enumerate() {
            let gone = |source: &String| !now.sources.contains(source.as_str());
            if is_page(&file.path)
                && (!now.paths.contains(file.path.as_str()) || file.source.iter().any(gone))
            {
                withdrawn.pages.insert(at);
            }
        }
        let tells =
            |file: &File| file.links.iter().any(|link| withdrawn.pages.contains(&(*link as usize)));
        withdrawn.telling = (0..self.files.len())
            .filter(|at| withdrawn.pages.contains(at) || tells(&self.files[*at]))
            .collect();
        withdrawn
    }
}

/// What a site has: against this an older release is held.
#[derive(Debug, Default)]
pub struct Present<'a> {
    /// The paths of its files.
    pub paths: BTreeSet<&'a str>,
    /// The pages that they are made of.
    pub sources: BTreeSet<&'a str>,
}

impl<'a> Present<'a> {
    /// Of a release.
    pub fn of(release: &'a Release) -> Self {
        Present {
            paths: release.files.iter().map(|file| file.path.as_str()).collect(),
            sources: release.files.iter().filter_map(|file| file.source.as_deref()).collect(),
        }
    }
}

/// What of an older release must never be seen again.
#[derive(Debug, Default)]
pub struct Withdrawn {
    /// Pages that the site no longer has.
    pub pages: BTreeSet<usize>,
    /// Those, and every file that leads to one: it may show its title, its first words, its picture.
    pub telling: BTreeSet<usize>,
}

/// Whether a path is a page's.
pub fn is_page(path: &str) -> bool {
    path.ends_with(".html")
}

/// Whether a file of which nothing else is known is taken for one that is named by its digest:
/// `styles/main.0123456789abcdef.css`, `images/0123456789abcdef-480.webp`.
pub fn seems_fingerprinted(path: &str) -> bool {
    let style = path.strip_prefix("styles/main.").and_then(|name| name.strip_suffix(".css"));
    let picture = path.strip_prefix("images/").and_then(|name| {
        let (digest, rest) = name.split_once('-')?;
        let (width, ending) = rest.split_once('.')?;
        let is_picture = matches!(ending, "webp" | "jpg" | "png" | "svg" | "ico");
        let is_width = !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit());
        (is_picture && is_width).then_some(digest)
    });
    let digest = style.or(picture);
    digest.is_some_and(|part| part.len() == 16 && part.bytes().all(|it| it.is_ascii_hexdigit()))
}

/// The address of the file at a path.
pub fn address(path: &str) -> String {
    match path.strip_suffix("index.html") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => format!("/{folder}"),
        _ => format!("/{path}"),
    }
}
