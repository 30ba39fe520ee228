//! Computes the steps of a publish from the files of the site, the versions in the bucket and its
//! records of releases.
//!
//! The bucket keeps former versions of each file. After a publish it holds no version of a withdrawn
//! page, of a page that links to one, or that no release can restore.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::RESTS;
use super::release::{
    File, Present, Release, Retained, Withdrawn, address, is_page, seems_fingerprinted,
};
use crate::install::publish_order;

/// One file of the site to publish.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// Its path below the site.
    pub path: String,
    /// The digest of its content.
    pub digest: String,
    /// The source page, below `content/`.
    pub source: Option<String>,
    /// The paths of the site that it links to or loads.
    pub links: Vec<String>,
    /// Whether its name contains its digest.
    pub is_fingerprinted: bool,
    /// Where its content is.
    pub from: From,
}

/// Where the content of a file is.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// In the output folder.
    Disk,
    /// In the bucket, as a former version of the same file.
    Version(String),
}

/// One version of a file in the bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The file's path below the site.
    pub path: String,
    /// The version's id.
    pub id: String,
    /// Whether it is the current version.
    pub latest: bool,
    /// Whether it is a delete marker.
    pub marker: bool,
}

/// The inputs of a plan.
pub struct Known<'a> {
    /// Every version of every file that the bucket holds.
    pub versions: &'a [Version],
    /// The releases that can be restored: the current one, the one before, and so on.
    pub releases: &'a [Release],
    /// The current time, in Unix seconds.
    pub now: i64,
    /// Whether to leave no former versions, so that no release can be restored.
    pub forget: bool,
    /// The release to restore, in a rollback.
    pub returns_to: Option<&'a Release>,
}

/// The steps of a publish, in this order.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files to upload by stage, so that targets exist before links to them: assets; new pages; changed
    /// pages; feeds and lists.
    pub stages: [Vec<Wanted>; 4],
    /// Paths to remove.
    pub removed: Vec<String>,
    /// Former versions to delete.
    pub purged: Vec<Version>,
    /// Paths, besides the removed ones, of which CloudFront may cache an old version.
    pub invalidated: Vec<String>,
    /// The record of the release; versions of uploaded files are still to be filled in.
    pub release: Release,
    /// The summary for the terminal.
    pub account: Account,
}

/// A summary of the changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Addresses of new pages.
    pub new: Vec<String>,
    /// Addresses of changed pages.
    pub changed: Vec<String>,
    /// Addresses of removed pages.
    pub gone: Vec<String>,
    /// The number of unchanged pages.
    pub stay: usize,
    /// The number of other uploaded files.
    pub files: usize,
    /// The number of other removed files.
    pub files_gone: usize,
    /// The number of other unchanged files.
    pub files_stay: usize,
}

impl Plan {
    /// Whether the bucket is already up to date.
    pub fn is_nothing(&self) -> bool {
        self.stages.iter().all(Vec::is_empty) && self.removed.is_empty() && self.purged.is_empty()
    }
}

/// The state of a path in the bucket compared with the file to publish.
#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Changes,
    Stays,
}

/// Plans a publish of `wanted` with this `id`; `forms` are the digests of the forms.
pub fn plan(
    mut wanted: Vec<Wanted>,
    forms: BTreeMap<String, String>,
    known: &Known,
    id: &str,
) -> Plan {
    wanted.sort_by(|one, other| one.path.cmp(&other.path));
    let latest: BTreeMap<&str, &Version> = known
        .versions
        .iter()
        .filter(|version| version.latest && !version.marker)
        .map(|version| (version.path.as_str(), version))
        .collect();
    let digests = digests(known.releases);
    let present = Present {
        paths: wanted.iter().map(|file| file.path.as_str()).collect(),
        sources: wanted.iter().filter_map(|file| file.source.as_deref()).collect(),
    };
    let past: Vec<Withdrawn> =
        known.releases.iter().map(|release| release.withdrawn(&present)).collect();
    let mut leaving = leaving(known.releases, &past);
    if known.forget {
        leaving.extend(latest.keys().filter(|path| path.starts_with("images/")));
    }
    let resting = resting(&latest, &present, known, &leaving);
    let removed: Vec<String> = latest
        .keys()
        .filter(|path| !present.paths.contains(*path) && !resting.contains_key(**path))
        .map(|path| (*path).to_owned())
        .collect();

    let mut plan = Plan { removed, ..Plan::default() };
    plan.release = release(&wanted, forms, known, id);
    for (file, planned) in wanted.iter().zip(&mut plan.release.files) {
        let held = latest.get(file.path.as_str());
        let state = match held {
            None => State::New,
            Some(version) => {
                let digest = digests.get(&(file.path.as_str(), version.id.as_str()));
                let same = digest.is_some_and(|digest| *digest == file.digest);
                if same { State::Stays } else { State::Changes }
            }
        };
        plan.account.note(&file.path, state);
        match (state, held) {
            (State::Stays, Some(version)) => planned.version.clone_from(&version.id),
            _ => plan.stages[publish_order(&file.path, held.is_some())].push(file.clone()),
        }
    }
    plan.account.note_removed(&plan.removed);
    let brought = plan.stages.iter().flatten().map(|file| file.path.as_str()).collect();
    let stays = |path: &str| present.paths.contains(path) || resting.contains_key(path);
    plan.purged = purged(known, &stays, &brought, kept(known, &past, &plan.release));
    plan.invalidated = invalidated(&plan, &latest, &stays, known.releases);
    plan.release.resting = resting;
    plan
}

/// The digests of versions in the bucket, by path and version, as far as releases record them.
fn digests(releases: &[Release]) -> HashMap<(&str, &str), &str> {
    let files = releases.iter().flat_map(|release| &release.files);
    let files =
        files.map(|file| ((file.path.as_str(), file.version.as_str()), file.digest.as_str()));
    let resting = releases.iter().flat_map(|release| &release.resting);
    let resting = resting.filter_map(|(path, each)| {
        Some(((path.as_str(), each.version.as_str()), each.digest.as_deref()?))
    });
    files.chain(resting).collect()
}

/// The record of this publish.
fn release(wanted: &[Wanted], forms: BTreeMap<String, String>, known: &Known, id: &str) -> Release {
    let position = |path: &String| {
        let at = wanted.binary_search_by(|file| file.path.cmp(path)).ok()?;
        u32::try_from(at).ok()
    };
    let files: Vec<File> = wanted
        .iter()
        .map(|file| {
            let mut links: Vec<u32> = file.links.iter().filter_map(position).collect();
            links.sort_unstable();
            links.dedup();
            File {
                path: file.path.clone(),
                digest: file.digest.clone(),
                version: String::new(),
                source: file.source.clone(),
                links,
                fingerprinted: Some(file.is_fingerprinted),
            }
        })
        .collect();
    let current = known.releases.first();
    let same =
        |file: &File, other: &File| (&file.path, &file.digest) == (&other.path, &other.digest);
    // A run that only repairs an interrupted one is not a release to roll back from.
    let before = match current {
        _ if known.forget => None,
        _ if known.returns_to.is_some() => known.returns_to.and_then(|it| it.before.clone()),
        Some(current)
            if current.files.len() == files.len()
                && files.iter().zip(&current.files).all(|(file, other)| same(file, other)) =>
        {
            current.before.clone()
        }
        current => current.map(|current| current.id.clone()),
    };
    let returned_to = known.returns_to.map(|release| release.id.clone());
    let (id, made) = (id.to_owned(), known.now);
    Release { id, made, before, returned_to, forms, files, ..Release::default() }
}

/// Images that only withdrawn pages and pages that link to them have shown: they are removed too.
fn leaving<'a>(releases: &'a [Release], past: &[Withdrawn]) -> BTreeSet<&'a str> {
    let (mut theirs, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (release, withdrawn) in releases.iter().zip(past) {
        for (at, file) in release.files.iter().enumerate() {
            let pictures = release.links(file).filter(|path| path.starts_with("images/"));
            if withdrawn.pages.contains(&at) {
                theirs.extend(pictures);
            } else if !withdrawn.telling.contains(&at) {
                others.extend(pictures);
            }
        }
    }
    theirs.retain(|path| !others.contains(path));
    theirs
}

/// Whether the newest release with a file records it as fingerprinted.
fn was_fingerprinted(path: &str, releases: &[Release]) -> bool {
    let said = releases.iter().find_map(|release| {
        let resting = release.resting.get(path).filter(|resting| resting.fingerprinted);
        resting.map(|_| true).or_else(|| release.file(path).map(File::is_fingerprinted))
    });
    said.unwrap_or_else(|| seems_fingerprinted(path))
}

/// Fingerprinted files that no page uses and that are kept for now.
fn resting(
    latest: &BTreeMap<&str, &Version>,
    present: &Present,
    known: &Known,
    leaving: &BTreeSet<&str>,
) -> BTreeMap<String, Retained> {
    let current = known.releases.first();
    let unused = latest.iter().filter(|(path, _)| {
        was_fingerprinted(path, known.releases)
            && !present.paths.contains(*path)
            && !leaving.contains(*path)
    });
    let rest = unused.map(|(path, version)| {
        let before = current.and_then(|release| release.resting.get(*path));
        let used = current.and_then(|release| release.file(path));
        let digest = match (before, used) {
            (Some(before), _) if before.version == version.id => before.digest.clone(),
            (_, Some(used)) if used.version == version.id => Some(used.digest.clone()),
            _ => None,
        };
        let since = before.map_or(known.now, |before| before.since);
        (
            (*path).to_owned(),
            Retained { since, digest, version: version.id.clone(), fingerprinted: true },
        )
    });
    rest.filter(|(_, resting)| known.now - resting.since < RESTS).collect()
}

/// The versions that can be restored after this release, by path: those of the one before it and of
/// earlier ones, except what mentions a withdrawn page.
fn kept<'a>(
    known: &'a Known,
    past: &[Withdrawn],
    release: &Release,
) -> BTreeSet<(&'a str, &'a str)> {
    let mut kept = BTreeSet::new();
    let before = release.before.as_ref();
    let remembered = known.releases.iter().zip(past);
    for (release, withdrawn) in remembered.skip_while(|(each, _)| Some(&each.id) != before) {
        let files = release.files.iter().enumerate();
        let files = files.filter(|(at, _)| !withdrawn.telling.contains(at));
        kept.extend(files.map(|(_, file)| (file.path.as_str(), file.version.as_str())));
    }
    kept
}

/// Versions to delete; `stays` says whether a path is on the published site, `brought` has the paths
/// that get a new version.
fn purged(
    known: &Known,
    stays: &dyn Fn(&str) -> bool,
    brought: &BTreeSet<&str>,
    kept: BTreeSet<(&str, &str)>,
) -> Vec<Version> {
    let goes = |version: &&Version| {
        let path = version.path.as_str();
        let is_seen = version.latest && !version.marker && !brought.contains(path);
        !stays(path) || !(is_seen || kept.contains(&(path, version.id.as_str())))
    };
    known.versions.iter().filter(goes).cloned().collect()
}

/// Paths of which CloudFront may cache an old version: those that change, and those that an interrupted
/// run removed.
fn invalidated(
    plan: &Plan,
    latest: &BTreeMap<&str, &Version>,
    stays: &dyn Fn(&str) -> bool,
    releases: &[Release],
) -> Vec<String> {
    let was_seen = |path: &str| {
        latest.contains_key(path)
            || releases.first().is_some_and(|release| release.file(path).is_some())
    };
    let brought = plan.stages.iter().flatten().map(|file| &file.path);
    let left = plan.purged.iter().map(|version| &version.path);
    let left = left.filter(|path| !stays(path) && !plan.removed.contains(path));
    let paths: BTreeSet<&String> = brought.filter(|path| was_seen(path)).chain(left).collect();
    paths.into_iter().cloned().collect()
}

impl Account {
    fn note(&mut self, path: &str, state: State) {
        match (is_page(path), state) {
            (true, State::New) => self.new.push(address(path)),
            (true, State::Changes) => self.changed.push(address(path)),
            (true, State::Stays) => self.stay += 1,
            (false, State::Stays) => self.files_stay += 1,
            (false, _) => self.files += 1,
        }
    }

    fn note_removed(&mut self, removed: &[String]) {
        let (pages, files): (Vec<&String>, Vec<&String>) =
            removed.iter().partition(|path| is_page(path));
        self.gone = pages.into_iter().map(|path| address(path)).collect();
        self.files_gone = files.len();
    }

    /// The pages in one line: *pages: 2 new, 3 changed, 1 deleted, 12 unchanged*.
    pub fn line(&self) -> String {
        let parts = [
            (self.new.len(), "new"),
            (self.changed.len(), "changed"),
            (self.gone.len(), "deleted"),
            (self.stay, "unchanged"),
        ];
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, what)| format!("{count} {what}")).collect();
        format!("pages: {}", if parts.is_empty() { "none".to_owned() } else { parts.join(", ") })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{FakeBucket, wanted};
    use super::*;

    const STYLE: &str = "styles/main.0123456789abcdef.css: blue";
    const FIRST: [&str; 5] = [
        "index.html: a -> rose/index.html, styles/main.0123456789abcdef.css",
        "about/index.html: a -> index.html",
        "rose/index.html: a -> images/0123456789abcdef-480.webp",
        "images/0123456789abcdef-480.webp: rose",
        STYLE,
    ];

    fn paths(files: &[Wanted]) -> Vec<&str> {
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn link_targets_are_uploaded_before_links_to_them() {
        let mut bucket = FakeBucket::default();
        let plan = bucket.publish(&FIRST, 0, usize::MAX);
        assert_eq!(
            paths(&plan.stages[0]),
            ["images/0123456789abcdef-480.webp", "styles/main.0123456789abcdef.css"]
        );
        assert_eq!(paths(&plan.stages[1]), ["about/index.html", "rose/index.html"]);
        assert_eq!(paths(&plan.stages[2]), ["index.html"]);
        assert_eq!(plan.account.line(), "pages: 3 new");
        assert!(plan.invalidated.is_empty(), "nothing was seen before");
        assert!(bucket.plan(wanted(&FIRST), 1).is_nothing());
    }

    #[test]
    fn an_interrupted_run_is_completed_and_is_not_a_release() {
        for steps in 0..FIRST.len() {
            let mut bucket = FakeBucket::default();
            bucket.publish(&FIRST, 0, usize::MAX);
            let second = FIRST.map(|file| file.replace(": a", ": b"));
            let second: Vec<&str> = second.iter().map(String::as_str).collect();
            bucket.publish(&second, 1, steps);
            let plan = bucket.publish(&second, 2, usize::MAX);
            assert_eq!(plan.account.changed.len(), 3, "what another run brought is brought again");
            assert_eq!(plan.release.before.as_deref(), Some("release-0"));
            assert_eq!(plan.invalidated, ["about/index.html", "index.html", "rose/index.html"]);
            assert!(bucket.plan(wanted(&second), 3).is_nothing());
            let pages = bucket.versions.iter().filter(|version| is_page(&version.path)).count();
            assert_eq!(pages, 6, "one version of each page for each release");
        }
    }

    #[test]
    fn undoing_an_interrupted_run_is_not_a_release_to_roll_back_from() {
        let mut bucket = FakeBucket::default();
        bucket.publish(&FIRST, 0, usize::MAX);
        bucket.publish(&["about/index.html: b"], 1, 1);
        let plan = bucket.publish(&FIRST, 2, usize::MAX);
        assert_eq!(paths(&plan.stages[2]), ["about/index.html"]);
        assert_eq!(plan.release.before, None);
    }

    #[test]
    fn versions_that_mention_a_withdrawn_page_are_deleted() {
        let mut bucket = FakeBucket::default();
        bucket.publish(&FIRST, 0, usize::MAX);
        let second = ["index.html: b", "about/index.html: b -> index.html", STYLE];
        let plan = bucket.publish(&second, 1, usize::MAX);
        assert_eq!(plan.removed, ["images/0123456789abcdef-480.webp", "rose/index.html"]);
        assert_eq!(plan.account.line(), "pages: 2 changed, 1 deleted");
        assert_eq!(plan.account.gone, ["/rose/"]);
        let former: Vec<&str> = plan.purged.iter().map(|version| version.path.as_str()).collect();
        assert!(former.contains(&"index.html"), "it led to her page");
        assert!(!former.contains(&"about/index.html"), "this one may come back");
        assert!(bucket.all().iter().all(|version| !version.contains("rose")));
    }

    #[test]
    fn a_withdrawn_page_is_deleted_even_if_its_address_is_reused() {
        let mut bucket = FakeBucket::default();
        bucket.publish(&FIRST, 0, usize::MAX);
        let mut second = wanted(&FIRST);
        second[2].digest = "leads on".to_owned();
        second[2].source = None;
        let plan = bucket.plan(second, 1);
        assert!(plan.purged.iter().any(|version| version.path == "rose/index.html"));
    }

    #[test]
    fn forgotten_versions_are_deleted() {
        let mut bucket = FakeBucket::default();
        bucket.publish(&FIRST, 0, usize::MAX);
        let second = ["index.html: b -> rose/index.html", FIRST[1], "rose/index.html: b"];
        bucket.publish(&second, 1, usize::MAX);
        let third = ["index.html: c -> rose/index.html", FIRST[1], "rose/index.html: b"];
        let known = Known { forget: true, now: 2, ..bucket.known() };
        let plan = plan(wanted(&third), BTreeMap::new(), &known, "release-2");
        assert_eq!(plan.release.before, None);
        assert_eq!(plan.removed, ["images/0123456789abcdef-480.webp"], "not the style");
        let mut purged: Vec<&str> = plan.purged.iter().map(|it| it.path.as_str()).collect();
        purged.dedup();
        let all = ["index.html", "rose/index.html", "images/0123456789abcdef-480.webp"];
        let mut all = all.to_vec();
        all.sort_unstable();
        purged.sort_unstable();
        purged.dedup();
        assert_eq!(purged, all);
        let left = bucket.versions.iter().filter(|version| !plan.purged.contains(version));
        assert_eq!(left.count(), 3, "the page about us, Rose's as it is now, the style");
    }

    /// A path, whether it is recorded as fingerprinted, and whether it is kept when no page uses it.
    const UNUSED: [(&str, Option<bool>, bool); 7] = [
        ("files/2024010112000000.pdf", Some(false), false),
        ("images/0123456789abcdef-480.pdf", Some(false), false),
        ("play.0123456789abcdef.js", Some(true), true),
        ("play.0123456789abcdef.pdf", None, false),
        ("files/2024010112000000.pdf", None, false),
        ("styles/main.0123456789abcdef.css", None, true),
        ("images/0123456789abcdef-480.webp", None, true),
    ];

    #[test]
    fn unused_files_are_retained_only_if_fingerprinted() {
        for (path, fingerprinted, stays) in UNUSED {
            let mut bucket = FakeBucket::default();
            let home = format!("index.html: a -> {path}");
            bucket.publish(&[&home, &format!("{path}: x")], 0, usize::MAX);
            let file = bucket.releases[0].files.iter_mut().find(|file| file.path == path).unwrap();
            file.fingerprinted = fingerprinted;
            let mut second = bucket.publish(&["index.html: b"], 1, usize::MAX);
            assert_eq!(second.release.resting.remove(path).is_some(), stays, "{path}");
            assert_eq!(second.removed.iter().any(|removed| removed == path), !stays, "{path}");
            // Other releases no longer have it, except among the retained files.
            bucket.releases.truncate(1);
            let third = bucket.plan(wanted(&["index.html: b"]), 2);
            assert_eq!(third.release.resting.contains_key(path), stays, "{path}");
        }
    }

    #[test]
    fn a_style_is_retained_for_ninety_days_and_recognised_when_used_again() {
        let mut bucket = FakeBucket::default();
        let day = 24 * 60 * 60;
        bucket.publish(&FIRST, 0, usize::MAX);
        let green = [
            "index.html: b -> styles/main.fedcba9876543210.css",
            "styles/main.fedcba9876543210.css: green",
        ];
        bucket.publish(&green, day, usize::MAX);
        assert!(bucket.plan(wanted(&green), 90 * day).is_nothing());
        let plan = bucket.plan(wanted(&green), 91 * day);
        assert_eq!(plan.removed, ["styles/main.0123456789abcdef.css"]);
        let again = bucket.plan(wanted(&[STYLE]), 2 * day);
        assert!(again.stages.iter().all(Vec::is_empty), "it is there already");
    }
}
