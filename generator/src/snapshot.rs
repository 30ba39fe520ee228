//! Takes a root folder and what is known of it, gives the whole site as it stands at one moment.
//! Reads the disk.
//!
//! The first three stages of the way (load, parse, assemble) for whoever wants a site: a build,
//! which renders all of it that is not fresh, and the local server, which renders what is asked for.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use daisychain_functions::form::Form;
use rayon::prelude::*;
use sha2::{Digest as _, Sha384};

use crate::config::{self, Config};
use crate::derive::image::{self, Picture, Variant, Workshop};
use crate::derive::{self, style};
use crate::diagnostic::Diagnostic;
use crate::digest::{Digest, Digester};
use crate::load::{self, File};
use crate::manifest::{Cards, KnownCard, Record};
use crate::parse::{self, Body, Card, Rules};
use crate::query::Answers;
use crate::site::{Asset, Data, ListPage, Materials, Options, PageId, Site};
use crate::theme::{Theme, ThemeFile, ThemeFiles};
use crate::{embedded, theme};

/// What earlier builds knew of the sources.
#[derive(Default)]
pub struct Known {
    /// The sources by path.
    pub sources: HashMap<String, Record>,
    /// When the sources were stamped, in nanoseconds since 1970.
    pub taken: u64,
    /// The cards by path below `content/`.
    pub cards: Cards,
    /// What pictures were found to be.
    pub images: image::Known,
}

/// One file that the site is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its path below the output folder, such as `stories/rose/index.html`.
    pub path: String,
    /// What makes it.
    pub source: Source,
}

/// What makes an output.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A page, by its template.
    Page(PageId),
    /// A page that no file of its own makes: of a list, of a taxonomy, of a term.
    List(ListPage),
    /// The page for a wrong address, by a template of its own.
    NotFound,
    /// A file as it is: its path below the root.
    Copy(String, Digest),
    /// A file made of others or of the whole site, or carried by the theme.
    Bytes(Arc<Vec<u8>>, Digest),
    /// A picture at one width, made when it is needed.
    Image(Box<Variant>),
}

impl Source {
    /// The page whose text it shows.
    pub fn page(&self) -> Option<PageId> {
        match self {
            Source::Page(page) | Source::List(ListPage::Part { page, .. }) => Some(*page),
            _ => None,
        }
    }
}

/// The site at one moment.
pub struct Snapshot {
    /// The root folder.
    pub root: PathBuf,
    /// The theme.
    pub theme: Theme,
    /// The site, and what is answered about it.
    pub answers: Arc<Answers>,
    /// Everything to be made, ordered by path.
    pub outputs: Vec<Output>,
    /// What is doubtful in the sources.
    pub warnings: Vec<Diagnostic>,
    /// The sources as they were read.
    pub sources: Vec<Record>,
    /// The cards as they were parsed or known.
    pub cards: Cards,
    /// What pictures were found to be.
    pub images: image::Known,
    /// Where pictures are made.
    pub workshop: Workshop,
    bodies: Mutex<HashMap<String, Body>>,
    rules: RuleBook,
}

/// What parsing depends on beside the text, kept so that a body can be parsed later.
struct RuleBook {
    config: Config,
    components: BTreeMap<String, parse::ComponentShape>,
    strings: BTreeMap<String, String>,
    taxonomies: Vec<String>,
    /// Folders whose section lets HTML through.
    raw_html: Vec<String>,
    /// What sections ask of their pages, by folder.
    schemas: BTreeMap<String, parse::Schema>,
    digests: [Digest; 2],
}

impl RuleBook {
    fn rules(&self, path: &str) -> Rules<'_> {
        let folder = path.rfind('/').map_or("", |end| &path[..end]);
        Rules {
            components: &self.components,
            raw_html: self.raw_html.iter().any(|allowed| allowed == folder),
            time_zone: &self.config.time_zone,
            taxonomies: &self.taxonomies,
            smart_punctuation: self.config.smart_punctuation,
            schema: self.schemas.get(folder),
            footnotes: self.word("footnotes", "Footnotes"),
            footnote_return: self.word("footnote_return", "Back to the text"),
        }
    }

    /// The theme's word under `key`; a theme that does not say it gets English.
    fn word<'a>(&'a self, key: &str, english: &'a str) -> &'a str {
        self.strings.get(key).map_or(english, String::as_str)
    }

    /// What a page's reading depends on beside its text.
    fn digest(&self, path: &str) -> Digest {
        let rules = self.rules(path);
        let shared = self.digests[usize::from(rules.raw_html)];
        match rules.schema {
            Some(schema) => Digester::new().digest(shared).value(schema).finish(),
            None => shared,
        }
    }

    /// Works out what pages share, with HTML and without, once for all of them.
    fn with_digests(mut self) -> Self {
        let digest = |raw_html: bool| {
            let rules = self.rules("");
            Digester::new()
                .part(format!("{:?}", rules.components))
                .part(format!("{:?}", rules.time_zone.iana_name()))
                .value(&(raw_html, rules.smart_punctuation, rules.taxonomies))
                .value(&(rules.footnotes, rules.footnote_return))
                .finish()
        };
        self.digests = [digest(false), digest(true)];
        self
    }
}

/// The files under `content/` and the theme's folder, as they are now.
///
/// # Errors
/// What cannot be read.
pub fn sources(root: &Path) -> Result<Vec<File>, Vec<Diagnostic>> {
    let content = load::walk(root, "content");
    let themes = load::walk(root, "themes");
    match (content, themes) {
        (Ok(mut files), Ok(themes)) => {
            files.extend(themes);
            Ok(files)
        }
        (Err(mut faults), Err(more)) => {
            faults.extend(more);
            Err(faults)
        }
        (Err(faults), Ok(_)) | (Ok(_), Err(faults)) => Err(faults),
    }
}

/// The text of a source, or of a file that the theme in the binary has at this path: for showing
/// the line at fault.
pub fn source_text(root: &Path, path: &str) -> Option<String> {
    load::text(root, path).ok().or_else(|| {
        let file = embedded::theme().remove(path.strip_prefix("themes/daisy/")?)?;
        String::from_utf8(file.bytes).ok()
    })
}

impl Snapshot {
    /// Takes the site of `files` below `root` at `now` (seconds since 1970).
    ///
    /// # Errors
    /// Everything found wrong in the first stage that finds anything.
    pub fn take(
        root: &Path,
        files: Vec<File>,
        options: &Options,
        now: i64,
        known: Known,
    ) -> Result<Snapshot, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut keep = |found: Vec<Diagnostic>| faults.extend(found);
        let config = read_config(root, &files).map_err(&mut keep).ok();
        let theme_files = read_theme(root, &files).map_err(&mut keep).ok();
        let theme =
            theme_files.as_ref().and_then(|found| Theme::new(found).map_err(&mut keep).ok());
        let forms = read_forms(root, &files).map_err(&mut keep).ok();
        let data = read_data(root, &files).map_err(&mut keep).ok();
        let (Some(config), Some(theme), Some(theme_files), Some(forms), Some(data)) =
            (config, theme, theme_files, forms, data)
        else {
            return Err(faults);
        };

        let mut book = RuleBook {
            config: config.clone(),
            components: theme.components.clone(),
            strings: theme.strings.clone(),
            taxonomies: config.taxonomies.iter().map(|each| each.name.value.clone()).collect(),
            raw_html: Vec::new(),
            schemas: BTreeMap::new(),
            digests: [Digest::default(); 2],
        }
        .with_digests();
        let mut reader = Reader { root, known: &known, book: &book };
        let (sections, pages): (Vec<&File>, Vec<&File>) = files
            .iter()
            .filter(|file| is_page(&file.path))
            .partition(|file| parse::Kind::of(below_content(&file.path)) != parse::Kind::Page);
        let mut read: Vec<ReadPage> = sections.iter().map(|file| reader.page(file)).collect();
        let raw_html = read.iter().filter_map(|page| {
            let (card, _) = page.page.as_ref().ok()?;
            card.front
                .section
                .raw_html
                .then(|| card.path.trim_end_matches("_index.md").trim_end_matches('/').to_owned())
        });
        book.raw_html = raw_html.collect();
        book.schemas = schemas(&read);
        let shared = book.digests[0];
        reader = Reader { root, known: &known, book: &book };
        // What a section allows and asks holds for its own page too, which says so only now.
        for (page, file) in read.iter_mut().zip(&sections) {
            if book.digest(&page.path) != shared {
                *page = reader.page(file);
            }
        }
        read.extend(pages.par_iter().map(|file| reader.page(file)).collect::<Vec<_>>());
        read.sort_unstable_by(|a, b| a.path.cmp(&b.path));

        let mut cards = Cards::with_capacity(read.len());
        let mut bodies = HashMap::new();
        let mut sources: Vec<Record> = Vec::with_capacity(files.len());
        let mut warnings = config.warnings.clone();
        warnings.extend(misnamed(&files));
        for page in read {
            match page.page {
                Ok((card, body)) => {
                    warnings.extend(card.warnings.iter().cloned());
                    if let Some(body) = body {
                        bodies.insert(card.path.clone(), body);
                    }
                    let rules = book.digest(&card.path);
                    let known = KnownCard { source: page.record.digest, rules, card };
                    cards.insert(page.path, known);
                    sources.push(page.record);
                }
                Err(found) => faults.extend(found),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let others: Vec<&File> = files.iter().filter(|file| !is_page(&file.path)).collect();
        let others: Vec<Result<Looked, Diagnostic>> =
            others.par_iter().map(|file| reader.look(file, &known.images)).collect();
        let mut images = image::Known::new();
        for other in others {
            let Looked { record, probed } = other.map_err(|fault| vec![fault])?;
            if let Some(probed) = probed {
                images.insert(record.digest, probed);
            }
            sources.push(record);
        }
        sources.sort_unstable_by(|a, b| a.path.cmp(&b.path));

        let (assets, mut outputs) = assets(&theme_files, &files, &sources)?;
        let mut ordered: Vec<(&String, &KnownCard)> = cards.iter().collect();
        ordered.sort_unstable_by_key(|(path, _)| *path);
        let materials = Materials {
            config,
            cards: ordered
                .into_iter()
                .map(|(_, known)| {
                    let source = Digester::new().digest(known.source).digest(known.rules).finish();
                    (Arc::clone(&known.card), source)
                })
                .collect(),
            forms,
            assets,
            images: pictures(&sources, &images, &theme.images),
            data,
            strings: theme.strings.clone(),
            options: options.clone(),
        };
        let site = Site::assemble(materials, now)?;
        faults.extend(missing_templates(&site, &theme));
        if theme.has("not_found.html") {
            outputs.push(Output { path: "404.html".to_owned(), source: Source::NotFound });
        }
        let index = |url: &str| format!("{}index.html", url.trim_start_matches('/'));
        outputs.extend(
            site.iter()
                .map(|(id, page)| Output { path: index(&page.url), source: Source::Page(id) }),
        );
        outputs.extend(
            site.list_pages()
                .into_iter()
                .map(|(url, page)| Output { path: index(&url), source: Source::List(page) }),
        );
        outputs.extend(derive::files(&site).into_iter().map(|(path, text)| {
            let digest = Digest::of(&text);
            Output { path, source: Source::Bytes(Arc::new(text.into_bytes()), digest) }
        }));
        outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        faults.extend(clashes(&site, &outputs));
        if !faults.is_empty() {
            return Err(faults);
        }
        warnings.extend(site.stills());
        let answers = Arc::new(Answers::new(Arc::new(site)));
        let workshop = Workshop::new(root);
        let root = root.to_owned();
        let bodies = Mutex::new(bodies);
        Ok(Snapshot {
            root,
            theme,
            answers,
            outputs,
            warnings,
            sources,
            cards,
            images,
            workshop,
            bodies,
            rules: book,
        })
    }

    /// The site.
    pub fn site(&self) -> &Arc<Site> {
        self.answers.site()
    }

    /// The output at `path`, where that is a picture of the site at one width. Those that pages show
    /// are known only when every page is rendered, so they are not among [`Self::outputs`].
    pub fn image(&self, path: &str) -> Option<Output> {
        let variants = self.site().images.values().flat_map(|picture| &picture.variants);
        variants.into_iter().find(|variant| variant.path == path).map(image_output)
    }

    /// The body of a page: as it was parsed, once; after that read and parsed again, so that
    /// bodies of rendered pages are not all held.
    ///
    /// # Errors
    /// The file cannot be read any more, or was changed and is wrong now.
    pub fn body(&self, id: PageId) -> Result<Body, Vec<Diagnostic>> {
        let path = &self.site().page(id).card.path;
        let parsed = self.bodies.lock().expect("nothing panics while it holds this").remove(path);
        if let Some(body) = parsed {
            return Ok(body);
        }
        let file = format!("content/{path}");
        let text = load::text(&self.root, &file).map_err(|fault| vec![fault])?;
        // Another text's links and components are not those of the card.
        if self.cards.get(path).is_none_or(|known| known.source != Digest::of(&text)) {
            let fault = Diagnostic::error(file, "this file was changed while the site was made");
            return Err(vec![fault.help("build again")]);
        }
        let parsed = parse::parse(path, &text, &self.rules.rules(path));
        parsed.page.map(|page| page.body).ok_or(parsed.diagnostics)
    }
}

/// The output that a picture at one width is.
pub(crate) fn image_output(variant: &Variant) -> Output {
    Output { path: variant.path.clone(), source: Source::Image(Box::new(variant.clone())) }
}

/// What sections ask of their pages, by folder.
fn schemas(sections: &[ReadPage]) -> BTreeMap<String, parse::Schema> {
    let cards = sections.iter().filter_map(|section| section.page.as_ref().ok());
    cards
        .filter(|(card, _)| !card.front.section.schema.fields.is_empty())
        .map(|(card, _)| {
            let folder = card.path.rfind('/').map_or("", |end| &card.path[..end]);
            (folder.to_owned(), card.front.section.schema.clone())
        })
        .collect()
}

struct Reader<'a> {
    root: &'a Path,
    known: &'a Known,
    book: &'a RuleBook,
}

/// A file that is no page.
struct Looked {
    record: Record,
    /// What it is, where it is a picture.
    probed: Option<image::Probed>,
}

struct ReadPage {
    path: String,
    record: Record,
    page: Result<(Arc<Card>, Option<Body>), Vec<Diagnostic>>,
}

impl Reader<'_> {
    /// A file that is no page: as it is known where nothing changed, else read.
    fn look(&self, file: &File, images: &image::Known) -> Result<Looked, Diagnostic> {
        let record = |digest| Record { path: file.path.clone(), stamp: file.stamp, digest };
        let is_picture = image::is_picture(&file.path);
        if let Some(source) = self.known.sources.get(&file.path)
            && is_unchanged(source, file, self.known.taken)
        {
            let probed = images.get(&source.digest).cloned();
            if !is_picture || probed.is_some() {
                let probed = probed.filter(|_| is_picture);
                return Ok(Looked { record: record(source.digest), probed });
            }
        }
        let bytes = load::bytes(self.root, &file.path)?;
        let digest = Digest::of(&bytes);
        let probe = || images.get(&digest).cloned().unwrap_or_else(|| image::probe::probe(&bytes));
        Ok(Looked { record: record(digest), probed: is_picture.then(probe) })
    }

    /// A page's card: as it is known where nothing changed, else parsed.
    fn page(&self, file: &File) -> ReadPage {
        let path = below_content(&file.path);
        let record = |digest| Record { path: file.path.clone(), stamp: file.stamp, digest };
        let rules = self.book.digest(path);
        let known = self.known.cards.get(path).filter(|known| known.rules == rules);
        if let (Some(known), Some(source)) = (known, self.known.sources.get(&file.path))
            && is_unchanged(source, file, self.known.taken)
            && source.digest == known.source
        {
            let page = Ok((Arc::clone(&known.card), None));
            return ReadPage { path: path.to_owned(), record: record(known.source), page };
        }
        let text = match load::text(self.root, &file.path) {
            Ok(text) => text,
            Err(fault) => {
                let page = Err(vec![fault]);
                return ReadPage { path: path.to_owned(), record: record(Digest::default()), page };
            }
        };
        let digest = Digest::of(&text);
        let page = match known.filter(|known| known.source == digest) {
            Some(known) => Ok((Arc::clone(&known.card), None)),
            None => {
                let parsed = parse::parse(path, &text, &self.book.rules(path));
                match parsed.page {
                    Some(page) => Ok((Arc::new(page.card), Some(page.body))),
                    None => Err(parsed.diagnostics),
                }
            }
        };
        ReadPage { path: path.to_owned(), record: record(digest), page }
    }
}

/// Whether a file is as it was recorded, by its stamp. A stamp that is not clearly older than the
/// record proves nothing: the file may have changed within one tick of the clock.
pub fn is_unchanged(record: &Record, file: &File, taken: u64) -> bool {
    record.stamp == file.stamp && file.stamp.is_clearly_before(taken)
}

fn below_content(path: &str) -> &str {
    path.strip_prefix("content/").unwrap_or(path)
}

fn is_page(path: &str) -> bool {
    path.starts_with("content/")
        && path.ends_with(".md")
        && !path.starts_with("content/forms/")
        && !path.starts_with("content/data/")
}

/// Files that were most likely meant as pages: their names end nearly as a page's name does.
fn misnamed(files: &[File]) -> Vec<Diagnostic> {
    let warning = |file: &File| {
        let name = file.path.strip_prefix("content/")?.rsplit('/').next()?;
        let lower = name.to_lowercase();
        let endings = [".md.txt", ".markdown", ".mdown", ".md"];
        let ending = endings.into_iter().find(|ending| lower.ends_with(ending))?;
        let stem = &name[..name.len() - ending.len()];
        (!name.ends_with(".md")).then(|| {
            Diagnostic::warning(&file.path, "this file is not shown as a page")
                .help(format!("a page's name ends in `.md`: rename it to `{stem}.md`"))
        })
    };
    files.iter().filter_map(warning).collect()
}

fn read_config(root: &Path, files: &[File]) -> Result<Config, Vec<Diagnostic>> {
    if !files.iter().any(|file| file.path == config::PATH) {
        return Err(vec![
            Diagnostic::error(config::PATH, "this folder is not a site: it has no such file")
                .help("name the site's folder with `--root`, or make a new site with `daisy init`"),
        ]);
    }
    let text = load::text(root, config::PATH).map_err(|fault| vec![fault])?;
    Config::parse(&text)
}

fn read_forms(root: &Path, files: &[File]) -> Result<BTreeMap<String, Form>, Vec<Diagnostic>> {
    let mut forms = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix("content/forms/") else { continue };
        let Some(name) = name.strip_suffix(".yaml") else {
            let fault = Diagnostic::error(&file.path, "this is not a form");
            faults.push(fault.help("a form's file ends in `.yaml`; move other files elsewhere"));
            continue;
        };
        match load::text(root, &file.path) {
            Ok(text) => match Form::parse(name, &text) {
                Ok(form) => {
                    forms.insert(name.to_owned(), form);
                }
                Err(found) => faults.extend(found.into_iter().map(|error| {
                    let fault = Diagnostic::error(&file.path, error.message).at(error.place);
                    match error.help {
                        Some(help) => fault.help(help),
                        None => fault,
                    }
                })),
            },
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(forms) } else { Err(faults) }
}

/// The files of `content/data/` by name, which is their path there without its ending.
fn read_data(root: &Path, files: &[File]) -> Result<BTreeMap<String, Data>, Vec<Diagnostic>> {
    let mut data: BTreeMap<String, Data> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files {
        let Some(path) = file.path.strip_prefix("content/data/") else { continue };
        let read = load::text(root, &file.path).map_err(Box::new);
        match read.and_then(|text| Ok((parse::data::parse(&file.path, &text)?, text))) {
            Ok((value, text)) => {
                let name = path.rsplit_once('.').map_or(path, |(name, _)| name);
                let digest = Digester::new().part(path).part(text).finish();
                if data.insert(name.to_owned(), Data { value, digest }).is_some() {
                    let message = format!("another file of data has the name `{name}` too");
                    let fault = Diagnostic::error(&file.path, message);
                    faults.push(fault.help("rename one of the two: the ending is no part of it"));
                }
            }
            Err(fault) => faults.push(*fault),
        }
    }
    if faults.is_empty() { Ok(data) } else { Err(faults) }
}

/// The theme's files: those of the site's own folder, over those of the theme it extends.
fn read_theme(root: &Path, files: &[File]) -> Result<ThemeFiles, Vec<Diagnostic>> {
    let mut found = ThemeFiles::new();
    for file in files {
        let Some(path) = file.path.strip_prefix("themes/daisy/") else { continue };
        let bytes = load::bytes(root, &file.path).map_err(|fault| vec![fault])?;
        found.insert(path.to_owned(), ThemeFile { origin: file.path.clone(), bytes });
    }
    let extended = found.get("theme.yaml").and_then(theme::extends);
    if found.is_empty() || extended.is_some() {
        for (path, file) in embedded::theme() {
            found.entry(path).or_insert(file);
        }
    }
    Ok(found)
}

/// The pictures under `content/`, by their path below it.
fn pictures(
    sources: &[Record],
    images: &image::Known,
    settings: &image::Settings,
) -> BTreeMap<String, Picture> {
    let pictures = sources.iter().filter(|record| image::is_picture(&record.path));
    pictures
        .filter_map(|Record { path, digest, .. }| {
            let probed = images.get(digest)?.clone();
            let picture = Picture::new(path, *digest, probed, settings);
            Some((below_content(path).to_owned(), picture))
        })
        .collect()
}

type Assets = (BTreeMap<String, Asset>, Vec<Output>);

/// Styles bundled, the theme's own files, and files beside pages.
fn assets(
    theme: &ThemeFiles,
    files: &[File],
    sources: &[Record],
) -> Result<Assets, Vec<Diagnostic>> {
    let mut assets = BTreeMap::new();
    let mut outputs = Vec::new();
    let mut add = |name: String, path: String, asset: Asset, source: Source| {
        assets.insert(name, asset);
        outputs.push(Output { path, source });
    };
    let mut faults = Vec::new();
    for (name, file) in theme {
        if let Some(path) = name.strip_prefix("static/") {
            let digest = Digest::of(&file.bytes);
            let asset = Asset { url: format!("/{path}"), integrity: None, digest };
            let source = Source::Bytes(Arc::new(file.bytes.clone()), digest);
            add(name.clone(), path.to_owned(), asset, source);
        } else if name == "styles/main.css" {
            match style::bundle(theme, name) {
                Ok(css) => {
                    let digest = Digest::of(&css);
                    let path = format!("styles/main.{}.css", digest.short());
                    let integrity = Some(integrity(css.as_bytes()));
                    let asset = Asset { url: format!("/{path}"), integrity, digest };
                    add(name.clone(), path, asset, Source::Bytes(Arc::new(css.into()), digest));
                }
                Err(fault) => faults.push(fault),
            }
        }
    }
    for file in files.iter().filter(|file| is_attachment(&file.path)) {
        let at = sources.binary_search_by(|record| record.path.as_str().cmp(&file.path));
        let digest = sources[at.expect("every file was recorded")].digest;
        let path = below_content(&file.path).to_owned();
        let asset = Asset { url: format!("/{path}"), integrity: None, digest };
        add(file.path.clone(), path, asset, Source::Copy(file.path.clone(), digest));
    }
    if faults.is_empty() { Ok((assets, outputs)) } else { Err(faults) }
}

/// Files that lie beside pages for people to fetch, such as a leaflet.
fn is_attachment(path: &str) -> bool {
    const KINDS: [&str; 9] = ["pdf", "txt", "csv", "ics", "vtt", "odt", "docx", "xlsx", "epub"];
    path.starts_with("content/")
        && !path.starts_with("content/forms/")
        && !path.starts_with("content/data/")
        && path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

/// Subresource Integrity (W3C): `sha384-` and the digest in base 64.
fn integrity(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Sha384::digest(bytes);
    let letters = hash.chunks(3).flat_map(|three| {
        // 48 bytes are 16 threes: there is never a rest to pad.
        let bits = three.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift) as usize & 63]))
    });
    format!("sha384-{}", letters.collect::<String>())
}

fn missing_templates(site: &Site, theme: &Theme) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for page in &site.pages {
        let template = site.template(page);
        if theme.has(template) {
            continue;
        }
        let fault = Diagnostic::error(
            format!("content/{}", page.card.path),
            format!("the theme has no template `{template}`"),
        );
        let fault = match &page.card.front.template {
            Some(written) => fault.at(written.place),
            None => fault,
        };
        faults.push(match theme.nearest(template) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("take the template out, and the page gets its usual one"),
        });
    }
    for taxonomy in &site.taxonomies {
        for template in ["taxonomy.html", "term.html"] {
            if !theme.has(template) {
                let message = format!("the theme has no template `{template}` for this");
                let fault = Diagnostic::error(config::PATH, message);
                faults.push(fault.at(taxonomy.settings.name.place).help(
                    "add it to the theme's `templates`, or write `extends: daisy` in its theme.yaml",
                ));
            }
        }
    }
    faults
}

fn clashes(site: &Site, outputs: &[Output]) -> Vec<Diagnostic> {
    let name = |output: &Output| match &output.source {
        Source::Page(page) | Source::List(ListPage::Part { page, .. }) => {
            format!("content/{}", site.page(*page).card.path)
        }
        Source::List(_) => config::PATH.to_owned(),
        Source::NotFound => "the page for wrong addresses".to_owned(),
        Source::Copy(path, _) => path.clone(),
        Source::Image(variant) => variant.source.clone(),
        Source::Bytes(..) if site.assets.contains_key(&format!("static/{}", output.path)) => {
            format!("themes/daisy/static/{}", output.path)
        }
        Source::Bytes(..) => format!("daisy's own {}", output.path),
    };
    let what = |output: &Output| match &output.source {
        Source::List(ListPage::Taxonomy(_) | ListPage::Term { .. }) => {
            "the list of a taxonomy".to_owned()
        }
        _ => name(output),
    };
    let pairs = outputs.windows(2).filter(|pair| pair[0].path == pair[1].path);
    pairs
        .map(|pair| {
            let message = format!(
                "this would be written to {}, and so would {}",
                pair[1].path,
                what(&pair[1])
            );
            Diagnostic::error(name(&pair[0]), message).help("rename one of the two")
        })
        .collect()
}
