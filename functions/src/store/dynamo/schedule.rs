//! Reads what the schedule has to do: mails that are due, and sign-ups that lapse.
//!
//! The index `due` holds keys alone, because a right to query an index is one to all of it
//! (`docs/security.md`). What the keys lead to is read from the table.

use super::item::{body_of, failure, text_of};
use super::people::{Attributes, MOVED, people_list};
use super::{Dynamo, Owed, Person, Stored, Subscription, WAITING, from_text};
use crate::clock::Millis;
use aws_sdk_dynamodb::types::AttributeValue;

/// How many items are read at once; DynamoDB takes a hundred.
const PART: usize = 100;

impl Dynamo {
    pub(super) async fn due_mails(&self, now: Millis, limit: u32) -> Stored<Vec<Owed>> {
        let mut mails = Vec::new();
        for item in self.due_items(WAITING, "mail", now, limit).await? {
            mails.push(from_text::<Owed>(body_of(&item)?)?);
        }
        // The index is a little behind the table: somebody may have taken one meanwhile.
        mails.retain(|owed| !owed.failed && owed.due <= now);
        mails.sort_by(|one, other| (one.due, &one.id).cmp(&(other.due, &other.id)));
        Ok(mails)
    }

    pub(super) async fn lapsing_people(
        &self,
        form: &str,
        now: Millis,
        limit: u32,
    ) -> Stored<Vec<Person>> {
        let list = people_list(form, Subscription::Pending);
        let mut people = Vec::new();
        for item in self.due_items(&list, "person", now, limit).await? {
            if text_of(&item, MOVED).is_err() {
                people.push(from_text::<Person>(body_of(&item)?)?);
            }
        }
        people.retain(|person| person.lapses_at().is_some_and(|at| at <= now));
        people.sort_by(|one, other| (one.since, &one.hash).cmp(&(other.since, &other.hash)));
        Ok(people)
    }

    /// The items of a list that were due by `now` when the index was written, in no order: of all these, the
    /// `limit` that were due first.
    async fn due_items(
        &self,
        list: &str,
        sort: &str,
        now: Millis,
        limit: u32,
    ) -> Stored<Vec<Attributes>> {
        let keys = self.due_keys(list, now, limit).await?;
        let keys: Vec<_> = keys.into_iter().map(|key| (key, sort)).collect();
        let mut items = Vec::new();
        for part in keys.chunks(PART) {
            items.extend(self.batch(part).await?);
        }
        Ok(items)
    }

    async fn due_keys(&self, list: &str, now: Millis, limit: u32) -> Stored<Vec<String>> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("due")
            .key_condition_expression("#list = :list AND #due <= :now")
            .expression_attribute_names("#list", "list")
            .expression_attribute_names("#due", "due")
            .expression_attribute_values(":list", AttributeValue::S(list.to_owned()))
            .expression_attribute_values(":now", AttributeValue::N(now.to_string()))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(failure)?;
        output.items().iter().map(|item| text_of(item, "pk").map(str::to_owned)).collect()
    }
}
