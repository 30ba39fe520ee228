//! Records each call of DynamoDB as IAM sees it: an action and the key that it is for.

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// One call for the table or one of its indexes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    /// For example `dynamodb:GetItem`.
    pub(crate) action: String,
    /// The index that is queried. `None` for the table itself.
    pub(crate) index: Option<String>,
    /// The partition key.
    pub(crate) key: String,
}

/// The recorded calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<BTreeSet<Call>>>, Arc<Mutex<Vec<&'static str>>>);

impl Recorder {
    pub(crate) fn calls(&self) -> BTreeSet<Call> {
        self.0.lock().unwrap().clone()
    }

    /// The names of the operations since the last call of this function, in order. A transaction is one
    /// operation.
    pub(crate) fn take_operations(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.1.lock().unwrap())
    }

    pub(crate) fn note(&self, action: &str, index: Option<&str>, key: &AttributeValue) {
        let key = key.as_s().unwrap().clone();
        let (action, index) = (format!("dynamodb:{action}"), index.map(str::to_owned));
        self.0.lock().unwrap().insert(Call { action, index, key });
    }

    fn note_item(&self, action: &str, item: Option<&HashMap<String, AttributeValue>>) {
        self.note(action, None, &item.unwrap()["pk"]);
    }

    /// IAM has no action for a transaction: each part of it is an action.
    fn note_transaction(&self, input: &TransactWriteItemsInput) {
        for part in input.transact_items() {
            if let Some(put) = part.put() {
                self.note_item("PutItem", Some(put.item()));
            }
            if let Some(delete) = part.delete() {
                self.note_item("DeleteItem", Some(delete.key()));
            }
            if let Some(update) = part.update() {
                self.note_item("UpdateItem", Some(update.key()));
            }
            if let Some(check) = part.condition_check() {
                self.note_item("ConditionCheckItem", Some(check.key()));
            }
        }
    }

    fn note_batch(&self, input: &BatchGetItemInput) {
        for wanted in input.request_items().unwrap().values() {
            for key in wanted.keys() {
                self.note_item("BatchGetItem", Some(key));
            }
        }
    }

    /// In all our queries, the first value of the key condition is the partition key.
    fn note_query(&self, input: &QueryInput) {
        let condition = input.key_condition_expression().unwrap();
        let name = condition.split([' ', '=']).find(|word| word.starts_with(':')).unwrap();
        let key = &input.expression_attribute_values().unwrap()[name];
        self.note("Query", input.index_name(), key);
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        let operations: [(&str, bool); 7] = [
            ("GetItem", input.downcast_ref::<GetItemInput>().is_some()),
            ("PutItem", input.downcast_ref::<PutItemInput>().is_some()),
            ("UpdateItem", input.downcast_ref::<UpdateItemInput>().is_some()),
            ("DeleteItem", input.downcast_ref::<DeleteItemInput>().is_some()),
            ("BatchGetItem", input.downcast_ref::<BatchGetItemInput>().is_some()),
            ("Query", input.downcast_ref::<QueryInput>().is_some()),
            ("TransactWriteItems", input.downcast_ref::<TransactWriteItemsInput>().is_some()),
        ];
        let operation = operations.into_iter().find(|(_, is_it)| *is_it);
        self.1.lock().unwrap().push(operation.map_or("unknown", |(name, _)| name));
        if let Some(get) = input.downcast_ref::<GetItemInput>() {
            self.note_item("GetItem", get.key());
        } else if let Some(put) = input.downcast_ref::<PutItemInput>() {
            self.note_item("PutItem", put.item());
        } else if let Some(update) = input.downcast_ref::<UpdateItemInput>() {
            self.note_item("UpdateItem", update.key());
        } else if let Some(delete) = input.downcast_ref::<DeleteItemInput>() {
            self.note_item("DeleteItem", delete.key());
        } else if let Some(batch) = input.downcast_ref::<BatchGetItemInput>() {
            self.note_batch(batch);
        } else if let Some(query) = input.downcast_ref::<QueryInput>() {
            self.note_query(query);
        } else if let Some(transaction) = input.downcast_ref::<TransactWriteItemsInput>() {
            self.note_transaction(transaction);
        } else {
            // No role has a right to an unknown operation.
            self.note("an operation unknown to this test", None, &AttributeValue::S(String::new()));
        }
        Ok(())
    }
}
