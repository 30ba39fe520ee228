//! Why a text is not YAML, or not YAML that this crate takes.

/// What is wrong with a text. Its message is for whoever wrote the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("`{key}` is set twice")]
    DuplicateKey { key: String, earlier_line: u32 },
    #[error("`{0}` is a tag, and tags are not supported")]
    Tag(String),
    #[error("a key must be text")]
    KeyNotText,
    #[error("this number has too many digits")]
    TooManyDigits,
    /// YAML takes the first word of such a text for the name of an anchor.
    #[error("`{anchor}` is not part of the text: `&` at the start names a YAML anchor")]
    UnusedAnchor { anchor: String, text: String },
    #[error("too many items begin on this line")]
    TooManyItems,
    #[error("too many brackets are open here")]
    TooManyBrackets,
    #[error("this line has no colon")]
    NoColon,
    /// The character that is missing.
    #[error("this bracket is never closed")]
    NotClosed(char),
    /// The parser's own message.
    #[error("cannot read this: {0}")]
    Malformed(String),
}

impl SyntaxError {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            SyntaxError::DuplicateKey { earlier_line, .. } => {
                format!("it is already on line {earlier_line}; remove one of them")
            }
            SyntaxError::Tag(_) => "put the text in quotation marks".to_owned(),
            SyntaxError::KeyNotText => "write the key as one word, followed by a colon".to_owned(),
            SyntaxError::TooManyDigits => "put it in quotation marks".to_owned(),
            SyntaxError::UnusedAnchor { text, .. } => {
                let text = text.replace('"', "\\\"");
                format!("put the text in quotation marks: `\"{text}\"`")
            }
            SyntaxError::TooManyItems => {
                "put the text in quotation marks; three hyphens have a special meaning".to_owned()
            }
            SyntaxError::TooManyBrackets => {
                "put text that contains brackets in quotation marks".to_owned()
            }
            SyntaxError::NotClosed(closing) => format!("put a `{closing}` after the last item"),
            SyntaxError::NoColon | SyntaxError::Malformed(_) => {
                "write each line as a key, a colon, a space and a value, such as `title: Rose`"
                    .to_owned()
            }
        }
    }
}
