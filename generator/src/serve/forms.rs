//! Runs the forms service on this computer: the same as in the Lambda functions, with an SQLite
//! file and a folder for emails. Reads and writes `.daisy/`.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form, MonthNames, frame};
use daisychain_functions::http::unavailable;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::secret_keys::SecretKeys;
use daisychain_functions::service::Service;
use daisychain_functions::settings::Settings;
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Definitions as _, StoreError, StoreResult};
use tokio::time::timeout;

use super::generation::Generation;
use super::http::plain;
use crate::config::LanguageId;
use crate::diagnostic::Diagnostic;
use crate::engine::{RenderedOutput, Snapshot};
use crate::fs::private_files;
use crate::locale::Locale;
use crate::site::Site;
use crate::value::Value;

/// The forms service of one site.
pub(super) type Replies = Service<Sqlite, FileMailer>;

/// More than any form sends. The service has a lower limit of its own, and keeps the visitor's
/// input when it is exceeded.
const LARGEST_BODY: usize = 1024 * 1024;

/// The folder for emails, below `.daisy/`.
const OUTBOX: &str = "outbox";

/// What outlives a snapshot: the store, the emails and the secrets.
pub(super) struct FormsBackend {
    store: Sqlite,
    outbox: FileMailer,
    keys: SecretKeys,
    address: String,
    published: BTreeMap<String, Definition>,
}

/// The service for a site whose forms were published, and the errors.
pub(super) struct Published {
    /// The forms service.
    pub(super) replies: Replies,
    /// The error in the page around responses; if there is one, the previous page is used.
    pub(super) frame_fault: Option<Diagnostic>,
    /// Why the store does not contain all current forms.
    pub(super) store_faults: Vec<Diagnostic>,
}

/// Why replies cannot be stored.
#[derive(Debug, thiserror::Error)]
#[error("cannot store replies in {}: {source}", path.display())]
pub(super) struct OpenError {
    path: PathBuf,
    source: OpenErrorCause,
}

#[derive(Debug, thiserror::Error)]
enum OpenErrorCause {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FormsBackend {
    /// Opens the store below `root`, for a site at `address`.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub(super) fn open(root: &Path, address: &str) -> Result<FormsBackend, OpenError> {
        let folder = root.join(".daisy");
        let path = folder.join("replies.sqlite");
        let open = || -> Result<_, OpenErrorCause> {
            private_places(&folder, &path)?;
            let store = sqlite::open(&path)?;
            let keys = store.keys()?;
            Ok((store, keys))
        };
        let (store, keys) = open().map_err(|source| OpenError { path: path.clone(), source })?;
        Ok(FormsBackend {
            store,
            outbox: outbox(root),
            keys,
            address: address.to_owned(),
            published: BTreeMap::new(),
        })
    }

    /// Returns the store, to be closed at shutdown.
    pub(super) fn store(&self) -> Sqlite {
        self.store.clone()
    }

    /// Returns the store, and the keys by which people are found in it, for the team's pages.
    pub(super) fn team_store(&self) -> (Sqlite, SecretKeys) {
        (self.store.clone(), self.keys.clone())
    }

    /// Returns the service for the site of `snapshot`, after publishing its forms: a page contains
    /// the digest of its form, so the form must be in the store before the page is shown.
    pub(super) async fn serve(&mut self, snapshot: &Snapshot) -> Published {
        let mut frame_fault = None;
        let mut store_faults = Vec::new();
        let site = snapshot.site();
        let definitions = definitions_of(snapshot).unwrap_or_else(|fault| {
            frame_fault = Some(fault);
            site.forms.values().map(|form| self.framed_as_before(snapshot, form)).collect()
        });
        for definition in definitions {
            let name = definition.form.name();
            let before = self.published.get(name);
            if before == Some(&definition) {
                continue;
            }
            match self.store.publish(&definition).await {
                Ok(()) => {
                    self.published.insert(name.to_owned(), definition);
                }
                Err(error) => {
                    let path = format!("content/forms/{name}.yaml");
                    let message = format!("cannot put this form into the store: {error}");
                    store_faults.push(Diagnostic::error(path, message));
                }
            }
        }
        if let Err(error) = self.withdraw_others(site).await {
            let message = format!("cannot update the forms in the store: {error}");
            store_faults.push(Diagnostic::error("content/forms", message));
        }
        let word = |key| match site.config.get(LanguageId::FIRST, key) {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let from = match word("organisation.email").as_str() {
            "" => "daisy@localhost".to_owned(),
            email => format!("{} <{email}>", site.config.title),
        };
        let settings = Settings {
            keep_definitions: 0,
            notify: Some(word("organisation.email")).filter(|email| !email.is_empty()),
            ..Settings::new(&self.address, from, word("organisation.phone"))
        };
        let (store, outbox) = (self.store.clone(), self.outbox.clone());
        let replies = Service::new(store, outbox, self.keys.clone(), Clock::system(), settings);
        Published { replies, frame_fault, store_faults }
    }

    /// Marks the forms in the store that are no longer on the site.
    async fn withdraw_others(&mut self, site: &Site) -> StoreResult<()> {
        let is_kept =
            |name: &str| site.forms.contains_key(name) || site.unread.forms.contains(name);
        for known in self.store.forms().await? {
            if !known.withdrawn && !is_kept(&known.name) {
                self.store.withdraw(&known.name).await?;
            }
        }
        // A form that returns is published again.
        self.published.retain(|name, _| is_kept(name));
        Ok(())
    }

    /// Returns the definition of a form with the pages that were last published around its
    /// responses.
    fn framed_as_before(&self, snapshot: &Snapshot, form: &Form) -> Definition {
        let before = match self.published.get(form.name()) {
            Some(before) => before.clone(),
            None => Definition::new(form.clone(), frame::PLAIN),
        };
        Definition { form: form.clone(), months: month_names(snapshot, form), ..before }
    }
}

/// Returns the site's forms, each with the page around its responses in each language.
///
/// # Errors
/// A template's error at its line.
pub(crate) fn definitions_of(snapshot: &Snapshot) -> Result<Vec<Definition>, Diagnostic> {
    let site = snapshot.site();
    let mut frames = snapshot.form_frames()?;
    let text = |frame: RenderedOutput| String::from_utf8_lossy(&frame.bytes).into_owned();
    let first = frames.remove(&LanguageId::FIRST).map(text);
    let first = first.unwrap_or_else(|| frame::PLAIN.to_owned());
    let code = |language: LanguageId| site.config.language(language).code.clone();
    let frames: BTreeMap<String, String> =
        frames.into_iter().map(|(language, frame)| (code(language), text(frame))).collect();
    let definition = |form: &Form| Definition {
        frames: frames.clone(),
        months: month_names(snapshot, form),
        ..Definition::new(form.clone(), first.as_str())
    };
    Ok(site.forms.values().map(definition).collect())
}

/// Returns the names of months in the languages of the site and the form, if it has a date field.
fn month_names(snapshot: &Snapshot, form: &Form) -> BTreeMap<String, MonthNames> {
    if !form.has_date() {
        return BTreeMap::new();
    }
    let config = &snapshot.site().config;
    let codes = config.languages().map(|(_, language)| language.code.as_str());
    let codes = codes.chain([form.language()]).chain(form.translations());
    codes.map(|code| (code.to_owned(), MonthNames(Locale::new(code).month_names()))).collect()
}

/// The folder for emails below `root`.
pub(super) fn outbox(root: &Path) -> FileMailer {
    FileMailer::new(root.join(".daisy").join(OUTBOX))
}

/// Creates the files and folders of the store and the emails, readable only by the current user:
/// they contain personal data and secrets.
fn private_places(folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    private_files::folder(&folder.join(OUTBOX))?;
    private_files::file(OpenOptions::new().create(true).append(true), path).map(drop)
}

/// Answers a request to `/api/` whose body must arrive within `limit`.
pub(super) async fn answer(
    generation: &Generation,
    request: Request<Body>,
    limit: Duration,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let bytes = match timeout(limit, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "This request is too large.\n");
        }
        Err(_) => {
            let words = "This request took too long. Go back, and send it again.\n";
            return plain(StatusCode::REQUEST_TIMEOUT, words);
        }
    };
    let request = Request::from_parts(parts, bytes);
    // The visitor's address is not passed on: on this computer all visitors share one, and forty
    // attempts in an hour are an editor at work, not an attack.
    let response = match &generation.replies {
        Some(service) => service.handle(request).await,
        None => without_store(generation.snapshot.as_deref(), &request),
    };
    response.map(Body::from)
}

/// Shows a submitted form again with its input, because the store could not be opened; the terminal
/// says why.
fn without_store(snapshot: Option<&Snapshot>, request: &Request<Bytes>) -> Response<Bytes> {
    let definitions = snapshot.map(|snapshot| {
        let plain = |form: &Form| Definition::new(form.clone(), frame::PLAIN);
        let forms = snapshot.site().forms.values();
        definitions_of(snapshot).unwrap_or_else(|_| forms.map(plain).collect())
    });
    let path = request.uri().path();
    let is_asked = |definition: &&Definition| {
        let rest =
            path.strip_prefix("/api/").and_then(|path| path.strip_prefix(definition.form.name()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let definition = definitions.iter().flatten().find(is_asked);
    unavailable(request, definition, "")
}
