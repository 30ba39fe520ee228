//! Maps forms to the Lambda functions that serve them: the routes of `functions/template.yaml`. Pure.

use crate::form::{Form, Purpose};

/// The forms with a function of their own, which has the form's name and a role that allows only this form's items.
pub const WITH_A_FUNCTION: [&str; 3] = [NEWSLETTER, "volunteer", "chat"];

/// The only function that manages subscriptions, and its form.
pub const NEWSLETTER: &str = "newsletter";

/// The function that serves all other forms.
pub const ENQUIRY: &str = "enquiry";

/// The function that serves a form; `None` if none does. Only the newsletter's may read and write subscribers.
pub fn function_of(form: &Form) -> Option<&str> {
    let name = form.name();
    match form.purpose() {
        Purpose::Newsletter => (name == NEWSLETTER).then_some(NEWSLETTER),
        Purpose::Volunteer | Purpose::Chat | Purpose::Enquiry => {
            Some(if WITH_A_FUNCTION.contains(&name) { name } else { ENQUIRY })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_one_function_or_none() {
        let confirmation = "confirmation: { subject: S, mail: M, button: B, leave_button: L, \
                            confirmed: { title: T, next: N }, left: { title: T, next: N } }\n";
        for (name, purpose, function) in [
            ("newsletter", "newsletter", Some("newsletter")),
            ("newsletter", "enquiry", Some("newsletter")),
            ("volunteer", "chat", Some("volunteer")),
            ("chat", "chat", Some("chat")),
            ("chat", "newsletter", None),
            ("lunch", "enquiry", Some("enquiry")),
            ("befriending", "volunteer", Some("enquiry")),
            ("enquiry", "chat", Some("enquiry")),
            ("news", "newsletter", None),
            ("newsletter-2", "newsletter", None),
        ] {
            let text = format!(
                "title: T\npurpose: {purpose}\nphone: 01632 960123\nsubmit: S\n\
                 thanks: {{ title: T, next: N }}\n{confirmation}\
                 fields: [{{ name: email, kind: email, label: Email }}]\n"
            );
            let form = Form::parse(name, &text).unwrap();
            assert_eq!(function_of(&form), function, "{name} {purpose}");
        }
    }
}
