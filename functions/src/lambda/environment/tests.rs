#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use super::Environment;
use crate::lambda_routes::ENQUIRY;

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
    .map_err(|error| error.to_string())
}

#[test]
fn every_missing_variable_is_named() {
    let error = Environment::read("chat", |_| None).unwrap_err().to_string();
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
    let error = forms(ENQUIRY, Some("")).unwrap_err().to_string();
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
        ("DAISYCHAIN_ORIGIN_SECRET", &["", " ", ",", "secret,", "two words", "sécret", "a\u{0}b"]),
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
            assert!(!error.contains(&key), "a secret is shown: {error}");
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
            &["hello@daisy.example", "Daisy, Coventry; Ümlaut’s <a@b.example>", "<a@b.example>"],
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
