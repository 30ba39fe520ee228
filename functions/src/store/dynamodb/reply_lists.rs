//! The team's lists of replies and the terms of its search: items that lead to replies. They are written in the
//! transaction that changes the reply, and contain nothing personal.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Attributes, Item, body_of, rank, text, text_of};
use super::replies::reply_key;
use super::table::BATCH_SIZE;
use super::transaction::Transaction;
use crate::clock::Millis;
use crate::model::{ReplyList, StoredReply};
use crate::store::{Page, StoreResult, from_text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The reply that an entry leads to.
#[derive(Serialize, Deserialize)]
struct Target {
    form: String,
    id: String,
}

impl DynamoDb {
    /// A page of a list: one query, unless more than 1 MB of entries (about 4,000) are of other forms, and one read of
    /// the replies.
    pub(super) async fn read_list(
        &self,
        list: &ReplyList,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let name = list.name();
        let key = list_key(&name);
        let entries = self.entries(&key, list.is_newest_first(), form, after, limit).await?;
        let is_full = entries.len() >= limit as usize;
        let next = entries.last().filter(|_| is_full).map(|(sort, _)| sort.clone());
        let targets: Vec<Target> = entries.into_iter().map(|(_, target)| target).collect();
        let mut items = self.targets(&targets).await?;
        // An entry that another version wrote by other rules is passed over.
        items.retain(|reply| reply.lists().contains_key(&name));
        Ok(Page { items, next })
    }

    /// The replies with a search term, the newest first.
    pub(super) async fn read_search_term(
        &self,
        term: &str,
        limit: u32,
    ) -> StoreResult<Vec<StoredReply>> {
        let entries = self.entries(&search_key(term), true, None, None, limit).await?;
        let targets: Vec<Target> = entries.into_iter().map(|(_, target)| target).collect();
        self.targets(&targets).await
    }

    /// At most `limit` entries of a partition with their sort keys, of one form or of all, after a sort key.
    async fn entries(
        &self,
        key: &str,
        newest_first: bool,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Vec<(String, Target)>> {
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(key))
            .scan_index_forward(!newest_first)
            .consistent_read(true);
        if form.is_none() {
            query = query.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        }
        if let Some(after) = after {
            query =
                query.exclusive_start_key("pk", text(key)).exclusive_start_key("sk", text(after));
        }
        let mut items = query.into_paginator().items().send();
        let mut found = Vec::new();
        while found.len() < limit as usize
            && let Some(item) = items.next().await
        {
            let item = item.map_err(DynamoDbError::from)?;
            let target: Target = from_text(body_of(&item)?)?;
            if form.is_none_or(|form| form == target.form) {
                found.push((text_of(&item, "sk")?.to_owned(), target));
            }
        }
        Ok(found)
    }

    /// The replies that entries lead to, in the same order. Those that were deleted meanwhile are left out.
    async fn targets(&self, targets: &[Target]) -> StoreResult<Vec<StoredReply>> {
        let keys: Vec<(String, &str)> =
            targets.iter().map(|target| (reply_key(&target.form, &target.id), "reply")).collect();
        let mut found: BTreeMap<String, Attributes> = BTreeMap::new();
        for batch in keys.chunks(BATCH_SIZE) {
            for item in self.batch(batch).await? {
                found.insert(text_of(&item, "pk")?.to_owned(), item);
            }
        }
        let items = keys.iter().filter_map(|(key, _)| found.remove(key));
        items.map(|item| from_text(body_of(&item)?)).collect()
    }
}

impl Transaction<'_> {
    /// Puts a reply into its lists.
    pub(super) fn list(self, reply: &StoredReply) -> Self {
        reply.lists().into_iter().fold(self, |transaction, (list, at)| {
            transaction.put(entry(reply, &list_key(&list), &rank(at, &reply.id)))
        })
    }

    /// Takes a reply from the lists that it was in `before`, and puts it into those that it is in now. What stays the
    /// same is not written.
    pub(super) fn list_anew(self, before: &StoredReply, reply: &StoredReply) -> Self {
        let (former, current) = (before.lists(), reply.lists());
        let differs = |from: &BTreeMap<String, Millis>, to: &BTreeMap<String, Millis>| {
            let from = from.clone().into_iter();
            from.filter(|(list, at)| to.get(list) != Some(at)).collect::<Vec<_>>()
        };
        let left = differs(&former, &current).into_iter();
        let joined = differs(&current, &former).into_iter();
        let without = left.fold(self, |transaction, (list, at)| {
            transaction.delete(&list_key(&list), &rank(at, &reply.id))
        });
        joined.fold(without, |transaction, (list, at)| {
            transaction.put(entry(reply, &list_key(&list), &rank(at, &reply.id)))
        })
    }

    /// Lets a search find a reply by its terms.
    pub(super) fn add_search_terms(self, reply: &StoredReply) -> Self {
        reply.search.iter().fold(self, |transaction, term| {
            transaction.put(entry(reply, &search_key(term), &reply.id))
        })
    }

    /// Deletes all entries that lead to a reply.
    pub(super) fn unlist(self, reply: &StoredReply) -> Self {
        let listed = reply.lists().into_iter().fold(self, |transaction, (list, at)| {
            transaction.delete(&list_key(&list), &rank(at, &reply.id))
        });
        reply
            .search
            .iter()
            .fold(listed, |transaction, term| transaction.delete(&search_key(term), &reply.id))
    }
}

fn entry(reply: &StoredReply, key: &str, sort: &str) -> Item {
    let target = Target { form: reply.form.clone(), id: reply.id.clone() };
    Item::new(key, sort, &target).expires(Some(reply.expires))
}

fn list_key(name: &str) -> String {
    format!("LIST#{name}")
}

fn search_key(term: &str) -> String {
    format!("SEARCH#{term}")
}
