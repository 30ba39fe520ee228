//! Writes several items, all of them or none.

use super::item::{Item, failure};
use super::{Dynamo, Owed, StoreError, Stored, owed_item};
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::collections::HashMap;
use std::time::Duration;

/// How long a transaction is tried while others hold its items.
const PATIENCE: Duration = Duration::from_secs(3);

type OldItem = HashMap<String, AttributeValue>;

/// What became of it.
pub(super) enum Written {
    All,
    /// Nothing was written. For each write: whether its condition failed, and the item that was
    /// there.
    Failed(Vec<Option<OldItem>>),
}

impl Written {
    /// An error where conditions failed that nobody expected to.
    pub(super) fn all_or(self, what: &str) -> Stored<()> {
        match self {
            Written::All => Ok(()),
            Written::Failed(_) => Err(StoreError(format!("dynamodb: {what} met another write"))),
        }
    }
}

pub(super) struct Transaction<'a> {
    store: &'a Dynamo,
    writes: Vec<TransactWriteItem>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(store: &'a Dynamo) -> Transaction<'a> {
        Transaction { store, writes: Vec::new() }
    }

    /// Puts an item, whatever was there.
    pub(super) fn put(self, item: Item) -> Self {
        self.add_put(item, |put| put)
    }

    /// Puts an item where there is none.
    pub(super) fn put_new(self, item: Item) -> Self {
        self.add_put(item, |put| put.condition_expression("attribute_not_exists(pk)"))
    }

    /// Puts an item in the place of another.
    pub(super) fn put_over(self, item: Item) -> Self {
        self.add_put(item, |put| put.condition_expression("attribute_exists(pk)"))
    }

    /// Puts an item under a condition: `#it` in it is the attribute, `:it` the value. (Names stand
    /// apart because DynamoDB reserves hundreds of words.)
    pub(super) fn put_if(
        self,
        item: Item,
        condition: &str,
        attribute: &str,
        value: AttributeValue,
    ) -> Self {
        self.add_put(item, |put| {
            put.condition_expression(condition)
                .expression_attribute_names("#it", attribute)
                .expression_attribute_values(":it", value)
        })
    }

    pub(super) fn put_owed(self, owed: &[Owed]) -> Self {
        owed.iter().fold(self, |transaction, owed| transaction.put_new(owed_item(owed)))
    }

    pub(super) fn delete(mut self, key: &str, sort: &str) -> Self {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .key("pk", AttributeValue::S(key.to_owned()))
            .key("sk", AttributeValue::S(sort.to_owned()))
            .build()
            .expect("table and key are given");
        self.writes.push(TransactWriteItem::builder().delete(delete).build());
        self
    }

    fn add_put(
        mut self,
        item: Item,
        condition: impl FnOnce(
            aws_sdk_dynamodb::types::builders::PutBuilder,
        ) -> aws_sdk_dynamodb::types::builders::PutBuilder,
    ) -> Self {
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item.into_map()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = condition(put).build().expect("table and item are given");
        self.writes.push(TransactWriteItem::builder().put(put).build());
        self
    }

    /// Writes it. The client repeats a call whose answer was lost under the same token, so it
    /// takes effect once; what met another transaction is tried again here.
    pub(super) async fn write(self) -> Stored<Written> {
        let started = tokio::time::Instant::now();
        let mut wait = Duration::from_millis(10);
        loop {
            let call = self.store.client.transact_write_items();
            let error = match call.set_transact_items(Some(self.writes.clone())).send().await {
                Ok(_) => return Ok(Written::All),
                Err(error) => error,
            };
            let Some(reasons) = error
                .as_service_error()
                .and_then(|error| {
                    match error {
                    aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError
                        ::TransactionCanceledException(canceled) => Some(canceled),
                    _ => None,
                }
                })
                .map(|canceled| canceled.cancellation_reasons())
            else {
                return Err(failure(error));
            };
            let failed: Vec<Option<OldItem>> = reasons
                .iter()
                .map(|reason| {
                    let failed = reason.code() == Some("ConditionalCheckFailed");
                    failed.then(|| reason.item().cloned().unwrap_or_default())
                })
                .collect();
            if failed.iter().any(Option::is_some) {
                return Ok(Written::Failed(failed));
            }
            let met = reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
            if !met || started.elapsed() + wait > PATIENCE {
                return Err(failure(error));
            }
            tokio::time::sleep(wait + jitter(wait)).await;
            wait *= 2;
        }
    }
}

/// Up to as long again, so that those who met do not meet again.
fn jitter(wait: Duration) -> Duration {
    let mut byte = [0];
    crate::secret_keys::fill(&mut byte);
    wait.mul_f64(f64::from(byte[0]) / 255.0)
}
