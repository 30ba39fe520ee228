//! Builds responses: pages that need no script, or JSON. Pure.

use super::header_text;
use crate::form::html::{self, FormState};
use crate::form::messages::{self, Message};
use crate::form::{Answers, Definition, Form, Problem, Thanks, frame};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde_json::{Value, json};

/// A page may load from and post to this site only, and run no scripts.
const POLICY: &str = "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// The format of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Page,
    Json,
}

impl Format {
    /// JSON for clients that accept it, and for clients that send it without accepting HTML.
    pub(crate) fn of(headers: &HeaderMap) -> Format {
        let text = |name| header_text(headers, name).unwrap_or_default().to_ascii_lowercase();
        let (accept, sent) = (text("accept"), text("content-type"));
        let asks = accept.contains("application/json") || sent.starts_with("application/json");
        if asks && !accept.contains("text/html") { Format::Json } else { Format::Page }
    }
}

/// A page in the form's frame.
pub(crate) fn page(status: StatusCode, frame: &str, title: &str, main: &str) -> Response<Bytes> {
    with_headers(status, "text/html; charset=utf-8", frame::fill(frame, title, main))
}

pub(crate) fn json(status: StatusCode, value: &Value) -> Response<Bytes> {
    with_headers(status, "application/json", value.to_string())
}

fn with_headers(status: StatusCode, kind: &'static str, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("content-security-policy"), POLICY),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        // Links in mails contain a token, which must not reach other sites.
        (HeaderName::from_static("referrer-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The form, without problems.
pub(crate) fn form(definition: &Definition) -> Response<Bytes> {
    let form = &definition.form;
    let main = format!("{}{}", heading(form), html::render(form, &FormState::default()));
    page(StatusCode::OK, &definition.frame, &form.title, &main)
}

fn heading(form: &Form) -> String {
    let (language, title) = (html::foreign(form), html::part(form, "title", &form.title));
    format!("<h1{language}>{title}</h1>\n")
}

/// The form again, with all answers and all problems.
pub(crate) fn problems(
    status: StatusCode,
    format: Format,
    definition: &Definition,
    state: &FormState,
) -> Response<Bytes> {
    if format == Format::Json {
        return json(status, &json!({ "sent": false, "problems": state.problems }));
    }
    let form = &definition.form;
    let (summary, form_html) = (html::summary(form, state), html::render(form, state));
    let main = format!("{summary}{}{form_html}", heading(form));
    let title = form.message(Message::ErrorTitle, &[("title", &form.title)]);
    page(status, &definition.frame, &title, &main)
}

/// A problem that concerns the whole form.
pub(crate) fn form_problem(message: impl Into<String>) -> Vec<Problem> {
    vec![Problem { field: String::new(), message: message.into(), inputs: Vec::new() }]
}

/// [`Message::NotSent`] if there is no number to call.
const NOT_SENT: &str = "Sorry, something went wrong on our side, and your answers were not sent. \
                        They are still below: send them again in a few minutes";

/// The response for a reply that could not be stored, without the form's definition.
pub(crate) fn not_sent_bare(
    format: Format,
    name: &str,
    phone: &str,
    answers: &Answers,
) -> Response<Bytes> {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let message = match phone {
        "" => NOT_SENT.to_owned(),
        phone => messages::fill(Message::NotSent.english(), &[("phone", phone)]),
    };
    let response = match format {
        Format::Json => json(status, &json!({ "sent": false, "problems": form_problem(message) })),
        Format::Page => {
            let main = format!(
                "<div class=\"error-summary\" role=\"alert\" tabindex=\"-1\" autofocus>\n\
                 <h1>Your answers were not sent</h1>\n<p>{}</p>\n</div>\n{}",
                html::escape(&message),
                html::bare(name, answers)
            );
            page(status, frame::PLAIN, "Error: your answers were not sent", &main)
        }
    };
    retry_after(response, 60)
}

/// Adds after how many seconds to try again.
pub(crate) fn retry_after(mut response: Response<Bytes>, seconds: u32) -> Response<Bytes> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// The query parameter of the thanks page with the digest of the definition that words it.
pub(crate) const DEFINITION: &str = "definition";

/// The response for a stored reply. `former` means that the page shows an earlier definition of the form.
pub(crate) fn stored(
    format: Format,
    form: &Form,
    reference: &str,
    former: bool,
) -> Response<Bytes> {
    if format == Format::Json {
        let Thanks { title, next } = &form.thanks;
        let value = json!({ "sent": true, "reference": reference, "title": title, "next": next });
        return json(StatusCode::OK, &value);
    }
    see_other(&format!("{}?reference={reference}{}", thanks_path(form), wording(form, former)))
}

/// The query parameters by which a page is worded like the page that the form was sent from.
fn wording(form: &Form, former: bool) -> String {
    let digest = if former { format!("&{DEFINITION}={}", form.digest()) } else { String::new() };
    digest + &form.language_parameter()
}

fn thanks_path(form: &Form) -> String {
    format!("/api/{}/thanks", form.name)
}

/// The response for a held sign-up: the usual thanks would promise a mail that is not sent.
pub(crate) fn stored_held(
    format: Format,
    form: &Form,
    reference: &str,
    former: bool,
) -> Response<Bytes> {
    if format == Format::Json {
        let value = json!({
            "sent": true, "reference": reference, "title": held_words(form).title,
            "next": held_words(form).next,
        });
        return json(StatusCode::OK, &value);
    }
    let wording = wording(form, former);
    see_other(&format!("{}?reference={reference}&by=hand{wording}", thanks_path(form)))
}

fn held_words(form: &Form) -> Thanks {
    Thanks {
        title: form.message(Message::HeldTitle, &[]),
        next: vec![form.message(Message::HeldNext, &[("phone", &form.phone)])],
    }
}

/// The thanks page. It contains only texts of the definition, and changes nothing.
pub(crate) fn thanks(
    definition: &Definition,
    reference: Option<&str>,
    by_hand: bool,
) -> Response<Bytes> {
    let form = &definition.form;
    if by_hand {
        let keys = ["words.held_title", "words.held_next"];
        return thanks_page(definition, keys, &held_words(form), reference);
    }
    thanks_page(definition, ["thanks.title", "thanks.next"], &form.thanks, reference)
}

/// A thanks page with these texts, which have these keys in a translation.
pub(crate) fn thanks_page(
    definition: &Definition,
    [title, next]: [&str; 2],
    words: &Thanks,
    reference: Option<&str>,
) -> Response<Bytes> {
    let form = &definition.form;
    let reference = reference.map_or_else(String::new, |reference| {
        let words = html::part(form, "words.reference", &form.message(Message::Reference, &[]));
        let shown = format!("<span class=\"reference\">{reference}</span>");
        format!("<p>{}</p>\n", messages::fill(&words, &[("reference", &shown)]))
    });
    let main = format!(
        "<section class=\"thanks\"{}>\n<h1>{}</h1>\n{reference}{}</section>\n",
        html::foreign(form),
        html::part(form, title, &words.title),
        html::paragraphs(form, next, &words.next)
    );
    page(StatusCode::OK, &definition.frame, &words.title, &main)
}

/// A page with one button that posts, so that programs that follow links change nothing.
pub(crate) fn button(
    definition: &Definition,
    (title_key, title): (&str, &str),
    (words_key, words): (&str, &str),
    action: &str,
) -> Response<Bytes> {
    let form = &definition.form;
    let language = html::foreign(form);
    let main = format!(
        "<h1{language}>{}</h1>\n<form class=\"form\" method=\"post\" action=\"{}\"{language}>\n\
         <button class=\"button\" type=\"submit\">{}</button>\n</form>\n",
        html::part(form, title_key, title),
        html::escape(action),
        html::part(form, words_key, words)
    );
    page(StatusCode::OK, &definition.frame, title, &main)
}

/// A page with one paragraph.
pub(crate) fn message(
    status: StatusCode,
    format: Format,
    frame: &str,
    title: &str,
    text: &str,
) -> Response<Bytes> {
    if format == Format::Json {
        return json(status, &json!({ "sent": false, "problems": form_problem(text) }));
    }
    let main = format!("<h1>{}</h1>\n<p>{}</p>\n", html::escape(title), html::escape(text));
    page(status, frame, title, &main)
}

/// The response for an unknown form or path.
pub(crate) fn not_found(format: Format) -> Response<Bytes> {
    let text = "There is no form at this address.";
    message(StatusCode::NOT_FOUND, format, frame::PLAIN, "Page not found", text)
}

/// The response to an invalid request.
#[cfg(all(feature = "lambda", feature = "dynamodb"))]
pub(crate) fn bad_request(format: Format) -> Response<Bytes> {
    let text = "Your browser sent a request that we cannot read. Check the address and try again.";
    message(StatusCode::BAD_REQUEST, format, frame::PLAIN, "Check the address", text)
}

/// The response to a method that the path does not support.
pub(crate) fn wrong_method(format: Format, allowed: &'static str) -> Response<Bytes> {
    let text = "This address does not support this kind of request.";
    let status = StatusCode::METHOD_NOT_ALLOWED;
    let mut response = message(status, format, frame::PLAIN, "Not possible", text);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// Removes the body from the response to a HEAD request.
pub(crate) fn for_method(method: &Method, response: Response<Bytes>) -> Response<Bytes> {
    if method == Method::HEAD { response.map(|_| Bytes::new()) } else { response }
}

/// A redirect to one of our own pages. The path is never taken from a request.
fn see_other(path: &str) -> Response<Bytes> {
    let mut response =
        with_headers(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    let location = HeaderValue::from_str(path).expect("names and references are plain ASCII");
    response.headers_mut().insert(LOCATION, location);
    response
}
