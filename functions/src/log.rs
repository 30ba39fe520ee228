//! Writes events for operators: one line of JSON each, to standard error. They contain no visitor's address and no
//! text that a resident wrote.

use std::io::Write as _;

/// Writes one event of numbers, for metrics.
#[cfg(feature = "lambda")]
pub(crate) fn measured(name: &str, values: &[(&str, i64)]) {
    let mut object = serde_json::Map::new();
    object.insert("event".to_owned(), name.into());
    object.extend(values.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())));
    write(object);
}

/// Writes one event. Values are ids, names of forms or texts of errors.
pub(crate) fn event(name: &str, values: &[(&str, &str)]) {
    let mut object = serde_json::Map::new();
    object.insert("event".to_owned(), name.into());
    for (key, value) in values {
        object.insert((*key).to_owned(), (*value).into());
    }
    write(object);
}

fn write(object: serde_json::Map<String, serde_json::Value>) {
    // If standard error is closed, there is nowhere to report it.
    let _ = writeln!(std::io::stderr(), "{}", serde_json::Value::Object(object));
}
