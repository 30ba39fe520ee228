//! Converts records to items and back. Pure.

use super::error::DynamoDbError;
use crate::clock::Millis;
use crate::store::{StoreResult, to_text};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use std::collections::HashMap;

/// The attributes of an item.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// One item: its key, its body as JSON, and the attributes that conditions and indexes need.
#[derive(Clone)]
pub(super) struct Item(Attributes);

impl Item {
    pub(super) fn new<T: Serialize>(key: &str, sort: &str, body: &T) -> Item {
        Item(HashMap::new()).text("pk", key).text("sk", sort).text("body", &to_text(body))
    }

    pub(super) fn text(mut self, name: &str, value: &str) -> Item {
        self.0.insert(name.to_owned(), text(value));
        self
    }

    pub(super) fn number(mut self, name: &str, value: i64) -> Item {
        self.0.insert(name.to_owned(), number(value));
        self
    }

    /// Sets the version, by which a change checks that no other came before it.
    pub(super) fn version(self, version: u64) -> Item {
        self.number("version", i64::try_from(version).unwrap_or(i64::MAX))
    }

    /// Puts the item into a list of the index `lists`. An item without a rank is not in it.
    pub(super) fn listed(self, list: &str, rank: &str) -> Item {
        self.text("list", list).text("rank", rank)
    }

    /// Puts the item into a list of the index `due`. An item without a time is not in it.
    pub(super) fn due_in(self, list: &str, at: Option<Millis>) -> Item {
        match at {
            Some(at) => self.text("list", list).number("due", at),
            None => self,
        }
    }

    /// Sets when the table may delete the item.
    pub(super) fn expires(self, at: Option<Millis>) -> Item {
        match at {
            Some(at) => self.number("expires", unix_seconds(at)),
            None => self,
        }
    }

    pub(super) fn into_attributes(self) -> Attributes {
        self.0
    }
}

/// A text attribute.
pub(super) fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A number attribute.
pub(super) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// The unit of the table's time to live.
pub(super) fn unix_seconds(time: Millis) -> i64 {
    time / 1_000
}

/// The sort key of a list: by time, then by id.
pub(super) fn rank(time: Millis, id: &str) -> String {
    format!("{:015}#{id}", time.max(0))
}

pub(super) fn body_of(item: &Attributes) -> StoreResult<&str> {
    text_of(item, "body")
}

pub(super) fn text_of<'a>(item: &'a Attributes, name: &str) -> StoreResult<&'a str> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| DynamoDbError::MissingAttribute(name.to_owned()).into())
}

pub(super) fn number_of<T: std::str::FromStr>(item: &Attributes, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}
