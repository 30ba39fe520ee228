//! A site for tests: its forms are published, its emails are in a folder, and its clock can be set.

#![allow(clippy::disallowed_methods, reason = "a test makes its own files")]

use super::campaign;
use bytes::Bytes;
use daisychain_functions::clock::Clock;
use daisychain_functions::form::Definition;
use daisychain_functions::form::frame::{MAIN, TITLE};
use daisychain_functions::mail::Mailer;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::secret_keys::SecretKeys;
use daisychain_functions::service::Service;
use daisychain_functions::settings::Settings;
use daisychain_functions::store::sqlite::{self, Sqlite};
use daisychain_functions::store::{Definitions as _, Store};
use http::{Request, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The address of the tests' site.
pub(crate) const SITE: &str = "https://daisy.example";
const FORMS: [&str; 3] = ["newsletter", "volunteer", "chat"];
/// A Wednesday.
pub(crate) const WEDNESDAY: i64 = 1_795_615_200_000;

/// A site with a store and a mailer.
pub(crate) struct Site<S, M> {
    pub(crate) service: Service<S, M>,
    pub(crate) folder: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    digests: BTreeMap<&'static str, String>,
}

impl Site<Sqlite, FileMailer> {
    /// The campaign's site on a laptop.
    pub(crate) async fn laptop() -> Self {
        Site::laptop_with(|_| ()).await
    }

    /// The same with changed settings.
    pub(crate) async fn laptop_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite::open(&folder.path().join("replies.sqlite")).unwrap();
        let outbox = FileMailer::new(folder.path().join("outbox"));
        for name in FORMS {
            store.publish(&definition(name)).await.unwrap();
        }
        Site::with(folder, store, outbox, change)
    }

    /// The emails, oldest first, decoded.
    pub(crate) fn mails(&self) -> Vec<String> {
        let files = self.service.mailer().files().unwrap();
        let read = |path| std::fs::read_to_string(path).unwrap().replace("=\r\n", "");
        files.iter().rev().map(read).map(|mail| mail.replace("=3D", "=")).collect()
    }
}

impl<S: Store, M: Mailer> Site<S, M> {
    /// A site over an existing store.
    pub(crate) fn over(folder: tempfile::TempDir, store: S, mailer: M) -> Self {
        Site::with(folder, store, mailer, |_| ())
    }

    /// The same with changed settings.
    pub(crate) fn with(
        folder: tempfile::TempDir,
        store: S,
        mailer: M,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let clock = Arc::new(AtomicI64::new(WEDNESDAY));
        let time = clock.clone();
        let mut settings = Settings::new(SITE, "Daisy <daisy@example.org>", "01632 960123");
        change(&mut settings);
        let clock_now = Clock::new(move || time.load(Ordering::SeqCst));
        let service = Service::new(store, mailer, keys(), clock_now, settings);
        let digests = FORMS.map(|name| (name, campaign(name).digest())).into();
        Site { service, folder, clock, digests }
    }

    /// Advances the clock.
    pub(crate) fn pass(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Sends a form as a browser does.
    pub(crate) async fn post(&self, form: &str, answers: &[(&str, &str)]) -> Answer {
        self.post_by(&self.digests[form], form, answers).await
    }

    /// Sends a form from a page with this digest.
    pub(crate) async fn post_by(
        &self,
        digest: &str,
        form: &str,
        answers: &[(&str, &str)],
    ) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("_form", digest)
            .extend_pairs(answers)
            .finish();
        self.send(browser(&format!("/api/{form}"), body)).await
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Bytes::new()).unwrap()).await
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        Answer::of(self.service.handle(request).await)
    }
}

/// The secrets of the tests' site.
pub(crate) fn keys() -> SecretKeys {
    SecretKeys::parse(&format!("1:{}", "ab".repeat(32)), &"cd".repeat(32)).unwrap()
}

/// A definition of the campaign in a minimal frame.
pub(crate) fn definition(name: &str) -> Definition {
    let frame = format!("<!doctype html><title>{TITLE}</title><main>{MAIN}</main>");
    Definition::new(campaign(name), frame)
}

/// A form's request as a browser makes it.
pub(crate) fn browser(path: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("origin", SITE)
        .header("sec-fetch-site", "same-origin")
        .header("referer", format!("{SITE}/?from=mail#chat"))
        .body(body.into())
        .unwrap()
}

/// A response in a form that is easy to examine.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    headers: http::HeaderMap,
}

impl Answer {
    fn of(response: Response<Bytes>) -> Answer {
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.into()).unwrap();
        Answer { status: parts.status.as_u16(), body, headers: parts.headers }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The reference in the address of the thank-you page.
    pub(crate) fn reference(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        let (_, from) = self.header("location").split_once("reference=").unwrap();
        from.split('&').next().unwrap()
    }
}
