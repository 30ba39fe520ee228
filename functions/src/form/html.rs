//! Renders a form, with or without answers and problems, as HTML. Pure.
//!
//! Follows GOV.UK's patterns: the label, the hint below it, the error between hint and input, the same text in the
//! error summary. No script and no inline style: the theme styles the classes.

mod field;
mod text;

use super::messages::Message;
use super::{Answers, Form, HONEYPOT_FIELD, Problem};
use crate::characters::is_blank;
use field::problem_id;
use std::fmt::Write as _;
pub use text::escape;
pub(crate) use text::{foreign, paragraphs, part};
use text::{message, word};

/// The field by which a page sends its language, if it is not the form's own.
pub(crate) const LANGUAGE: &str = "_language";

/// What a form shows besides its fields. The default is the form as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormState {
    /// The resident's answers.
    pub answers: Answers,
    /// The problems with them.
    pub problems: Vec<Problem>,
    /// The origin that the form is sent to, such as `https://forms.example.org`; empty for the page's own.
    pub at: String,
}

/// Renders the form, from `<form>` to `</form>`.
pub fn render(form: &Form, state: &FormState) -> String {
    let mut page = Page { html: String::with_capacity(2_048), form, state };
    page.form();
    page.html
}

/// Renders the error summary, each problem a link to its field; empty if there are none.
pub fn summary(form: &Form, state: &FormState) -> String {
    if state.problems.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<div class=\"error-summary\" role=\"alert\" tabindex=\"-1\" autofocus{}>\n<h2>{}</h2>\n<ul>\n",
        foreign(form),
        word(form, Message::Problem)
    );
    for problem in &state.problems {
        let _ = match form.field(&problem.field) {
            Some(field) => {
                let id = problem_id(form, field, problem);
                let message = message(form, field, &problem.message);
                writeln!(html, "<li><a href=\"#{id}\">{message}</a></li>")
            }
            None => writeln!(html, "<li>{}</li>", escape(&problem.message)),
        };
    }
    html.push_str("</ul>\n</div>\n");
    html
}

/// Renders the answers to a form whose definition is not available, each in a text area, to be sent again or copied.
pub fn bare(name: &str, answers: &Answers) -> String {
    let mut html =
        format!("<form class=\"form\" method=\"post\" action=\"/api/{}\">\n", escape(name));
    for (index, (name, value)) in answers.pairs().iter().enumerate() {
        let (name, value) = (escape(name), escape(value));
        if name.starts_with('_') || name == HONEYPOT_FIELD {
            let _ = writeln!(html, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
            continue;
        }
        let _ = writeln!(
            html,
            "<div class=\"form-group\"><label class=\"label\" for=\"answer-{index}\">{name}</label>\
             <textarea class=\"textarea\" id=\"answer-{index}\" name=\"{name}\" rows=\"2\">\n{value}\
             </textarea></div>"
        );
    }
    html.push_str("<button class=\"button\" type=\"submit\">Send again</button>\n</form>\n");
    html
}

struct Page<'a> {
    html: String,
    form: &'a Form,
    state: &'a FormState,
}

impl Page<'_> {
    fn form(&mut self) {
        let form = self.form;
        self.push(&format!(
            "<form class=\"form\" method=\"post\" action=\"{}/api/{}\" novalidate{}>\n\
             <input type=\"hidden\" name=\"_form\" value=\"{}\">\n",
            escape(&self.state.at),
            form.name,
            foreign(form),
            form.digest()
        ));
        if let Some(page) = form.page_language() {
            let page = escape(page);
            self.push(&format!("<input type=\"hidden\" name=\"{LANGUAGE}\" value=\"{page}\">\n"));
        }
        self.push(&paragraphs(form, "intro", &form.intro));
        for field in &form.fields {
            self.field(field);
        }
        if let Some(more) = &form.more {
            let in_use = more.fields.iter().any(|field| {
                self.problem(field).is_some()
                    || field
                        .names()
                        .iter()
                        .any(|name| self.state.answers.all(name).any(|value| !is_blank(value)))
            });
            let open = if in_use { " open" } else { "" };
            self.push(&format!(
                "<details class=\"details\"{open}>\n<summary class=\"summary\">{}</summary>\n",
                part(form, "more", &more.summary)
            ));
            for field in &more.fields {
                self.field(field);
            }
            self.push("</details>\n");
        }
        self.honeypot();
        self.push(&format!(
            "<button class=\"button\" type=\"submit\">{}</button>\n",
            part(form, "submit", &form.submit)
        ));
        if !form.small_print.is_empty() {
            let words = paragraphs(form, "small_print", &form.small_print);
            self.push(&format!("<div class=\"small-print\">\n{words}</div>\n"));
        }
        self.push("</form>\n");
    }

    fn push(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// The honeypot.
    fn honeypot(&mut self) {
        let (form, trap) = (&self.form.name, HONEYPOT_FIELD);
        let value = escape(self.state.answers.get(trap).unwrap_or_default());
        let words = word(self.form, Message::Trap);
        let html = format!(
            "<div class=\"trap\" aria-hidden=\"true\">\n\
             <label for=\"{form}-{trap}\">{words}</label>\n\
             <input id=\"{form}-{trap}\" name=\"{trap}\" type=\"text\" value=\"{value}\" \
             tabindex=\"-1\" autocomplete=\"off\">\n</div>\n"
        );
        self.push(&html);
    }
}
