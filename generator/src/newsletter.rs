//! Makes issues of the newsletter into emails: HTML, plain text, and complete messages.
//!
//! An issue is a page of the section `newsletters`, and its translations.

pub mod sender;

use daisychain_functions::clock::Millis;
use daisychain_functions::mail::Mail;
use url::Url;

use crate::config::{self, LanguageId};
use crate::diagnostic::{Diagnostic, nearest};
use crate::engine::Snapshot;
use crate::html::plain_text::plain_text;
use crate::parse::PageKind;
use crate::render::{self, UNSUBSCRIBE};
use crate::site::{Page, PageId, Site};
use crate::value::Value;

/// The section of the newsletters.
pub const FOLDER: &str = "newsletters";

/// The largest HTML part in bytes: Gmail hides what is after 102 kB.
pub const MAX_HTML_BYTES: usize = 100_000;

/// An issue in one language, as an email.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The name of its file without an ending: `2026-12`, or `2026-12.ur` for a translation.
    pub name: String,
    /// The code of its language.
    pub language: String,
    /// The sender: `Name <address>`.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
}

/// Why an issue cannot be made into an email.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such issue.
    #[error("there is no newsletter `{name}`; {help}")]
    NotFound {
        /// The name, as given.
        name: String,
        /// Which ones there are.
        help: String,
    },
    /// The content or the theme has errors.
    #[error("invalid newsletter")]
    Content(Vec<Diagnostic>),
}

impl Issue {
    /// The complete message to an address, written at `date`.
    pub fn message(&self, to: &str, date: Millis) -> String {
        let host = self.from.rsplit('@').next().unwrap_or_default().trim_end_matches('>');
        let mail = Mail {
            id: format!("newsletter-{}@{host}", self.name),
            date,
            from: self.from.clone(),
            language: self.language.clone(),
            to: to.to_owned(),
            reply_to: None,
            subject: self.subject.clone(),
            unsubscribe: Some(UNSUBSCRIBE.to_owned()),
            parts: Vec::new(),
            about: Vec::new(),
        };
        mail.to_mime_with(&self.text, &self.html)
    }
}

/// The names of the issues, newest first.
pub fn names(site: &Site) -> Vec<String> {
    let issues = site.iter().filter(|(_, page)| page.language.is_first() && is_issue(page));
    let mut names: Vec<String> = issues.map(|(_, page)| stem(page.name()).to_owned()).collect();
    names.sort_unstable_by(|one, other| other.cmp(one));
    names
}

/// Makes an issue into emails, one for each language that it is written in, the site's first.
///
/// # Errors
/// There is no such issue, or it has errors.
pub fn issue(snapshot: &Snapshot, name: &str) -> Result<Vec<Issue>, Error> {
    let site = snapshot.site();
    let path = format!("{FOLDER}/{}.md", stem(name));
    let found = site.iter().filter(|(_, page)| is_issue(page) && page.name() == path);
    let found: Vec<PageId> = found.map(|(id, _)| id).collect();
    if found.is_empty() {
        return Err(not_found(site, name));
    }
    let (mut issues, mut faults) = (Vec::new(), Vec::new());
    for id in found {
        match email(snapshot, id) {
            Ok(issue) => issues.push(issue),
            Err(found) => faults.extend(found),
        }
    }
    faults.dedup();
    if faults.is_empty() { Ok(issues) } else { Err(Error::Content(faults)) }
}

/// Whether a page is an issue, in the language that it is written in.
fn is_issue(page: &Page) -> bool {
    page.folder == FOLDER && page.meta.kind == PageKind::Page && !page.is_fallback
}

/// The name of an issue's file: `2026-12` for `content/newsletters/2026-12.md`.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".md").unwrap_or(name)
}

fn not_found(site: &Site, name: &str) -> Error {
    let names = names(site);
    let help = match (nearest(name, names.iter().map(String::as_str)), names.first()) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(newest)) => format!("the newest one is `{newest}`"),
        (None, None) => "create one with `daisy new newsletter`".to_owned(),
    };
    Error::NotFound { name: name.to_owned(), help }
}

fn email(snapshot: &Snapshot, id: PageId) -> Result<Issue, Vec<Diagnostic>> {
    let site = snapshot.site();
    let page = site.page(id);
    let sender = Sender::of(site, page.language)?;
    let address = site.base_url.absolute(&page.url);
    let url = Url::parse(&address).map_err(|_| vec![without_address()])?;
    let made = render::email(&snapshot.renderer, id, &snapshot.body(id)?, &url)?;
    if made.html.len() > MAX_HTML_BYTES {
        return Err(vec![too_long(page, made.html.len())]);
    }
    let title = &page.meta.title;
    let text =
        format!("{title}\n\n{}\n\n{}", plain_text(&made.content), sender.footer(site, &address));
    Ok(Issue {
        name: stem(&page.meta.path).to_owned(),
        language: site.config.language(page.language).code.clone(),
        from: format!("{} <{}>", sender.name, sender.email),
        subject: title.clone(),
        html: made.html,
        text,
    })
}

fn without_address() -> Diagnostic {
    Diagnostic::error(
        config::PATH,
        "a newsletter needs the site's address, for its links and images",
    )
    .help("add `base_url:` with the address, such as `base_url: https://www.our-street.org.uk`")
}

fn too_long(page: &Page, bytes: usize) -> Diagnostic {
    let message = format!(
        "this newsletter is too long: {} kB as an email, and Gmail hides what is after 102 kB",
        bytes.div_ceil(1000)
    );
    Diagnostic::error(format!("content/{}", page.meta.path), message)
        .help("show the beginning of long stories, and link to the rest")
}

/// The organisation that sends the newsletter, in one language.
struct Sender {
    language: LanguageId,
    name: String,
    email: String,
}

impl Sender {
    /// # Errors
    /// The settings lack a name or an email address.
    fn of(site: &Site, language: LanguageId) -> Result<Sender, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut required = |key: &str, help: &str| {
            let text = setting(site, language, key);
            if text.is_empty() {
                let message = format!("a newsletter needs `{key}`, to show who sends it");
                faults.push(Diagnostic::error(config::PATH, message).help(help));
            }
            text
        };
        let name = required("organisation.name", "under `organisation`, add `name:`");
        let email = required("organisation.email", "under `organisation`, add `email:`");
        if faults.is_empty() { Ok(Sender { language, name, email }) } else { Err(faults) }
    }

    /// The end of the text part: who sends the newsletter, its address on the site, and how to unsubscribe.
    fn footer(&self, site: &Site, address: &str) -> String {
        let word = |key, english| site.word(self.language, key, english);
        let setting = |key| setting(site, self.language, key);
        let mut lines = vec!["-- ".to_owned(), self.name.clone(), setting("organisation.address")];
        lines.extend([self.email.clone(), setting("organisation.phone")]);
        let charity = setting("organisation.charity_number");
        if !charity.is_empty() {
            let words = word("charity_number", "Registered charity number {number}");
            lines.push(words.replace("{number}", &charity));
        }
        lines.retain(|line| !line.is_empty());
        let view = word("view_in_browser", "View in your browser");
        let unsubscribe = word("unsubscribe", "Unsubscribe");
        format!("{}\n\n{view}: {address}\n{unsubscribe}: {UNSUBSCRIBE}\n", lines.join("\n"))
    }
}

/// A text of the settings; empty if it is not set.
fn setting(site: &Site, language: LanguageId, key: &str) -> String {
    match site.config.get(language, key) {
        Some(Value::String(text)) => text.trim().to_owned(),
        _ => String::new(),
    }
}
