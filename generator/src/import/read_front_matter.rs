//! Parses front matter in every format that the programs accept: YAML between `---`, TOML between `+++`,
//! JSON between braces.

use super::script;
use crate::value::Value;

/// Why front matter, or a file of settings, cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrontMatterError {
    #[error("there is no `{0}` after the first `{0}`")]
    NotClosed(String),
    #[error("the format `{0}` is not supported")]
    UnknownFormat(String),
    #[error("`{0}` is computed by a program, which was not run")]
    Computed(&'static str),
    #[error("it does not contain keys with values")]
    NotAMap,
    /// `line` is that of the file.
    #[error("{message} (line {line})")]
    Syntax { message: String, line: u32 },
}

/// A page's front matter and text.
pub(super) struct Parts<'a> {
    pub(super) front: Result<Vec<(String, Value)>, FrontMatterError>,
    pub(super) body: &'a str,
}

pub(super) fn split(text: &str) -> Parts<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let fence = first.trim_end();
    // Eleventy names the format after the dashes.
    let notation = fence.strip_prefix("---").map(str::trim);
    let is_word = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric());
    if fence == "+++" || notation.is_some_and(is_word) {
        let end = &fence[..3];
        let from = text.find('\n').map_or(text.len(), |at| at + 1);
        let Some(length) = closing(&text[from..], end) else {
            let error = FrontMatterError::NotClosed(end.to_owned());
            return Parts { front: Err(error), body: &text[from..] };
        };
        let words = &text[from..from + length];
        let rest = &text[from + length..];
        let body = rest.find('\n').map_or("", |at| &rest[at + 1..]);
        let front = match notation {
            None | Some("toml") => toml(words, 2),
            Some("json") => json(words, 2),
            Some("" | "yaml" | "yml") => yaml(words, 2),
            Some("js" | "javascript") => program(words),
            Some(other) => Err(FrontMatterError::UnknownFormat(other.to_owned())),
        };
        return Parts { front: front.and_then(entries), body };
    }
    if first.starts_with('{') && !first.starts_with("{{") && !first.starts_with("{%") {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
        if let Some(Ok(value)) = values.next() {
            let body = text[values.byte_offset()..].trim_start_matches(['\r', '\n']);
            return Parts { front: entries(from_json(&value)), body };
        }
    }
    Parts { front: Ok(Vec::new()), body: text }
}

/// The literals of a JavaScript front matter, if they suffice to know whether its page is published.
fn program(words: &str) -> Result<Value, FrontMatterError> {
    let names = ["permalink", "draft", "eleventyComputed"];
    match names.iter().find(|name| script::is_worked_out(words, name)) {
        Some(name) => Err(FrontMatterError::Computed(name)),
        None => Ok(Value::Map(script::literals(words))),
    }
}

/// The start of the line that consists of `end` only.
fn closing(text: &str, end: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == end {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn entries(value: Value) -> Result<Vec<(String, Value)>, FrontMatterError> {
    match value {
        Value::Map(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        _ => Err(FrontMatterError::NotAMap),
    }
}

/// A file as a value, by its extension.
pub(super) fn value(name: &str, text: &str) -> Result<Value, FrontMatterError> {
    match name.rsplit('.').next() {
        Some("toml") => toml(text, 1),
        Some("json") => json(text, 1),
        _ => yaml(text, 1),
    }
}

fn at_line(message: &str, line: u32) -> FrontMatterError {
    FrontMatterError::Syntax { message: message.to_owned(), line }
}

fn lines(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 2)
}

/// `first` is the line in the file at which the text begins.
fn yaml(text: &str, first: u32) -> Result<Value, FrontMatterError> {
    let document = located_yaml::parse(text, first)
        .map_err(|problem| at_line(&problem.message, problem.place.line))?;
    Ok(Value::from(&document.root))
}

fn json(text: &str, first: u32) -> Result<Value, FrontMatterError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        // The library's message ends with a position relative to its input.
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        at_line(message, first + lines(error.line().saturating_sub(1)))
    })?;
    Ok(from_json(&value))
}

fn toml(text: &str, first: u32) -> Result<Value, FrontMatterError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map_or(0, |span| text[..span.start].matches('\n').count());
        at_line(error.message().lines().next().unwrap_or_default(), first + lines(before))
    })?;
    Ok(from_toml(&toml::Value::Table(table)))
}

fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(whole) => Value::Integer(whole),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::String(text.clone()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(from_json).collect()),
        serde_json::Value::Object(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
        }
    }
}

fn from_toml(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text.clone()),
        toml::Value::Integer(number) => Value::Integer(*number),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(flag) => Value::Bool(*flag),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(items) => Value::List(items.iter().map(from_toml).collect()),
        toml::Value::Table(map) => {
            Value::Map(map.iter().map(|(key, value)| (key.clone(), from_toml(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(text: &str) -> String {
        let Parts { front, body } = split(text);
        let words: Vec<String> =
            front.unwrap().iter().map(|(key, value)| format!("{key}={value:?}")).collect();
        format!("{} / {body}", words.join(" "))
    }

    #[test]
    fn every_format_gives_the_same_values() {
        let said = "draft=Bool(true) title=String(\"Rose\") / Body";
        assert_eq!(front("---\ndraft: true\ntitle: Rose\n---\nBody"), said);
        assert_eq!(front("\u{feff}---\r\ndraft: true\r\ntitle: Rose\r\n---\r\nBody"), said);
        assert_eq!(front("+++\ntitle = \"Rose\"\ndraft = true\n+++\nBody"), said);
        assert_eq!(front("---json\n{\"title\": \"Rose\", \"draft\": true}\n---\nBody"), said);
        assert_eq!(front("{\n\"title\": \"Rose\", \"draft\": true}\n\nBody"), said);
        assert_eq!(front("---js\nconst draft = true;\nconst title = \"Rose\";\n---\nBody"), said);
        assert_eq!(front("Body"), " / Body");
        assert_eq!(front("{{ x }} Body"), " / {{ x }} Body");
    }

    #[test]
    fn parse_errors_are_reported() {
        assert!(
            split("---\ntitle: Rose\n")
                .front
                .unwrap_err()
                .to_string()
                .contains("after the first `---`")
        );
        assert!(split("+++\ntitle = Rose\n+++\n").front.is_err());
        assert!(split("---\n- a\n---\n").front.is_err());
        assert!(split("---js\n{ permalink: f() }\n---\n").front.is_err());
        assert!(split("---coffee\na: 1\n---\n").front.is_err());
        assert!(split("----\na: 1\n---\n").front.unwrap().is_empty());
    }
}
