//! Builds the response if the store is not available: the form with the visitor's answers, and a telephone number.
//! Pure.

use super::response::{self, Format};
use super::{form_of, header_text, in_requested_language};
use crate::form::html::{FormState, LANGUAGE};
use crate::form::messages::{self, Message};
use crate::form::{Answers, Definition, frame};
use crate::submission::{self, ReadError};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

/// Answers a request if the store is not available: 503 with `Retry-After`. A form that was sent is shown again with
/// all answers: by `definition` if there is one, otherwise in plain text areas. `phone` is the number to call if there
/// is no definition; it may be empty.
pub fn unavailable(
    request: &Request<Bytes>,
    definition: Option<&Definition>,
    phone: &str,
) -> Response<Bytes> {
    let format = Format::of(request.headers());
    let path = request.uri().path().trim_end_matches('/');
    let name = form_of(path);
    let is_form = !name.is_empty() && path.len() == "/api/".len() + name.len();
    if *request.method() == Method::POST && is_form {
        let answers = answers(request);
        return match definition {
            Some(definition) => not_sent(format, definition, answers),
            None => response::not_sent_bare(format, name, phone, &answers),
        };
    }
    let definition = definition.map(|definition| in_requested_language(definition, request));
    let phone = definition.as_ref().map_or(phone, |definition| &definition.form.phone);
    let said = |word: Message| match &definition {
        Some(definition) => definition.form.message(word, &[("phone", phone)]),
        None => messages::fill(word.english(), &[("phone", phone)]),
    };
    let frame = definition.as_ref().map_or(frame::PLAIN, |definition| &definition.frame);
    let (title, text) = (said(Message::NotNowTitle), said(Message::NotNow));
    let status = StatusCode::SERVICE_UNAVAILABLE;
    response::retry_after(response::message(status, format, frame, &title, &text), 60)
}

/// The answers, as far as they can be read.
fn answers(request: &Request<Bytes>) -> Answers {
    match submission::read(
        header_text(request.headers(), "content-type").as_deref(),
        request.body(),
    ) {
        Ok(answers) | Err(ReadError::TooLarge(answers)) => answers,
        Err(_) => Answers::default(),
    }
}

/// The form again, because it could not be stored.
fn not_sent(format: Format, definition: &Definition, answers: Answers) -> Response<Bytes> {
    let definition = definition.in_language(answers.get(LANGUAGE));
    let form = &definition.form;
    let problems =
        response::form_problem(form.message(Message::NotSent, &[("phone", &form.phone)]));
    let state = FormState { answers, problems, ..FormState::default() };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    response::retry_after(response::problems(status, format, &definition, &state), 60)
}
