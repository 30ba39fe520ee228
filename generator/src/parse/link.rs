//! Checks the syntax of link and image targets.

use std::ops::Range;

use crate::source::is_named_as_image;
use crate::url::{self, scheme};

/// A problem, and how to fix it.
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) help: String,
}

fn problem(message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { message: message.into(), help: help.into() }
}

/// A scheme allowed for links in addition to `http` and `https`.
struct Contact {
    scheme: &'static str,
    /// Checks the syntax of what follows the colon.
    is_whole: fn(&str) -> bool,
    message: &'static str,
    example: &'static str,
}

/// The only other allowed schemes. Each opens a message, a call, a map or a calendar on the visitor's device, which
/// asks before doing anything; none of them runs or fetches code.
const CONTACTS: [Contact; 6] = [
    Contact {
        scheme: "mailto",
        is_whole: |rest| rest.contains('@'),
        message: "this is not an email address",
        example: "mailto:hello@example.org",
    },
    Contact {
        scheme: "tel",
        is_whole: is_number,
        message: "this is not a phone number",
        example: "tel:+441632960123",
    },
    Contact {
        scheme: "sms",
        is_whole: |rest| is_number(rest.split('?').next().unwrap_or(rest)),
        message: "this is not a phone number for text messages",
        example: "sms:+441632960123",
    },
    Contact {
        scheme: "whatsapp",
        is_whole: |rest| rest.starts_with("//send"),
        message: "this is not a WhatsApp address",
        example: "whatsapp://send?phone=441632960123",
    },
    Contact {
        scheme: "webcal",
        is_whole: has_host,
        message: "this is not a calendar address",
        example: "webcal://example.org/events.ics",
    },
    Contact {
        scheme: "geo",
        is_whole: is_place,
        message: "this is not a map location",
        example: "geo:52.4081,-1.5106",
    },
];

fn is_number(text: &str) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= 3
}

/// The `tel:` link for a phone number as people write it, such as `01632 960 123` or `+44 (0)1632 960123`.
pub(super) fn phone(text: &str) -> Option<String> {
    let text = text.trim();
    let number = text.strip_prefix("tel:").unwrap_or(text).trim();
    let is_phone = number.starts_with(['0', '+', '('])
        && number.chars().all(|c| c.is_ascii_digit() || "+ ()-.\u{a0}".contains(c));
    // The zero in brackets is dialled within the country only.
    let number =
        if number.starts_with('+') { number.replace("(0)", "") } else { number.to_owned() };
    let dialled: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    (is_phone && (7..=16).contains(&dialled.len())).then(|| format!("tel:{dialled}"))
}

fn has_host(rest: &str) -> bool {
    let host = rest.strip_prefix("//").unwrap_or_default();
    !host.is_empty() && !host.starts_with(['/', '?', '#'])
}

/// Whether this is a latitude and a longitude (RFC 5870).
fn is_place(rest: &str) -> bool {
    let numbers = rest.split([';', '?']).next().unwrap_or(rest).split(',');
    let numbers: Option<Vec<f64>> = numbers.map(|number| number.parse().ok()).collect();
    numbers.is_some_and(|numbers| matches!(numbers[..], [_, _] | [_, _, _]))
}

/// Checks a link's target: `http`, `https`, one of [`CONTACTS`] or an address within the site.
pub(super) fn check_link(target: &str) -> Result<(), Problem> {
    common(target, "link")?;
    let Some(scheme) = scheme(target) else {
        return within(target);
    };
    let rest = &target[scheme.len() + 1..];
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" if has_host(rest) => Ok(()),
        "http" | "https" => Err(problem(
            "this address is incomplete",
            "copy the full address from your browser, such as `https://example.org/page`",
        )),
        "file" => Err(on_this_computer()),
        short if short.len() == 1 => Err(on_this_computer()),
        other => match CONTACTS.iter().find(|contact| contact.scheme == other) {
            Some(contact) if (contact.is_whole)(rest) => Ok(()),
            Some(contact) => {
                Err(problem(contact.message, format!("write it as `{}`", contact.example)))
            }
            None => Err(unknown_scheme(other, target)),
        },
    }
}

fn unknown_scheme(scheme: &str, target: &str) -> Problem {
    let message = format!("links to `{scheme}:` are not allowed");
    if names_a_file(target) {
        return problem(message, format!("for a file with this name, write `./{target}`"));
    }
    let known: Vec<String> =
        CONTACTS.iter().map(|contact| format!("`{}:`", contact.scheme)).collect();
    let known = known.join(", ");
    problem(
        message,
        format!(
            "start links with `https:`, `http:` or {known}, or link to a page of this site, such \
             as `../about.md`"
        ),
    )
}

/// Whether a link ends in the extension of a page or of a common file.
pub(super) fn names_a_file(target: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["md", "pdf", "txt", "csv", "ics", "odt", "docx", "xlsx", "pptx", "jpg", "png", "mp3"];
    let path = target.split(['?', '#']).next().unwrap_or(target);
    path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

fn on_this_computer() -> Problem {
    problem(
        "this is a file on your own computer, which visitors cannot open",
        "copy the file into the folder of this page and write only its name",
    )
}

fn common(target: &str, what: &str) -> Result<(), Problem> {
    if target.is_empty() {
        return Err(problem(
            format!("this {what} has no address"),
            "write an address, or a page such as `../about.md`, in the round brackets",
        ));
    }
    if target.contains(|c: char| c.is_control()) || target.starts_with(char::is_whitespace) {
        return Err(problem(
            format!("this {what} contains characters that an address cannot have"),
            "type the address instead of pasting it",
        ));
    }
    if target.contains('\\') && target.get(1..3) != Some(":\\") {
        return Err(problem(
            format!("this {what} contains a backslash"),
            "write `/` instead of each `\\`",
        ));
    }
    Ok(())
}

fn within(target: &str) -> Result<(), Problem> {
    if target.starts_with("//") {
        return Err(problem(
            "this address does not start with `https:`",
            format!("write `https:{target}`"),
        ));
    }
    if target.len() > 4 && target.as_bytes()[..4].eq_ignore_ascii_case(b"www.") {
        return Err(problem(
            "this address of another site does not start with `https://`",
            format!("write `https://{target}`"),
        ));
    }
    if let Some(number) = phone(target) {
        return Err(problem("this is a phone number, not a page", format!("write `{number}`")));
    }
    let path = target.split(['?', '#']).next().unwrap_or(target);
    if let Some((name, domain)) = path.split_once('@')
        && !name.is_empty()
        && !path.contains('/')
        && domain.contains('.')
    {
        let help = match names_a_file(target) {
            true => format!("write `mailto:{target}`, or `./{target}` for a file with that name"),
            false => format!("write `mailto:{target}`"),
        };
        return Err(problem("this is an email address, not a page", help));
    }
    Ok(())
}

/// Checks an image's target: a file of the site, in a format that every browser shows.
pub(super) fn check_image(target: &str) -> Result<(), Problem> {
    common(target, "picture")?;
    match scheme(target).map(str::to_ascii_lowercase).as_deref() {
        None if target.starts_with("//") => return Err(external_image()),
        None => {}
        Some("http" | "https") => return Err(external_image()),
        Some("file") => return Err(on_this_computer()),
        Some(short) if short.len() == 1 => return Err(on_this_computer()),
        Some(other) => {
            return Err(problem(
                format!("an image cannot come from `{other}:`"),
                "put the image file beside the page and write its name",
            ));
        }
    }
    let name = target.split(['?', '#']).next().unwrap_or(target);
    let file = name.rsplit('/').next().unwrap_or(name);
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    match ending.to_ascii_lowercase().as_str() {
        _ if is_named_as_image(file) => Ok(()),
        "heic" | "heif" => Err(problem(
            format!("browsers cannot show the format of `{file}`"),
            format!(
                "open the photo and export or save it as JPEG, put `{stem}.jpg` beside the page, \
                 and write that name"
            ),
        )),
        "" if name.len() < target.len() => Err(problem(
            format!("`{file}` is not an image file"),
            format!("if `?` or `#` is part of the file name, write `{}`", url::literal(target)),
        )),
        "" => Err(problem(
            format!("`{file}` is not an image file"),
            "write the full name of the file, such as `photo.jpg`",
        )),
        other => Err(problem(
            format!("`.{other}` is not a supported image format"),
            "save it as JPEG, PNG, WebP, GIF or SVG",
        )),
    }
}

fn external_image() -> Problem {
    problem(
        "this image is on another site",
        "if you are allowed to, save it beside this page and write its file name",
    )
}

/// The problem of an image's text alternative.
pub(super) fn doubtful_alt(words: &str) -> Option<Problem> {
    let lower = words.trim().to_lowercase();
    for start in [
        "photo of ",
        "image of ",
        "picture of ",
        "photograph of ",
        "a photo of ",
        "an image of ",
        "a picture of ",
        "a photograph of ",
    ] {
        if lower.starts_with(start) {
            return Some(problem(
                format!(
                    "screen readers already say that this is an image; do not start with `{}`",
                    words.get(..start.len()).unwrap_or(start).trim_end()
                ),
                "start with what the image shows",
            ));
        }
    }
    let endings = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".svg", ".heic"];
    (endings.iter().any(|ending| lower.ends_with(ending)) || is_camera_name(&lower)).then(|| {
        problem(
            "a file name does not describe the image",
            "write what the image shows, as if you were describing it on the phone",
        )
    })
}

/// Whether this is a camera's file name: `img_2034`, `dsc00012`, `photo`, `20200521_1012`.
fn is_camera_name(lower: &str) -> bool {
    const STARTS: [&str; 10] =
        ["img", "dsc", "dscn", "dscf", "pxl", "image", "photo", "picture", "screenshot", "signal"];
    let rest =
        STARTS.iter().filter_map(|start| lower.strip_prefix(start)).min_by_key(|rest| rest.len());
    let number = rest.unwrap_or(lower);
    let only_numbers =
        number.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | '-' | ' ' | '(' | ')'));
    only_numbers && (rest.is_some() || number.chars().filter(char::is_ascii_digit).count() >= 6)
}

/// The destination after `](` or `]:` in `text`: up to the space or the bracket that ends it, or between `<` and `>`.
pub(crate) fn destination(text: &str, from: usize) -> Range<usize> {
    let rest = &text[from..];
    let start = from + (rest.len() - rest.trim_start().len());
    let words = &text[start..];
    let angled = words.starts_with('<');
    let mut depth = 0usize;
    let mut escaped = false;
    for (at, byte) in words.bytes().enumerate().skip(usize::from(angled)) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'>' if angled => return start + 1..start + at,
            _ if angled => {}
            b'(' => depth += 1,
            b')' if depth == 0 => return start..start + at,
            b')' => depth -= 1,
            b' ' | b'\t' | b'\n' | b'\r' => return start..start + at,
            _ => {}
        }
    }
    start..text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_safe_addresses_are_links() {
        for fine in [
            "https://example.org",
            "HTTP://example.org/a?b#c",
            "mailto:hello@example.org",
            "tel:+44 1632 960123",
            "../about.md#team",
            "#top",
            "/help/",
            "a/b:c.md",
            "?page=2",
            "./a@b.md",
            "./note:2.pdf",
            "2020-05-21",
            "0123/",
            "007.md",
            "sms:+441632960123?body=Hello",
            "WhatsApp://send?phone=441632960123",
            "webcal://example.org/events.ics",
            "geo:52.4081,-1.5106;u=35",
        ] {
            assert!(check_link(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java\tscript:alert(1)",
            "\u{1}javascript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///c:/a.doc",
            "C:\\a.doc",
            "//example.org",
            "\\\\example.org",
            "/\\example.org",
            "http:example.org",
            "https:///x",
            "www.example.org",
            "hello@example.org",
            "tel:",
            "mailto:",
            "sms:?body=Hello",
            "whatsapp:javascript",
            "webcal:///events.ics",
            "geo:here",
            "intent://x",
            "a@b.md",
            "note:2.pdf",
            "01632960123",
            "+44 (0)1632 960-123",
        ] {
            assert!(check_link(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_problem_has_a_usable_suggestion() {
        let said = |target: &str| {
            let problem = check_link(target).unwrap_err();
            format!("{}; {}", problem.message, problem.help)
        };
        for (target, expected) in [
            (
                "a@b.md",
                "this is an email address, not a page; write `mailto:a@b.md`, or `./a@b.md` for a file with that name",
            ),
            (
                "note:2.pdf",
                "links to `note:` are not allowed; for a file with this name, write `./note:2.pdf`",
            ),
            (
                "sms:me",
                "this is not a phone number for text messages; write it as `sms:+441632960123`",
            ),
            (
                "whatsapp:x",
                "this is not a WhatsApp address; write it as `whatsapp://send?phone=441632960123`",
            ),
            (
                "webcal:x",
                "this is not a calendar address; write it as `webcal://example.org/events.ics`",
            ),
            ("+44 (0)1632 960123", "this is a phone number, not a page; write `tel:+441632960123`"),
            ("(01632) 960 123", "this is a phone number, not a page; write `tel:01632960123`"),
            ("geo:Coventry", "this is not a map location; write it as `geo:52.4081,-1.5106`"),
        ] {
            assert_eq!(said(target), expected);
            let ways = expected
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|way| way.contains(':') || way.contains('/'));
            for way in ways.filter(|way| !way.ends_with(':')) {
                assert!(check_link(way).is_ok(), "{way}");
            }
        }
        let problem = check_image("a#b.jpg").unwrap_err();
        assert_eq!(problem.help, "if `?` or `#` is part of the file name, write `a%23b.jpg`");
        assert!(check_image("a%23b.jpg").is_ok());
    }

    #[test]
    fn meaningless_text_alternatives_are_reported() {
        for wrong in [
            "Photo of Rose",
            "an image of a street",
            "rose.jpg",
            "IMG_2034",
            "DSC00012",
            "photo",
            "20200521_101212",
        ] {
            assert!(doubtful_alt(wrong).is_some(), "{wrong}");
        }
        for fine in ["Rose at her door", "Photographers at work", "2020", "Images on a wall", ""] {
            assert!(doubtful_alt(fine).is_none(), "{fine}");
        }
    }

    #[test]
    fn a_destination_ends_where_markdown_ends_it() {
        let of = |text: &str| text[destination(text, 0)].to_owned();
        assert_eq!(of("a(b)c) d"), "a(b)c");
        assert_eq!(of(" <a b> \"t\")"), "a b");
        assert_eq!(of("a\\)b \"t\")"), "a\\)b");
        assert_eq!(of(""), "");
    }
}
