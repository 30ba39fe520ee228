//! Turns the decoded path of a request into the output that it names. Pure.
//!
//! A path is only ever looked up in the list of outputs, so nothing outside of the site can be
//! named by one; what can be no name is refused before ([`crate::url::request_path`]).

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
