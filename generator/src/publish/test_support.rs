//! Small sites and an in-memory bucket for tests.

use std::collections::BTreeMap;

use super::plan::{From, Known, Plan, Version, Wanted, plan};
use super::release::Release;

/// A bucket: every version with its content.
#[derive(Default)]
pub(super) struct FakeBucket {
    pub(super) versions: Vec<Version>,
    pub(super) releases: Vec<Release>,
    made: usize,
}

/// Parses files: `stories/index.html: words -> index.html, about/index.html`.
pub(super) fn wanted(files: &[&str]) -> Vec<Wanted> {
    let one = |file: &&str| {
        let (path, rest) = file.split_once(": ").unwrap();
        let (digest, links) = rest.split_once(" -> ").unwrap_or((rest, ""));
        let source = path.strip_suffix("/index.html").map(|page| format!("{page}.md"));
        Wanted {
            path: path.to_owned(),
            digest: digest.to_owned(),
            source,
            links: links.split(", ").filter(|link| !link.is_empty()).map(str::to_owned).collect(),
            is_fingerprinted: path.starts_with("styles/") || path.starts_with("images/"),
            from: From::Disk,
        }
    };
    files.iter().map(one).collect()
}

impl FakeBucket {
    pub(super) fn known(&self) -> Known<'_> {
        let (versions, releases) = (&self.versions[..], &self.releases[..]);
        Known { versions, releases, now: 0, forget: false, returns_to: None }
    }

    pub(super) fn plan(&self, files: Vec<Wanted>, now: i64) -> Plan {
        let id = format!("release-{}", self.releases.len());
        plan(files, BTreeMap::new(), &Known { now, ..self.known() }, &id)
    }

    /// Publishes these files, stopping after `steps` steps of the plan.
    pub(super) fn publish(&mut self, files: &[&str], now: i64, steps: usize) -> Plan {
        let plan = self.plan(wanted(files), now);
        let mut release = plan.release.clone();
        let brought = plan.stages.iter().flatten();
        for file in brought.take(steps) {
            let id = self.put(&file.path, false);
            let planned = release.files.iter_mut().find(|planned| planned.path == file.path);
            planned.unwrap().version = id;
        }
        if steps == usize::MAX {
            for path in &plan.removed {
                self.put(path, true);
            }
            self.versions.retain(|version| {
                !plan.purged.contains(version)
                    && !plan.purged.contains(&Version { latest: true, ..version.clone() })
                    && !plan.removed.contains(&version.path)
            });
            self.releases.insert(0, release);
        }
        plan
    }

    fn put(&mut self, path: &str, marker: bool) -> String {
        self.made += 1;
        let id = format!("v{}", self.made);
        for version in self.versions.iter_mut().filter(|version| version.path == path) {
            version.latest = false;
        }
        self.versions.push(Version { path: path.to_owned(), id: id.clone(), latest: true, marker });
        id
    }

    pub(super) fn holds(&self, path: &str, id: &str) -> bool {
        self.versions.iter().any(|version| version.path == path && version.id == id)
    }

    /// The content of the bucket, as `path version`.
    pub(super) fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .versions
            .iter()
            .map(|version| format!("{} {}", version.path, version.id))
            .collect();
        all.sort();
        all
    }
}
