//! Reads variables, and collects what is wrong with them.

use super::valid::is_origin;
use crate::lambda::Origin;
use crate::lambda_routes::ENQUIRY;
use crate::secret_keys::SecretKeys;
use crate::secrets::SECRETS;
use crate::urls::is_form_name;

/// Reads variables, and collects what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) wrong: Vec<String>,
}

impl Reader<'_> {
    fn get(&self, key: &str) -> Option<String> {
        (self.variable)(key).map(|value| value.trim().to_owned())
    }

    /// A variable that must be set. `what` completes the sentence "set …".
    pub(super) fn required(&mut self, key: &str, fits: fn(&str) -> bool, what: &str) -> String {
        match self.optional(key, fits, what) {
            Some(value) => value,
            None => {
                self.wrong.push(format!("{key} is missing: set {what}"));
                String::new()
            }
        }
    }

    /// A variable that may be empty or not set.
    pub(super) fn optional(
        &mut self,
        key: &str,
        fits: fn(&str) -> bool,
        what: &str,
    ) -> Option<String> {
        let value = self.get(key).filter(|value| !value.is_empty())?;
        if !fits(&value) {
            self.wrong.push(format!("{key} cannot be `{}`: set {what}", value.escape_debug()));
        }
        Some(value)
    }

    /// The forms that are served; none means every form that has no function of its own. A variable that is set to an
    /// empty list is a mistake.
    pub(super) fn forms(&mut self, name: &str) -> Vec<String> {
        let listed = match self.get("DAISYCHAIN_FORMS") {
            Some(listed) => listed,
            None if name == ENQUIRY => return Vec::new(),
            None => name.to_owned(),
        };
        let forms: Vec<String> = listed.split(',').map(|form| form.trim().to_owned()).collect();
        if !forms.iter().all(|form| is_form_name(form)) {
            let default = match name == ENQUIRY {
                true => "every form that has no function of its own".to_owned(),
                false => format!("`{name}`"),
            };
            self.wrong.push(format!(
                "DAISYCHAIN_FORMS cannot be `{}`: list names of forms, like chat,lunch, or unset it to \
                 serve {default}",
                listed.escape_debug()
            ));
        }
        forms
    }

    /// Origins separated by commas. There are no wildcards: the list must be exact.
    pub(super) fn origins(&mut self) -> Vec<String> {
        let listed = self.get("DAISYCHAIN_ORIGINS").unwrap_or_default();
        let origins = listed.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        for origin in origins.iter().filter(|origin| !is_origin(origin)) {
            self.wrong.push(format!(
                "DAISYCHAIN_ORIGINS: `{}` is not an origin such as https://trial.daisy.example",
                origin.escape_debug()
            ));
        }
        origins
    }

    pub(super) fn keys(&mut self) -> Option<SecretKeys> {
        let any = |_: &str| true;
        let what = "`id:hexadecimal`, the newest key first";
        // A message never shows a secret, so `SecretKeys::parse` checks it.
        let tokens = self.required("DAISYCHAIN_TOKEN_KEYS", any, what);
        let what = "64 hexadecimal digits that never change";
        let person = self.required("DAISYCHAIN_PERSON_KEY", any, what);
        if tokens.is_empty() || person.is_empty() {
            return None;
        }
        let keys = SecretKeys::parse(&tokens, &person);
        keys.map_err(|error| {
            self.wrong.push(format!("DAISYCHAIN_TOKEN_KEYS or DAISYCHAIN_PERSON_KEY: {error}"));
        })
        .ok()
    }

    /// The secret that the CloudFront distribution sends; not set if there is no distribution. An empty one would let
    /// everyone bypass it.
    pub(super) fn origin(&mut self) -> Origin {
        let Some(secrets) = self.get("DAISYCHAIN_ORIGIN_SECRET") else { return Origin::read("") };
        // A header can contain these characters.
        let is_secret =
            |secret: &str| !secret.is_empty() && secret.bytes().all(|byte| byte.is_ascii_graphic());
        let is_parameter = self.get("DAISYCHAIN_ORIGIN_SECRET_PARAMETER").is_some();
        if !secrets.split(',').map(str::trim).all(is_secret) {
            let instead = if is_parameter { "put one into its parameter" } else { "or unset it" };
            self.wrong.push(format!(
                "DAISYCHAIN_ORIGIN_SECRET is empty or has characters that no header has: set what CloudFront \
                 sends as `x-origin-secret`, {instead}"
            ));
        }
        Origin::read(&secrets)
    }

    /// A parameter without a name would be a secret that is silently missing.
    pub(super) fn parameters(&mut self) {
        for key in SECRETS.map(|secret| format!("{secret}_PARAMETER")) {
            if self.get(&key).is_some_and(|name| name.is_empty()) {
                self.wrong.push(format!("{key} is empty: name a parameter, or unset it"));
            }
        }
    }
}
