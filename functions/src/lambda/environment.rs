//! Reads a function's settings from its environment, and refuses each that cannot work: a function that did not
//! start is noticed, and one that started with a wrong setting loses replies. Pure.

use super::Origin;
use crate::characters::is_printable;
use crate::email_address::is_email;
use crate::lambda_routes::{ENQUIRY, WITH_A_FUNCTION};
use crate::mail::bare_address;
use crate::secret_keys::Keys;
use crate::secrets::SECRETS;
use crate::settings::{MAIL_LIMIT, Settings};
use crate::urls::{is_form_name, origin};
use http::Uri;

/// What a function is told by its environment.
pub struct Environment {
    pub(super) table: String,
    pub(super) keys: Keys,
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
    /// `DAISYCHAIN_FORMS` lists; the function [`ENQUIRY`] serves every form that has no function of its
    /// own.
    ///
    /// # Errors
    /// One line for each variable that is missing or wrong, which says what to set. None holds a secret.
    pub fn read(name: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
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
            "the number to ring when nothing else works",
        );
        let forms_url = reader.optional(
            "DAISYCHAIN_FORMS_URL",
            is_host,
            "where forms are answered, without a path, like https://forms.daisy.example",
        );
        let mail_limit = reader.optional(
            "DAISYCHAIN_MAIL_LIMIT",
            is_limit,
            "how many mails go out in an hour at most: 1 or more",
        );
        let notify = reader.optional(
            "DAISYCHAIN_NOTIFY",
            is_email,
            "who is told of replies to a form that is no longer on the site, like team@daisy.example",
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
            _ => Err(reader.wrong.join("\n")),
        }
    }
}

/// Takes variables, and notes what is wrong with them.
struct Reader<'a> {
    variable: &'a dyn Fn(&str) -> Option<String>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn get(&self, key: &str) -> Option<String> {
        (self.variable)(key).map(|value| value.trim().to_owned())
    }

    /// A variable that must be set. `what` it is completes a sentence.
    fn required(&mut self, key: &str, fits: fn(&str) -> bool, what: &str) -> String {
        match self.optional(key, fits, what) {
            Some(value) => value,
            None => {
                self.wrong.push(format!("{key} is missing: set {what}"));
                String::new()
            }
        }
    }

    /// A variable that may be empty or not set.
    fn optional(&mut self, key: &str, fits: fn(&str) -> bool, what: &str) -> Option<String> {
        let value = self.get(key).filter(|value| !value.is_empty())?;
        if !fits(&value) {
            self.wrong.push(format!("{key} cannot be `{}`: set {what}", value.escape_debug()));
        }
        Some(value)
    }

    /// The forms that are served; none stands for every form that has no function of its own. An empty list
    /// that somebody wrote is a mistake.
    fn forms(&mut self, name: &str) -> Vec<String> {
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

    /// Origins with commas between them. `https://*.example` and the like would be a list that is not exact.
    fn origins(&mut self) -> Vec<String> {
        let listed = self.get("DAISYCHAIN_ORIGINS").unwrap_or_default();
        let origins = listed.split(',').map(str::trim).filter(|origin| !origin.is_empty());
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        for origin in origins.iter().filter(|origin| !is_origin(origin)) {
            self.wrong.push(format!(
                "DAISYCHAIN_ORIGINS: `{}` is no origin, like https://trial.daisy.example",
                origin.escape_debug()
            ));
        }
        origins
    }

    fn keys(&mut self) -> Option<Keys> {
        let any = |_: &str| true;
        let what = "`id:hexadecimal`, the newest key first";
        // The value of a secret is never shown, so it is checked by its own reader.
        let tokens = self.required("DAISYCHAIN_TOKEN_KEYS", any, what);
        let what = "64 hexadecimal digits that never change";
        let person = self.required("DAISYCHAIN_PERSON_KEY", any, what);
        if tokens.is_empty() || person.is_empty() {
            return None;
        }
        let keys = Keys::parse(&tokens, &person);
        keys.map_err(|error| {
            self.wrong.push(format!("DAISYCHAIN_TOKEN_KEYS or DAISYCHAIN_PERSON_KEY: {error}"));
        })
        .ok()
    }

    /// The secret of the distribution in front; not set where there is none. An empty one would let everybody
    /// come past the distribution.
    fn origin(&mut self) -> Origin {
        let Some(secrets) = self.get("DAISYCHAIN_ORIGIN_SECRET") else { return Origin::read("") };
        // A header holds these characters as they are.
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

    /// A parameter without a name would be a secret that is silently not there.
    fn parameters(&mut self) {
        for key in SECRETS.map(|secret| format!("{secret}_PARAMETER")) {
            if self.get(&key).is_some_and(|name| name.is_empty()) {
                self.wrong.push(format!("{key} is empty: name a parameter, or unset it"));
            }
        }
    }
}

/// Amazon DynamoDB, "Supported data types and naming rules".
fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The address of a site: scheme, host, and perhaps a port and a path.
fn is_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let is_host = |host: &str| {
        !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-.:[]".contains(c))
    };
    matches!(uri.scheme_str(), Some("https" | "http"))
        && uri.host().is_some_and(is_host)
        && uri.authority().is_some_and(|authority| {
            let port = authority.as_str().strip_prefix(authority.host()).unwrap_or("no port");
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
        && !text.contains(['?', '#', ',', ';', '"', '\'', '<', '>', '\\'])
}

/// The same without a path.
fn is_host(text: &str) -> bool {
    is_address(text) && text.trim_end_matches('/').matches('/').count() == 2
}

/// An origin as a browser writes it (RFC 6454).
fn is_origin(text: &str) -> bool {
    is_host(text) && origin(text) == text
}

/// An address, or a name and an address in angle brackets: one line, and one sender.
fn is_sender(text: &str) -> bool {
    let name = text.rsplit_once('<').map_or("", |(name, _)| name);
    text.chars().all(is_printable)
        && !name.contains(['<', '>', '@'])
        && (!text.contains('<') || text.ends_with('>'))
        && is_email(bare_address(text))
}

/// Also a short number, such as 116 123.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    (3..=15).contains(&digits) && text.chars().count() <= 40 && text.chars().all(is_printable)
}

fn is_limit(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|limit| limit > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole environment with one variable as it is given.
    fn with(key: &str, value: Option<&str>) -> Result<Environment, String> {
        let (tokens, person) = (format!("1:{}", "ab".repeat(32)), "cd".repeat(32));
        let whole = [
            ("DAISYCHAIN_TABLE", "daisy"),
            ("DAISYCHAIN_SITE", "https://daisy.example"),
            ("DAISYCHAIN_FROM", "Daisy <hello@daisy.example>"),
            ("DAISYCHAIN_PHONE", "01632 960123"),
            ("DAISYCHAIN_TOKEN_KEYS", &tokens),
            ("DAISYCHAIN_PERSON_KEY", &person),
        ];
        Environment::read("chat", |asked| {
            if asked == key {
                return value.map(str::to_owned);
            }
            let known = whole.iter().find(|(known, _)| *known == asked);
            known.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn every_missing_variable_is_named() {
        let error = Environment::read("chat", |_| None).unwrap_err();
        let named: Vec<_> = error.lines().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(
            named,
            [
                "DAISYCHAIN_TABLE",
                "DAISYCHAIN_SITE",
                "DAISYCHAIN_FROM",
                "DAISYCHAIN_PHONE",
                "DAISYCHAIN_TOKEN_KEYS",
                "DAISYCHAIN_PERSON_KEY"
            ]
        );
        for key in named {
            for empty in [None, Some(""), Some(" \t")] {
                let error = with(key, empty).unwrap_err();
                assert!(error.starts_with(&format!("{key} is missing: set ")), "{error}");
            }
        }
    }

    #[test]
    fn a_function_serves_its_own_form_and_the_last_one_all_others() {
        let forms = |name: &str, listed: Option<&'static str>| {
            Environment::read(name, |key| match key {
                "DAISYCHAIN_TABLE" => Some("daisy".to_owned()),
                "DAISYCHAIN_SITE" => Some("https://daisy.example".to_owned()),
                "DAISYCHAIN_FROM" => Some("hello@daisy.example".to_owned()),
                "DAISYCHAIN_PHONE" => Some("01632 960123".to_owned()),
                "DAISYCHAIN_TOKEN_KEYS" => Some(format!("1:{}", "ab".repeat(32))),
                "DAISYCHAIN_PERSON_KEY" => Some("cd".repeat(32)),
                "DAISYCHAIN_FORMS" => listed.map(str::to_owned),
                _ => None,
            })
            .map(|environment| environment.settings.forms)
        };
        assert_eq!(forms("chat", None).unwrap(), ["chat"]);
        assert_eq!(forms(ENQUIRY, None).unwrap(), [""; 0]);
        assert_eq!(forms(ENQUIRY, Some("lunch, fair")).unwrap(), ["lunch", "fair"]);
        let error = forms(ENQUIRY, Some("")).unwrap_err();
        assert!(error.contains("every form that has no function of its own"), "{error}");
    }

    #[test]
    fn a_variable_that_cannot_work_is_refused() {
        let key = "ab".repeat(32);
        let keys = |text: &str| text.replace("KEY", &key);
        for (variable, values) in [
            ("DAISYCHAIN_TABLE", &["a", "two words", "tab/le", "tablé"][..]),
            (
                "DAISYCHAIN_SITE",
                &[
                    "daisy.example",
                    "//daisy.example",
                    "ftp://daisy.example",
                    "https://",
                    "https:///x",
                    "https://user@daisy.example",
                    "https://daisy.example?a",
                    "https://daisy.example/#a",
                    "https://daisy.example\r\nX: y",
                    "https://a b.example",
                    "https://daisy.example:port",
                    "https://*.example",
                    "https://daisy.example:99999",
                ],
            ),
            (
                "DAISYCHAIN_FORMS_URL",
                &[
                    "forms.example",
                    "https://forms.example/api",
                    "https://forms.example?a",
                    "https://f.example/#a",
                ],
            ),
            (
                "DAISYCHAIN_ORIGINS",
                &[
                    "*",
                    "https://*.example",
                    "https://daisy.example/",
                    "daisy.example",
                    "null",
                    "https://Daisy.example",
                    "https://daisy.example:443",
                    "https://a.example,b.example",
                    "https://daisy.example/path",
                    "https://a.example https://b.example",
                ],
            ),
            (
                "DAISYCHAIN_FROM",
                &[
                    "Daisy",
                    "Daisy <>",
                    "hello@localhost",
                    "a@b.example, c@d.example",
                    "Daisy <a@b.example> x",
                    "Daisy <a@b.example>\r\nBcc: x@y.example",
                    "Dai\nsy <a@b.example>",
                    "Dai\u{202e}sy <a@b.example>",
                    "x@y.example <a@b.example>",
                    "a@b.example>",
                ],
            ),
            ("DAISYCHAIN_PHONE", &["ring us", "01632\n960123", "12", "1234567890123456"]),
            ("DAISYCHAIN_MAIL_LIMIT", &["0", "-1", "many", "1.5", "99999999999999999999"]),
            ("DAISYCHAIN_NOTIFY", &["team", "a@b.example, c@d.example", "Team <a@b.example>"]),
            ("DAISYCHAIN_FORMS", &["", " ", ",", "chat,", "Chat", "chat,../x", "chat lunch"]),
            (
                "DAISYCHAIN_ORIGIN_SECRET",
                &["", " ", ",", "secret,", "two words", "sécret", "a\u{0}b"],
            ),
            ("DAISYCHAIN_ORIGIN_SECRET_PARAMETER", &["", " "]),
            ("DAISYCHAIN_SMTP_URL_PARAMETER", &[""]),
            ("DAISYCHAIN_PERSON_KEY", &["abcd", "no hexadecimal"]),
            (
                "DAISYCHAIN_TOKEN_KEYS",
                &[
                    "KEY",
                    ":KEY",
                    "1:abcd",
                    "1:KEY,1:KEY",
                    "1:KEY,2:KEY,1:KEY",
                    "1:KEY,",
                    "a.b:KEY",
                    "a b:KEY",
                    "1:KEY, 1 :KEY",
                ],
            ),
        ] {
            for value in values {
                let value = keys(value);
                let error = with(variable, Some(&value)).unwrap_err();
                assert!(error.contains(variable), "{variable} {value:?}: {error}");
                assert_eq!(
                    error.lines().filter(|line| line.starts_with("DAISYCHAIN")).count(),
                    1,
                    "{error}"
                );
                assert!(!error.contains(&key), "a secret is told: {error}");
            }
        }
    }

    #[test]
    fn a_variable_that_works_is_taken() {
        let key = "ab".repeat(32);
        for (variable, values) in [
            ("DAISYCHAIN_TABLE", &["daisy-Table_1.x"][..]),
            (
                "DAISYCHAIN_SITE",
                &[
                    "https://daisy.example/",
                    "http://localhost:8000",
                    "https://a.github.io/daisy",
                    "http://[::1]:80",
                ],
            ),
            ("DAISYCHAIN_FORMS_URL", &["", "https://forms.example", "https://forms.example/"]),
            (
                "DAISYCHAIN_ORIGINS",
                &["", "https://trial.daisy.example, http://localhost:8000,http://[::1]:8000"],
            ),
            (
                "DAISYCHAIN_FROM",
                &[
                    "hello@daisy.example",
                    "Daisy, Coventry; Ümlaut’s <a@b.example>",
                    "<a@b.example>",
                ],
            ),
            ("DAISYCHAIN_PHONE", &["116 123", "+44 (0)1632 960123", "۰۱۶۳۲ ۹۶۰۱۲۳"]),
            ("DAISYCHAIN_MAIL_LIMIT", &["", "1", " 500 "]),
            ("DAISYCHAIN_NOTIFY", &["", "team@daisy.example"]),
            ("DAISYCHAIN_FORMS", &["chat", " chat , lunch-club"]),
            ("DAISYCHAIN_ORIGIN_SECRET", &["secret", "new, old"]),
            ("DAISYCHAIN_TOKEN_KEYS", &["1:KEY", "new:KEY, old:KEY"]),
        ] {
            for value in values {
                let value = value.replace("KEY", &key);
                if let Err(error) = with(variable, Some(&value)) {
                    panic!("{variable} {value:?}: {error}");
                }
            }
        }
        assert_eq!(with("DAISYCHAIN_FORMS", None).unwrap().settings.forms, ["chat"]);
        assert_eq!(with("DAISYCHAIN_FORMS", Some("a, b")).unwrap().settings.forms, ["a", "b"]);
    }
}
