//! Writes events for the operators of the functions: one line of JSON each, to standard error. No
//! visitor's address and no word that a resident wrote ever goes in.

use std::io::Write as _;

/// Writes one event of numbers, which a metric can be made of.
#[cfg(feature = "lambda")]
pub(crate) fn measured(name: &str, values: &[(&str, i64)]) {
    let mut object = serde_json::Map::new();
    object.insert("event".to_owned(), name.into());
    object.extend(values.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())));
    write(object);
}

/// Writes one event. Values are what the code knows: ids, names of forms, error texts.
pub(crate) fn event(name: &str, values: &[(&str, &str)]) {
    let mut object = serde_json::Map::new();
    object.insert("event".to_owned(), name.into());
    for (key, value) in values {
        object.insert((*key).to_owned(), (*value).into());
    }
    write(object);
}

fn write(object: serde_json::Map<String, serde_json::Value>) {
    // Nobody to tell if standard error is gone.
    let _ = writeln!(std::io::stderr(), "{}", serde_json::Value::Object(object));
}
