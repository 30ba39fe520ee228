//! Reads everything besides pages: settings, theme, forms, data and strings. Reads the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use daisychain_functions::form::Form;

use super::assets;
use super::file_names::{misnamed, undeclared};
use super::files::{ReadData, read_config, read_data, read_strings, read_theme, unread_data};
use super::forms::{ContactDetails, ReadForms, read_forms, unanswered, unread_forms, unspoken};
use super::pages::SectionRules;
use super::paths::Statics;
use super::take::{OnError, ids};
use super::tracked_reader::TrackedReader;
use super::warnings::SourceWarnings;
use crate::attachment;
use crate::cache::Record;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::images;
use crate::render::Templates;
use crate::site::{Data, FormLink, Options, SiteInputs, Unread};
use crate::source::git::History;
use crate::source::{self, File};
use crate::theme::{self, ThemeFiles};
use crate::translations::{self, Table};
use crate::url::BaseUrl;

/// What a site consists of besides its pages.
pub(super) struct ReadSettings {
    pub(super) config: Arc<Config>,
    pub(super) templates: Templates,
    pub(super) theme_files: ThemeFiles,
    forms: BTreeMap<String, Form>,
    form_links: Vec<FormLink>,
    data: BTreeMap<String, Data>,
    strings: Arc<Vec<Table>>,
    /// The digests of the files that were read.
    pub(super) read: BTreeMap<String, Digest>,
    /// The warnings.
    pub(super) warnings: SourceWarnings,
    /// The errors that do not prevent pages from being parsed.
    pub(super) faults: Vec<Diagnostic>,
    /// What could not be read.
    pub(super) unread: Unread,
}

impl ReadSettings {
    /// Reads those of `files` below `root` that are not pages, for a site with these `options`.
    ///
    /// # Errors
    /// Every error that prevents pages from being parsed.
    pub(super) fn read(
        root: &Path,
        files: &[File],
        options: &Options,
        on_error: OnError,
    ) -> Result<ReadSettings, Vec<Diagnostic>> {
        let reading = TrackedReader::new(root, files);
        let (config, mut faults) = read_config(&reading);
        let is_sound = faults.is_empty();
        let config = config.filter(|_| is_sound || on_error == OnError::Skip);
        let config = config.map(|config| options.place(config));
        let base_url = BaseUrl::new(config.as_ref().map_or("", |config| &config.base_url));
        let details = ContactDetails::new(config.as_ref().filter(|_| is_sound));
        let (theme, (forms, data, words)) = rayon::join(
            || config.as_ref().map(|config| ReadTheme::new(&reading, config, on_error)),
            || {
                let forms = read_forms(&reading, &details, base_url.folder());
                (forms, read_data(&reading), read_strings(&reading))
            },
        );
        let ReadTheme { compiled, faults: theme_faults, without, is_stand_in } =
            theme.unwrap_or_default();
        let ReadForms { forms, links: form_links, warnings: form_warnings, faults: form_faults } =
            forms;
        let ReadData { data, warnings: data_warnings, faults: data_faults } = data;
        let (words, word_faults) = words;
        for found in [theme_faults, form_faults, data_faults, word_faults] {
            faults.extend(found);
        }
        let (Some(config), Some((templates, theme_files))) = (config, compiled) else {
            return Err(faults);
        };
        if on_error == OnError::Stop && !faults.is_empty() {
            return Err(faults);
        }
        let unread_templates =
            without.iter().filter_map(|path| Some(path.split_once("/templates/")?.1.to_owned()));
        let unread = Unread {
            pages: BTreeSet::new(),
            forms: unread_forms(files, &forms),
            data: unread_data(files, &data),
            templates: unread_templates.collect(),
            theme: is_stand_in,
        };
        faults.extend(undeclared(files, &config));
        faults.extend(unanswered(&config, &forms, options));
        let (wrong, doubtful): (Vec<Diagnostic>, Vec<Diagnostic>) =
            translations::faults(&config, &templates.theme.strings, &words)
                .into_iter()
                .partition(Diagnostic::is_error);
        faults.extend(wrong);
        let strings = translations::tables(&config, &templates.theme.strings, &words);
        let mut warnings = config.warnings.clone();
        warnings.extend(doubtful);
        warnings.extend(templates.theme.warnings.iter().cloned());
        warnings.extend(misnamed(files));
        let warnings = SourceWarnings {
            settings: warnings,
            forms: form_warnings,
            data: data_warnings,
            site: unspoken(&config, &forms),
        };
        let read = reading.digests();
        Ok(ReadSettings {
            config: Arc::new(config),
            templates,
            theme_files,
            forms,
            form_links,
            data,
            strings: Arc::new(strings),
            read,
            warnings,
            faults,
            unread,
        })
    }

    /// Returns the rules for parsing pages.
    pub(super) fn rules(&self, options: &Options) -> SectionRules {
        let taxonomies = self.config.taxonomies.iter();
        SectionRules {
            config: Arc::clone(&self.config),
            components: self.templates.components.clone(),
            strings: Arc::clone(&self.strings),
            ids: ids(&self.templates.theme, &self.forms),
            taxonomies: taxonomies.map(|each| each.name.value.clone()).collect(),
            purpose: options.purpose(),
            raw_html: BTreeMap::new(),
            schemas: BTreeMap::new(),
            digests: Vec::new(),
        }
        .with_digests()
    }

    /// The origins of the theme's own files, by path below `static/`.
    pub(super) fn statics(&self) -> Statics {
        let files = self.theme_files.iter();
        files
            .filter_map(|(name, file)| {
                Some((name.strip_prefix("static/")?.to_owned(), file.origin.clone()))
            })
            .collect()
    }

    /// Returns the inputs of a site, without page metadata, and the theme.
    pub(super) fn into_inputs(
        self,
        sources: &[Record],
        (images, attachments): (&images::KnownImages, &attachment::KnownAttachments),
        assets: assets::ByName,
        options: &Options,
        history: Option<History>,
    ) -> (Arc<Templates>, SiteInputs) {
        let ReadSettings { config, templates, forms, form_links, data, strings, unread, .. } = self;
        let images = assets::pictures(sources, images, &templates.theme.images);
        let attachments = assets::attachments(sources, attachments, options.drafts);
        let inputs = SiteInputs {
            config,
            metadata: Vec::new(),
            forms: Arc::new(forms),
            form_links: Arc::new(form_links),
            assets: Arc::new(assets),
            attachments: Arc::new(attachments),
            images: Arc::new(images),
            data: Arc::new(data),
            strings,
            history: history.map(Arc::new),
            options: options.clone(),
            unread: Arc::new(unread),
        };
        (Arc::new(templates), inputs)
    }
}

/// A compiled theme and its files.
type Compiled = (Templates, ThemeFiles);

/// The theme of a site, as far as it can be read.
#[derive(Default)]
struct ReadTheme {
    compiled: Option<Compiled>,
    /// Its errors.
    faults: Vec<Diagnostic>,
    /// The files left out because they have errors.
    without: BTreeSet<String>,
    /// Whether the built-in theme replaces the site's own.
    is_stand_in: bool,
}

impl ReadTheme {
    /// Reads and compiles the theme that the settings name. If errors are skipped, files with
    /// errors are left out; if that does not work either, the built-in theme is used.
    fn new(reading: &TrackedReader, config: &Config, on_error: OnError) -> ReadTheme {
        let mut theme = ReadTheme::default();
        loop {
            let files = read_theme(reading, config.theme.as_ref(), &theme.without, false);
            let found = match files.and_then(|files| Ok((Templates::compile(&files)?, files))) {
                Ok(compiled) => {
                    theme.compiled = Some(compiled);
                    theme.fill_in(reading, config);
                    return theme;
                }
                Err(found) => found,
            };
            let count = theme.without.len();
            theme.without.extend(found.iter().map(|fault| fault.path.clone()));
            let is_stuck = theme.without.len() == count;
            // Errors caused by leaving out files are not reported.
            if count == 0 {
                theme.faults = found;
            }
            if on_error == OnError::Stop {
                return theme;
            }
            if is_stuck {
                let files = theme::built_in();
                theme.compiled =
                    Templates::compile(&files).ok().map(|templates| (templates, files));
                theme.is_stand_in = true;
                return theme;
            }
        }
    }

    /// Fills in the built-in theme's versions of the files that are left out, if they fit together,
    /// and lets pages call their components, so that the calls are not reported as errors.
    fn fill_in(&mut self, reading: &TrackedReader, config: &Config) {
        if self.without.is_empty() {
            return;
        }
        let filled = read_theme(reading, config.theme.as_ref(), &self.without, true);
        let filled = filled.and_then(|files| Ok((Templates::compile(&files)?, files)));
        if let Ok(filled) = filled {
            self.compiled = Some(filled);
        }
        let Some((templates, _)) = &mut self.compiled else { return };
        for text in self.without.iter().filter_map(|path| source::text(reading.root, path).ok()) {
            for (name, shape) in theme::unread_components(&text) {
                templates.components.entry(name).or_insert(shape);
            }
        }
    }
}
