//! Why a text is not YAML, or not YAML that this crate takes.

/// What is wrong with a text. Its message is for whoever wrote the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SyntaxError {
    #[error("`{key}` is given twice")]
    DuplicateKey { key: String, earlier_line: u32 },
    #[error("`{0}` is a tag, and tags are not used here")]
    Tag(String),
    #[error("a key must be text")]
    KeyNotText,
    #[error("this number has too many digits")]
    TooManyDigits,
    /// YAML takes the first word of such a text for the name of an anchor.
    #[error("YAML leaves out `{anchor}`: a text that begins with `&` names an anchor")]
    UnusedAnchor { anchor: String, text: String },
    #[error("too many items begin on this line")]
    TooManyItems,
    #[error("too many brackets are open here")]
    TooManyBrackets,
    #[error("this line has no key")]
    NoKey,
    /// The character that is missing.
    #[error("the bracket that opens here is never closed")]
    NotClosed(char),
    /// The parser's own message.
    #[error("this cannot be read: {0}")]
    Malformed(String),
}

impl SyntaxError {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            SyntaxError::DuplicateKey { earlier_line, .. } => {
                format!("it is already on line {earlier_line}; keep one of the two")
            }
            SyntaxError::Tag(_) => "put the text between quotation marks".to_owned(),
            SyntaxError::KeyNotText => {
                "write the key as a plain word followed by a colon".to_owned()
            }
            SyntaxError::TooManyDigits => "put it between quotation marks".to_owned(),
            SyntaxError::UnusedAnchor { text, .. } => {
                let text = text.replace('"', "\\\"");
                format!("put the text between quotation marks: `\"{text}\"`")
            }
            SyntaxError::TooManyItems => {
                "put the text between quotation marks; three hyphens make a line".to_owned()
            }
            SyntaxError::TooManyBrackets => {
                "put text that has brackets in it between quotation marks".to_owned()
            }
            SyntaxError::NotClosed(closing) => format!("put a `{closing}` after its last item"),
            SyntaxError::NoKey | SyntaxError::Malformed(_) => {
                "each line is a key, a colon, a space and a value, such as `title: Rose`".to_owned()
            }
        }
    }
}
