//! Reads all that a site is made of beside its pages: settings, theme, forms, data, words. Reads the disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use daisychain_functions::form::Form;

use super::files::{
    misnamed, organisation, read_config, read_data, read_forms, read_strings, read_theme,
    unanswered, undeclared, unspoken,
};
use super::pages::RuleBook;
use super::paths::Statics;
use super::reading::Reading;
use super::{assets, ids};
use crate::attachment;
use crate::config::Config;
use crate::derive::image;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::git::History;
use crate::load::File;
use crate::manifest::Record;
use crate::site::{Data, Materials, Options};
use crate::strings::{self, Table};
use crate::theme::{Theme, ThemeFiles};
use crate::url::BaseUrl;

/// What a site is made of beside its pages.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) theme: Theme,
    pub(super) theme_files: ThemeFiles,
    forms: BTreeMap<String, Form>,
    data: BTreeMap<String, Data>,
    strings: Vec<Table>,
    /// The digests of the files that it was read of.
    pub(super) read: BTreeMap<String, Digest>,
    /// What is doubtful in it.
    pub(super) warnings: Vec<Diagnostic>,
    /// What must be mended, though pages can be read meanwhile.
    pub(super) faults: Vec<Diagnostic>,
}

impl Settings {
    /// Reads those of `files` below `root` that are no pages, for a site as `options` ask for it.
    ///
    /// # Errors
    /// Everything found wrong without which no page can be read.
    pub(super) fn read(
        root: &Path,
        files: &[File],
        options: &Options,
    ) -> Result<Settings, Vec<Diagnostic>> {
        let reading = Reading::new(root, files);
        let mut faults = Vec::new();
        let mut keep = |found: Vec<Diagnostic>| faults.extend(found);
        let config = read_config(&reading).map(|config| options.place(config));
        let config = config.map_err(&mut keep).ok();
        let base_url = BaseUrl::new(config.as_ref().map_or("", |config| &config.base_url));
        let organisation = organisation(config.as_ref());
        let (theme, (forms, data, words)) = rayon::join(
            || {
                let files = read_theme(&reading, config.as_ref()?.theme.as_ref());
                Some(files.and_then(|files| Ok((Theme::new(&files)?, files))))
            },
            || {
                let forms = read_forms(&reading, &organisation, base_url.folder());
                (forms, read_data(&reading), read_strings(&reading))
            },
        );
        let theme = theme.and_then(|theme| theme.map_err(&mut keep).ok());
        let forms = forms.map_err(&mut keep).ok();
        let data = data.map_err(&mut keep).ok();
        let words = words.map_err(&mut keep).ok();
        let (
            Some(config),
            Some((theme, theme_files)),
            Some((forms, form_warnings)),
            Some(data),
            Some(words),
        ) = (config, theme, forms, data, words)
        else {
            return Err(faults);
        };
        faults.extend(undeclared(files, &config));
        faults.extend(unanswered(&config, &forms, options));
        let (wrong, doubtful): (Vec<Diagnostic>, Vec<Diagnostic>) =
            strings::faults(&config, &theme.strings, &words)
                .into_iter()
                .partition(Diagnostic::is_error);
        faults.extend(wrong);
        let strings = strings::tables(&config, &theme.strings, &words);
        let mut warnings = config.warnings.clone();
        warnings.extend(doubtful);
        warnings.extend(misnamed(files));
        warnings.extend(form_warnings);
        warnings.extend(unspoken(&config, &forms));
        let read = reading.digests();
        Ok(Settings { config, theme, theme_files, forms, data, strings, read, warnings, faults })
    }

    /// How pages are to be read.
    pub(super) fn rules(&self) -> RuleBook {
        let taxonomies = self.config.taxonomies.iter();
        RuleBook {
            config: self.config.clone(),
            components: self.theme.components.clone(),
            strings: self.strings.clone(),
            ids: ids(&self.theme, &self.forms),
            taxonomies: taxonomies.map(|each| each.name.value.clone()).collect(),
            raw_html: BTreeMap::new(),
            schemas: BTreeMap::new(),
            digests: Vec::new(),
        }
        .with_digests()
    }

    /// Where the theme's own files come from, by their path below `static/`.
    pub(super) fn statics(&self) -> Statics {
        let files = self.theme_files.iter();
        files
            .filter_map(|(name, file)| {
                Some((name.strip_prefix("static/")?.to_owned(), file.origin.clone()))
            })
            .collect()
    }

    /// What a site is assembled of, but for the cards of its pages; and the theme.
    pub(super) fn into_materials(
        self,
        sources: &[Record],
        (images, attachments): (&image::Known, &attachment::Known),
        assets: assets::ByName,
        options: &Options,
        history: Option<History>,
    ) -> (Arc<Theme>, Materials) {
        let Settings { config, theme, forms, data, strings, .. } = self;
        let images = assets::pictures(sources, images, &theme.images);
        let attachments = assets::attachments(sources, attachments, options.drafts);
        let (cards, options) = (Vec::new(), options.clone());
        let materials = Materials {
            config,
            cards,
            forms,
            assets,
            attachments,
            images,
            data,
            strings,
            history,
            options,
        };
        (Arc::new(theme), materials)
    }
}
