//! Resolves what templates query about the site, and records the queries of each output.
//!
//! A template can reach beyond its own page only through a [`Query`]: a pure function of the
//! immutable [`Site`]. The queries made while an output is rendered, with the digests of their
//! results, are all that a later build needs to decide whether the output is still fresh. Missing
//! results and errors are recorded too.

mod dependencies;
mod error;
mod question;
mod recorder;

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use hashbrown::{DefaultHashBuilder, HashTable};
use tera::Value;

use crate::config::LanguageId;
use crate::diagnostic::nearest;
use crate::digest::{Digest, Digester};
use crate::html::EXPIRED;
use crate::parse::Moment;
use crate::site::{LinkedFile, List, PageId, Site};
use crate::view::{self, map};

pub use crate::site::InternalLink;
pub use dependencies::{Dependencies, Dependency};
pub use error::QueryError;
pub use question::{LocalizedQuery, Query};
pub use recorder::{RecordedQueries, ask, record, with_content_language, with_locale};
pub(crate) use recorder::{external_link, languages, record_apart, record_shared};

/// The result of a query before it is turned into a value.
enum Resolved {
    /// Pages: their digests are known and their values are shared.
    Pages(Vec<PageId>),
    /// A page, if found.
    Page(Option<PageId>),
    /// The pages before and after a page.
    Neighbours(Option<PageId>, Option<PageId>),
    /// A data file: its digest is known.
    Data(String),
    /// A page of a list; the values of its pages are shared too.
    Part(LanguageId, List, u32),
    /// Anything else.
    Plain(Value),
    /// An expired page; its URL is [`EXPIRED`].
    Expired,
    /// The error of a query without a result.
    Fault(QueryError),
}

/// A query with its result.
pub struct Answer {
    /// The query, and the digest of the result; equal digests mean equal results.
    dependency: Arc<Dependency>,
    /// The number of the answer in its site, from 0 on, in the order of the queries.
    number: u32,
    found: Resolved,
    value: OnceLock<Result<Value, QueryError>>,
}

impl Answer {
    /// The query.
    pub fn question(&self) -> &LocalizedQuery {
        &self.dependency.question
    }

    /// The digest of the result; equal digests mean equal results.
    pub fn digest(&self) -> Digest {
        self.dependency.digest
    }
}

/// The number of shards of the answer table, so that threads rarely wait for each other.
const SHARDS: usize = 32;

/// A shard of the answers, each with the hash of its query.
type Shard = HashTable<(u64, Arc<Answer>)>;

/// Resolves queries about one site, each only once.
pub struct QueryEngine {
    /// Different for each engine of the process, and never 0.
    number: u64,
    site: Arc<Site>,
    hasher: DefaultHashBuilder,
    shards: [Mutex<Shard>; SHARDS],
    count: AtomicU32,
}

impl QueryEngine {
    /// Creates an engine without answers.
    pub fn new(site: Arc<Site>) -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(1);
        QueryEngine {
            number: ENGINES.fetch_add(1, Ordering::Relaxed),
            site,
            hasher: DefaultHashBuilder::default(),
            shards: std::array::from_fn(|_| Mutex::default()),
            count: AtomicU32::new(0),
        }
    }

    /// The site that is queried.
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Returns the answer to a query in a language. The digest is computed at once, the value on
    /// first use.
    pub fn answer(&self, query: &Query, language: LanguageId) -> Arc<Answer> {
        let hash = self.hasher.hash_one((query, language));
        // The table uses the other bits of the hash.
        let shard = usize::try_from(hash >> 32).unwrap_or(0) % SHARDS;
        let lock = || self.shards[shard].lock().expect("no thread panics while it holds a shard");
        let is_it = |(own, answer): &(u64, Arc<Answer>)| {
            let question = answer.question();
            *own == hash && question.language == language && question.query == *query
        };
        if let Some((_, answer)) = lock().find(hash, is_it) {
            return Arc::clone(answer);
        }
        let found = find(&self.site, language, query);
        let digest = digest(&self.site, &found);
        let mut shard = lock();
        // Another thread may have added it in the meantime.
        if let Some((_, answer)) = shard.find(hash, is_it) {
            return Arc::clone(answer);
        }
        let question = LocalizedQuery { query: query.clone(), language };
        let answer = Arc::new(Answer {
            dependency: Arc::new(Dependency::on_result(question, digest, self.number)),
            number: self.count.fetch_add(1, Ordering::Relaxed),
            found,
            value: OnceLock::new(),
        });
        shard.insert_unique(hash, (hash, Arc::clone(&answer)), |(hash, _)| *hash);
        answer
    }

    /// Returns the answer to an earlier query, which may have been about another site.
    pub fn reevaluate(&self, question: &LocalizedQuery) -> Arc<Answer> {
        self.answer(&question.query, question.language)
    }

    /// Returns the files that an output making this query links to.
    pub fn linked_files(&self, question: &LocalizedQuery) -> Vec<LinkedFile<'_>> {
        let site = &self.site;
        let file_at = |path: &str| site.file_at(path)?.ok();
        match &question.query {
            Query::Asset(name) => {
                name.strip_prefix("content/").and_then(file_at).into_iter().collect()
            }
            Query::File(path) => {
                let file = site.attachment(path);
                file.map(|(path, file)| LinkedFile::Attachment(path, file)).into_iter().collect()
            }
            // The page shown after a form, which is not an output, has the same texts.
            Query::Form(name) => site.files_of_form(name).collect(),
            Query::Link(place) => site.linked_file(question.language, place).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn value(&self, answer: &Answer) -> Result<Value, QueryError> {
        answer.value.get_or_init(|| value(&self.site, &answer.found)).clone()
    }
}

fn find(site: &Site, language: LanguageId, query: &Query) -> Resolved {
    match query {
        Query::Asset(path) => match site.assets.get(path) {
            Some(asset) => Resolved::Plain(map([
                ("url", Value::from(site.base_url.href(&asset.url))),
                ("integrity", asset.integrity.as_deref().map_or(Value::none(), Value::from)),
            ])),
            None => asset_of_content(site, path),
        },
        Query::Backlinks(path) => match site.find(language, path) {
            Some(id) => Resolved::Pages(site.backlinks(id).to_vec()),
            None => Resolved::Pages(Vec::new()),
        },
        Query::Breadcrumbs(path) => match site.find(language, path) {
            Some(id) => Resolved::Pages(site.ancestors(site.page(id))),
            None => Resolved::Pages(Vec::new()),
        },
        Query::Config(key) => {
            let found = site.config.get(language, key);
            Resolved::Plain(found.map_or(Value::none(), |value| value.to_tera()))
        }
        Query::ConfigLanguage(key) => {
            let code = site.config.fallback_language(language, key);
            Resolved::Plain(code.map_or(Value::none(), Value::from))
        }
        Query::Data(name) if site.data.contains_key(name) => Resolved::Data(name.clone()),
        Query::Data(name) if site.unread.data.contains(name) => {
            Resolved::Fault(QueryError::UnreadData(name.clone()))
        }
        Query::Data(name) => missing("data", name, site.data.keys()),
        Query::Feed(url) => {
            Resolved::Plain(site.feed(&site.base_url.path_of(url)).map_or(Value::none(), |feed| {
                map([
                    ("title", Value::from(feed.title.as_str())),
                    ("url", Value::from(site.base_url.href(&feed.url))),
                ])
            }))
        }
        Query::File(path) => Resolved::Plain(Value::from(site.attachment(path).is_some())),
        Query::Form(name) => match site.forms.get(name) {
            Some(form) => Resolved::Plain(view::form(site, language, form)),
            None if site.unread.forms.contains(name) => Resolved::Plain(view::unread_form(name)),
            None => missing("form", name, site.forms.keys()),
        },
        Query::Icons => {
            let links = site.icon_links().into_iter().map(|link| {
                map([
                    ("rel", Value::from(link.rel)),
                    ("url", Value::from(link.url)),
                    ("type", Value::from(link.media_type)),
                    ("sizes", Value::from(link.sizes)),
                ])
            });
            Resolved::Plain(Value::from(links.collect::<Vec<_>>()))
        }
        Query::Image(path) => match site.picture(path) {
            Ok(picture) => Resolved::Plain(view::image(picture, &site.base_url)),
            Err(fault) => Resolved::Fault(QueryError::DeadLink(Box::new(fault))),
        },
        Query::Language => Resolved::Plain(view::language(site, language)),
        Query::LastCommit(path) => {
            let history = site.history.as_ref();
            let file = site.find(language, path).map_or(path, |id| &site.page(id).meta.path);
            let seconds = history.and_then(|history| history.last_commits.get(file).copied());
            let iso = |seconds| Moment::of(seconds, &site.config.time_zone).iso();
            Resolved::Plain(seconds.map_or(Value::none(), |seconds| Value::from(iso(seconds))))
        }
        Query::Link(place) => match site.address(language, place) {
            Ok(url) => Resolved::Plain(Value::from(url)),
            Err(fault) => match site.expired_at(language, place) {
                Some(_) => Resolved::Expired,
                None => Resolved::Fault(QueryError::DeadLink(Box::new(fault))),
            },
        },
        Query::MenuUrls => {
            let urls = site.menu_urls(language).into_iter().map(Value::from);
            Resolved::Plain(Value::from(urls.collect::<Vec<_>>()))
        }
        Query::Menu(name) => {
            let lines = site.menu(language, name);
            let lines = lines.iter().map(|line| view::menu_line(site, line));
            Resolved::Plain(Value::from(lines.collect::<Vec<_>>()))
        }
        Query::Neighbours(path) => {
            let (previous, next) =
                site.find(language, path).map_or((None, None), |id| site.neighbours(id));
            Resolved::Neighbours(previous, next)
        }
        Query::Page(path) => Resolved::Page(site.find(language, path)),
        Query::Pages { section, limit } => {
            let limit = limit.map_or(usize::MAX, |limit| limit as usize);
            let section = site.section(language, section);
            let pages = section.map_or(&[][..], |section| &section.pages);
            Resolved::Pages(pages.iter().take(limit).copied().collect())
        }
        Query::Part { list, number } => match site.part(language, list, *number) {
            Some(_) => Resolved::Part(language, list.clone(), *number),
            None => Resolved::Page(None),
        },
        Query::Policy => Resolved::Plain(Value::safe_string(&site.policy())),
        Query::Related { path, limit } => match site.find(language, path) {
            Some(id) => Resolved::Pages(site.related(id, *limit as usize)),
            None => Resolved::Pages(Vec::new()),
        },
        Query::Sections(folder) => {
            let section = site.section(language, folder);
            Resolved::Pages(section.map_or_else(Vec::new, |section| section.sections.clone()))
        }
        Query::Shared(path) => Resolved::Plain(view::shared_image(site, language, path)),
        Query::Terms(taxonomy) => {
            let terms =
                site.taxonomy(language, taxonomy).map_or(&[][..], |taxonomy| &taxonomy.terms);
            let terms = terms.iter().map(|term| view::term(site, term));
            Resolved::Plain(Value::from(terms.collect::<Vec<_>>()))
        }
        Query::Text(key) => {
            let table = &site.strings[language.index()];
            match table.get(key) {
                Some(text) => {
                    let code = &site.config.language(language).code;
                    Resolved::Plain(view::text(text, code))
                }
                None => missing("text", key, table.keys()),
            }
        }
    }
}

/// Returns the URL of a file of `content/` for `asset`.
fn asset_of_content(site: &Site, name: &str) -> Resolved {
    match name.strip_prefix("content/").and_then(|path| site.file_at(path)) {
        Some(Ok(file)) => Resolved::Plain(map([
            ("url", Value::from(site.base_url.href(&format!("/{}", file.path())))),
            ("integrity", Value::none()),
        ])),
        Some(Err(fault)) => Resolved::Fault(QueryError::DeadLink(Box::new(fault))),
        None => no_asset(site, name),
    }
}

/// Explains that there is no such asset, and suggests the most similar one, preferably with the
/// same file name.
fn no_asset(site: &Site, name: &str) -> Resolved {
    let content: Vec<String> = site.file_names().map(|path| format!("content/{path}")).collect();
    let known = || site.assets.keys().chain(&content).map(String::as_str);
    let file = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let near = known().find(|path| file(path) == file(name)).or_else(|| nearest(name, known()));
    let near = near.map(str::to_owned);
    Resolved::Fault(QueryError::Missing { kind: "file", name: name.to_owned(), near })
}

fn missing<'a>(
    kind: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a String>,
) -> Resolved {
    let near = nearest(name, known.map(String::as_str)).map(str::to_owned);
    Resolved::Fault(QueryError::Missing { kind, name: name.to_owned(), near })
}

fn digest(site: &Site, found: &Resolved) -> Digest {
    let mut digester = Digester::new();
    match found {
        Resolved::Pages(pages) => {
            digester.part("cards");
            for id in pages {
                digester.digest(site.page(*id).summary_digest);
            }
        }
        Resolved::Page(Some(id)) => {
            digester.part("card").digest(site.page(*id).summary_digest);
        }
        Resolved::Page(None) => {
            digester.part("absent");
        }
        Resolved::Neighbours(previous, next) => {
            digester.part("neighbours");
            for id in [previous, next] {
                digester.digest(id.map_or(Digest::default(), |id| site.page(id).summary_digest));
            }
        }
        Resolved::Data(name) => {
            digester.part("data").digest(site.data[name].digest);
        }
        Resolved::Part(language, list, number) => {
            if let Some(part) = site.part(*language, list, *number) {
                digester.part("part").part(part.home).value(&(part.number, part.count));
                for id in part.pages {
                    digester.digest(site.page(*id).summary_digest);
                }
            }
        }
        Resolved::Plain(value) => {
            let text = serde_json::to_vec(value).expect("a template's value can be written");
            digester.part("value").part(text);
        }
        Resolved::Expired => {
            digester.part("expired");
        }
        Resolved::Fault(error) => {
            digester.part("fault").part(error.to_string());
        }
    }
    digester.finish()
}

fn value(site: &Site, found: &Resolved) -> Result<Value, QueryError> {
    match found {
        Resolved::Pages(pages) => {
            Ok(Value::from(pages.iter().map(|id| view::listing(site, *id)).collect::<Vec<_>>()))
        }
        Resolved::Page(Some(id)) => Ok(view::listing(site, *id)),
        Resolved::Page(None) => Ok(Value::none()),
        Resolved::Neighbours(previous, next) => {
            let meta = |id: &Option<PageId>| id.map_or(Value::none(), |id| view::listing(site, id));
            Ok(map([("next", meta(next)), ("previous", meta(previous))]))
        }
        Resolved::Data(name) => Ok(site.data[name].value.to_tera()),
        Resolved::Part(language, list, number) => Ok(site
            .part(*language, list, *number)
            .map_or(Value::none(), |part| view::part(site, &part))),
        Resolved::Plain(value) => Ok(value.clone()),
        Resolved::Expired => Ok(Value::from(EXPIRED)),
        Resolved::Fault(error) => Err(error.clone()),
    }
}
