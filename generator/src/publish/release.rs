//! The bucket's record of a publish: every file with its digest, its version and its links.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One publish.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Its id, which begins with its time: `20261127T014056Z-1f3a`.
    pub id: String,
    /// The time of the publish, in Unix seconds.
    pub made: i64,
    /// The release that `--rollback` restores.
    pub before: Option<String>,
    /// The release that this rollback restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_to: Option<String>,
    /// The digests of the forms' definitions, by name.
    pub forms: BTreeMap<String, String>,
    /// The site's files, ordered by path.
    pub files: Vec<File>,
    /// Fingerprinted files that no page of this release uses, by path.
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
    /// The source page, below `content/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The files of the same release that it links to or loads, as indices of [`Release::files`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<u32>,
    /// Whether its name contains its digest; missing in records of earlier versions of `daisy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprinted: Option<bool>,
}

impl File {
    /// Whether its name contains its digest.
    pub fn is_fingerprinted(&self) -> bool {
        self.fingerprinted.unwrap_or_else(|| seems_fingerprinted(&self.path))
    }
}

/// A fingerprinted file that is kept for some time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Retained {
    /// When a release first stopped using it, in Unix seconds.
    pub since: i64,
    /// The digest of its content; unknown after an interrupted publish.
    pub digest: Option<String>,
    /// Its version in the bucket.
    pub version: String,
    /// Whether it is known to be fingerprinted; missing in records of earlier versions of `daisy`.
    #[serde(default)]
    pub fingerprinted: bool,
}

impl Release {
    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&File> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.files[at])
    }

    /// The paths that a file of this release links to.
    pub fn links<'a>(&'a self, file: &'a File) -> impl Iterator<Item = &'a str> {
        let target = |at: &u32| self.files.get(*at as usize).map(|file| file.path.as_str());
        file.links.iter().filter_map(target)
    }

    /// The files of this release that mention a page withdrawn since, as indices.
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

/// The current site, with which an older release is compared.
#[derive(Debug, Default)]
pub struct Present<'a> {
    /// The paths of its files.
    pub paths: BTreeSet<&'a str>,
    /// Its source pages.
    pub sources: BTreeSet<&'a str>,
}

impl<'a> Present<'a> {
    /// The paths and sources of a release.
    pub fn of(release: &'a Release) -> Self {
        Present {
            paths: release.files.iter().map(|file| file.path.as_str()).collect(),
            sources: release.files.iter().filter_map(|file| file.source.as_deref()).collect(),
        }
    }
}

/// The files of an older release that must never be visible again.
#[derive(Debug, Default)]
pub struct Withdrawn {
    /// Pages that the site no longer has.
    pub pages: BTreeSet<usize>,
    /// Those, and every file that links to one: it may show its title, its opening text or its image.
    pub telling: BTreeSet<usize>,
}

/// Whether a path is a page's.
pub fn is_page(path: &str) -> bool {
    path.ends_with(".html")
}

/// Whether a path looks fingerprinted, if nothing else is known of it:
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
