//! Counters for rate limits.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, number, number_of, text, unix_seconds};
use crate::clock::Millis;
use crate::store::{Counters, StoreResult};
use aws_sdk_dynamodb::types::ReturnValue;

impl Counters for DynamoDb {
    async fn increment(&self, counter: &str, until: Millis) -> StoreResult<u64> {
        let output = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(&key(counter)))
            .key("sk", text("count"))
            .update_expression("ADD #value :one SET #expires = :until")
            .expression_attribute_names("#value", "value")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":until", number(unix_seconds(until)))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(DynamoDbError::from)?;
        let value = output.attributes().and_then(value_of);
        value.ok_or_else(|| DynamoDbError::MissingAttribute("value".to_owned()).into())
    }

    async fn sum_counters(&self, counters: &[String]) -> StoreResult<u64> {
        let mut sum = 0;
        for counter in counters {
            // Not a consistent read: a count that is a moment old will do, at half the price.
            let call = self.client.get_item().table_name(&self.table);
            let call = call.key("pk", text(&key(counter))).key("sk", text("count"));
            let output = call.send().await.map_err(DynamoDbError::from)?;
            sum += output.item.as_ref().and_then(value_of).unwrap_or_default();
        }
        Ok(sum)
    }
}

fn key(counter: &str) -> String {
    format!("COUNT#{counter}")
}

fn value_of(item: &Attributes) -> Option<u64> {
    number_of(item, "value")
}
