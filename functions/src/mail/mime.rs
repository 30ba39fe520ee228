//! Encodes mails (RFC 5322, 2045, 2047, 8058). Pure.

use super::{Mail, Part};
use crate::clock;
use crate::form::html::escape;
use std::fmt::Write as _;

impl Mail {
    /// The message, with lines that end in CR LF.
    pub fn to_mime(&self) -> String {
        self.to_mime_with(&self.text(), &self.html())
    }

    /// The message with another body than its parts, such as a newsletter's.
    pub fn to_mime_with(&self, text: &str, html: &str) -> String {
        let mut message = String::new();
        let boundary = format!("daisy-{}", self.id.split('@').next().unwrap_or_default());
        let mut header = |name: &str, value: &str| {
            // One encoded word a line, so that no line is too long (RFC 2047, 2).
            let value = one_line(value).replace("?= ", "?=\r\n ");
            let _ = write!(message, "{name}: {value}\r\n");
        };
        header("From", &address(&self.from));
        header("To", &address(&self.to));
        if let Some(reply_to) = &self.reply_to {
            header("Reply-To", &address(reply_to));
        }
        header("Subject", &encoded_words(&self.subject));
        header("Date", &clock::rfc5322(self.date));
        header("Message-ID", &format!("<{}>", self.id));
        // Suppresses automatic replies (RFC 3834).
        header("Auto-Submitted", "auto-generated");
        if let Some(url) = &self.unsubscribe {
            header("List-Unsubscribe", &format!("<{url}>"));
            header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        header("MIME-Version", "1.0");
        header("Content-Type", &format!("multipart/alternative; boundary=\"{boundary}\""));
        for (kind, content) in [("plain", text), ("html", html)] {
            let _ = write!(
                message,
                "\r\n--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n{}",
                quoted_printable(content)
            );
        }
        let _ = write!(message, "\r\n--{boundary}--\r\n");
        message
    }

    /// The body as plain text.
    pub fn text(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Link(words, url) => format!("{words}:\n{url}"),
        });
        parts.collect::<Vec<_>>().join("\n\n") + "\n"
    }

    /// The body as HTML.
    pub fn html(&self) -> String {
        let mut html = format!(
            "<!doctype html>\n<html lang=\"{}\" dir=\"auto\"><head><meta charset=\"utf-8\"></head><body>\n",
            escape(&self.language)
        );
        for part in &self.parts {
            let _ = match part {
                Part::Text(text) => {
                    writeln!(html, "<p>{}</p>", escape(text).replace('\n', "<br>\n"))
                }
                Part::Link(words, url) => {
                    writeln!(html, "<p><a href=\"{}\">{}</a></p>", escape(url), escape(words))
                }
            };
        }
        html + "</body></html>\n"
    }
}

/// Removes line ends and other control characters, which could begin another header.
fn one_line(value: &str) -> String {
    value.chars().filter(|c| !c.is_control()).collect()
}

/// `Name <address>`, with the name encoded if needed.
fn address(text: &str) -> String {
    match text.rsplit_once('<') {
        Some((name, address)) if !name.trim().is_empty() => {
            format!("{} <{address}", encoded_words(name.trim()))
        }
        _ => text.to_owned(),
    }
}

/// Text for a header: unchanged if plain, otherwise in encoded words of at most 75 characters.
fn encoded_words(text: &str) -> String {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || " .-':!?".contains(c));
    if plain && text.len() <= 60 {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for character in text.chars().filter(|c| !c.is_control()) {
        let mut encoded = String::new();
        if character.is_ascii_alphanumeric() {
            encoded.push(character);
        } else if character == ' ' {
            encoded.push('_');
        } else {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(encoded, "={byte:02X}");
            }
        }
        // A character must not be split (RFC 2047, 5).
        if words.last().is_some_and(|word| word.len() + encoded.len() > 50) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push_str(&encoded);
        }
    }
    words.iter().map(|word| format!("=?UTF-8?Q?{word}?=")).collect::<Vec<_>>().join(" ")
}

/// RFC 2045, 6.7: lines of at most 76 characters, everything but plain ASCII as `=XX`.
fn quoted_printable(text: &str) -> String {
    let mut encoded = String::new();
    for line in text.lines() {
        let mut length = 0;
        let bytes = line.as_bytes();
        for (index, &byte) in bytes.iter().enumerate() {
            let last = index + 1 == bytes.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~')
                || (matches!(byte, b' ' | b'\t') && !last);
            let width = if plain { 1 } else { 3 };
            if length + width > 75 {
                encoded.push_str("=\r\n");
                length = 0;
            }
            length += width;
            if plain {
                encoded.push(char::from(byte));
            } else {
                let _ = write!(encoded, "={byte:02X}");
            }
        }
        encoded.push_str("\r\n");
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: "1@daisy.example".into(),
            date: 0,
            from: "Connecting for Good <hello@example.org>".into(),
            language: "en-GB".into(),
            to: "rose@example.org".into(),
            reply_to: Some("a@b.cd\r\nBcc: all@example.org".into()),
            subject: "A reply\r\nX: é".into(),
            unsubscribe: Some("https://daisy.example/l".into()),
            parts: vec![
                Part::Text("<b> é\nx".into()),
                Part::Link("Yes & go".into(), "https://daisy.example/c?t=1".into()),
            ],
            about: Vec::new(),
        }
    }

    #[test]
    fn nothing_in_a_mail_begins_another_header() {
        let mime = mail().to_mime();
        let (head, _) = mime.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> =
            head.split("\r\n").map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(
            names,
            [
                "From",
                "To",
                "Reply-To",
                "Subject",
                "Date",
                "Message-ID",
                "Auto-Submitted",
                "List-Unsubscribe",
                "List-Unsubscribe-Post",
                "MIME-Version",
                "Content-Type"
            ]
        );
        assert!(head.contains("Subject: =?UTF-8?Q?A_replyX=3A_=C3=A9?="));
    }

    #[test]
    fn a_long_subject_is_folded() {
        let subject =
            "کیا آپ ہماری تازہ خبریں چاہتے ہیں، ہر مہینے ایک بار، اپنے پتے پر؟".to_owned();
        let mime = Mail { subject, ..mail() }.to_mime();
        let (head, _) = mime.split_once("\r\n\r\n").unwrap();
        assert!(head.split("\r\n").all(|line| line.len() <= 76), "{head}");
        assert!(head.split("\r\n").filter(|line| line.starts_with(" =?UTF-8?Q?")).count() > 2);
    }

    #[test]
    fn both_parts_say_the_same() {
        let mime = mail().to_mime();
        assert!(mime.contains("<b> =C3=A9\r\nx\r\n"));
        assert!(mime.contains("&lt;b&gt; =C3=A9<br>"));
        assert!(mime.contains("Yes &amp; go"));
        assert!(mime.lines().all(|line| line.len() <= 78));
    }
}
