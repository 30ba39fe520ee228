//! Writes several items, all of them or none.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, Item, number, text};
use crate::store::StoreResult;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use std::time::Duration;

/// How long a transaction is tried while others hold its items.
const CONFLICT_LIMIT: Duration = Duration::from_secs(3);
/// The wait after the first conflict; it doubles after each.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// The result of a transaction.
pub(super) enum WriteOutcome {
    All,
    /// Nothing was written. For each write: the item that was stored, if its condition failed.
    Failed(Vec<Option<Attributes>>),
}

impl WriteOutcome {
    pub(super) fn is_all(&self) -> bool {
        matches!(self, WriteOutcome::All)
    }

    /// An error if a condition failed, where none is expected to.
    pub(super) fn all_or(self, what: &'static str) -> StoreResult<()> {
        match self {
            WriteOutcome::All => Ok(()),
            WriteOutcome::Failed(_) => Err(DynamoDbError::ConditionFailed(what).into()),
        }
    }
}

/// A condition of a write on one attribute of the stored item.
pub(super) struct Condition {
    /// `#it` is the attribute's name, `:it` the value. (Names are placeholders because DynamoDB reserves hundreds
    /// of words.)
    expression: &'static str,
    attribute: &'static str,
    value: AttributeValue,
}

impl Condition {
    pub(super) fn new(
        expression: &'static str,
        attribute: &'static str,
        value: AttributeValue,
    ) -> Condition {
        Condition { expression, attribute, value }
    }

    pub(super) fn equal(attribute: &'static str, value: AttributeValue) -> Condition {
        Condition::new("#it = :it", attribute, value)
    }

    pub(super) fn version(version: u64) -> Condition {
        Condition::equal("version", number(version))
    }
}

pub(super) struct Transaction<'a> {
    store: &'a DynamoDb,
    writes: Vec<TransactWriteItem>,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(store: &'a DynamoDb) -> Transaction<'a> {
        Transaction { store, writes: Vec::new() }
    }

    /// Puts an item, whatever is stored.
    pub(super) fn put(self, item: Item) -> Self {
        self.add_put(item, None, None)
    }

    /// Puts an item if none is stored under its key.
    pub(super) fn put_new(self, item: Item) -> Self {
        self.add_put(item, Some("attribute_not_exists(pk)"), None)
    }

    /// Puts an item if one is stored under its key.
    pub(super) fn put_over(self, item: Item) -> Self {
        self.add_put(item, Some("attribute_exists(pk)"), None)
    }

    /// Puts an item under a condition.
    pub(super) fn put_if(self, item: Item, condition: Condition) -> Self {
        let Condition { expression, attribute, value } = condition;
        self.add_put(item, Some(expression), Some((attribute, value)))
    }

    pub(super) fn delete(mut self, key: &str, sort: &str) -> Self {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .key("pk", text(key))
            .key("sk", text(sort))
            .build()
            .expect("table and key are given");
        self.writes.push(TransactWriteItem::builder().delete(delete).build());
        self
    }

    fn add_put(
        mut self,
        item: Item,
        condition: Option<&str>,
        operand: Option<(&str, AttributeValue)>,
    ) -> Self {
        let mut put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item.into_attributes()))
            .set_condition_expression(condition.map(str::to_owned))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some((attribute, value)) = operand {
            put = put
                .expression_attribute_names("#it", attribute)
                .expression_attribute_values(":it", value);
        }
        let put = put.build().expect("table and item are given");
        self.writes.push(TransactWriteItem::builder().put(put).build());
        self
    }

    /// Writes it. The client repeats a call whose answer was lost with the same token, so it takes effect once.
    /// What conflicts with another transaction is repeated here.
    pub(super) async fn write(self) -> StoreResult<WriteOutcome> {
        let started = tokio::time::Instant::now();
        let mut wait = FIRST_WAIT;
        loop {
            let call = self.store.client.transact_write_items();
            let error = match call.set_transact_items(Some(self.writes.clone())).send().await {
                Ok(_) => return Ok(WriteOutcome::All),
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(DynamoDbError::from(error).into());
            };
            let reasons = canceled.cancellation_reasons();
            let failed: Vec<Option<Attributes>> = reasons
                .iter()
                .map(|reason| {
                    let failed = reason.code() == Some("ConditionalCheckFailed");
                    failed.then(|| reason.item().cloned().unwrap_or_default())
                })
                .collect();
            if failed.iter().any(Option::is_some) {
                return Ok(WriteOutcome::Failed(failed));
            }
            let conflict =
                reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"));
            if !conflict || started.elapsed() + wait > CONFLICT_LIMIT {
                return Err(DynamoDbError::from(error).into());
            }
            tokio::time::sleep(wait + jitter(wait)).await;
            wait *= 2;
        }
    }
}

/// A random part of a wait, so that transactions that conflicted do not conflict again.
fn jitter(wait: Duration) -> Duration {
    let mut byte = [0];
    crate::secret_keys::fill(&mut byte);
    wait.mul_f64(f64::from(byte[0]) / 255.0)
}
