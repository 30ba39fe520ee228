//! Takes a form that was sent: read, validate, guard, record, reply.

use super::record::{self, Arrival};
use crate::clock::{DAY, HOUR};
use crate::deadline::Patience;
use crate::form::Answers;
use crate::form::html::{FormState, LANGUAGE};
use crate::form::messages::Word;
use crate::form::{Definition, Purpose};
use crate::http::response::{self as reply, Format};
use crate::http::{Visitor, cross_origin, page_of, text, unavailable};
use crate::mail::Mailer;
use crate::secret_keys::Keys;
use crate::service::Service;
use crate::service::definitions::{Edition, Opened};
use crate::store::{Priority, Recorded, Store, StoreError};
use crate::submission::spam::{self, Verdict};
use crate::submission::{self, Submission, Unreadable};
use crate::{id, log};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use std::net::IpAddr;
use std::sync::Arc;

/// One form that was sent, on its way through.
pub(crate) struct Sent {
    pub(crate) definition: Arc<Definition>,
    /// Whether the page shows the form as it was before.
    pub(crate) former: bool,
    pub(crate) format: Format,
    pub(crate) answers: Answers,
    pub(crate) page: Option<String>,
    pub(crate) patience: Patience,
    pub(crate) priority: Priority,
}

impl Sent {
    /// The form again, with one problem of the whole.
    pub(crate) fn again(self, status: StatusCode, word: Word) -> Response<Bytes> {
        let form = &self.definition.form;
        let message = form.word(word, &[("phone", &form.phone)]);
        let problems = reply::whole(message);
        let state = FormState { answers: self.answers, problems, ..FormState::default() };
        reply::problems(status, self.format, &self.definition, &state)
    }

    /// The form again: it could not be stored.
    pub(crate) fn not_sent(self, error: &StoreError) -> Response<Bytes> {
        log::event("not_stored", &[("form", self.definition.form.name()), ("error", &error.0)]);
        reply::retry_after(self.again(StatusCode::SERVICE_UNAVAILABLE, Word::NotSent), 60)
    }
}

/// How many forms one network sends in an hour before its mails wait behind those of others.
const FEW: u64 = 3;

/// What the count of a visitor's replies says.
enum Pace {
    Few,
    Usual,
    Fast,
    Far,
}

impl<S: Store, M: Mailer> Service<S, M> {
    pub(crate) async fn submit(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let patience = Patience::new();
        let format = Format::of(request.headers());
        let content_type = text(request.headers(), "content-type");
        let (answers, unreadable) = match submission::read(content_type.as_deref(), request.body())
        {
            Ok(answers) => (answers, None),
            Err(Unreadable::TooLarge(answers)) => {
                (answers, Some((StatusCode::PAYLOAD_TOO_LARGE, Word::FormTooLong)))
            }
            Err(Unreadable::Type) => {
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                (Answers::default(), Some((status, Word::FormUnreadable)))
            }
            // No event: whoever sends nonsense must not be able to fill our log.
            Err(Unreadable::Malformed(_)) => {
                (Answers::default(), Some((StatusCode::BAD_REQUEST, Word::FormUnreadable)))
            }
        };
        let digest = answers.get("_form").unwrap_or_default();
        let Opened { definition, edition } = match self.opened(name, digest, &patience).await {
            Ok(Some(opened)) => opened,
            Ok(None) => return reply::not_found(format),
            Err(error) => {
                log::event("not_stored", &[("form", name), ("error", &error.0)]);
                return unavailable(request, None, &self.settings.phone);
            }
        };
        let page = page_of(request, &self.settings.site);
        let definition = Arc::new(definition.in_language(answers.get(LANGUAGE)));
        let former = edition == Edition::Former;
        let priority = Priority::Normal;
        let sent = Sent { definition, former, format, answers, page, patience, priority };
        if let Some((status, word)) = unreadable {
            return sent.again(status, word);
        }
        if cross_origin::is_cross_origin(request.headers(), &self.settings.ours()) {
            // Not 403: in the place of that a site's host may show its page for what is not there,
            // as ours on AWS does, and the answers would be gone.
            return sent.again(StatusCode::BAD_REQUEST, Word::FormForeign);
        }
        if edition == Edition::Unknown {
            return sent.again(StatusCode::UNPROCESSABLE_ENTITY, Word::FormChanged);
        }
        match submission::validate(&sent.definition.form, &sent.answers) {
            Ok(submission) => self.accept(sent, submission, request).await,
            Err(problems) => {
                let state = FormState { answers: sent.answers, problems, ..FormState::default() };
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                reply::problems(status, format, &sent.definition, &state)
            }
        }
    }

    async fn accept(
        &self,
        mut sent: Sent,
        submission: Submission,
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        // A reply of another age would be removed, or never be, once the clock is right.
        if let Err(wrong) = self.clock.checked() {
            return sent.not_sent(&wrong.into());
        }
        let mut verdict = spam::verdict(&sent.definition.form, &sent.answers, &submission);
        match self.pace(request, &sent.patience).await {
            Pace::Few => {}
            Pace::Usual => sent.priority = Priority::Low,
            Pace::Fast if verdict == Verdict::Accept => {
                verdict = Verdict::Hold("many replies came from one place within an hour");
            }
            Pace::Fast => sent.priority = Priority::Low,
            Pace::Far => {
                let again = sent.again(StatusCode::TOO_MANY_REQUESTS, Word::FormMany);
                return reply::retry_after(again, 3_600);
            }
        }
        if sent.definition.form.purpose() == Purpose::Newsletter && verdict == Verdict::Accept {
            return self.ask(sent, &submission).await;
        }
        self.record(sent, submission, verdict).await
    }

    /// Records a reply that a person is to answer, and tries its mails.
    async fn record(
        &self,
        mut sent: Sent,
        submission: Submission,
        verdict: Verdict,
    ) -> Response<Bytes> {
        let definition = sent.definition.clone();
        let form = &definition.form;
        let arrival = Arrival {
            form,
            verdict,
            priority: sent.priority,
            page: sent.page.clone(),
            now: self.clock.now(),
        };
        let mut entry = record::entry(&self.keys, &arrival, submission);
        let reference = loop {
            match sent.patience.call(self.store.record(&entry)).await {
                Ok(Recorded::New) => break entry.reply.reference.clone(),
                Ok(Recorded::Same(reference)) => {
                    entry.owed.clear();
                    break reference;
                }
                // One in a few hundred thousand million, times the replies there are.
                Ok(Recorded::ReferenceTaken) => entry.reply.reference = id::reference(),
                // It may be stored all the same, and only the answer lost: then it is the same.
                Err(error) if sent.patience.allows_once_more() => {
                    log::event("store_failed", &[("form", form.name()), ("error", &error.0)]);
                }
                Err(error) => return sent.not_sent(&error),
            }
        };
        // From here on nothing turns a stored reply into an error.
        self.try_at_once(&entry.owed).await;
        if form.purpose() == Purpose::Newsletter {
            return reply::stored_held(sent.format, form, &reference, sent.former);
        }
        reply::stored(sent.format, form, &reference, sent.former)
    }

    /// Counts a visitor's replies, under a keyed hash of their address that changes daily.
    async fn pace(&self, request: &Request<Bytes>, patience: &Patience) -> Pace {
        let Some(Visitor(address)) = request.extensions().get::<Visitor>() else {
            return Pace::Few;
        };
        let now = self.clock.now();
        let counter = visitor_counter(&self.keys, now / DAY, now / HOUR, *address);
        // It is of this hour, and of no use after it.
        let count = self.store.count(&counter, now + 2 * HOUR);
        match patience.call_for_extra(count).await {
            Ok(count) if count > self.settings.visitor_limit.saturating_mul(10) => Pace::Far,
            Ok(count) if count > self.settings.visitor_limit => Pace::Fast,
            Ok(count) if count > FEW => Pace::Usual,
            Ok(_) => Pace::Few,
            // A count that fails is no reason to lose a reply.
            Err(error) => {
                log::event("count_failed", &[("error", &error.0)]);
                Pace::Few
            }
        }
    }
}

/// One household's or company's IPv6 addresses share their first 64 bits.
fn visitor_counter(keys: &Keys, day: i64, hour: i64, address: IpAddr) -> String {
    let network = match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    };
    format!("visitor#{}#{hour}", keys.visitor(day, &network))
}
