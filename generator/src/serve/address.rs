//! Turns the path of a request into the output that it names. Pure.
//!
//! An address is only ever looked up in the list of outputs, so nothing outside of the site can be
//! named by one; what cannot be a name in it is refused before.

use crate::snapshot::Output;

/// What an address names.
#[derive(Debug, PartialEq)]
pub(super) enum Named<'a> {
    /// This output.
    Output(&'a Output),
    /// The folder of a page: its address ends with a `/`.
    Folder,
    /// Nothing.
    Nothing,
}

/// The path of a request without its first `/`, decoded (RFC 3986, 2.1). `None` where it can be no
/// name: not UTF-8, `..`, an empty part, a part that holds `/` or `\`, a control character.
pub(super) fn decode(path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?;
    let mut parts = path.split('/').peekable();
    let mut decoded = String::with_capacity(path.len());
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        let part = decode_part(part)?;
        let fit = match part.as_str() {
            "" => last,
            "." | ".." => false,
            part => !part.contains(|c: char| c == '/' || c == '\\' || c.is_control()),
        };
        if !fit {
            return None;
        }
        decoded.push_str(&part);
        if !last {
            decoded.push('/');
        }
    }
    Some(decoded)
}

fn decode_part(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// What the decoded `path` names among `outputs`, which are ordered by path.
pub(super) fn find<'a>(outputs: &'a [Output], path: &str) -> Named<'a> {
    let output = |path: &str| {
        let at = outputs.binary_search_by(|output| output.path.as_str().cmp(path));
        at.ok().map(|at| &outputs[at])
    };
    if path.is_empty() || path.ends_with('/') {
        output(&format!("{path}index.html")).map_or(Named::Nothing, Named::Output)
    } else if let Some(output) = output(path) {
        Named::Output(output)
    } else if output(&format!("{path}/index.html")).is_some() {
        Named::Folder
    } else {
        Named::Nothing
    }
}

/// The media type (IANA) of a file, by its name.
pub(super) fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "vtt" => "text/vtt; charset=utf-8",
        "ics" => "text/calendar; charset=utf-8",
        "xml" => "application/xml; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "pdf" => "application/pdf",
        "epub" => "application/epub+zip",
        "odt" => "application/vnd.oasis.opendocument.text",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Source;

    #[test]
    fn an_address_is_decoded() {
        assert_eq!(decode("/").as_deref(), Some(""));
        assert_eq!(decode("/stories/rose/").as_deref(), Some("stories/rose/"));
        assert_eq!(decode("/caf%C3%A9%20a/").as_deref(), Some("café a/"));
    }

    #[test]
    fn what_can_be_no_name_is_refused() {
        let bad = [
            "",
            "x",
            "//",
            "//a",
            "/a//b",
            "/..",
            "/../a",
            "/a/../b",
            "/./a",
            "/%2e%2e/a",
            "/a%2f..",
            "/%5c",
            "/a\\b",
            "/%00",
            "/a%0d%0a",
            "/%",
            "/%4",
            "/%zz",
            "/%+1",
            "/%ff",
            "*",
        ];
        for path in bad {
            assert_eq!(decode(path), None, "{path}");
        }
    }

    #[test]
    fn a_folder_without_its_slash_is_known_as_one() {
        let output = |path: &str| Output { path: path.to_owned(), source: Source::NotFound };
        let outputs = [output("a/index.html"), output("b.txt"), output("index.html")];
        assert_eq!(find(&outputs, ""), Named::Output(&outputs[2]));
        assert_eq!(find(&outputs, "a/"), Named::Output(&outputs[0]));
        assert_eq!(find(&outputs, "a"), Named::Folder);
        assert_eq!(find(&outputs, "b.txt"), Named::Output(&outputs[1]));
        assert_eq!(find(&outputs, "b.txt/"), Named::Nothing);
        assert_eq!(find(&outputs, "c"), Named::Nothing);
    }
}
