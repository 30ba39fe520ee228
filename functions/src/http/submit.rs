//! Answers a form that was sent: reads it, checks it, and has it stored.

use super::response::{self, Format};
use super::visitor_rate::RateDecision;
use super::{cross_origin, header_text, page_of, unavailable};
use crate::deadline::Deadline;
use crate::form::html::{FormState, LANGUAGE};
use crate::form::messages::Message;
use crate::form::{Answers, Definition, Purpose};
use crate::log;
use crate::mail::Mailer;
use crate::model::Priority;
use crate::replies::record::ReceivedSubmission;
use crate::service::Service;
use crate::service::definitions::{Edition, PageDefinition};
use crate::store::{Store, StoreError};
use crate::submission::spam::{self, Verdict};
use crate::submission::{self, ReadError, Submission};
use crate::subscribers::{Address, SignUp};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use tokio::time::Instant;

/// A form that was sent, with what its answer needs.
struct SentForm {
    definition: Arc<Definition>,
    /// Whether the page shows an earlier definition of the form.
    former: bool,
    format: Format,
    answers: Answers,
    page: Option<String>,
    deadline: Deadline,
    priority: Priority,
}

impl SentForm {
    /// The form again, with one problem of the whole.
    fn again(self, status: StatusCode, word: Message) -> Response<Bytes> {
        let form = &self.definition.form;
        let message = form.message(word, &[("phone", &form.phone)]);
        let problems = response::form_problem(message);
        let state = FormState { answers: self.answers, problems, ..FormState::default() };
        response::problems(status, self.format, &self.definition, &state)
    }

    /// The form again, because it could not be stored.
    fn not_stored(self, error: &StoreError) -> Response<Bytes> {
        let error = error.to_string();
        log::event("not_stored", &[("form", self.definition.form.name()), ("error", &error)]);
        response::retry_after(self.again(StatusCode::SERVICE_UNAVAILABLE, Message::NotSent), 60)
    }
}

impl<S: Store, M: Mailer> Service<S, M> {
    pub(super) async fn submit(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let deadline = Deadline::new();
        let format = Format::of(request.headers());
        let content_type = header_text(request.headers(), "content-type");
        let (answers, unreadable) = match submission::read(content_type.as_deref(), request.body())
        {
            Ok(answers) => (answers, None),
            Err(ReadError::TooLarge(answers)) => {
                (answers, Some((StatusCode::PAYLOAD_TOO_LARGE, Message::FormTooLong)))
            }
            Err(ReadError::UnsupportedType) => {
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                (Answers::default(), Some((status, Message::FormUnreadable)))
            }
            // Not logged, so that malformed requests cannot fill the log.
            Err(ReadError::Malformed(_)) => {
                (Answers::default(), Some((StatusCode::BAD_REQUEST, Message::FormUnreadable)))
            }
        };
        let digest = answers.get("_form").unwrap_or_default();
        let PageDefinition { definition, edition } =
            match self.page_definition(name, digest, &deadline).await {
                Ok(Some(opened)) => opened,
                Ok(None) => return response::not_found(format),
                Err(error) => {
                    log::event("not_stored", &[("form", name), ("error", &error.to_string())]);
                    return unavailable(request, None, &self.settings.phone);
                }
            };
        let page = page_of(request, &self.settings.site);
        let definition = Arc::new(definition.in_language(answers.get(LANGUAGE)));
        let former = edition == Edition::Former;
        let priority = Priority::Normal;
        let sent = SentForm { definition, former, format, answers, page, deadline, priority };
        if let Some((status, word)) = unreadable {
            return sent.again(status, word);
        }
        if cross_origin::is_cross_origin(request.headers(), &self.settings.allowed_origins()) {
            // Not 403: the site's host may replace its page with that for missing pages, as ours on AWS does, and the
            // answers would be lost.
            return sent.again(StatusCode::BAD_REQUEST, Message::FormForeign);
        }
        if edition == Edition::Unknown {
            return sent.again(StatusCode::UNPROCESSABLE_ENTITY, Message::FormChanged);
        }
        match submission::validate(&sent.definition.form, &sent.answers) {
            Ok(submission) => self.accept(sent, submission, request).await,
            Err(problems) => {
                let state = FormState { answers: sent.answers, problems, ..FormState::default() };
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                response::problems(status, format, &sent.definition, &state)
            }
        }
    }

    /// Decides by the visitor's rate and by the answers how a valid submission is stored, and stores it.
    async fn accept(
        &self,
        mut sent: SentForm,
        submission: Submission,
        request: &Request<Bytes>,
    ) -> Response<Bytes> {
        // A reply with a wrong date would be deleted too early or never.
        if let Err(wrong) = self.clock.checked() {
            return sent.not_stored(&wrong.into());
        }
        let definition = sent.definition.clone();
        let form = &definition.form;
        let mut verdict = spam::verdict(form, &sent.answers, &submission);
        let is_newsletter = form.purpose() == Purpose::Newsletter;
        let email = submission.email(form).filter(|_| is_newsletter && verdict == Verdict::Accept);
        let address = email.map(|email| Address::new(&self.keys, form, email));
        // The two do not depend on each other, and each takes a call of the store.
        let (rate, known) = tokio::join!(
            self.visitor_rate(request, &sent.deadline),
            self.known_subscriber(form, address.as_ref(), &sent.deadline)
        );
        match rate {
            RateDecision::Accept => {}
            RateDecision::LowPriority => sent.priority = Priority::Low,
            RateDecision::Hold if verdict == Verdict::Accept => {
                verdict = Verdict::Hold("many replies came from one place within an hour");
            }
            RateDecision::Hold => sent.priority = Priority::Low,
            RateDecision::Reject => {
                let again = sent.again(StatusCode::TOO_MANY_REQUESTS, Message::FormMany);
                return response::retry_after(again, 3_600);
            }
        }
        if is_newsletter && verdict == Verdict::Accept {
            let Some(address) = address else {
                // A definition of a newsletter is checked to require one.
                let why = "a sign-up without an address".to_owned();
                return sent.not_stored(&StoreError::Unreadable(why));
            };
            let (page, priority) = (sent.page.clone(), sent.priority);
            return self.sign_up(sent, SignUp { form, address, known, page, priority }).await;
        }
        let received = ReceivedSubmission {
            form,
            verdict,
            priority: sent.priority,
            page: sent.page.clone(),
            now: self.clock.now(),
        };
        match self.store_reply(&received, submission, &mut sent.deadline).await {
            Ok(reference) if is_newsletter => {
                response::stored_held(sent.format, form, &reference, sent.former)
            }
            Ok(reference) => response::stored(sent.format, form, &reference, sent.former),
            Err(error) => sent.not_stored(&error),
        }
    }

    /// Signs a person up. The answer takes equally long whether a mail is sent or not, so that its time does not reveal
    /// who is subscribed.
    async fn sign_up(&self, mut sent: SentForm, sign_up: SignUp<'_>) -> Response<Bytes> {
        let earliest = Instant::now() + self.settings.min_response_time;
        let form = sign_up.form;
        let answer = match self.subscribe(sign_up, &mut sent.deadline).await {
            Ok(reference) => response::stored(sent.format, form, &reference, sent.former),
            Err(error) => sent.not_stored(&error),
        };
        tokio::time::sleep_until(earliest).await;
        answer
    }
}
