//! Answers the links of mails to subscribers: confirm and unsubscribe.

use super::response::{self, Format};
use super::{in_requested_language, page_of, query};
use crate::form::html::FormState;
use crate::form::messages::Message;
use crate::form::{Confirmation, Definition};
use crate::mail::Mailer;
use crate::model::ConsentMethod;
use crate::service::Service;
use crate::store::Store;
use crate::token::{Token, TokenPurpose};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

impl<S: Store, M: Mailer> Service<S, M> {
    /// The link of a confirmation mail: a page with one button, which posts and so confirms.
    pub(super) async fn confirm(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let link = match self.link(name, TokenPurpose::Confirm, request).await {
            Ok(link) => link,
            Err(response) => return response,
        };
        let words = link.words();
        if *request.method() != Method::POST {
            let title = ("confirmation.subject", words.subject.as_str());
            let button = ("confirmation.button", words.button.as_str());
            return response::button(&link.definition, title, button, &link.action);
        }
        if let Err(wrong) = self.clock.checked() {
            return self.unavailable(name, request, &wrong.into());
        }
        let page = page_of(request, &self.settings.site);
        match self.confirm_subscription(&link.definition.form, &link.token, page).await {
            Ok(true) => link.confirmed(),
            Ok(false) => link.outdated(),
            Err(error) => self.unavailable(name, request, &error),
        }
    }

    /// The link that unsubscribes: a page with one button. A post, by that button or by a mail program's one click
    /// (RFC 8058), unsubscribes at once.
    pub(super) async fn leave(&self, name: &str, request: &Request<Bytes>) -> Response<Bytes> {
        let link = match self.link(name, TokenPurpose::Unsubscribe, request).await {
            Ok(link) => link,
            Err(response) => return response,
        };
        let words = link.words();
        if *request.method() != Method::POST {
            let title = ("confirmation.leave_button", words.leave_button.as_str());
            return response::button(&link.definition, title, title, &link.action);
        }
        let one_click = request.body().starts_with(b"List-Unsubscribe=One-Click");
        let method = if one_click { ConsentMethod::OneClick } else { ConsentMethod::Link };
        match self.unsubscribe(&link.definition.form, &link.token, method).await {
            Ok(()) => link.unsubscribed(),
            Err(error) => self.unavailable(name, request, &error),
        }
    }

    async fn link(
        &self,
        name: &str,
        purpose: TokenPurpose,
        request: &Request<Bytes>,
    ) -> Result<Link, Response<Bytes>> {
        let format = Format::of(request.headers());
        let text = query(request, "token").unwrap_or_default();
        let token = Token::read(&self.keys, purpose, name, &text);
        let person = token.as_ref().map(|token| token.person.as_str());
        let definition = match self.newsletter(name, person).await {
            Ok(Some(definition)) => in_requested_language(&definition, request),
            Ok(None) => return Err(response::not_found(format)),
            Err(error) => return Err(self.unavailable(name, request, &error)),
        };
        let Some(token) = token else {
            return Err(response::message(
                StatusCode::NOT_FOUND,
                format,
                &definition.frame,
                &definition.form.message(Message::LinkBrokenTitle, &[]),
                &definition.form.message(Message::LinkBroken, &[]),
            ));
        };
        // The signature was verified, so the text is ours: letters, digits and dots.
        let language = definition.form.language_parameter();
        let action = format!("/api/{name}/{}?token={text}{language}", purpose.as_str());
        Ok(Link { definition, token, format, action })
    }
}

/// A link with a valid signature, and the form that words its pages.
struct Link {
    definition: Definition,
    token: Token,
    format: Format,
    /// The address that its button posts to.
    action: String,
}

impl Link {
    fn words(&self) -> &Confirmation {
        self.definition.form.confirmation.as_ref().expect("`newsletter` returns only such forms")
    }

    fn confirmed(&self) -> Response<Bytes> {
        let keys = ["confirmation.confirmed.title", "confirmation.confirmed.next"];
        response::thanks_page(&self.definition, keys, &self.words().confirmed, None)
    }

    fn unsubscribed(&self) -> Response<Bytes> {
        let keys = ["confirmation.left.title", "confirmation.left.next"];
        response::thanks_page(&self.definition, keys, &self.words().left, None)
    }

    /// The link has expired, or a newer mail replaces it: the form lets the person ask for another.
    fn outdated(&self) -> Response<Bytes> {
        let problems = response::form_problem(self.definition.form.message(Message::LinkOver, &[]));
        let state = FormState { problems, ..FormState::default() };
        response::problems(StatusCode::GONE, self.format, &self.definition, &state)
    }
}
