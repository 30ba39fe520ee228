//! Rule `link`: every internal link leads to an existing page, file or anchor, whether an editor or a
//! template wrote it.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::finding::Finding;
use crate::diagnostic::{Suggestions, nearest};
use crate::html::links::{Link, LinkTarget, resolve};
use crate::url::BaseUrl;

const RULE: &str = "link";

/// The link targets of the site.
pub(super) struct Targets<'a> {
    /// The paths of its outputs.
    outputs: HashSet<&'a str>,
    /// The anchors of a page by the path of its output.
    anchors: &'a dyn Fn(&str) -> Option<&'a HashSet<String>>,
    /// The site's own address, if known.
    base_url: &'a BaseUrl,
    /// The outputs in order, for suggestions; built on first use.
    suggestions: OnceLock<(Vec<&'a str>, Suggestions)>,
}

impl<'a> Targets<'a> {
    /// The link targets of a site at `base_url`.
    pub(super) fn new(
        outputs: impl Iterator<Item = &'a str>,
        anchors: &'a dyn Fn(&str) -> Option<&'a HashSet<String>>,
        base_url: &'a BaseUrl,
    ) -> Self {
        let suggestions = OnceLock::new();
        Targets { outputs: outputs.collect(), anchors, base_url, suggestions }
    }

    /// The output whose path is most similar to `path`.
    fn nearest_output(&self, path: &str) -> Option<&'a str> {
        let (outputs, suggestions) = self.suggestions.get_or_init(|| {
            let mut outputs: Vec<&str> = self.outputs.iter().copied().collect();
            outputs.sort_unstable();
            let suggestions = Suggestions::new(outputs.iter().copied());
            (outputs, suggestions)
        });
        suggestions.nearest(path).map(|position| outputs[position])
    }

    /// The finding for a link on the page at `address`.
    pub(super) fn check(&self, address: &str, link: &Link) -> Option<Finding> {
        let Link { written, tag, followed } = link;
        let fault = |message: String, help: String| {
            let mut finding = Finding::error(RULE, message).help(help);
            finding.tag.clone_from(tag);
            Some(finding.clue(format!("\"{written}\"")).clue(format!("({written}")))
        };
        if written.to_ascii_lowercase().starts_with("javascript:") {
            let help = "give it an address, or make it a button".to_owned();
            return fault("this link does nothing without a script".to_owned(), help);
        }
        let (path, anchor) = match resolve(address, written, self.base_url) {
            LinkTarget::External => return None,
            LinkTarget::Above => {
                let home = self.base_url.href("/");
                let help = match written.strip_prefix('/') {
                    Some(path) => {
                        format!(
                            "the site is in the folder `{home}` of its host: write \
                                 `{home}{path}`"
                        )
                    }
                    None => {
                        let about = self.base_url.href("/about/");
                        format!("write the full address within the site, such as `{about}`")
                    }
                };
                return fault(format!("`{written}` leads out of the site"), help);
            }
            LinkTarget::Inside(path, anchor) => (path, anchor),
        };
        let folder = format!("{}/index.html", path.trim_end_matches('/'));
        let found =
            [path.as_str(), folder.as_str()].into_iter().find(|path| self.outputs.contains(path));
        let Some(found) = found else {
            let what = if *followed { "this link goes to" } else { "this page loads" };
            let help = match self.nearest_output(&path) {
                Some(near) => {
                    let near = format!("/{}", near.trim_end_matches("index.html"));
                    format!("did you mean `{}`?", self.base_url.href(&near))
                }
                None => "write the address of an existing page, or remove it".to_owned(),
            };
            return fault(format!("{what} `{written}`, which does not exist"), help);
        };
        let anchor = anchor?;
        let known = (self.anchors)(found)?;
        if known.contains(&anchor) {
            return None;
        }
        let near = nearest(&anchor, known.iter().map(String::as_str));
        let help = match near {
            Some(near) => format!("did you mean `#{near}`?"),
            None => format!("add `id=\"{anchor}\"` to the element, or remove `#{anchor}`"),
        };
        let finding = fault(format!("`{written}` goes to an anchor that does not exist"), help)?;
        Some(match near {
            Some(_) => finding,
            None => finding.editor_help(format!(
                "add `{{#{anchor}}}` after the text of the heading, or remove `#{anchor}`"
            )),
        })
    }
}
