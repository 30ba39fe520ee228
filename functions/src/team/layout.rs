//! What all of the team's pages have in common. Pure.

use super::access::Member;
use crate::clock::{Millis, date_words};
use crate::inbox::Wordings;
use crate::model::{StoredReply, claim_of};
use maud::{DOCTYPE, Markup, html};

/// The most characters of an answer in a list.
const SHORT_CHARS: usize = 60;

/// The parts around a page.
pub(super) struct Layout<'a> {
    /// The site's title.
    pub(super) site: &'a str,
    pub(super) member: &'a Member,
    /// The page's title.
    pub(super) title: &'a str,
    /// The path of the entry in the navigation that leads to this page.
    pub(super) current: Option<&'a str>,
}

/// The navigation.
const ENTRIES: [(&str, &str); 7] = [
    ("/", "Open"),
    ("/?list=overdue", "Overdue"),
    ("/?list=mine", "Mine"),
    ("/?list=unassigned", "Unassigned"),
    ("/?list=held", "Held"),
    ("/?list=closed", "Closed"),
    ("/search", "Search"),
];

impl Layout<'_> {
    pub(super) fn render(&self, main: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { (self.title) " – " (self.site) }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="stylesheet" href="/style.css";
                }
                body {
                    a .skip href="#main" { "Skip to main content" }
                    header {
                        p .site dir="auto" { (self.site) }
                        nav aria-label="Replies" {
                            ul {
                                @for (path, name) in ENTRIES {
                                    li {
                                        @let current = self.current == Some(path);
                                        a href=(path) aria-current=[current.then_some("page")] { (name) }
                                    }
                                }
                            }
                        }
                    }
                    main #main { (main) }
                    footer { (self.name_form()) }
                }
            }
        }
    }

    /// Asks for the member's name, which is recorded with each change.
    fn name_form(&self) -> Markup {
        let name = self.member.name.as_deref().unwrap_or_default();
        html! {
            form method="post" action="/name" {
                label for="name" { "Your name" }
                p .hint #name-hint { "Shown to your team beside what you change" }
                input #name name="name" type="text" autocomplete="name" required maxlength="60"
                    dir="auto" aria-describedby="name-hint" value=(name);
                button type="submit" { @if name.is_empty() { "Save" } @else { "Change" } }
            }
        }
    }
}

/// A problem that the page is about, announced when it is opened.
pub(super) fn problem(words: &str) -> Markup {
    html! {
        div .problem role="alert" tabindex="-1" autofocus {
            h1 { (words) }
        }
    }
}

/// A list of replies, each with a link to its page.
pub(super) fn reply_list(
    replies: &[StoredReply],
    wordings: &dyn Fn(&StoredReply) -> Wordings,
    now: Millis,
) -> Markup {
    html! {
        ul .replies {
            @for reply in replies {
                li { (list_entry(reply, &wordings(reply), now)) }
            }
        }
    }
}

fn list_entry(reply: &StoredReply, wordings: &Wordings, now: Millis) -> Markup {
    let title = title_of(reply, wordings);
    html! {
        a href=(path_of(reply)) dir="auto" { (title) }
        p .facts {
            span { (form_title(reply, wordings)) } " "
            span .reference { (reply.reference) } " "
            span { (reply.state) } " "
            @if let Some(claim) = claim_of(reply) {
                span dir="auto" { "with " (claim.by) } " "
            }
            (due(reply, now))
            @if reply.is_held() { " " span .warning { "held" } }
        }
    }
}

/// By when a reply must be answered.
pub(super) fn due(reply: &StoredReply, now: Millis) -> Markup {
    let date = date_words(reply.due);
    html! {
        @if reply.is_closed() {
            span { "closed" }
        } @else if reply.is_overdue(now) {
            span .warning { "overdue since " (date) }
        } @else {
            span { "answer by " (date) }
        }
    }
}

/// The first answer of a reply, which is usually a name.
pub(super) fn title_of(reply: &StoredReply, wordings: &Wordings) -> String {
    let answered = wordings.answered(reply);
    let first = answered.first().and_then(|answered| answered.answers.first());
    let first = first.map(String::as_str).unwrap_or(&reply.reference);
    let mut words: String = first.chars().filter(|c| !c.is_control()).collect();
    if words.chars().count() > SHORT_CHARS {
        words = words.chars().take(SHORT_CHARS).collect();
        words.push('…');
    }
    words
}

/// The title of a reply's form, or its name if the form is lost.
pub(super) fn form_title<'a>(reply: &'a StoredReply, wordings: &'a Wordings) -> &'a str {
    wordings.of(reply).map_or(reply.form.as_str(), |form| form.title())
}

/// The path of a reply's page: it contains nothing personal.
pub(super) fn path_of(reply: &StoredReply) -> String {
    format!("/replies/{}/{}", reply.form, reply.id)
}
