//! Takes the steps of a subscription: asked for, confirmed, left.

use super::subscription::{self, Address, Confirmed, Step};
use super::{TRIES, changed_too_often, look_up};
use crate::deadline::Patience;
use crate::form::html::FormState;
use crate::form::messages::Word;
use crate::form::{Confirmation, Definition};
use crate::http::response::{self as reply, Format};
use crate::http::{page_of, query, spoken};
use crate::mail::Mailer;
use crate::replies::Sent;
use crate::replies::record::FIRST_LEASE;
use crate::service::Service;
use crate::store::{Store, StoreError, Stored};
use crate::submission::Submission;
use crate::token::{Token, Use};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use std::sync::Arc;
use tokio::time::Instant;

impl<S: Store, M: Mailer> Service<S, M> {
    /// Somebody signs up. The answer takes as long where no mail goes out as where one does, so that
    /// nobody learns by a clock who has signed up or left.
    pub(crate) async fn ask(&self, sent: Sent, submission: &Submission) -> Response<Bytes> {
        let at_least = Instant::now() + self.settings.sign_up_time;
        let answer = self.ask_at_once(sent, submission).await;
        tokio::time::sleep_until(at_least).await;
        answer
    }

    async fn ask_at_once(&self, mut sent: Sent, submission: &Submission) -> Response<Bytes> {
        let definition = sent.definition.clone();
        let form = &definition.form;
        let Some(email) = submission.email(form) else {
            // The definition's own check makes sure that a newsletter asks for an address.
            return sent.not_sent(&StoreError("a sign-up without an address".to_owned()));
        };
        let address = Address::new(&self.keys, form, email);
        let (hashes, mailbox) = (&address.hashes, Some(address.mailbox.as_str()));
        for _ in 0..TRIES {
            let known = look_up(&self.store, form.name(), hashes, mailbox);
            let known = match sent.patience.call(known).await {
                Ok(known) => known,
                Err(_) if sent.patience.allows_once_more() => continue,
                Err(error) => return sent.not_sent(&error),
            };
            let (page, now) = (sent.page.clone(), self.clock.now());
            let mut change =
                subscription::ask(&Step { form, method: "form", page, now }, &address, known);
            change.owed.iter_mut().for_each(|owed| owed.priority = sent.priority);
            match sent.patience.call(self.store.save_person(&change)).await {
                Ok(true) => {
                    let now = self.clock.now();
                    let at_once =
                        change.owed.into_iter().filter(|owed| owed.due <= now + FIRST_LEASE);
                    self.try_at_once(&at_once.collect::<Vec<_>>()).await;
                    return reply::stored(sent.format, form, &change.person.reference, sent.former);
                }
                Ok(false) => {}
                Err(_) if sent.patience.allows_once_more() => {}
                Err(error) => return sent.not_sent(&error),
            }
        }
        sent.not_sent(&changed_too_often())
    }

    /// The link of a confirmation mail: a page with one button; posted, it confirms.
    pub(crate) async fn confirm(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let link = match self.link(name, Use::Confirm, request).await {
            Ok(link) => link,
            Err(response) => return response,
        };
        let words = link.words();
        if *request.method() != Method::POST {
            let title = ("confirmation.subject", words.subject.as_str());
            let button = ("confirmation.button", words.button.as_str());
            return reply::button(&link.definition, title, button, &link.action);
        }
        if let Err(wrong) = self.clock.checked() {
            return self.unavailable(name, request, &wrong.into());
        }
        let mut patience = Patience::new();
        for _ in 0..TRIES {
            let known = match patience.call(self.store.person(name, &link.token.person)).await {
                Ok(known) => known,
                Err(_) if patience.allows_once_more() => continue,
                Err(error) => return self.unavailable(name, request, &error),
            };
            let step = link.step(self.clock.now(), "link", page_of(request, &self.settings.site));
            let confirmed = known
                .filter(|_| step.now < link.token.expires)
                .and_then(|known| subscription::confirm(&step, &known, &link.token.nonce));
            let change = match confirmed {
                None => return link.over(),
                Some(Confirmed::Already) => return link.confirmed(),
                Some(Confirmed::Now(change)) => change,
            };
            match patience.call(self.store.save_person(&change)).await {
                Ok(true) => return link.confirmed(),
                Ok(false) => {}
                Err(_) if patience.allows_once_more() => {}
                Err(error) => return self.unavailable(name, request, &error),
            }
        }
        self.unavailable(name, request, &changed_too_often())
    }

    /// The link that unsubscribes: a page with one button; posted, by that button or by a mail
    /// program's one click (RFC 8058), it unsubscribes at once.
    pub(crate) async fn leave(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let link = match self.link(name, Use::Leave, request).await {
            Ok(link) => link,
            Err(response) => return response,
        };
        let words = link.words();
        if *request.method() != Method::POST {
            let title = ("confirmation.leave_button", words.leave_button.as_str());
            return reply::button(&link.definition, title, title, &link.action);
        }
        let one_click = request.body().starts_with(b"List-Unsubscribe=One-Click");
        let method = if one_click { "one-click" } else { "link" };
        let mut patience = Patience::new();
        for _ in 0..TRIES {
            let known = match patience.call(self.store.person(name, &link.token.person)).await {
                Ok(known) => known,
                Err(_) if patience.allows_once_more() => continue,
                Err(error) => return self.unavailable(name, request, &error),
            };
            let step = link.step(self.clock.now(), method, None);
            let Some(change) = known.and_then(|known| subscription::leave(&step, &known)) else {
                return link.left();
            };
            match patience.call(self.store.save_person(&change)).await {
                Ok(true) => return link.left(),
                Ok(false) => {}
                Err(_) if patience.allows_once_more() => {}
                Err(error) => return self.unavailable(name, request, &error),
            }
        }
        self.unavailable(name, request, &changed_too_often())
    }

    /// The current definition of a newsletter; where the form of that name is none any more, the one
    /// by which this person signed up: whoever signed up can leave, whatever became of the form.
    async fn newsletter(
        &self,
        name: &str,
        person: Option<&str>,
    ) -> Stored<Option<Arc<Definition>>> {
        let confirms = |definition: &Arc<Definition>| definition.form.confirmation.is_some();
        let current = self.current(name).await?;
        if current.as_ref().is_some_and(confirms) {
            return Ok(current);
        }
        let Some(hash) = person else { return Ok(None) };
        let Some(person) = self.store.person(name, hash).await? else { return Ok(None) };
        let own = self.by_digest(name, &person.definition, &Patience::new()).await?;
        Ok(own.filter(confirms))
    }

    async fn link(
        &self,
        name: &str,
        purpose: Use,
        request: &Request<Bytes>,
    ) -> Result<Link, Response<Bytes>> {
        let format = Format::of(request.headers());
        let text = query(request, "token").unwrap_or_default();
        let token = Token::read(&self.keys, purpose, name, &text);
        let person = token.as_ref().map(|token| token.person.as_str());
        let definition = match self.newsletter(name, person).await {
            Ok(Some(definition)) => spoken(&definition, request),
            Ok(None) => return Err(reply::not_found(format)),
            Err(error) => return Err(self.unavailable(name, request, &error)),
        };
        let Some(token) = token else {
            return Err(reply::message(
                StatusCode::NOT_FOUND,
                format,
                &definition.frame,
                &definition.form.word(Word::LinkBrokenTitle, &[]),
                &definition.form.word(Word::LinkBroken, &[]),
            ));
        };
        // The signature was just checked, so the text is ours: letters, digits and dots.
        let language = definition.form.language_parameter();
        let action = format!("/api/{name}/{}?token={text}{language}", purpose.word());
        Ok(Link { definition, token, format, action })
    }
}

/// A link that we made, and the words for its pages.
struct Link {
    definition: Definition,
    token: Token,
    format: Format,
    action: String,
}

impl Link {
    fn words(&self) -> &Confirmation {
        self.definition.form.confirmation.as_ref().expect("`link` gives forms that confirm")
    }

    fn step<'a>(&'a self, now: i64, method: &'a str, page: Option<String>) -> Step<'a> {
        Step { form: &self.definition.form, method, page, now }
    }

    fn confirmed(&self) -> Response<Bytes> {
        let keys = ["confirmation.confirmed.title", "confirmation.confirmed.next"];
        reply::thanks_page(&self.definition, keys, &self.words().confirmed, None)
    }

    fn left(&self) -> Response<Bytes> {
        let keys = ["confirmation.left.title", "confirmation.left.next"];
        reply::thanks_page(&self.definition, keys, &self.words().left, None)
    }

    /// The link's time is over, or a newer mail has taken its place: the form offers another.
    fn over(&self) -> Response<Bytes> {
        let problems = reply::whole(self.definition.form.word(Word::LinkOver, &[]));
        let state = FormState { problems, ..FormState::default() };
        reply::problems(StatusCode::GONE, self.format, &self.definition, &state)
    }
}
