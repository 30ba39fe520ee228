//! Reads and writes single items, and reads the index `lists`.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, Item, body_of, text};
use crate::store::{StoreResult, from_text};
use aws_sdk_dynamodb::types::KeysAndAttributes;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::time::Duration;

/// How many keys one batch read takes.
pub(super) const BATCH_SIZE: usize = 100;
/// How often a batch read that was answered in part is asked for the rest.
const MAX_BATCH_READS: u32 = 4;
/// Sorts before every rank. (A key cannot be empty.)
pub(super) const FIRST_RANK: &str = "0";
/// Sorts after every rank.
pub(super) const LAST_RANK: &str = "~";

impl DynamoDb {
    /// The body of one item.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        key: &str,
        sort: &str,
    ) -> StoreResult<Option<T>> {
        let item = self.item(key, sort).await?;
        item.as_ref().map(|item| from_text(body_of(item)?)).transpose()
    }

    /// One item.
    pub(super) async fn item(&self, key: &str, sort: &str) -> StoreResult<Option<Attributes>> {
        let call = self.client.get_item().table_name(&self.table);
        let call = call.key("pk", text(key)).key("sk", text(sort)).consistent_read(true);
        Ok(call.send().await.map_err(DynamoDbError::from)?.item)
    }

    /// Puts one item, whatever is stored.
    pub(super) async fn put(&self, item: Item) -> StoreResult<()> {
        let call = self.client.put_item().table_name(&self.table);
        call.set_item(Some(item.into_attributes())).send().await.map_err(DynamoDbError::from)?;
        Ok(())
    }

    /// The bodies of the items in one partition whose sort keys have this prefix, in order.
    pub(super) async fn query_prefix<T: DeserializeOwned>(
        &self,
        key: &str,
        prefix: &str,
    ) -> StoreResult<Vec<T>> {
        let mut items = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(key))
            .expression_attribute_values(":sk", text(prefix))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = items.next().await {
            found.push(from_text(body_of(&item.map_err(DynamoDbError::from)?)?)?);
        }
        Ok(found)
    }

    /// The bodies of at most `limit` items of a list in the index `lists`, from one rank to another, both included.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        list: &str,
        (first, last): (&str, &str),
        limit: u32,
    ) -> StoreResult<Vec<T>> {
        let mut found = Vec::new();
        let mut start = None;
        // A page of an answer ends at 1 MB, whatever the limit.
        loop {
            let wanted = i32::try_from(limit).unwrap_or(i32::MAX) - found.len() as i32;
            let output = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("lists")
                .key_condition_expression("#list = :list AND #rank BETWEEN :first AND :last")
                .expression_attribute_names("#list", "list")
                .expression_attribute_names("#rank", "rank")
                .expression_attribute_values(":list", text(list))
                .expression_attribute_values(":first", text(first))
                .expression_attribute_values(":last", text(last))
                .limit(wanted)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(DynamoDbError::from)?;
            for item in output.items() {
                found.push(from_text(body_of(item)?)?);
            }
            start = output.last_evaluated_key;
            if start.is_none() || found.len() >= limit as usize {
                return Ok(found);
            }
        }
    }

    /// The items with these keys that exist, in no order. Takes 1 to [`BATCH_SIZE`] keys, each only once.
    pub(super) async fn batch(&self, keys: &[(String, &str)]) -> StoreResult<Vec<Attributes>> {
        let mut wanted = KeysAndAttributes::builder().consistent_read(true);
        for (key, sort) in keys {
            let key = [("pk".to_owned(), text(key)), ("sk".to_owned(), text(sort))];
            wanted = wanted.keys(HashMap::from(key));
        }
        let mut wanted = Some(wanted.build().expect("keys are given"));
        let mut found = Vec::new();
        for read in 0..MAX_BATCH_READS {
            let Some(keys) = wanted.take() else { return Ok(found) };
            let call = self.client.batch_get_item().request_items(&self.table, keys);
            let output = call.send().await.map_err(DynamoDbError::from)?;
            let items = output.responses.and_then(|mut tables| tables.remove(&self.table));
            found.extend(items.unwrap_or_default());
            // A busy table leaves some keys unprocessed.
            wanted = output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            if wanted.is_some() {
                tokio::time::sleep(Duration::from_millis(20 << read)).await;
            }
        }
        match wanted {
            None => Ok(found),
            Some(_) => Err(DynamoDbError::Unprocessed.into()),
        }
    }
}
