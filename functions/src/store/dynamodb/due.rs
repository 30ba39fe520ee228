//! Reads what the schedule has to do from the index `due`.
//!
//! The index holds keys alone, because the right to query an index covers all of it (`docs/security.md`). The items
//! are read from the table.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, number, text, text_of};
use super::table::BATCH_SIZE;
use crate::clock::Millis;
use crate::store::StoreResult;

impl DynamoDb {
    /// The items of a list that were due by `now` when the index was written, in no order: the first `limit` by
    /// due time.
    pub(super) async fn due_items(
        &self,
        list: &str,
        sort: &str,
        now: Millis,
        limit: u32,
    ) -> StoreResult<Vec<Attributes>> {
        let keys = self.due_keys(list, now, limit).await?;
        let keys: Vec<_> = keys.into_iter().map(|key| (key, sort)).collect();
        let mut items = Vec::new();
        for batch in keys.chunks(BATCH_SIZE) {
            items.extend(self.batch(batch).await?);
        }
        Ok(items)
    }

    async fn due_keys(&self, list: &str, now: Millis, limit: u32) -> StoreResult<Vec<String>> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("#list = :list AND #due <= :now")
            .expression_attribute_names("#list", "list")
            .expression_attribute_names("#due", "due")
            .expression_attribute_values(":list", text(list))
            .expression_attribute_values(":now", number(now))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(DynamoDbError::from)?;
        output.items().iter().map(|item| text_of(item, "pk").map(str::to_owned)).collect()
    }
}
