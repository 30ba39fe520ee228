//! Turns what pages may say between the dashes into JSON Schema (2020-12), for programs that complete
//! and check as one writes. Pure.

use serde_json::{Map, Value, json};

use super::{Field, FieldKind, Schema};

/// The keys that every page may have, each with what it holds and a sentence for who writes one.
const PAGE: [(&str, Kind, &str); 18] = [
    ("title", Kind::Text, "The heading of the page"),
    ("summary", Kind::Text, "One or two sentences for lists, feeds and search engines"),
    ("date", Kind::Date, "The day it was written"),
    ("updated", Kind::Date, "The day it was last changed"),
    ("author", Kind::Text, "Who wrote it"),
    ("draft", Kind::Flag, "Not to be published yet"),
    ("publish_on", Kind::Date, "Not to be published before this moment"),
    ("expires_on", Kind::Date, "Not to be published from this moment on"),
    ("slug", Kind::Text, "The last part of its address, in place of the file's name"),
    ("path", Kind::Text, "Its whole address within the site, in place of its folder's"),
    ("aliases", Kind::Texts, "Addresses it had before, which lead here"),
    ("template", Kind::Text, "The template it is shown with"),
    ("weight", Kind::Number, "Its rank where a section sorts by weight; the least comes first"),
    ("image", Kind::Image, "Its picture"),
    ("menu", Kind::Texts, "The menus it is listed in"),
    ("search", Kind::Flag, "Whether search finds it"),
    ("unreviewed", Kind::Flag, "A translation that nobody has read yet"),
    ("extra", Kind::Group, "Whatever else the theme reads"),
];

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Date,
    Flag,
    Number,
    Image,
    Group,
}

/// `2020-05-21`, or with a time behind it: see [`crate::parse::date`].
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$";

impl Kind {
    fn to_json(self) -> Map<String, Value> {
        let schema = match self {
            Kind::Text => json!({"type": ["string", "integer"]}),
            Kind::Texts => json!({"type": ["string", "array"], "items": {"type": "string"}}),
            Kind::Date => json!({"type": "string", "pattern": DATE}),
            Kind::Flag => json!({"type": "boolean"}),
            Kind::Number => json!({"type": "integer"}),
            Kind::Group => json!({"type": "object"}),
            Kind::Image => json!({
                "type": "object",
                "properties": {
                    "src": {"type": "string", "description": "Its file, as seen from the page"},
                    "alt": {
                        "type": "string",
                        "description": "What it shows, in words; empty for a decoration",
                    },
                    "credit": {"type": "string", "description": "Who made it"},
                },
                "required": ["src", "alt"],
                "additionalProperties": false,
            }),
        };
        match schema {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

impl Schema {
    /// Everything that a page may say between the dashes as JSON Schema (2020-12): the keys of every
    /// page, those of the site's taxonomies, and what this schema asks of them.
    pub fn to_json(&self, title: &str, taxonomies: &[String]) -> Value {
        let mut properties = Map::new();
        for (key, kind, description) in PAGE {
            let mut property = kind.to_json();
            property.insert("description".to_owned(), json!(description));
            properties.insert(key.to_owned(), Value::Object(property));
        }
        for taxonomy in taxonomies {
            let mut property = Kind::Texts.to_json();
            let description = format!("Its terms of the taxonomy `{taxonomy}`");
            property.insert("description".to_owned(), json!(description));
            properties.insert(taxonomy.clone(), Value::Object(property));
        }
        let mut extra = Map::new();
        let mut required = Vec::new();
        let mut extra_required = Vec::new();
        for field in &self.fields {
            let (properties, required, name) = match field.key.strip_prefix("extra.") {
                Some(name) => (&mut extra, &mut extra_required, name),
                None => (&mut properties, &mut required, field.key.as_str()),
            };
            let known = properties.remove(name);
            properties.insert(name.to_owned(), field.to_json(known));
            if field.required {
                required.push(json!(name));
            }
        }
        if !extra_required.is_empty() {
            required.push(json!("extra"));
        }
        if let Some(Value::Object(group)) = properties.get_mut("extra")
            && !extra.is_empty()
        {
            group.insert("properties".to_owned(), Value::Object(extra));
            group.insert("required".to_owned(), Value::Array(extra_required));
        }
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": title,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }
}

impl Field {
    /// What this asks, laid over what is known of the key already.
    fn to_json(&self, known: Option<Value>) -> Value {
        let mut schema = match known {
            Some(Value::Object(known)) => known,
            _ => Map::new(),
        };
        let kind = match self.kind {
            Some(FieldKind::Text) => Some(json!({"type": ["string", "integer"]})),
            Some(FieldKind::Number) => Some(json!({"type": "number"})),
            Some(FieldKind::Flag) => Some(json!({"type": "boolean"})),
            Some(FieldKind::Date) => Some(json!({"type": "string", "pattern": DATE})),
            Some(FieldKind::List) => Some(json!({"type": "array"})),
            None => None,
        };
        if let Some(Value::Object(mut kind)) = kind {
            schema.append(&mut kind);
        }
        let mut text = Map::new();
        if !self.values.is_empty() {
            text.insert("enum".to_owned(), json!(self.values));
        }
        if let Some(pattern) = &self.pattern {
            text.insert("pattern".to_owned(), json!(expression(pattern)));
        }
        // A key of several texts is written as a list, or as one text where it has one.
        let several = schema.contains_key("items") || self.kind == Some(FieldKind::List);
        if several && !text.is_empty() {
            schema.insert("items".to_owned(), json!(text));
        } else {
            schema.append(&mut text);
        }
        if let Some(help) = &self.help {
            schema.insert("description".to_owned(), json!(help));
        }
        Value::Object(schema)
    }
}

/// A form as a regular expression.
fn expression(pattern: &str) -> String {
    let mut expression = String::from("^");
    for character in pattern.chars() {
        match character {
            '*' => expression.push_str(".*"),
            '?' => expression.push('.'),
            '#' => expression.push_str("[0-9]"),
            c if c.is_alphanumeric() || c == ' ' || c == '-' => expression.push(c),
            c => {
                expression.push('\\');
                expression.push(c);
            }
        }
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::front_matter::is_page_key;

    #[test]
    fn every_key_of_a_page_is_there_and_no_other() {
        for (key, ..) in PAGE {
            assert!(is_page_key(key), "{key}");
        }
        assert_eq!(PAGE.len(), crate::parse::front_matter::page_keys().count());
    }

    #[test]
    fn what_a_section_asks_lies_over_what_every_page_has() {
        let field = |key: &str, kind| Field {
            key: key.to_owned(),
            required: true,
            kind,
            values: vec!["a".to_owned()],
            pattern: None,
            help: None,
        };
        let list = Some(FieldKind::List);
        let schema = Schema {
            fields: vec![field("summary", None), field("tags", None), field("extra.places", list)],
        };
        let json = schema.to_json("Stories", &["tags".to_owned()]);
        assert_eq!(json["required"], json!(["summary", "tags", "extra"]));
        let properties = &json["properties"];
        assert_eq!(properties["summary"]["enum"], json!(["a"]));
        assert_eq!(properties["tags"]["items"]["enum"], json!(["a"]));
        assert_eq!(properties["extra"]["properties"]["places"]["items"]["enum"], json!(["a"]));
        assert_eq!(properties["draft"]["type"], "boolean");
        assert_eq!(json["additionalProperties"], false);
        assert_eq!(expression("CV# (*)"), "^CV[0-9] \\(.*\\)$");
    }
}
