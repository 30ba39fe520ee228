//! Parses a component's call: Tera's syntax, with literal arguments only; nothing is evaluated.
//!
//! `{{<name key="text" n={3} />}}`, `{% <name key="text"> %}` and `{% </name> %}`.

use std::ops::Range;

use crate::value::Value;

/// A call as written, with the byte ranges of its parts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) range: Range<usize>,
    pub(super) form: Form,
    pub(super) name: String,
    pub(super) name_range: Range<usize>,
    pub(super) arguments: Vec<Given>,
}

/// The three forms of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `{{<name />}}`.
    Whole,
    /// `{% <name> %}`.
    Open,
    /// `{% </name> %}`.
    Close,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Given {
    pub(super) name: String,
    pub(super) name_range: Range<usize>,
    pub(super) value: Value,
    pub(super) value_range: Range<usize>,
}

/// Why something that begins like a call is not one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CallError {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// The longest call; anything longer is probably not closed.
const MAX_CALL_BYTES: usize = 16_000;
/// The deepest nesting of lists.
const MAX_LIST_DEPTH: usize = 16;

const AS_TEXT: &str = "to show it as text, put it in backticks";

/// Whether a call begins at `at`: braces followed by an angle bracket.
pub(super) fn begins(text: &str, at: usize) -> bool {
    let rest = &text[at..];
    (rest.starts_with("{{") || rest.starts_with("{%"))
        && rest[2..].trim_start_matches([' ', '\t']).starts_with('<')
}

/// Parses the call that [`begins`] at `at`.
pub(super) fn read(text: &str, at: usize) -> Result<Call, CallError> {
    let mut end = text.len().min(at + MAX_CALL_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Reader { text: &text[..end], at, start: at }.call()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    start: usize,
}

type Read<T> = Result<T, CallError>;

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn take(&mut self, words: &str) -> bool {
        let found = self.rest().starts_with(words);
        if found {
            self.at += words.len();
        }
        found
    }

    fn fail<T>(&self, range: Range<usize>, message: String, help: impl Into<String>) -> Read<T> {
        Err(CallError { range, message, help: help.into() })
    }

    /// The next few characters, as the place of an error.
    fn here(&self) -> Range<usize> {
        let length = self.rest().chars().next().map_or(0, char::len_utf8);
        self.at..self.at + length
    }

    fn call(mut self) -> Read<Call> {
        let block = self.rest().starts_with("{%");
        self.at += 2;
        self.space();
        self.at += 1;
        let closing = block && self.take("/");
        if self.rest().starts_with([' ', '\t']) {
            let message = "a component's name must follow `<` directly".to_owned();
            return self.fail(self.here(), message, "remove the space");
        }
        let name_start = self.at;
        let name = self.component();
        let name_range = name_start..self.at;
        if name.is_empty() {
            let message = "the component's name is missing".to_owned();
            return self.fail(self.here(), message, AS_TEXT);
        }
        let mut arguments = Vec::new();
        self.space();
        while !self.rest().is_empty() && !self.rest().starts_with(['/', '>']) {
            if closing {
                let message = format!("a closing tag contains only the name, `{name}`");
                let help = format!("write `{{% </{name}> %}}`");
                return self.fail(self.here(), message, help);
            }
            let given = self.argument(&name)?;
            if arguments.iter().any(|other: &Given| other.name == given.name) {
                let message = format!("`{}` is set twice", given.name);
                return self.fail(given.name_range, message, "remove one of them");
            }
            arguments.push(given);
            self.space();
        }
        let form = self.end(block, closing, &name)?;
        Ok(Call { range: self.start..self.at, form, name, name_range, arguments })
    }

    fn end(&mut self, block: bool, closing: bool, name: &str) -> Read<Form> {
        let from = self.at;
        let slash = self.take("/");
        let angle = self.take(">");
        self.space();
        let braces = self.take(if block { "%}" } else { "}}" });
        let form = match (block, closing, slash) {
            (false, _, true) => Form::Whole,
            // Without anything after the arguments, the intended form is unknown.
            (false, _, false) if !angle => Form::Whole,
            (true, true, false) => Form::Close,
            (true, false, false) => Form::Open,
            _ => {
                let help = format!(
                    "write `{{{{<{name} />}}}}`, or put text between `{{% <{name}> %}}` and `{{% \
                     </{name}> %}}`"
                );
                let message = format!("this call of `{name}` starts and ends with different tags");
                return self.fail(from..self.at.max(from + 1), message, help);
            }
        };
        if !angle || !braces {
            let end = match form {
                Form::Whole => "/>}}",
                Form::Open | Form::Close => "> %}",
            };
            let message = format!("the call of `{name}` is not closed");
            let range =
                if self.text.len() == from { self.start..self.start + 2 } else { self.here() };
            return self.fail(range, message, format!("close it with `{end}`; {AS_TEXT}"));
        }
        Ok(form)
    }

    /// A component's name; hyphens are read as underscores.
    fn component(&mut self) -> String {
        let mut name = self.name();
        while self.rest().starts_with('-')
            && self.rest()[1..].starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            self.at += 1;
            name.push('_');
            name.push_str(&self.name());
        }
        name
    }

    fn name(&mut self) -> String {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(rest.len());
        let name = rest[..length].to_owned();
        self.at += length;
        name
    }

    fn argument(&mut self, component: &str) -> Read<Given> {
        let start = self.at;
        let name = self.name();
        let name_range = start..self.at;
        if name.is_empty() {
            let message = format!("this is not an argument of `{component}`");
            let help = format!(
                "an argument is a name, `=` and a value, such as `name=\"text\"`; \
                         {AS_TEXT}"
            );
            return self.fail(self.here(), message, help);
        }
        self.space();
        if !self.take("=") {
            let help = format!("write `{name}=\"text\"`, or `{name}={{true}}`");
            return self.fail(name_range, format!("`{name}` has no value"), help);
        }
        self.space();
        let from = self.at;
        let value = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => Value::String(self.string(quote)?),
            Some('{') => {
                self.at += 1;
                let value = self.literal(0)?;
                self.space();
                if !self.take("}") {
                    let message = format!("the braces around the value of `{name}` are not closed");
                    return self.fail(self.here(), message, "put a `}` after the value");
                }
                value
            }
            other => return self.bare(other, &name),
        };
        Ok(Given { name, name_range, value, value_range: from..self.at })
    }

    /// A value without quotation marks or braces.
    fn bare<T>(&self, first: Option<char>, name: &str) -> Read<T> {
        if matches!(first, Some('“' | '”' | '„' | '‘' | '’')) {
            let message = "these are not straight quotation marks".to_owned();
            let inner = self.rest().trim_start_matches(['“', '”', '„', '‘', '’']);
            let end = inner.find(['“', '”', '„', '‘', '’', '"', '\n', '>']);
            let text = end.map_or("text", |end| &inner[..end]);
            return self.fail(self.here(), message, format!("write `{name}=\"{text}\"`"));
        }
        let rest = self.rest();
        let length =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).unwrap_or(rest.len());
        let word = rest[..rest.floor_char_boundary(length.min(60))]
            .trim_end_matches(|c: char| !c.is_ascii_graphic() && !c.is_alphanumeric());
        let plain = word.parse::<f64>().is_ok() || matches!(word, "true" | "false");
        let help = match (plain, word.is_empty()) {
            (true, _) => {
                format!("put numbers, `true` and `false` in braces: `{name}={{{word}}}`")
            }
            (false, true) => format!("write `{name}=\"text\"`"),
            (false, false) => format!("put text in quotation marks: `{name}=\"{word}\"`"),
        };
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let range = self.at..self.at + length.max(first);
        self.fail(range, format!("the value of `{name}` is not valid"), help)
    }

    /// A quoted string, with Tera's escapes.
    fn string(&mut self, quote: char) -> Read<String> {
        let start = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            if character == quote {
                self.at += at + 1;
                return Ok(text);
            }
            // A string of several lines is probably not closed.
            if character == '\n' {
                break;
            }
            if character != '\\' {
                text.push(character);
                continue;
            }
            match characters.next() {
                Some((_, escaped @ ('"' | '\'' | '\\' | '/'))) => text.push(escaped),
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, 'r')) => text.push('\r'),
                other => {
                    let length = other.map_or(1, |(_, character)| 1 + character.len_utf8());
                    let message = "a backslash has a special meaning here".to_owned();
                    let help = "for one backslash, write two: `\\\\`";
                    return self.fail(start + at..start + at + length, message, help);
                }
            }
        }
        let message = "this quotation mark is never closed".to_owned();
        self.fail(start..start + 1, message, format!("put a `{quote}` at the end of the text"))
    }

    fn literal(&mut self, depth: usize) -> Read<Value> {
        self.space();
        if depth > MAX_LIST_DEPTH {
            let message = "lists are nested too deeply here".to_owned();
            return self.fail(self.here(), message, format!("use at most {MAX_LIST_DEPTH} levels"));
        }
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Value::String),
            Some('[') => self.list(depth),
            Some('{') => self.map(depth),
            _ => self.word(),
        }
    }

    fn list(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            if self.take("]") {
                return Ok(Value::List(items));
            }
            items.push(self.literal(depth + 1)?);
            self.comma(']')?;
        }
    }

    fn map(&mut self, depth: usize) -> Read<Value> {
        self.at += 1;
        let mut entries: Vec<(String, Value)> = Vec::new();
        loop {
            self.space();
            if self.take("}") {
                return Ok(Value::Map(entries));
            }
            let from = self.at;
            let key = match self.rest().chars().next() {
                Some(quote @ ('"' | '\'')) => self.string(quote)?,
                _ => {
                    let help = "put the key in quotation marks: `{\"key\": \"value\"}`";
                    return self.fail(self.here(), "there is no key here".to_owned(), help);
                }
            };
            if entries.iter().any(|(other, _)| *other == key) {
                let message = format!("`{key}` is set twice");
                return self.fail(from..self.at, message, "remove one of them");
            }
            self.space();
            if !self.take(":") {
                let message = format!("there is no colon after `{key}`");
                return self.fail(self.here(), message, format!("write `\"{key}\": \"value\"`"));
            }
            let value = self.literal(depth + 1)?;
            entries.push((key, value));
            self.comma('}')?;
        }
    }

    fn comma(&mut self, end: char) -> Read<()> {
        self.space();
        if self.take(",") || self.rest().starts_with(end) {
            return Ok(());
        }
        let message = format!("a comma or a `{end}` is missing here");
        self.fail(
            self.here(),
            message,
            format!(
                "put a comma between values and a `{end}` after \
                                                 the last one"
            ),
        )
    }

    /// A number, `true` or `false`; anything else would need evaluation.
    fn word(&mut self) -> Read<Value> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let digits = word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().all(|byte| {
                byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E')
            });
        let value = match word {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ if digits => word
                .parse()
                .map(Value::Integer)
                .or_else(|_| word.parse().map(Value::Float))
                .ok()
                .filter(|value| !matches!(value, Value::Float(number) if !number.is_finite())),
            _ => None,
        };
        match value {
            Some(value) => {
                self.at += length;
                Ok(value)
            }
            None => {
                let range = if length == 0 { self.here() } else { self.at..self.at + length };
                let help = "braces may contain a number, `true`, `false`, a list such as `[\"a\", \
                            \"b\"]`, or text in quotation marks";
                self.fail(range, "this value is not valid".to_owned(), help)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Vec<(String, Value)> {
        let call = read(text, 0).unwrap();
        assert_eq!(call.range, 0..text.len(), "{text}");
        call.arguments.into_iter().map(|given| (given.name, given.value)).collect()
    }

    #[test]
    fn literals_of_every_kind_are_read() {
        let text = r#"{{<a s="x \"y\"" t='z' n={-3} f={1.5} b={true} l={["a", [1,],]} m={{"k": false}} />}}"#;
        let string = |text: &str| Value::String(text.to_owned());
        let expected = vec![
            ("s", string("x \"y\"")),
            ("t", string("z")),
            ("n", Value::Integer(-3)),
            ("f", Value::Float(1.5)),
            ("b", Value::Bool(true)),
            ("l", Value::List(vec![string("a"), Value::List(vec![Value::Integer(1)])])),
            ("m", Value::Map(vec![("k".to_owned(), Value::Bool(false))])),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(arguments(text), expected);
    }

    #[test]
    fn the_three_forms_are_distinguished() {
        assert_eq!(read("{{ <a/> }}", 0).unwrap().form, Form::Whole);
        assert_eq!(read("{%<a>%}", 0).unwrap().form, Form::Open);
        assert_eq!(read("{% </a> %}", 0).unwrap().form, Form::Close);
        assert!(!begins("{{ title }}", 0));
        assert!(!begins("{% if a < b %}", 0));
    }

    #[test]
    fn nothing_is_evaluated_and_nothing_panics() {
        for text in [
            "{{<a n={1 + 1} />}}",
            "{{<a n={now()} />}}",
            "{{<a ...{x} />}}",
            "{{<a n={inf} />}}",
            "{{<a n={1e999} />}}",
            "{{<a b />}}",
            "{{<a b=c />}}",
            "{{<a b=“c” />}}",
            "{{<a b=\"c />}}",
            "{{<a b=\"\\é\" />}}",
            "{{<a>}}",
            "{{< a />}}",
            "{{<",
            "{{<é",
            "{% <a /> %}",
            "{% </a b> %}",
            "{% <a> }}",
            "{{<a b={\"c\": \"d\"} />}}",
            "{{<a b={[[[[[[[[[[[[[[[[[[[[[[[[[",
        ] {
            assert!(begins(text, 0));
            let error = read(text, 0).unwrap_err();
            assert!(text.get(error.range.clone()).is_some(), "{text}: {error:?}");
        }
    }
}
