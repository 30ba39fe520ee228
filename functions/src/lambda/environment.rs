//! Reads a function's settings from its environment, and rejects each that cannot work: a function that does not start
//! is noticed, and one that starts with a wrong setting loses replies. Pure.

mod reader;
#[cfg(test)]
mod tests;
mod valid;

use super::Origin;
use crate::email_address::is_email;
use crate::lambda_routes::WITH_A_FUNCTION;
use crate::phone_number::is_phone;
use crate::secret_keys::SecretKeys;
use crate::settings::{MAIL_LIMIT, Settings};
use reader::Reader;
use valid::{is_address, is_host, is_limit, is_sender, is_table};

/// What is wrong with an environment: one line for each variable that is missing or wrong, which says what to set.
/// None contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct EnvironmentError(Vec<String>);

/// A function's settings.
pub struct Environment {
    pub(super) table: String,
    pub(super) keys: SecretKeys,
    pub(super) settings: Settings,
    pub(super) origin: Origin,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the keys.
        formatter.debug_struct("Environment").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Environment {
    /// Reads the environment of the function `name`. It serves the form of that name, or those that
    /// `DAISYCHAIN_FORMS` lists; the function [`ENQUIRY`](crate::lambda_routes::ENQUIRY) serves every form that has no function of its
    /// own.
    ///
    /// # Errors
    /// A variable is missing or wrong.
    pub fn read(
        name: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, EnvironmentError> {
        let mut reader = Reader { variable: &variable, wrong: Vec::new() };
        let table =
            reader.required("DAISYCHAIN_TABLE", is_table, "the name of the table in DynamoDB");
        let site = reader.required(
            "DAISYCHAIN_SITE",
            is_address,
            "the site's address, like https://daisy.example",
        );
        let from = reader.required(
            "DAISYCHAIN_FROM",
            is_sender,
            "the sender of mails, like Daisy <hello@daisy.example>",
        );
        let phone = reader.required(
            "DAISYCHAIN_PHONE",
            is_phone,
            "the phone number that visitors can ring if a form fails",
        );
        let forms_url = reader.optional(
            "DAISYCHAIN_FORMS_URL",
            is_host,
            "the address of the forms, without a path, like https://forms.daisy.example",
        );
        let mail_limit = reader.optional(
            "DAISYCHAIN_MAIL_LIMIT",
            is_limit,
            "the maximum number of mails in an hour: 1 or more",
        );
        let notify = reader.optional(
            "DAISYCHAIN_NOTIFY",
            is_email,
            "who is notified of replies to a form that is no longer on the site, like team@daisy.example",
        );
        let settings = Settings {
            notify,
            forms: reader.forms(name),
            forms_elsewhere: WITH_A_FUNCTION.map(str::to_owned).to_vec(),
            origins: reader.origins(),
            forms_url: forms_url.unwrap_or_else(|| site.clone()),
            mail_limit: mail_limit.and_then(|limit| limit.parse().ok()).unwrap_or(MAIL_LIMIT),
            ..Settings::new(site, from, phone)
        };
        let (keys, origin) = (reader.keys(), reader.origin());
        reader.parameters();
        match keys {
            Some(keys) if reader.wrong.is_empty() => {
                Ok(Environment { table, keys, settings, origin })
            }
            _ => Err(EnvironmentError(reader.wrong)),
        }
    }
}
