//! Renders a form, with or without answers and problems, as HTML. Pure.
//!
//! Follows GOV.UK's patterns: the label, the hint below it, the error between hint and input, the same text in the
//! error summary. No script and no inline style: the theme styles the classes.

use super::field::{DATE_PARTS, Field, Kind};
use super::messages::Message;
use super::paragraph::next_link;
use super::{Answers, Form, HONEYPOT_FIELD, Problem};
use crate::characters::is_blank;
use std::fmt::Write as _;

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

/// Renders paragraphs of a definition. The key names them.
pub(crate) fn paragraphs(form: &Form, key: &str, texts: &[String]) -> String {
    let language = form.language_of(key).map(language).unwrap_or_default();
    texts.iter().map(|text| format!("<p{language}>{}</p>\n", inline(text))).collect()
}

/// Renders a text of a form, with its language if that is not the form's.
pub(crate) fn part(form: &Form, key: &str, text: &str) -> String {
    match form.language_of(key) {
        Some(own) => format!("<span{}>{}</span>", language(own), escape(text)),
        None => escape(text),
    }
}

fn word(form: &Form, word: Message) -> String {
    part(form, &format!("words.{}", word.key()), &form.message(word, &[]))
}

/// The language attributes of an element with texts of a form, on a page that is not in the form's own language.
pub(crate) fn foreign(form: &Form) -> String {
    match form.page_language() {
        Some(_) => language(&form.language),
        None => String::new(),
    }
}

/// The direction follows from the text itself.
fn language(name: &str) -> String {
    format!(" lang=\"{}\" dir=\"auto\"", escape(name))
}

/// Renders the message of a problem, which may be one of the field's own texts.
fn message(form: &Form, field: &Field, text: &str) -> String {
    let key = match text {
        text if text == field.missing => "missing",
        text if text == field.invalid => "invalid",
        _ => return escape(text),
    };
    part(form, &key_of(field, key), text)
}

fn key_of(field: &Field, key: &str) -> String {
    format!("fields.{}.{key}", field.name)
}

/// Escapes text for use between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, words, target, after)) = next_link(rest) {
        let _ =
            write!(html, "{}<a href=\"{}\">{}</a>", escape(before), escape(target), escape(words));
        rest = after;
    }
    html.push_str(&escape(rest));
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

    fn problem(&self, field: &Field) -> Option<&str> {
        let mut problems = self.state.problems.iter();
        problems.find(|problem| problem.field == field.name).map(|problem| &*problem.message)
    }

    fn field(&mut self, field: &Field) {
        let error = self.problem(field).map(str::to_owned);
        let class = if error.is_some() { "form-group has-error" } else { "form-group" };
        self.push(&format!("<div class=\"{class}\">\n"));
        match field.kind {
            Kind::Choice | Kind::Choices | Kind::YesNo | Kind::Date => self.fieldset(field, error),
            Kind::Consent => self.consent(field, error),
            _ => self.written(field, error),
        }
        self.push("</div>\n");
    }

    /// Renders hint and error. Returns the attributes that associate them with their input.
    fn hint_and_error(&mut self, field: &Field, error: Option<String>) -> String {
        let id = self.id(field);
        let mut described = Vec::new();
        let own = field.hint.as_ref().map(|hint| part(self.form, &key_of(field, "hint"), hint));
        let mut hint = own;
        if field.kind == Kind::LongText && field.longest >= 1_000 {
            // The limit is shown before it is reached.
            let limit = self.form.message(Message::UpTo, &[("number", &thousands(field.longest))]);
            let limit = part(self.form, "words.up_to", &limit);
            hint = Some(hint.map_or(limit.clone(), |hint| format!("{hint} {limit}")));
        }
        if let Some(hint) = hint {
            self.push(&format!("<p class=\"hint\" id=\"{id}-hint\">{hint}</p>\n"));
            described.push(format!("{id}-hint"));
        }
        let invalid = if error.is_some() { " aria-invalid=\"true\"" } else { "" };
        if let Some(error) = error {
            self.push(&format!(
                "<p class=\"error-message\" id=\"{id}-error\">{}</p>\n",
                message(self.form, field, &error)
            ));
            described.push(format!("{id}-error"));
        }
        if described.is_empty() {
            return String::new();
        }
        // `aria-invalid` is for inputs, not for the group around them.
        let invalid =
            if matches!(field.kind, Kind::Choice | Kind::Choices | Kind::YesNo | Kind::Date) {
                ""
            } else {
                invalid
            };
        format!(" aria-describedby=\"{}\"{invalid}", described.join(" "))
    }

    fn id(&self, field: &Field) -> String {
        format!("{}-{}", self.form.name, field.name)
    }

    fn written(&mut self, field: &Field, error: Option<String>) {
        let id = self.id(field);
        self.push(&format!("<label class=\"label\" for=\"{id}\">{}</label>\n", self.label(field)));
        let described = self.hint_and_error(field, error);
        let value = escape(self.state.answers.get(&field.name).unwrap_or_default());
        let complete = match &field.autocomplete {
            Some(token) => format!(" autocomplete=\"{}\"", escape(token)),
            None => String::new(),
        };
        let name = &field.name;
        let html = if field.kind == Kind::LongText {
            // Parsers drop a line feed directly after the tag, so one is added.
            format!(
                "<textarea class=\"textarea\" id=\"{id}\" name=\"{name}\" rows=\"5\"{complete}\
                 {described}>\n{value}</textarea>\n"
            )
        } else {
            let kind = match field.kind {
                Kind::Email => "type=\"email\" spellcheck=\"false\"",
                Kind::Telephone => "type=\"tel\"",
                Kind::PhoneOrEmail => "type=\"text\" spellcheck=\"false\" autocapitalize=\"none\"",
                Kind::FullName => "type=\"text\" spellcheck=\"false\"",
                _ => "type=\"text\"",
            };
            format!(
                "<input class=\"input\" id=\"{id}\" name=\"{name}\" {kind} value=\"{value}\"\
                 {complete}{described}>\n"
            )
        };
        self.push(&html);
    }

    fn fieldset(&mut self, field: &Field, error: Option<String>) {
        // The group refers to hint and error, so its tag is inserted after these are rendered.
        let start = self.html.len();
        self.push(&format!("<legend class=\"legend\">{}</legend>\n", self.label(field)));
        let described = self.hint_and_error(field, error);
        let fieldset = format!("<fieldset class=\"fieldset\"{described}>\n");
        self.html.insert_str(start, &fieldset);
        self.push("<div class=\"choices\">\n");
        match field.kind {
            Kind::Date => self.date(field),
            Kind::YesNo => {
                let words = [("yes", Message::Yes), ("no", Message::No)];
                let choices = words.map(|(value, said)| (value, word(self.form, said)));
                self.choices(field, &choices);
            }
            _ => {
                let words = |choice: &String| {
                    let key = format!("fields.{}.choices.{choice}", field.name);
                    part(self.form, &key, field.choice_words.get(choice).unwrap_or(choice))
                };
                let choices: Vec<_> =
                    field.choices.iter().map(|choice| (choice.as_str(), words(choice))).collect();
                self.choices(field, &choices);
            }
        }
        self.push("</div>\n");
        if let Some(other) = &field.other {
            let (id, name) = (format!("{}-other", self.id(field)), format!("{}_other", field.name));
            let value = escape(self.state.answers.get(&name).unwrap_or_default());
            self.push(&format!(
                "<label class=\"label\" for=\"{id}\">{}</label>\n<input class=\"input\" \
                 id=\"{id}\" name=\"{name}\" type=\"text\" value=\"{value}\"{}>\n",
                part(self.form, &key_of(field, "other"), other),
                self.invalid(field, &name)
            ));
        }
        self.push("</fieldset>\n");
    }

    fn choices(&mut self, field: &Field, choices: &[(&str, String)]) {
        let kind = if field.kind == Kind::Choices { "checkbox" } else { "radio" };
        for (index, (value, words)) in choices.iter().enumerate() {
            let id = self.choice_id(field, index);
            let checked = self.checked(field, value);
            self.push(&format!(
                "<div class=\"choice\"><input id=\"{id}\" name=\"{}\" type=\"{kind}\" \
                 value=\"{}\"{checked}><label for=\"{id}\">{words}</label></div>\n",
                field.name,
                escape(value)
            ));
        }
    }

    fn consent(&mut self, field: &Field, error: Option<String>) {
        let id = self.id(field);
        let described = self.hint_and_error(field, error);
        let checked = self.checked(field, "yes");
        self.push(&format!(
            "<div class=\"choice\"><input id=\"{id}\" name=\"{}\" type=\"checkbox\" \
             value=\"yes\"{checked}{described}><label for=\"{id}\">{}</label></div>\n",
            field.name,
            self.label(field)
        ));
    }

    fn date(&mut self, field: &Field) {
        for (end, words) in DATE_PARTS {
            let words = word(self.form, words);
            let (name, id) = (format!("{}{end}", field.name), format!("{}{end}", self.id(field)));
            let value = escape(self.state.answers.get(&name).unwrap_or_default());
            self.push(&format!(
                "<div class=\"choice\"><label for=\"{id}\">{words}</label><input class=\"input\" \
                 id=\"{id}\" name=\"{name}\" type=\"text\" inputmode=\"numeric\" \
                 value=\"{value}\"{}></div>\n",
                self.invalid(field, &name)
            ));
        }
    }

    /// The attribute of one of a field's inputs that is invalid. A problem that names no inputs concerns all inputs of
    /// a date.
    fn invalid(&self, field: &Field, name: &str) -> &'static str {
        let mut problems = self.state.problems.iter();
        let problem = problems.find(|problem| problem.field == field.name);
        let is_wrong = problem.is_some_and(|problem| match problem.inputs.as_slice() {
            [] => field.kind == Kind::Date,
            inputs => inputs.iter().any(|input| input == name),
        });
        if is_wrong { " aria-invalid=\"true\"" } else { "" }
    }

    fn label(&self, field: &Field) -> String {
        let key = key_of(field, "label");
        let label = part(self.form, &key, &field.label);
        if !field.optional {
            return label;
        }
        // Both in the same other language are one text; as two, they would be in the order of the surrounding language.
        let is_foreign = |key: &str| self.form.language_of(key).is_some();
        let of_optional = format!("words.{}", Message::Optional.key());
        if is_foreign(&key) && is_foreign(&of_optional) {
            let optional = self.form.message(Message::Optional, &[]);
            return part(self.form, &key, &format!("{} {optional}", field.label));
        }
        format!("{label} {}", word(self.form, Message::Optional))
    }

    fn checked(&self, field: &Field, value: &str) -> &'static str {
        let given = self.state.answers.all(&field.name).any(|answer| answer == value);
        if given { " checked" } else { "" }
    }

    fn choice_id(&self, field: &Field, index: usize) -> String {
        match index {
            0 => self.id(field),
            _ => format!("{}-{}", self.id(field), index + 1),
        }
    }
}

/// The id of the first invalid input.
fn problem_id(form: &Form, field: &Field, problem: &Problem) -> String {
    let id = format!("{}-{}", form.name, field.name);
    let end = problem.inputs.first().and_then(|name| name.strip_prefix(field.name.as_str()));
    match (end, field.kind) {
        (Some("_other"), _) => format!("{id}-other"),
        (Some(end), _) => format!("{id}{end}"),
        (None, Kind::Date) => format!("{id}{}", DATE_PARTS[0].0),
        (None, _) => id,
    }
}

fn thousands(number: u32) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{thousands},{:03}", number % 1_000),
    }
}
