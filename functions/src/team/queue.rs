//! The lists of replies. Reads the store.

use super::access::{Fields, Member};
use super::layout::reply_list;
use super::{PageError, TeamPages};
use crate::clock::{self, Millis};
use crate::inbox::ReplyFilter;
use crate::model::StoredReply;
use crate::store::{KnownForm, Page, Store};
use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

/// How many replies a page lists.
const PAGE_SIZE: u32 = 25;
/// How far back a month of closed replies can be chosen: as long as any form keeps them.
const MONTHS: usize = 36;

/// A list that the query of a request asks for.
struct Requested {
    filter: ReplyFilter,
    /// The value of `list`.
    list: &'static str,
    title: &'static str,
    /// What to say if it is empty.
    empty: &'static str,
}

impl Requested {
    /// The list with this name. `mine` is empty without a name.
    fn parse(query: &Fields, member: &Member, now: Millis) -> Option<Requested> {
        let name = member.name.clone().unwrap_or_default();
        let this_month = || clock::month(now);
        let month = query.get("month").map_or_else(this_month, str::to_owned);
        let (filter, list, title, empty) = match query.get("list").unwrap_or("open") {
            "open" => (ReplyFilter::Open, "open", "Open replies", "Nothing is open."),
            "overdue" => {
                (ReplyFilter::Overdue, "overdue", "Overdue replies", "Nothing is overdue.")
            }
            "mine" if name.is_empty() => (
                ReplyFilter::ClaimedBy(name),
                "mine",
                "Your replies",
                "Enter your name below first.",
            ),
            "mine" => {
                (ReplyFilter::ClaimedBy(name), "mine", "Your replies", "You have no open replies.")
            }
            "unassigned" => (
                ReplyFilter::Unassigned,
                "unassigned",
                "Unassigned replies",
                "Every open reply is with someone.",
            ),
            "held" => (ReplyFilter::Held, "held", "Held replies", "Nothing is held."),
            "closed" => (
                ReplyFilter::Closed(month),
                "closed",
                "Closed replies",
                "Nothing was closed in this month.",
            ),
            _ => return None,
        };
        Some(Requested { filter, list, title, empty })
    }

    fn month(&self) -> Option<&str> {
        match &self.filter {
            ReplyFilter::Closed(month) => Some(month),
            _ => None,
        }
    }

    /// The path of its first page.
    fn path(&self) -> String {
        match self.list {
            "open" => "/".to_owned(),
            list => format!("/?list={list}"),
        }
    }
}

impl<S: Store> TeamPages<S> {
    pub(super) async fn queue(
        &self,
        member: &Member,
        query: &Fields,
    ) -> Result<Response<Bytes>, PageError> {
        let now = self.clock.now();
        let requested = Requested::parse(query, member, now).ok_or(PageError::NotFound)?;
        let form = query.get("form").filter(|form| !form.is_empty());
        let forms = self.inbox.forms().await?;
        let page = self.inbox.list(&requested.filter, form, query.get("after"), PAGE_SIZE).await?;
        let wordings = self.inbox.wordings_by_form(&page.items).await?;
        let main = html! {
            h1 { (requested.title) }
            (choices(&requested, &forms, form, now))
            @if page.items.is_empty() {
                p { (requested.empty) }
            } @else {
                (reply_list(&page.items, &|reply| wordings[&reply.form].clone(), now))
            }
            (next_page(&requested, form, &page))
        };
        let path = requested.path();
        Ok(self.page(StatusCode::OK, member, requested.title, Some(&path), &main))
    }
}

/// Chooses a form and, for closed replies, a month.
fn choices(requested: &Requested, forms: &[KnownForm], form: Option<&str>, now: Millis) -> Markup {
    html! {
        form .choices method="get" action="/" {
            @if requested.list != "open" {
                input type="hidden" name="list" value=(requested.list);
            }
            label for="form" { "Form" }
            select #form name="form" {
                option value="" { "All forms" }
                @for known in forms {
                    option value=(known.name) selected[form == Some(known.name.as_str())] {
                        (known.name)
                        @if known.withdrawn { " (no longer on the site)" }
                    }
                }
            }
            @if let Some(month) = requested.month() {
                label for="month" { "Month" }
                select #month name="month" {
                    @for known in months_until(now) {
                        option value=(known) selected[known == month] { (known) }
                    }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// The latest months, this one first.
fn months_until(now: Millis) -> Vec<String> {
    let first = now - 31 * clock::DAY * i64::try_from(MONTHS).unwrap_or(0);
    let mut months = clock::months(first, now);
    months.reverse();
    months.truncate(MONTHS);
    months
}

fn next_page(requested: &Requested, form: Option<&str>, page: &Page<StoredReply>) -> Markup {
    let link = page.next.as_ref().map(|next| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("list", requested.list);
        for (name, value) in [("form", form), ("month", requested.month())] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", next);
        format!("/?{}", query.finish())
    });
    html! {
        @if let Some(link) = link {
            p { a rel="next" href=(link) { "More replies" } }
        }
    }
}
