//! Turns what stands at the top of a page into values, in whichever of the notations that programs
//! take: YAML between `---`, TOML between `+++`, JSON between braces. Pure.

use crate::value::Value;
use crate::yaml;

/// A page's text in its two parts.
pub(super) struct Parts<'a> {
    pub(super) front: Result<Vec<(String, Value)>, String>,
    pub(super) body: &'a str,
}

pub(super) fn split(text: &str) -> Parts<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let fence = first.trim_end();
    if fence == "---" || fence == "+++" || fence.starts_with("---js") || fence == "---json" {
        let end = &fence[..3];
        let from = text.find('\n').map_or(text.len(), |at| at + 1);
        let Some(length) = closing(&text[from..], end) else {
            let why = format!("the lines between `{end}` and `{end}` do not end");
            return Parts { front: Err(why), body: &text[from..] };
        };
        let words = &text[from..from + length];
        let rest = &text[from + length..];
        let body = rest.find('\n').map_or("", |at| &rest[at + 1..]);
        let front = match fence {
            "+++" => toml(words, 2),
            "---json" => json(words, 2),
            "---" => yaml(words, 2),
            _ => Ok(Value::Map(literals(words))),
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

/// Where the line that is `end` and nothing else begins.
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

fn entries(value: Value) -> Result<Vec<(String, Value)>, String> {
    match value {
        Value::Map(entries) => Ok(entries),
        Value::Null => Ok(Vec::new()),
        _ => Err("these are no words with a value each".to_owned()),
    }
}

/// A file as a value, by the ending of its name.
pub(super) fn value(name: &str, text: &str) -> Result<Value, String> {
    match name.rsplit('.').next() {
        Some("toml") => toml(text, 1),
        Some("json") => json(text, 1),
        _ => yaml(text, 1),
    }
}

/// What is wrong, and in which line of the file.
fn at_line(message: &str, line: u32) -> String {
    format!("{message} (line {line})")
}

fn lines(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 2)
}

/// The words begin in the line `first` of their file.
fn yaml(text: &str, first: u32) -> Result<Value, String> {
    let node = yaml::read_any("", text, first)
        .map_err(|fault| at_line(&fault.message, fault.place.map_or(first, |place| place.line)))?;
    Ok(Value::from(&node))
}

fn json(text: &str, first: u32) -> Result<Value, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        // The library's words end in its own place.
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        at_line(message, first + lines(error.line().saturating_sub(1)))
    })?;
    Ok(from_json(&value))
}

fn toml(text: &str, first: u32) -> Result<Value, String> {
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

/// What a program in JavaScript says plainly: `const title = "Rose";`, `title: "Rose",`, and what
/// stands between the braces of `const menu = {`. The program is not run, so whatever is worked out
/// stays unknown; of what is said twice, the first counts.
pub(super) fn literals(text: &str) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some((key, value)) = assignment(line) else { continue };
        let value = if value == "{" && line.starts_with("const ") && !line.contains("config") {
            let inner = lines.by_ref().take_while(|line| !line.starts_with('}'));
            let inner = inner.filter_map(assignment);
            let inner = inner.filter_map(|(key, value)| Some((key.to_owned(), literal(value)?)));
            Some(Value::Map(inner.collect()))
        } else {
            literal(value)
        };
        if let Some(value) = value.filter(|_| !found.iter().any(|(known, _)| known == key)) {
            found.push((key.to_owned(), value));
        }
    }
    found
}

/// The name and the value of a line such as `const title = "Rose";`.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let words = ["export const ", "const ", "let "];
    let line = words.iter().find_map(|word| line.strip_prefix(word)).unwrap_or(line);
    let (key, value) = line.split_once(['=', ':'])?;
    let key = key.trim().trim_matches(['"', '\'']);
    let value = value.split(" //").next().unwrap_or(value).trim().trim_end_matches([';', ',']);
    let is_name = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_name.then_some((key, value.trim()))
}

fn literal(value: &str) -> Option<Value> {
    let quoted = ['"', '\'', '`'].into_iter().find_map(|quote| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote) && !inner.contains("${")).then(|| inner.to_owned())
    });
    match (quoted, value) {
        (Some(text), _) => Some(Value::String(text)),
        (None, "true") => Some(Value::Bool(true)),
        (None, "false") => Some(Value::Bool(false)),
        (None, number) => number.parse().ok().map(Value::Integer),
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
    fn every_notation_says_the_same() {
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
    fn of_a_program_only_what_it_says_plainly_is_known() {
        let text =
            "const menu = {\n\tkey: \"About\",\n\torder: 3\n};\nconst x = f();\nlet y = `a${b}`;\n";
        let menu = vec![
            ("key".to_owned(), Value::String("About".to_owned())),
            ("order".to_owned(), Value::Integer(3)),
        ];
        assert_eq!(literals(text), vec![("menu".to_owned(), Value::Map(menu))]);
        assert_eq!(
            literals("export const config = {\n\tdir: {\n\t\tinput: \"content\", // x\n"),
            vec![("input".to_owned(), Value::String("content".to_owned()))]
        );
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(split("---\ntitle: Rose\n").front.unwrap_err().contains("do not end"));
        assert!(split("+++\ntitle = Rose\n+++\n").front.is_err());
        assert!(split("---\n- a\n---\n").front.is_err());
    }
}
