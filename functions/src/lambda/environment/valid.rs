//! What the values of variables can be.

use crate::characters::is_printable;
use crate::email_address::is_email;
use crate::mail::bare_address;
use crate::urls::origin;
use http::Uri;

/// Amazon DynamoDB, "Supported data types and naming rules".
pub(super) fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The address of a site: scheme, host, and perhaps a port and a path.
pub(super) fn is_address(text: &str) -> bool {
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
pub(super) fn is_host(text: &str) -> bool {
    is_address(text) && text.trim_end_matches('/').matches('/').count() == 2
}

/// An origin as a browser writes it (RFC 6454).
pub(super) fn is_origin(text: &str) -> bool {
    is_host(text) && origin(text) == text
}

/// An address, or a name and an address in angle brackets: one line, and one sender.
pub(super) fn is_sender(text: &str) -> bool {
    let name = text.rsplit_once('<').map_or("", |(name, _)| name);
    text.chars().all(is_printable)
        && !name.contains(['<', '>', '@'])
        && (!text.contains('<') || text.ends_with('>'))
        && is_email(bare_address(text))
}

pub(super) fn is_limit(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|limit| limit > 0)
}
