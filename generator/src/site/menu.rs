//! Makes a menu of what `site.yaml` says and of the pages that put themselves into it. Pure.

use super::{Page, Site};

impl Site {
    /// The lines of a menu, words and address: those of `site.yaml` first, then the pages that name
    /// it, the least `weight` first.
    pub fn menu(&self, name: &str) -> Vec<(&str, String)> {
        let written = self.config.menus.get(name).into_iter().flatten().map(|entry| {
            // A dead link stops a build before anything is rendered.
            let url = self.follow("_index.md", &entry.link.value).unwrap_or_default();
            (entry.label.as_str(), url)
        });
        let mut pages: Vec<&Page> = self
            .pages
            .iter()
            .filter(|page| page.card.front.menu.iter().any(|menu| menu.value == name))
            .collect();
        // Equals stay in the order of their paths.
        pages.sort_by_key(|page| {
            let weight = page.card.front.weight.as_ref();
            weight.map_or((true, 0), |weight| (false, weight.value))
        });
        let own = pages.into_iter().map(|page| (page.card.title.as_str(), page.url.clone()));
        written.chain(own).collect()
    }
}
