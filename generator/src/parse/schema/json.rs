//! Converts front matter schemas to JSON Schema (2020-12), for editors that complete and check while typing.

use located_yaml::{FieldType, Key};
use serde_json::{Map, Value, json};

use super::{Field, FieldKind, Schema};
use crate::key_tables;

/// `2020-05-21`, or with a time after it: see [`crate::parse::date`].
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$";

/// The schema of one key.
fn schema_of(field_type: FieldType) -> Map<String, Value> {
    let schema = match field_type {
        FieldType::Text => json!({"type": ["string", "integer"]}),
        FieldType::Texts => json!({"type": ["string", "array"], "items": {"type": "string"}}),
        FieldType::Date => json!({"type": "string", "pattern": DATE}),
        FieldType::Bool => json!({"type": "boolean"}),
        FieldType::WholeNumber => json!({"type": "integer"}),
        FieldType::WholeNumbers => json!({"type": "array", "items": {"type": "integer"}}),
        FieldType::Word(words) => json!({"enum": words}),
        FieldType::Words(words) => {
            json!({"anyOf": [{"enum": words}, {"type": "array", "items": {"enum": words}}]})
        }
        FieldType::Map(keys) => json!({
            "type": "object",
            "properties": properties(keys),
            "additionalProperties": false,
        }),
        FieldType::List(_) => json!({"type": "array"}),
        FieldType::NamedMaps(_) | FieldType::NamedLists(_) | FieldType::Any => {
            json!({"type": "object"})
        }
    };
    match schema {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The schemas and descriptions of these keys.
fn properties(keys: &[Key]) -> Map<String, Value> {
    let property = |key: &Key| {
        let mut property = schema_of(key.field_type);
        property.insert("description".to_owned(), json!(key.description));
        (key.name.to_owned(), Value::Object(property))
    };
    keys.iter().map(property).collect()
}

impl Schema {
    /// The front matter of a page as JSON Schema (2020-12): the keys of every page, those of the site's taxonomies, and
    /// the requirements of this schema.
    pub fn to_json(&self, title: &str, taxonomies: &[String]) -> Value {
        let mut properties = properties(&key_tables::PAGE);
        // An image needs a file and its text alternative.
        properties["image"]["required"] = json!(["src", "alt"]);
        for taxonomy in taxonomies {
            let mut property = schema_of(FieldType::Texts);
            let description = format!("Terms of the taxonomy `{taxonomy}`");
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
    /// The requirements of this field, merged into what is already known of the key.
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
        // A key of several strings is written as a list, or as one string if there is only one.
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

/// A pattern as a regular expression.
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

    #[test]
    fn section_schemas_extend_the_page_schema() {
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
