//! The team's lists of replies, and its search.

use super::{Inbox, InboxError};
use crate::clock::Millis;
use crate::model::{ReplyList, StoredReply, Subscriber};
use crate::search::SearchQuery;
use crate::store::{Page, Store, StoreResult};
use std::collections::BTreeMap;

/// Which replies to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyFilter {
    /// Those that need the team, the earliest due first.
    Open,
    /// Open replies that should have been answered by now, the earliest due first.
    Overdue,
    /// Open replies that no one has claimed, the earliest due first.
    Unassigned,
    /// Held replies that no one has decided on, the earliest due first.
    Held,
    /// Open replies that the person with this name has claimed, the earliest due first.
    ClaimedBy(String),
    /// Those that were closed in a month, such as `2026-12`, the last closed first.
    Closed(String),
}

impl ReplyFilter {
    fn list(&self) -> ReplyList {
        match self {
            ReplyFilter::Open | ReplyFilter::Overdue => ReplyList::Open,
            ReplyFilter::Unassigned => ReplyList::Unassigned,
            ReplyFilter::Held => ReplyList::Held,
            ReplyFilter::ClaimedBy(name) => ReplyList::claimed_by(name),
            ReplyFilter::Closed(month) => ReplyList::Closed(month.clone()),
        }
    }

    fn includes(&self, reply: &StoredReply, now: Millis) -> bool {
        *self != ReplyFilter::Overdue || reply.is_overdue(now)
    }
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchResults {
    /// Replies to any form, the newest first.
    pub replies: Vec<StoredReply>,
    /// Subscribers with the address or reference.
    pub people: Vec<Subscriber>,
    /// Whether there may be more replies than were read.
    pub is_limited: bool,
}

impl<S: Store> Inbox<S> {
    /// A page of the replies to all forms, or to one, that a filter selects. `after` is the [`Page::next`] of the page
    /// before.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list(
        &self,
        filter: &ReplyFilter,
        form: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> StoreResult<Page<StoredReply>> {
        let now = self.clock.now();
        let mut page = self.store.listed(&filter.list(), form, after, limit).await?;
        // The list is sorted by the time by which the filter selects.
        let included = page.items.iter().take_while(|reply| filter.includes(reply, now)).count();
        if included < page.items.len() {
            page.items.truncate(included);
            page.next = None;
        }
        Ok(page)
    }

    /// The replies and subscribers that a reference, an email address, a telephone number or the beginning of a name
    /// finds, over all forms. Reads at most `limit` replies.
    ///
    /// # Errors
    /// The store does not answer; the site's keys are needed, and are not set.
    pub async fn search(&self, typed: &str, limit: u32) -> Result<SearchResults, InboxError> {
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let mut results = SearchResults::default();
        for query in SearchQuery::parse(typed) {
            let found = self.store.search(&query.term(keys), limit).await?;
            results.is_limited |= found.len() >= limit as usize;
            results.replies.extend(self.matching(&query, found).await?);
            results.people.extend(self.people(&query).await?);
        }
        results.replies.sort_unstable_by(|a, b| b.id.cmp(&a.id));
        results.replies.dedup_by(|a, b| a.id == b.id);
        Ok(results)
    }

    /// Those of the replies that have the term of a query that match all of it.
    async fn matching(
        &self,
        query: &SearchQuery,
        mut found: Vec<StoredReply>,
    ) -> StoreResult<Vec<StoredReply>> {
        if !matches!(query, SearchQuery::Name(_)) {
            return Ok(found);
        }
        let wordings = self.wordings_by_form(&found).await?;
        found.retain(|reply| query.matches(wordings[&reply.form].of(reply), &reply.submission));
        Ok(found)
    }

    /// The subscribers of all forms with this reference or contact.
    async fn people(&self, query: &SearchQuery) -> Result<Vec<Subscriber>, InboxError> {
        let mut people = Vec::new();
        if matches!(query, SearchQuery::Name(_)) {
            return Ok(people);
        }
        for form in self.store.forms().await? {
            people.extend(match query {
                SearchQuery::Reference(reference) => {
                    self.store.subscriber_by_reference(&form.name, reference).await?
                }
                SearchQuery::Contact(contact) => {
                    let found = self.subscriber(&form.name, &contact.identity()).await?;
                    found.map(|(person, _)| person)
                }
                SearchQuery::Name(_) => None,
            });
        }
        Ok(people)
    }

    /// The other replies, to any form, with a contact of this one, the newest first.
    ///
    /// # Errors
    /// The store does not answer; the site's keys are needed, and are not set.
    pub async fn others_of(&self, reply: &StoredReply) -> Result<Vec<StoredReply>, InboxError> {
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let wordings = self.wordings(&reply.form, std::slice::from_ref(reply)).await?;
        let form = wordings.of(reply);
        let contacts = form.map(|form| reply.submission.contacts(form)).unwrap_or_default();
        let mut others: BTreeMap<String, StoredReply> = BTreeMap::new();
        for contact in contacts {
            let term = SearchQuery::Contact(contact).term(keys);
            let found = self.store.search(&term, super::PAGE_SIZE).await?;
            others.extend(found.into_iter().map(|other| (other.id.clone(), other)));
        }
        others.remove(&reply.id);
        Ok(others.into_values().rev().collect())
    }
}
