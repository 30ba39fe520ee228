//! Renders a field: its label, hint, error and inputs. Pure.

use super::Page;
use super::text::{escape, key_of, message, part, word};
use crate::form::field::{DATE_PARTS, Field, Kind};
use crate::form::messages::Message;
use crate::form::{Form, Problem};

impl Page<'_> {
    pub(super) fn problem(&self, field: &Field) -> Option<&str> {
        let mut problems = self.state.problems.iter();
        problems.find(|problem| problem.field == field.name).map(|problem| &*problem.message)
    }

    pub(super) fn field(&mut self, field: &Field) {
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
                let choices = words.map(|(value, message)| (value, word(self.form, message)));
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
pub(super) fn problem_id(form: &Form, field: &Field, problem: &Problem) -> String {
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
