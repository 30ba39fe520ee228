//! Reads the addresses of a site and of its forms' service. Pure.

use located_yaml::{Entry, Problem, Reader};

pub(super) fn read(entry: &Entry, reader: &mut Reader) -> String {
    let Some(text) = reader.text(entry) else { return String::new() };
    check_base_url(&text.value).unwrap_or_else(|error| {
        reader.push(
            Problem::error(text.place, error.to_string())
                .help("copy it from your browser, such as `https://connecting.example.org`"),
        );
        String::new()
    })
}

/// Reads the address of the forms' service: an origin without a path, since a content security policy names origins.
pub(super) fn read_forms_url(entry: &Entry, reader: &mut Reader) -> String {
    let url = read(entry, reader);
    if url.splitn(4, '/').nth(3).is_none() && !url.contains([';', ',']) {
        return url;
    }
    reader.push(
        Problem::error(entry.node.place, "this must be the address of a host, without a path")
            .help("remove everything after the host, such as `https://forms.example.org`"),
    );
    String::new()
}

/// A text that is not the address of a site.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a web address")]
pub struct InvalidBaseUrl(String);

/// Normalizes the address of a site, without a trailing `/`; empty if not set.
///
/// # Errors
/// The text is not an address of a site.
pub fn check_base_url(text: &str) -> Result<String, InvalidBaseUrl> {
    let text = text.trim().trim_end_matches('/');
    let host = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match host {
        None if text.is_empty() => Ok(String::new()),
        Some(host)
            if !host.is_empty()
                && !host.starts_with(['/', ':'])
                && !host.contains(|c: char| {
                    c.is_whitespace() || c.is_control() || "?#\"'<>\\@".contains(c)
                }) =>
        {
            Ok(text.to_owned())
        }
        _ => Err(InvalidBaseUrl(text.to_owned())),
    }
}
