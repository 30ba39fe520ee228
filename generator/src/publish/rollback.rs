//! Computes what a rollback restores: everything of the earlier release that the bucket still has and
//! that does not mention a withdrawn page. What must not return stays as it is now, with everything it
//! links to, so that the site has no broken links.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::{From, Wanted};
use super::release::{File, Present, Release, address, is_page};

/// The result of a rollback.
#[derive(Debug, Default, PartialEq)]
pub struct Return {
    /// The files of the restored site.
    pub wanted: Vec<Wanted>,
    /// Addresses of pages that differed then and stay as they are now, or stay removed.
    pub kept: Vec<String>,
}

/// Returns from `now` to `before`; `holds` says whether the bucket has a version of a path.
pub fn back(now: &Release, before: &Release, holds: &dyn Fn(&str, &str) -> bool) -> Return {
    let withdrawn = before.withdrawn(&Present::of(now));
    let mut chosen: BTreeMap<&str, (&Release, &File)> = BTreeMap::new();
    for (at, file) in before.files.iter().enumerate() {
        let may = !withdrawn.telling.contains(&at) && holds(&file.path, &file.version);
        if may {
            chosen.insert(&file.path, (before, file));
        } else if let Some(file) = now.file(&file.path) {
            chosen.insert(&file.path, (now, file));
        }
    }
    while let Some((path, choice)) = next_change(&chosen, now, before) {
        match choice {
            Some(file) => chosen.insert(path, (now, file)),
            None => chosen.remove(path),
        };
    }
    let wanted = chosen.values().map(|(release, file)| Wanted {
        path: file.path.clone(),
        digest: file.digest.clone(),
        source: file.source.clone(),
        links: release.links(file).map(str::to_owned).collect(),
        is_fingerprinted: file.is_fingerprinted(),
        from: From::Version(file.version.clone()),
    });
    Return { wanted: wanted.collect(), kept: kept(&chosen, now, before) }
}

/// A file with a broken link, and how to fix it: a current file brings in what it links to; one from
/// before is replaced by the current one, or removed. A machine-readable list (the sitemap, a feed)
/// brings in nothing: it names every page, and would keep each page that the rollback should remove.
fn next_change<'a>(
    chosen: &BTreeMap<&'a str, (&'a Release, &'a File)>,
    now: &'a Release,
    before: &Release,
) -> Option<(&'a str, Option<&'a File>)> {
    chosen.iter().find_map(|(path, (release, file))| {
        let missing = release.links(file).find(|link| !chosen.contains_key(link))?;
        if std::ptr::eq(*release, before) {
            return Some((*path, now.file(path)));
        }
        let file = now.file(missing).filter(|_| !path.ends_with(".xml"))?;
        Some((file.path.as_str(), Some(file)))
    })
}

/// Pages from before that are not restored as they were, and current pages kept because of them.
fn kept(
    chosen: &BTreeMap<&str, (&Release, &File)>,
    now: &Release,
    before: &Release,
) -> Vec<String> {
    let differs = |file: &&File| {
        let choice = chosen.get(file.path.as_str()).map(|(_, choice)| &choice.digest);
        choice != Some(&file.digest)
    };
    let mut paths: BTreeSet<&str> =
        before.files.iter().filter(differs).map(|file| file.path.as_str()).collect();
    let only_now = chosen.keys().filter(|path| before.file(path).is_none());
    paths.extend(only_now.filter(|path| now.file(path).is_some()));
    paths.into_iter().filter(|path| is_page(path)).map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::super::test_support::FakeBucket;
    use super::*;

    /// The site after a rollback from the second release to the first: `path digest`.
    fn returned(first: &[&str], second: &[&str]) -> (Vec<String>, Vec<String>) {
        let mut bucket = FakeBucket::default();
        bucket.publish(first, 0, usize::MAX);
        bucket.publish(second, 1, usize::MAX);
        let holds = |path: &str, id: &str| bucket.holds(path, id);
        let Return { wanted, kept } = back(&bucket.releases[0], &bucket.releases[1], &holds);
        for file in &wanted {
            for link in file.links.iter().filter(|_| !file.path.ends_with(".xml")) {
                assert!(wanted.iter().any(|other| other.path == *link), "{link} is missing");
            }
        }
        (wanted.iter().map(|file| format!("{} {}", file.path, file.digest)).collect(), kept)
    }

    #[test]
    fn everything_is_restored_if_nothing_was_withdrawn() {
        let first = ["a/index.html: 1 -> b/index.html", "b/index.html: 1"];
        let second = ["a/index.html: 2 -> c/index.html", "b/index.html: 1", "c/index.html: 2"];
        let (site, kept) = returned(&first, &second);
        assert_eq!(site, ["a/index.html 1", "b/index.html 1"]);
        assert_eq!(kept, [""; 0]);
    }

    #[test]
    fn files_that_mentioned_a_withdrawn_page_stay_current_with_their_targets() {
        let first = [
            "about/index.html: 1 -> index.html",
            "index.html: 1 -> rose/index.html",
            "rose/index.html: 1",
            "sitemap.xml: 1 -> rose/index.html, about/index.html",
        ];
        let second = [
            "sitemap.xml: 2 -> other/index.html, about/index.html",
            "about/index.html: 2 -> index.html",
            "index.html: 2 -> amir/index.html",
            "amir/index.html: 2 -> more/index.html",
            "more/index.html: 2",
            "other/index.html: 2",
        ];
        let (site, kept) = returned(&first, &second);
        let whole = [
            "about/index.html 1",
            "amir/index.html 2",
            "index.html 2",
            "more/index.html 2",
            "sitemap.xml 2",
        ];
        assert_eq!(site, whole, "and the other page goes, whatever the sitemap says");
        assert_eq!(kept, ["/amir/", "/", "/more/", "/rose/"]);
    }

    #[test]
    fn a_file_without_its_former_version_keeps_its_dependents_current() {
        let files = ["a/index.html: 1 -> plan.pdf", "plan.pdf: 1"];
        let mut bucket = FakeBucket::default();
        bucket.publish(&files, 0, usize::MAX);
        bucket.publish(&["a/index.html: 2"], 1, usize::MAX);
        let holds = |path: &str, _: &str| path != "plan.pdf";
        let Return { wanted, kept } = back(&bucket.releases[0], &bucket.releases[1], &holds);
        assert_eq!(wanted.len(), 1);
        assert_eq!(wanted[0].digest, "2");
        assert_eq!(kept, ["/a/"]);
    }
}
