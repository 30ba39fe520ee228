//! Keeps rendered pages within a limit, and says which of them a later site would render alike.
//! Renders; touches the disk only where a body has to be read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::generation::Generation;
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::engine::{Output, Snapshot};
use crate::query::Answer;

/// The bytes of pages that are kept.
const LIMIT: usize = 64 * 1024 * 1024;

/// A rendered page.
pub(super) struct Page {
    /// UTF-8.
    pub(super) html: Vec<u8>,
    /// The digest of it but for the addresses of style sheets, which are exchanged without a reload.
    pub(super) digest: Digest,
}

/// What a page was made of: while all of it is as it was, the page is fresh.
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
    /// The pages whose bytes are kept, by when they were last used.
    order: BTreeMap<u64, String>,
    bytes: usize,
    clock: u64,
}

/// Answers of former editions beside those of the present one, where both say the same. Many pages
/// were given the same answers: each is compared once. The old one is held, so that its address
/// names no other.
#[derive(Default)]
struct Compared {
    edition: u64,
    answers: HashMap<usize, (Arc<Answer>, Option<Arc<Answer>>)>,
}

impl Compared {
    /// The present answer to what `before` answered, if it says the same.
    fn same(&mut self, snapshot: &Snapshot, before: &Arc<Answer>) -> Option<Arc<Answer>> {
        let entry = self.answers.entry(Arc::as_ptr(before).addr());
        let (_, now) = entry.or_insert_with(|| {
            let now = snapshot.answers.reevaluate(&before.question);
            (Arc::clone(before), (now.digest == before.digest).then_some(now))
        });
        now.clone()
    }
}

/// The pages that were rendered.
#[derive(Default)]
pub(super) struct Pages {
    shelf: Mutex<PageCache>,
    compared: Mutex<Compared>,
}

impl Pages {
    /// The page of an output that a template makes: the one that is kept, or else rendered now.
    ///
    /// # Errors
    /// The template's fault, or the source's.
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

    /// Renders an output if it is not fresh. Its bytes are kept only where there is room, so that
    /// pages that somebody looks at are not lost for those that nobody does.
    ///
    /// # Errors
    /// The template's fault, or the source's.
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

    /// The page as it was last rendered well, if it is kept.
    pub(super) fn last(&self, path: &str) -> Option<Arc<Page>> {
        self.shelf().look(path)
    }

    /// Lets go of what is no output any more, and of answers of former editions.
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

    /// The page, if rendering the output would give what it last gave: its bytes, where they are
    /// kept.
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
            // Another thread has put another page here meanwhile.
            return None;
        }
        // The new answers, so that those of the old site are let go.
        kept.trace.answers = answers;
        kept.trace.edition = edition.number;
        Some(shelf.look(&output.path))
    }

    /// The present answers to what `asked` answered, if all of them say the same.
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
        // An answer that panics is not put in.
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

/// The digest of a page without what a change of a style sheet alone would change.
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

    /// The bytes of a page, if they are kept; it was used just now.
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
