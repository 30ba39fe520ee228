//! Turns what is stored into items, and back. Pure.

use super::{StoreError, Stored, to_text};
use crate::clock::Millis;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use std::collections::HashMap;

/// One item: its key, its body as JSON, and what conditions and the index need beside it.
#[derive(Clone)]
pub(super) struct Item(HashMap<String, AttributeValue>);

impl Item {
    pub(super) fn new<T: Serialize>(key: &str, sort: &str, body: &T) -> Item {
        Item(HashMap::new()).text("pk", key).text("sk", sort).text("body", &to_text(body))
    }

    pub(super) fn text(mut self, name: &str, value: &str) -> Item {
        self.0.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        self
    }

    pub(super) fn number(mut self, name: &str, value: i64) -> Item {
        self.0.insert(name.to_owned(), AttributeValue::N(value.to_string()));
        self
    }

    /// Puts it into a list of the index `lists`. An item without a rank is not in it.
    pub(super) fn listed(self, list: &str, rank: &str) -> Item {
        self.text("list", list).text("rank", rank)
    }

    /// Puts it into a list of the index `due`. An item without a time is not in it.
    pub(super) fn due_in(self, list: &str, at: Option<Millis>) -> Item {
        match at {
            Some(at) => self.text("list", list).number("due", at),
            None => self,
        }
    }

    /// When the table may remove it by itself.
    pub(super) fn expires(self, at: Option<Millis>) -> Item {
        match at {
            Some(at) => self.number("expires", at / 1_000),
            None => self,
        }
    }

    pub(super) fn into_map(self) -> HashMap<String, AttributeValue> {
        self.0
    }
}

/// A place in a list: by time, then by id.
pub(super) fn rank(time: Millis, id: &str) -> String {
    format!("{:015}#{id}", time.max(0))
}

pub(super) fn body_of(item: &HashMap<String, AttributeValue>) -> Stored<&str> {
    text_of(item, "body")
}

pub(super) fn text_of<'a>(
    item: &'a HashMap<String, AttributeValue>,
    name: &str,
) -> Stored<&'a str> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| StoreError(format!("dynamodb: an item without `{name}`")))
}

/// What may be said of a failed call: its code, never its message, which can quote values.
pub(super) fn failure<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> StoreError {
    let kind = match &error {
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "no connection",
        _ => error.code().unwrap_or("an answer that cannot be read"),
    };
    StoreError(format!("dynamodb: {kind}"))
}
