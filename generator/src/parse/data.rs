//! Parses a file of `content/data/` into a value that templates read: YAML, JSON, CSV or TOML.

use std::fmt;

use located_yaml::Place;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::diagnostic::{Diagnostic, Lines};
use crate::value::Value;

/// The extensions of data files.
pub const KINDS: [&str; 4] = ["yaml", "json", "csv", "toml"];

/// Parses the text of the file `path`, according to its extension, into a value and its warnings.
///
/// # Errors
/// A syntax error, at its line; an unknown extension.
pub fn parse(path: &str, text: &str) -> Result<(Value, Vec<Diagnostic>), Box<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match path.rsplit_once('.').map_or("", |(_, kind)| kind) {
        "yaml" => yaml(path, text),
        "json" => json(path, text).map(without_warnings),
        "csv" => csv(path, text).map(without_warnings),
        "toml" => toml(path, text).map(without_warnings),
        _ => Err(Box::new(Diagnostic::error(path, "this is not a data file").help(
            "use a name that ends in `.yaml`, `.json`, `.csv` or `.toml`, or move the file out \
                 of this folder",
        ))),
    }
}

fn without_warnings(value: Value) -> (Value, Vec<Diagnostic>) {
    (value, Vec::new())
}

fn yaml(path: &str, text: &str) -> Result<(Value, Vec<Diagnostic>), Box<Diagnostic>> {
    let in_file = |problem| Diagnostic::in_file(path, problem);
    let document = located_yaml::parse(text, 1).map_err(|problem| Box::new(in_file(problem)))?;
    let warnings = document.warnings.into_iter().map(in_file);
    Ok((Value::from(&document.root), warnings.collect()))
}

fn json(path: &str, text: &str) -> Result<Value, Box<Diagnostic>> {
    serde_json::from_str::<Any>(text).map(|any| any.0).map_err(|error| {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let place = Place {
            line: number(error.line().max(1)),
            column: number(error.column().max(1)),
            length: 1,
        };
        // The library appends the position to its message.
        let said = error.to_string();
        let message = said.rsplit_once(" at line ").map_or(said.as_str(), |(message, _)| message);
        Box::new(Diagnostic::error(path, message).at(place).help(
            "put all keys and text in `\"`, and a comma between entries, but none after \
                       the last",
        ))
    })
}

fn toml(path: &str, text: &str) -> Result<Value, Box<Diagnostic>> {
    toml::from_str::<Any>(text).map(|any| any.0).map_err(|error| {
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        let fault = Diagnostic::error(path, message);
        let fault = match error.span() {
            Some(span) => fault.at(Lines::new(text).place(span)),
            None => fault,
        };
        Box::new(fault.help("write each line as a key, `=` and a value; put text in `\"`"))
    })
}

/// Parses CSV into a list of maps: the first line holds the keys, every other line one map of strings.
fn csv(path: &str, text: &str) -> Result<Value, Box<Diagnostic>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let fault = |error: &csv::Error| {
        let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() else {
            unreachable!("a text in memory is read: {error}")
        };
        // The position is that of the previous line's end, which on Windows has two characters.
        let from = error.position().and_then(|position| usize::try_from(position.byte()).ok());
        let from = from.filter(|from| *from <= text.len()).unwrap_or_default();
        let start = text.len() - text[from..].trim_start_matches(['\r', '\n']).len();
        let message = format!(
            "the number of values ({len}) differs from that of the first line ({expected_len})"
        );
        Box::new(
            Diagnostic::error(path, message)
                .at(Lines::new(text).place(start..start + 1))
                .help("put values that contain a comma in `\"`"),
        )
    };
    let keys = reader.headers().map_err(|error| fault(&error))?.clone();
    if let Some(twice) = keys
        .iter()
        .enumerate()
        .find_map(|(at, key)| keys.iter().take(at).any(|other| other == key).then_some(key))
    {
        return Err(Box::new(
            Diagnostic::error(path, format!("two columns are called `{twice}`"))
                .at(Place { line: 1, column: 1, length: 1 })
                .help("give each column a different name"),
        ));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| fault(&error))?;
        let row = keys.iter().zip(&record);
        let row = row.map(|(key, value)| (key.to_owned(), Value::String(value.to_owned())));
        rows.push(Value::Map(row.collect()));
    }
    Ok(Value::List(rows))
}

/// A value of any type, with its keys in the order written.
struct Any(Value);

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Any)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "what no integer holds is a float, as in JSON"
        )]
        let float = || Value::Float(number as f64);
        Ok(i64::try_from(number).map_or_else(|_| float(), Value::Integer))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Any(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map: Vec<(String, Value)> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.iter().any(|(known, _)| *known == key) {
                return Err(serde::de::Error::custom(format!("`{key}` is set twice")));
            }
            let Any(value) = entries.next_value()?;
            // The library represents a TOML date as a map with this single key.
            if key == "$__toml_private_datetime" {
                return Ok(value);
            }
            map.push((key, value));
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, text: &str) -> Value {
        parse(path, text).unwrap().0
    }

    #[test]
    fn four_formats_give_the_same_value() {
        let yaml = read("a.yaml", "- name: Ann\n  part: \"2\"\n- name: Tom\n  part: \"1\"\n");
        let json = "[{\"name\": \"Ann\", \"part\": \"2\"}, {\"name\": \"Tom\", \"part\": \"1\"}]";
        assert_eq!(read("a.json", json), yaml);
        assert_eq!(read("a.csv", "\u{feff}name,part\nAnn,2\r\nTom , 1\n"), yaml);
        let toml =
            "[[team]]\nname = \"Ann\"\npart = \"2\"\n[[team]]\nname = \"Tom\"\npart = \"1\"\n";
        assert_eq!(read("a.toml", toml).get("team"), Some(&yaml));
    }

    #[test]
    fn dates_are_kept_as_written() {
        let value = read("a.toml", "day = 2020-05-21\nat = 18:30:00\n");
        assert_eq!(value.get("day").and_then(Value::as_str), Some("2020-05-21"));
        assert_eq!(value.get("at").and_then(Value::as_str), Some("18:30:00"));
    }

    #[test]
    fn an_error_names_its_line() {
        let line = |path: &str, text: &str| parse(path, text).unwrap_err().place.unwrap().line;
        assert_eq!(line("a.yaml", "a: 1\nb: [\n"), 3);
        assert_eq!(line("a.json", "{\n\"a\": 1,\n}"), 3);
        assert_eq!(line("a.json", "{\"a\": 1,\n\"a\": 2}"), 2);
        assert_eq!(line("a.toml", "a = 1\nb = \n"), 2);
        assert_eq!(line("a.csv", "a,b\n1,2\n3\n"), 3);
        assert_eq!(line("a.csv", "a,b\r\n1,2\r\n3\r\n"), 3);
        assert_eq!(line("a.csv", "a,b\r\n\r\n\"1\r\n2\",3\r\n\r\n4\r\n"), 6);
        assert_eq!(line("a.csv", "a,a\n1,2\n"), 1);
        assert!(parse("a.txt", "").is_err());
    }
}
