//! Caches rendered pages up to a size limit, for as long as they are fresh. Reads the disk only if
//! a body must be parsed again.

use std::sync::{Arc, Mutex, MutexGuard};

use hashbrown::HashMap;
use lru::LruCache;

use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::engine::{Output, Snapshot};
use crate::query::Dependencies;

/// The maximum size of the cached pages, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// A rendered page.
pub(super) struct RenderedPage {
    /// UTF-8.
    pub(super) html: Arc<Vec<u8>>,
    /// The digest without the URLs of style sheets, which are replaced without a reload.
    pub(super) digest: Digest,
    /// What it was made from.
    dependencies: Arc<Dependencies>,
}

/// The rendered pages.
#[derive(Default)]
pub(super) struct PageCache(Mutex<CachedPages>);

struct CachedPages {
    pages: LruCache<String, Arc<RenderedPage>>,
    /// The size of the pages.
    bytes: usize,
    /// What every page was made from that was rendered without errors, by path.
    checked: HashMap<String, Arc<Dependencies>>,
}

impl Default for CachedPages {
    fn default() -> Self {
        CachedPages { pages: LruCache::unbounded(), bytes: 0, checked: HashMap::new() }
    }
}

impl PageCache {
    /// Returns the page of an output of a template, cached or rendered now.
    ///
    /// # Errors
    /// An error of the template or of the source.
    pub(super) fn page(
        &self,
        snapshot: &Snapshot,
        output: &Output,
    ) -> Result<Arc<RenderedPage>, Vec<Diagnostic>> {
        let cached = self.last(&output.path);
        if let Some(page) = cached.filter(|page| snapshot.is_fresh(output, &page.dependencies)) {
            return Ok(page);
        }
        let page = Arc::new(render(snapshot, output)?);
        self.lock().insert(&output.path, &page);
        Ok(page)
    }

    /// Renders an output unless it is known to have no errors. It is cached only if there is space,
    /// so that pages in use are not evicted for others.
    ///
    /// # Errors
    /// An error of the template or of the source.
    pub(super) fn check(
        &self,
        snapshot: &Snapshot,
        output: &Output,
    ) -> Result<(), Vec<Diagnostic>> {
        let checked = self.lock().checked.get(&output.path).cloned();
        if checked.is_some_and(|made_from| snapshot.is_fresh(output, &made_from)) {
            return Ok(());
        }
        let page = render(snapshot, output)?;
        let mut cached = self.lock();
        cached.remove(&output.path);
        if cached.bytes + page.html.len() <= MAX_BYTES {
            cached.insert(&output.path, &Arc::new(page));
        } else {
            cached.checked.insert(output.path.clone(), page.dependencies);
        }
        Ok(())
    }

    /// Returns the last version of the page without errors, if it is cached.
    pub(super) fn last(&self, path: &str) -> Option<Arc<RenderedPage>> {
        self.lock().pages.get(path).cloned()
    }

    /// Removes pages that are no longer outputs.
    pub(super) fn retain(&self, outputs: &[Output]) {
        let mut cached = self.lock();
        let is_output =
            |path: &str| outputs.binary_search_by(|output| output.path.as_str().cmp(path)).is_ok();
        let gone = cached.checked.keys().filter(|path| !is_output(path));
        for path in gone.cloned().collect::<Vec<String>>() {
            cached.remove(&path);
        }
    }

    fn lock(&self) -> MutexGuard<'_, CachedPages> {
        self.0.lock().expect("nothing panics while it holds this")
    }
}

impl CachedPages {
    fn insert(&mut self, path: &str, page: &Arc<RenderedPage>) {
        self.remove(path);
        self.checked.insert(path.to_owned(), Arc::clone(&page.dependencies));
        self.bytes += page.html.len();
        self.pages.put(path.to_owned(), Arc::clone(page));
        while self.bytes > MAX_BYTES
            && self.pages.len() > 1
            && let Some((_, oldest)) = self.pages.pop_lru()
        {
            self.bytes -= oldest.html.len();
        }
    }

    fn remove(&mut self, path: &str) {
        self.checked.remove(path);
        self.bytes -= self.pages.pop(path).map_or(0, |page| page.html.len());
    }
}

fn render(snapshot: &Snapshot, output: &Output) -> Result<RenderedPage, Vec<Diagnostic>> {
    let rendered = snapshot.render(output)?;
    let digest = digest(&rendered.bytes, snapshot);
    let dependencies = Arc::new(rendered.dependencies);
    Ok(RenderedPage { html: rendered.bytes, digest, dependencies })
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
