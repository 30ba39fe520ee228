//! The answer to a call, or why there is none.

/// A service's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the call succeeded.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The error code, such as `ThrottlingException`: `__type` in JSON, without its namespace, or `Code` in XML.
    /// Never the message, which may quote names and keys.
    pub fn error_code(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let code = match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(json) => json["__type"].as_str()?.rsplit('#').next()?.to_owned(),
            Err(_) => text.split_once("<Code>")?.1.split_once("</Code>")?.0.to_owned(),
        };
        Some(code)
    }
}

/// Why a call has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It was not made, because the configuration does not allow it. The text contains no secret.
    #[error("{0}")]
    Unmade(&'static str),
    /// The credentials provider did not answer in time.
    #[error("no credentials came in time")]
    CredentialsTimeout,
    /// There is no connection.
    #[error("no connection")]
    NoConnection,
    /// The answer broke off.
    #[error("the answer broke off")]
    BrokenOff,
    /// There was no answer in time.
    #[error("no answer in time")]
    Timeout,
}
