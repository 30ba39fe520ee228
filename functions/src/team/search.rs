//! Searches replies and subscribers over all forms. Reads the store.
//!
//! What is searched for is personal, so it is sent in a request's body and never in an address.

use super::access::{Fields, Member};
use super::layout::reply_list;
use super::{PageError, TeamPages};
use crate::clock::date_words;
use crate::inbox::{InboxError, SearchResults};
use crate::model::Subscriber;
use crate::store::Store;
use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

/// How many replies a search reads.
const MAX_RESULTS: u32 = 100;

impl<S: Store> TeamPages<S> {
    pub(super) fn search_form(&self, member: &Member) -> Response<Bytes> {
        let main = html! {
            h1 { "Search" }
            (form(""))
        };
        self.page(StatusCode::OK, member, "Search", Some("/search"), &main)
    }

    pub(super) async fn search(
        &self,
        member: &Member,
        fields: &Fields,
    ) -> Result<Response<Bytes>, PageError> {
        let typed = fields.get("for").unwrap_or_default().trim();
        let results = match self.inbox.search(typed, MAX_RESULTS).await {
            Err(InboxError::NoKeys) => return Err(PageError::NotFound),
            results => results?,
        };
        let wordings = self.inbox.wordings_by_form(&results.replies).await?;
        let now = self.clock.now();
        let main = html! {
            h1 { "Search" }
            (form(typed))
            h2 { (count(&results)) }
            @if results.is_limited {
                p { "Only the latest " (MAX_RESULTS) " replies were searched. Type more of the name." }
            }
            (reply_list(&results.replies, &|reply| wordings[&reply.form].clone(), now))
            (subscribers(&results.people))
        };
        Ok(self.page(StatusCode::OK, member, "Search results", Some("/search"), &main))
    }
}

fn form(typed: &str) -> Markup {
    html! {
        form .search method="post" action="/search" role="search" {
            label for="for" { "Reference, email address, phone number or name" }
            p .hint #for-hint { "The first three letters of a name are enough" }
            input #for name="for" type="search" dir="auto" required autocomplete="off"
                spellcheck="false" aria-describedby="for-hint" value=(typed);
            button type="submit" { "Search" }
        }
    }
}

fn count(results: &SearchResults) -> String {
    match results.replies.len() + results.people.len() {
        0 => "Nothing found".to_owned(),
        1 => "1 result".to_owned(),
        count => format!("{count} results"),
    }
}

fn subscribers(people: &[Subscriber]) -> Markup {
    html! {
        @if !people.is_empty() {
            h2 { "Subscribers" }
            ul .replies {
                @for person in people {
                    li {
                        p dir="auto" { (person.email.as_deref().unwrap_or("no address stored")) }
                        p .facts {
                            span { (person.form) } " "
                            span .reference { (person.reference) } " "
                            span { (person.state.as_str()) " since " (date_words(person.since)) }
                        }
                    }
                }
            }
        }
    }
}
