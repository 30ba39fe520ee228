//! The values that templates see of forms.

use daisychain_functions::form::Form;
use daisychain_functions::form::html::{self, FormState};
use tera::Value;

use super::map;
use crate::config::LanguageId;
use crate::html::{EXPIRED, escape};
use crate::site::Site;

/// The value of a form on a page in a language.
pub(crate) fn form(site: &Site, language: LanguageId, form: &Form) -> Value {
    let form = match language.is_first() {
        true => form.clone(),
        false => form.in_language(&site.config.language(language).code),
    };
    let state = FormState { at: site.forms_url.to_string(), ..FormState::default() };
    let expired = site.expired_form_addresses();
    let html = expired.fold(html::render(&form, &state), |html, address| {
        let mut href = String::from("href=\"");
        escape(&address, &mut href);
        html.replace(&format!("{href}\""), &format!("href=\"{EXPIRED}\""))
    });
    map([
        ("name", Value::from(form.name())),
        ("title", Value::from(form.title())),
        ("digest", Value::from(form.digest())),
        ("html", Value::safe_string(&html)),
    ])
}

/// The value of a form whose definition has errors: a placeholder.
pub(crate) fn unread_form(name: &str) -> Value {
    let mut note = String::from("<p lang=\"en\" dir=\"ltr\">The form <code>");
    escape(name, &mut note);
    note.push_str("</code> is shown here when its errors are fixed.</p>");
    map([
        ("name", Value::from(name)),
        ("title", Value::from(name)),
        ("digest", Value::from("")),
        ("html", Value::safe_string(&note)),
    ])
}
