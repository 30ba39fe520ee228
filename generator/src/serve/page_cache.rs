//! Caches rendered pages up to a size limit, and detects which of them are still fresh for a later
//! site. Reads the disk only if a body must be parsed again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::generation::Generation;
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::engine::{Output, Snapshot};
use crate::query::Answer;

/// The maximum size of the cached pages, in bytes.
const LIMIT: usize = 64 * 1024 * 1024;

/// A rendered page.
pub(super) struct Page {
    /// UTF-8.
    pub(super) html: Vec<u8>,
    /// The digest without the URLs of style sheets, which are replaced without a reload.
    pub(super) digest: Digest,
}

/// The dependencies of a page: it is fresh as long as they are unchanged.
struct Trace {
    edition: u64,
    digests: (Digest, Digest),
    answers: Vec<Arc<Answer>>,
}

struct Kept {
    trace: Trace,
    page: Option<Arc<Page>>,
    used: u64,
}

#[derive(Default)]
struct PageCache {
    pages: HashMap<String, Kept>,
    /// The cached pages, by last use.
    order: BTreeMap<u64, String>,
    bytes: usize,
    clock: u64,
}

/// Answers of former generations with the equal current ones. Many pages share answers, so each is
/// compared only once. The old answer is kept alive, so that its address is not reused.
#[derive(Default)]
struct Compared {
    edition: u64,
    answers: HashMap<usize, (Arc<Answer>, Option<Arc<Answer>>)>,
}

impl Compared {
    /// Returns the current answer to the query of `before`, if it is equal.
    fn same(&mut self, snapshot: &Snapshot, before: &Arc<Answer>) -> Option<Arc<Answer>> {
        let entry = self.answers.entry(Arc::as_ptr(before).addr());
        let (_, now) = entry.or_insert_with(|| {
            let now = snapshot.answers.reevaluate(&before.question);
            (Arc::clone(before), (now.digest == before.digest).then_some(now))
        });
        now.clone()
    }
}

/// The rendered pages.
#[derive(Default)]
pub(super) struct Pages {
    shelf: Mutex<PageCache>,
    compared: Mutex<Compared>,
}

impl Pages {
    /// Returns the page of an output of a template, cached or rendered now.
    ///
    /// # Errors
    /// An error of the template or of the source.
    pub(super) fn page(
        &self,
        edition: &Generation,
        snapshot: &Snapshot,
        output: &Output,
    ) -> Result<Arc<Page>, Vec<Diagnostic>> {
        if let Some(Some(page)) = self.fresh(edition, snapshot, output) {
            return Ok(page);
        }
        let (page, trace) = render(edition, snapshot, output)?;
        self.shelf().keep(&output.path, trace, Arc::clone(&page));
        Ok(page)
    }

    /// Renders an output if it is not fresh. Its bytes are cached only if there is space, so that
    /// pages in use are not evicted for others.
    ///
    /// # Errors
    /// An error of the template or of the source.
    pub(super) fn check(
        &self,
        edition: &Generation,
        snapshot: &Snapshot,
        output: &Output,
    ) -> Result<(), Vec<Diagnostic>> {
        if self.fresh(edition, snapshot, output).is_some() {
            return Ok(());
        }
        let (page, trace) = render(edition, snapshot, output)?;
        let mut shelf = self.shelf();
        if shelf.bytes + page.html.len() <= LIMIT {
            shelf.keep(&output.path, trace, page);
        } else {
            shelf.forget(&output.path);
            shelf.pages.insert(output.path.clone(), Kept { trace, page: None, used: 0 });
        }
        Ok(())
    }

    /// Returns the last version of the page without errors, if it is cached.
    pub(super) fn last(&self, path: &str) -> Option<Arc<Page>> {
        self.shelf().look(path)
    }

    /// Removes pages that are no longer outputs, and answers of former generations.
    pub(super) fn retain(&self, outputs: &[Output]) {
        let mut shelf = self.shelf();
        let is_output =
            |path: &str| outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok();
        let gone: Vec<String> =
            shelf.pages.keys().filter(|path| !is_output(path)).cloned().collect();
        for path in gone {
            shelf.forget(&path);
        }
        self.compared().answers = HashMap::new();
    }

    /// Returns the page if rendering it again would give the same result, with its bytes if they
    /// are cached.
    fn fresh(
        &self,
        edition: &Generation,
        snapshot: &Snapshot,
        output: &Output,
    ) -> Option<Option<Arc<Page>>> {
        let (verified, asked) = {
            let mut shelf = self.shelf();
            let trace = &shelf.pages.get(&output.path)?.trace;
            if trace.edition == edition.number {
                return Some(shelf.look(&output.path));
            }
            if trace.digests != snapshot.digests(output) {
                return None;
            }
            (trace.edition, trace.answers.clone())
        };
        let answers = self.same(edition, snapshot, &asked)?;
        let mut shelf = self.shelf();
        let kept = shelf.pages.get_mut(&output.path)?;
        if kept.trace.edition != verified {
            // Another thread has stored another page in the meantime.
            return None;
        }
        // The new answers replace the old ones, which keep the old site in memory.
        kept.trace.answers = answers;
        kept.trace.edition = edition.number;
        Some(shelf.look(&output.path))
    }

    /// Returns the current answers to the queries of `asked`, if all are equal.
    fn same(
        &self,
        edition: &Generation,
        snapshot: &Snapshot,
        asked: &[Arc<Answer>],
    ) -> Option<Vec<Arc<Answer>>> {
        let mut compared = self.compared();
        if compared.edition != edition.number {
            *compared = Compared { edition: edition.number, ..Compared::default() };
        }
        asked.iter().map(|before| compared.same(snapshot, before)).collect()
    }

    fn compared(&self) -> MutexGuard<'_, Compared> {
        // A query that panics is not inserted.
        self.compared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf(&self) -> MutexGuard<'_, PageCache> {
        self.shelf.lock().expect("nothing panics while it holds this")
    }
}

fn render(
    edition: &Generation,
    snapshot: &Snapshot,
    output: &Output,
) -> Result<(Arc<Page>, Trace), Vec<Diagnostic>> {
    let rendered = snapshot.render(output)?;
    let digest = digest(&rendered.html, snapshot);
    let trace = Trace {
        edition: edition.number,
        digests: snapshot.digests(output),
        answers: rendered.asked.distinct(),
    };
    Ok((Arc::new(Page { html: rendered.html, digest }), trace))
}

/// Returns the digest of a page without what depends only on a style sheet's content.
fn digest(html: &[u8], snapshot: &Snapshot) -> Digest {
    let site = snapshot.site();
    let styles = site.assets.iter().filter(|(name, _)| name.starts_with("styles/"));
    let holes: Vec<Vec<u8>> = styles
        .flat_map(|(_, asset)| {
            let address = site.base_url.href(&asset.url).into_owned();
            [Some(address), asset.integrity.clone()].into_iter().flatten().map(String::into_bytes)
        })
        .collect();
    let mut digester = Digester::new();
    let mut start = 0;
    let mut at = 0;
    while at < html.len() {
        match holes.iter().find(|hole| html[at..].starts_with(hole.as_slice())) {
            Some(hole) => {
                digester.part(&html[start..at]);
                at += hole.len();
                start = at;
            }
            None => at += 1,
        }
    }
    digester.part(&html[start..]).finish()
}

impl PageCache {
    fn keep(&mut self, path: &str, trace: Trace, page: Arc<Page>) {
        self.forget(path);
        self.bytes += page.html.len();
        self.pages.insert(path.to_owned(), Kept { trace, page: Some(page), used: 0 });
        self.touch(path);
        while self.bytes > LIMIT
            && self.order.len() > 1
            && let Some((_, oldest)) = self.order.pop_first()
        {
            if let Some(page) = self.pages.get_mut(&oldest).and_then(|kept| kept.page.take()) {
                self.bytes -= page.html.len();
            }
        }
    }

    fn forget(&mut self, path: &str) {
        if let Some(kept) = self.pages.remove(path) {
            self.order.remove(&kept.used);
            self.bytes -= kept.page.map_or(0, |page| page.html.len());
        }
    }

    /// Returns the bytes of a page if they are cached, and marks it as used.
    fn look(&mut self, path: &str) -> Option<Arc<Page>> {
        let page = self.pages.get(path)?.page.clone()?;
        self.touch(path);
        Some(page)
    }

    fn touch(&mut self, path: &str) {
        self.clock += 1;
        if let Some(kept) = self.pages.get_mut(path) {
            self.order.remove(&kept.used);
            kept.used = self.clock;
            self.order.insert(kept.used, path.to_owned());
        }
    }
}
