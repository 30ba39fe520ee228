//! Makes outputs, and decides which are still fresh. Reads the sources; images are also read from
//! their cache and written to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use daisychain_functions::form::frame;

use super::{Output, OutputSource, Snapshot, changed};
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::outputs;
use crate::query::Dependencies;
use crate::render::{self, SyntheticPage};
use crate::site::ListPage;
use crate::source;

/// An output and what it was made from.
pub struct RenderedOutput {
    /// The content of the file.
    pub bytes: Arc<Vec<u8>>,
    /// The HTML of a page's own text, as shown by its template; empty for other outputs.
    pub content: String,
    /// What it was made from.
    pub dependencies: Dependencies,
}

/// The 404 page. Hosts support only one, so it is in the first language.
const NOT_FOUND: SyntheticPage<'_> = SyntheticPage {
    template: "not_found.html",
    kind: "not_found",
    language: LanguageId::FIRST,
    title: "",
    content: "",
};

/// The template of the page around the responses to forms.
const FRAME: &str = "frame.html";

impl Snapshot {
    /// Makes an output.
    ///
    /// # Errors
    /// An error of the template, of an image, or of a source that has changed since the snapshot.
    pub fn render(&self, output: &Output) -> Result<RenderedOutput, Vec<Diagnostic>> {
        let bytes = match &output.source {
            OutputSource::Page(_) | OutputSource::List(_) | OutputSource::NotFound => {
                return self.render_template(output);
            }
            OutputSource::Site(file) => Arc::new(outputs::write(self.site(), *file).into_bytes()),
            OutputSource::Bytes(bytes, _) => Arc::clone(bytes),
            OutputSource::Copy(path, digest) => {
                let bytes = source::bytes(&self.root, path).map_err(|fault| vec![fault])?;
                if Digest::blake3(&bytes) != *digest {
                    return Err(vec![changed(path)]);
                }
                Arc::new(bytes)
            }
            OutputSource::Image(variant) => {
                Arc::new(self.image_cache.bytes(variant).map_err(|fault| vec![fault])?)
            }
        };
        let (page, theme) = self.digests(output);
        let dependencies = Dependencies { page, theme, queries: Vec::new() };
        Ok(RenderedOutput { bytes, content: String::new(), dependencies })
    }

    fn render_template(&self, output: &Output) -> Result<RenderedOutput, Vec<Diagnostic>> {
        let rendered = match &output.source {
            OutputSource::Page(id) => render::page(&self.renderer, (*id, 1), &self.body(*id)?),
            OutputSource::List(ListPage::Part { page, number }) => {
                render::page(&self.renderer, (*page, *number), &self.body(*page)?)
            }
            OutputSource::List(ListPage::Taxonomy(index)) => {
                render::taxonomy(&self.renderer, *index)
            }
            OutputSource::List(ListPage::Term { taxonomy, term, number }) => {
                render::term(&self.renderer, (*taxonomy, *term), *number)
            }
            _ => render::synthetic_page(&self.renderer, &NOT_FOUND),
        };
        let rendered = rendered.map_err(|fault| vec![fault])?;
        let (page, theme) = self.digests(output);
        let queries = rendered.queries.dependencies();
        Ok(RenderedOutput {
            bytes: Arc::new(rendered.html),
            content: rendered.content,
            dependencies: Dependencies { page, theme, queries },
        })
    }

    /// Renders the page around the responses to forms in each language; none if the site has no
    /// forms or the theme has no such page. It is no output, but the files that it shows and links
    /// to are published.
    ///
    /// # Errors
    /// A template's error at its line.
    pub(crate) fn form_frames(&self) -> Result<BTreeMap<LanguageId, RenderedOutput>, Diagnostic> {
        let site = self.site();
        if site.forms.is_empty() || !self.templates.has(FRAME) {
            return Ok(BTreeMap::new());
        }
        let languages = site.config.languages();
        languages.map(|(language, _)| Ok((language, self.form_frame(language)?))).collect()
    }

    fn form_frame(&self, language: LanguageId) -> Result<RenderedOutput, Diagnostic> {
        let page = SyntheticPage {
            template: FRAME,
            kind: "frame",
            language,
            title: frame::TITLE,
            content: frame::MAIN,
        };
        let rendered = render::synthetic_page(&self.renderer, &page)
            .map_err(|fault| fault.or_note("while rendering the page that answers a form"))?;
        Ok(RenderedOutput {
            bytes: Arc::new(rendered.html),
            content: String::new(),
            dependencies: Dependencies {
                page: self.site().synthetic_page_digest(language),
                theme: self.templates.theme.digest,
                queries: rendered.queries.dependencies(),
            },
        })
    }

    /// Whether making an output again would give the same bytes.
    pub fn is_fresh(&self, output: &Output, made_from: &Dependencies) -> bool {
        self.digests(output) == (made_from.page, made_from.theme)
            && made_from.queries.iter().all(|query| self.queries.is_unchanged(query))
    }

    /// The digests of what an output shows of itself and of its theme, which are the fields `page`
    /// and `theme` of its [`Dependencies`].
    pub(crate) fn digests(&self, output: &Output) -> (Digest, Digest) {
        let site = self.site();
        let own = match &output.source {
            OutputSource::Page(id) => site.page(*id).page_digest,
            OutputSource::List(page) => site.list_page_digest(*page),
            OutputSource::NotFound => site.synthetic_page_digest(NOT_FOUND.language),
            OutputSource::Site(file) => outputs::digest(site, *file),
            OutputSource::Copy(_, digest) | OutputSource::Bytes(_, digest) => *digest,
            OutputSource::Image(variant) => variant.digest,
        };
        let theme = match output.source.is_rendered() {
            true => self.templates.theme.digest,
            false => Digest::default(),
        };
        (own, theme)
    }
}
