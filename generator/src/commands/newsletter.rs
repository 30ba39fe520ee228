//! `daisy newsletter`: previews newsletters as emails, and checks their sender. Writes into a folder; asks the DNS.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

mod dns;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use super::{Console, Error};
use crate::cli::{Newsletter, NewsletterTask};
use crate::clock;
use crate::config::{self, Config, LanguageId};
use crate::engine::{self, KnownSources, Snapshot};
use crate::newsletter::sender::{self, SELECTORS};
use crate::newsletter::{self, Issue};
use crate::site::Options;
use crate::source;
use crate::value::Value;

/// The recipient of previews.
const READER: &str = "reader@example.org";

/// Why the sender cannot be checked.
#[derive(Debug, thiserror::Error)]
pub(super) enum SenderError {
    /// The settings have no email address.
    #[error("content/site.yaml has no email address; under `organisation`, add `email:`")]
    NoAddress,
    /// No DNS server answered.
    #[error(
        "cannot look up `{domain}` in the DNS ({source}); check the connection to the internet, or name \
         another server with `--dns-server`"
    )]
    Dns {
        /// The domain.
        domain: String,
        /// The error of the resolver.
        source: dns::DnsError,
    },
    /// Something has to be changed, and has been printed.
    #[error("the sender is not ready")]
    NotReady,
}

pub(super) fn run(console: &Console, arguments: &Newsletter) -> Result<(), Error> {
    match &arguments.task {
        NewsletterTask::Preview { name, out, base_url } => {
            preview(console, name, out.as_deref(), base_url.clone())
        }
        NewsletterTask::Check { selector, dns_server } => check(console, selector, *dns_server),
    }
}

/// Checks the records about the domain of the organisation's address.
fn check(console: &Console, selectors: &[String], server: Option<SocketAddr>) -> Result<(), Error> {
    let settings = source::text(console.root(), config::PATH).map_err(|fault| vec![fault])?;
    let address = match Config::parse(&settings)?.get(LanguageId::FIRST, "organisation.email") {
        Some(Value::String(address)) => address.trim().to_owned(),
        _ => String::new(),
    };
    let Some((_, domain)) = address.rsplit_once('@') else {
        return Err(SenderError::NoAddress.into());
    };
    console.say(&format!("Sender: {address}"));
    if sender::is_free_service(domain) {
        console.say(&format!(
            "`{domain}` belongs to a free email service, which does not let others send in its name. Use an \
             address of your own domain, such as `hello@our-street.org.uk`."
        ));
        return Err(SenderError::NotReady.into());
    }
    let usual: Vec<String> = SELECTORS.iter().map(|&name| name.to_owned()).collect();
    let selectors = if selectors.is_empty() { &usual } else { selectors };
    let records = dns::records(domain, selectors, server);
    let domain = domain.to_owned();
    let records = records.map_err(|source| SenderError::Dns { domain, source })?;
    let mut is_ready = true;
    for found in sender::check(&address, &records) {
        console.say(&format!("{}: {}", found.subject, found.message));
        if let Some(help) = found.help {
            console.say(&format!("  help: {help}"));
            is_ready = false;
        }
    }
    if is_ready { Ok(()) } else { Err(SenderError::NotReady.into()) }
}

fn preview(
    console: &Console,
    name: &str,
    out: Option<&Path>,
    base_url: Option<String>,
) -> Result<(), Error> {
    let root = console.root();
    let options = Options { base_url, drafts: true, ..Options::default() };
    let files = engine::sources(root, None)?.files;
    let snapshot = Snapshot::take(root, files, &options, clock::seconds(), KnownSources::NOTHING)?;
    let issues = newsletter::issue(&snapshot, name)?;
    let folder = match (out, issues.first()) {
        (Some(out), _) => out.to_owned(),
        (None, first) => {
            let name = first.map_or(name, |issue| issue.name.as_str());
            root.join(".daisy").join(newsletter::FOLDER).join(name)
        }
    };
    for issue in &issues {
        write(console, &folder, issue)?;
    }
    Ok(())
}

/// Writes an issue as `.html`, `.txt` and `.eml`.
fn write(console: &Console, folder: &Path, issue: &Issue) -> Result<(), Error> {
    let unwritable = |source| Error::Unwritable { folder: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let message = issue.message(READER, clock::seconds() * 1000);
    for (ending, text) in [("html", &issue.html), ("txt", &issue.text), ("eml", &message)] {
        let path = folder.join(format!("{}.{ending}", issue.name));
        fs::write(&path, text).map_err(unwritable)?;
        console.say(&format!("Wrote {}", path.strip_prefix(".").unwrap_or(&path).display()));
    }
    let size = issue.html.len().div_ceil(1000);
    let limit = newsletter::MAX_HTML_BYTES / 1000;
    console.say(&format!("`{}`: {size} kB of at most {limit} kB", issue.subject));
    Ok(())
}
