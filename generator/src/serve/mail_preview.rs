//! Renders the emails that a published site would have sent as a page. [`letters`] reads the disk.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fmt::Write as _;
use std::fs;
use std::io;

use daisychain_functions::mail::file::FileMailer;

use crate::html::escaped;
use crate::url::is_web;

/// The maximum number of emails shown.
const SHOWN: usize = 100;

/// A decoded email.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Letter {
    from: String,
    to: String,
    date: String,
    subject: String,
    text: String,
}

/// Returns the emails in the outbox, newest first.
///
/// # Errors
/// The folder cannot be read.
pub(super) fn letters(outbox: &FileMailer) -> io::Result<Vec<Letter>> {
    let files = outbox.files()?;
    let texts = files.iter().take(SHOWN).filter_map(|path| fs::read_to_string(path).ok());
    Ok(texts.map(|text| read(&text)).collect())
}

/// Parses an email written by daisy: headers, some of them folded, and the plain text part first.
fn read(mail: &str) -> Letter {
    let (head, rest) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
    let head = head.replace("\r\n ", " ");
    let header = |name: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        let found = lines.find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| encoded_words(value)).unwrap_or_default()
    };
    let part = rest.split_once("\r\n\r\n").map_or("", |(_, part)| part);
    let part = part.split_once("\r\n--").map_or(part, |(text, _)| text);
    Letter {
        from: header("From"),
        to: header("To"),
        date: header("Date"),
        subject: header("Subject"),
        text: quoted_printable(part),
    }
}

/// Decodes a header (RFC 2047): white space between two encoded words is ignored.
fn encoded_words(value: &str) -> String {
    let mut text = String::new();
    let mut after_word = false;
    for word in value.split(' ') {
        let encoded = word.strip_prefix("=?UTF-8?Q?").and_then(|rest| rest.strip_suffix("?="));
        if !(text.is_empty() || after_word && encoded.is_some()) {
            text.push(' ');
        }
        after_word = encoded.is_some();
        match encoded {
            Some(encoded) => text.push_str(&bytes_of(&encoded.replace('_', " "))),
            None => text.push_str(word),
        }
    }
    text
}

/// Decodes quoted-printable text (RFC 2045, 6.7).
fn quoted_printable(text: &str) -> String {
    bytes_of(&text.replace("=\r\n", "").replace("\r\n", "\n")).trim_end().to_owned()
}

/// Replaces each `=XX` with its byte.
fn bytes_of(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let pair = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if first == b'=' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Renders the emails as the main content of a page.
pub(super) fn main(letters: &[Letter]) -> String {
    let mut html = String::from(
        "<p>These are the emails that the forms would have sent. On this computer, they are not \
         sent, but stored in <code>.daisy/outbox</code>.</p>\n",
    );
    if letters.is_empty() {
        html.push_str("<p>There are no emails yet. Submit a form, and reload this page.</p>\n");
    }
    for letter in letters {
        let _ = write!(
            html,
            "<article>\n<h2>{}</h2>\n<dl>\n<dt>From</dt><dd>{}</dd>\n<dt>To</dt><dd>{}</dd>\n\
             <dt>Date</dt><dd>{}</dd>\n</dl>\n{}</article>\n",
            escaped(&letter.subject),
            escaped(&letter.from),
            escaped(&letter.to),
            escaped(&letter.date),
            paragraphs(&letter.text)
        );
    }
    html
}

fn paragraphs(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    let paragraph = |paragraph: &str| {
        let lines: Vec<String> = paragraph.lines().map(line).collect();
        format!("<p>{}</p>\n", lines.join("<br>\n"))
    };
    paragraphs.map(paragraph).collect()
}

/// Renders a line; a URL becomes a link. Visitors' text may contain one too, so only `http` and
/// `https` are linked.
fn line(line: &str) -> String {
    let text = escaped(line);
    let address = line.trim();
    let link = is_web(address) && !address.contains(char::is_whitespace);
    if link { format!("<a href=\"{}\">{text}</a>", escaped(address)) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daisychain_functions::mail::{Mail, Part};

    #[test]
    fn emails_round_trip() {
        let words =
            "Grüße <b> – a long line of words that has to be broken somewhere = here, I think";
        let mail = Mail {
            id: "1@daisy.example".into(),
            date: 0,
            from: "Connecting for Good, Coventry <hello@example.org>".into(),
            language: "en-GB".into(),
            to: "rose@example.org".into(),
            reply_to: None,
            subject: "A reply – número 1 of very many that came in today, and one more".into(),
            unsubscribe: None,
            parts: vec![
                Part::Text(words.into()),
                Part::Link("Confirm".into(), "http://127.0.0.1:8000/api/x/confirm?t=1&u=2".into()),
            ],
            about: Vec::new(),
        };
        let letter = read(&mail.to_mime());
        assert_eq!(letter.from, mail.from);
        assert_eq!(letter.to, mail.to);
        assert_eq!(letter.subject, mail.subject);
        assert_eq!(letter.text, mail.text().trim_end());
        let html = main(&[letter]);
        assert!(html.contains("Grüße &lt;b&gt; –"), "{html}");
        let link = "<a href=\"http://127.0.0.1:8000/api/x/confirm?t=1&amp;u=2\">";
        assert!(html.contains(link), "{html}");
    }

    #[test]
    fn invalid_emails_do_not_panic() {
        for text in ["", "=", "\r\n\r\n", "Subject: =?UTF-8?Q?=ZZ=?=\r\n\r\n\r\n\r\n=4"] {
            let _ = main(&[read(text)]);
        }
        assert_eq!(line("javascript:alert(1)"), "javascript:alert(1)");
    }
}
