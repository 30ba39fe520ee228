//! The page of one reply: its answers, history, and the form to work on it. Reads the store.

use super::access::{Fields, Member};
use super::layout::{due, form_title, path_of, reply_list, title_of};
use super::{PageError, TeamPages};
use crate::clock::{Millis, date_and_time_words};
use crate::form::field::Kind;
use crate::inbox::{InboxError, Wordings};
use crate::model::{ReplyState, StateChange, StoredReply, claim_of, same_person};
use crate::store::Store;
use crate::submission::Contact;
use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};

/// What a member typed on the page of a reply.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    /// The state to move it to; `None` if only a note was sent.
    pub(super) state: Option<String>,
    pub(super) note: String,
    /// What to send to the person by email.
    pub(super) email: String,
    /// Whether to take it over from the person who has it.
    pub(super) takes: bool,
    /// How many entries the history had on the page that they saw.
    pub(super) seen: Option<usize>,
}

impl Draft {
    pub(super) fn of(fields: &Fields) -> Draft {
        Draft {
            state: fields.get("state").map(str::to_owned),
            note: fields.get("note").unwrap_or_default().replace("\r\n", "\n"),
            email: fields.get("email").unwrap_or_default().replace("\r\n", "\n"),
            takes: fields.get("take").is_some(),
            seen: fields.get("seen").and_then(|seen| seen.parse().ok()),
        }
    }
}

/// Why a change was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoteProblem {
    /// The member's name is not known.
    NoName,
    /// Neither another state nor a note was sent.
    Nothing,
    /// Another person has claimed the reply.
    Claimed,
    /// Another person changed the reply meanwhile.
    Changed,
    /// The form has no such state.
    UnknownState,
    /// The person gave no email address.
    NoAddress,
    /// The person reported an email as unwanted.
    Suppressed,
}

impl NoteProblem {
    /// What happened, and what to do.
    fn words(self, reply: &StoredReply) -> String {
        match self {
            NoteProblem::NoName => {
                "Enter your name at the bottom of the page first, then save again".to_owned()
            }
            NoteProblem::Nothing => "Choose another state, or write a note or an email".to_owned(),
            NoteProblem::NoAddress => "This person gave no email address. Call them".to_owned(),
            NoteProblem::Suppressed => {
                "This person reported one of our emails as unwanted, so we send them no more. If they \
                 gave a phone number, call them"
                    .to_owned()
            }
            NoteProblem::Claimed => match claim_of(reply) {
                Some(claim) => format!(
                    "{} has this reply since {}. Your change is below: tick ‘Take over’ to save it \
                     all the same",
                    claim.by,
                    date_and_time_words(claim.since)
                ),
                None => "Someone else had this reply. Check it, then save again".to_owned(),
            },
            NoteProblem::Changed => {
                let last = reply.history.last();
                let by = last.and_then(|step| step.by.as_deref()).unwrap_or("Someone else");
                format!(
                    "{by} changed this reply while you had it open: it is now ‘{}’. Your change is \
                     below: check it, then save again",
                    reply.state
                )
            }
            NoteProblem::UnknownState => "Choose one of the states in the list".to_owned(),
        }
    }

    /// The field that solves it.
    fn target(self) -> &'static str {
        match self {
            NoteProblem::NoName => "#name",
            NoteProblem::Nothing => "#note",
            NoteProblem::NoAddress | NoteProblem::Suppressed => "#email",
            NoteProblem::Claimed => "#take",
            NoteProblem::Changed | NoteProblem::UnknownState => "#state",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            NoteProblem::Claimed | NoteProblem::Changed => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

impl<S: Store> TeamPages<S> {
    pub(super) async fn reply_page(
        &self,
        member: &Member,
        reply: &StoredReply,
        draft: &Draft,
        problem: Option<&NoteProblem>,
    ) -> Result<Response<Bytes>, PageError> {
        let now = self.clock.now();
        let wordings = self.inbox.wordings(&reply.form, std::slice::from_ref(reply)).await?;
        let states = self.inbox.states_of(reply, &wordings);
        let others = match self.inbox.others_of(reply).await {
            Ok(others) => others,
            Err(InboxError::NoKeys) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let of_others = self.inbox.wordings_by_form(&others).await?;
        let title = title_of(reply, &wordings);
        let address = wordings.of(reply).and_then(|form| reply.submission.email(form));
        let main = html! {
            @if let Some(problem) = problem {
                div .problem role="alert" tabindex="-1" autofocus {
                    h2 { "There is a problem" }
                    p { a href=(problem.target()) { (problem.words(reply)) } }
                }
            }
            h1 dir="auto" { (title) }
            (facts(reply, &wordings, now))
            (answers(reply, &wordings))
            (work_form(member, (reply, address.as_deref()), &states, draft))
            (history(&reply.history))
            @if !others.is_empty() {
                h2 { "Other replies with the same phone number or email address" }
                (reply_list(&others, &|other| of_others[&other.form].clone(), now))
            }
        };
        let (status, title) = match problem {
            Some(problem) => (problem.status(), format!("Error: {title}")),
            None => (StatusCode::OK, title),
        };
        Ok(self.page(status, member, &title, None, &main))
    }
}

fn facts(reply: &StoredReply, wordings: &Wordings, now: Millis) -> Markup {
    html! {
        dl .facts {
            dt { "Form" } dd { (form_title(reply, wordings)) }
            dt { "Reference" } dd .reference { (reply.reference) }
            dt { "State" } dd { (reply.state) ", " (due(reply, now)) }
            dt { "With" }
            dd dir="auto" {
                @match claim_of(reply) {
                    Some(claim) => { (claim.by) ", since " (date_and_time_words(claim.since)) }
                    None => { "no one" }
                }
            }
            dt { "Received" } dd { (date_and_time_words(reply.received)) }
            @if let Some(language) = &reply.language {
                dt { "Language of the page" } dd { (language) }
            }
            @if let Some(reason) = &reply.held {
                dt { "Held because" } dd { (reason) }
            }
            @if let Some(earlier) = &reply.corrects {
                dt { "Perhaps corrects" }
                dd { (earlier) ": the answers are the same, but not the phone number or email address" }
            }
        }
    }
}

/// Questions and answers in the words that the person read.
fn answers(reply: &StoredReply, wordings: &Wordings) -> Markup {
    let kind = |name: &str| wordings.of(reply)?.field(name).map(|field| field.kind());
    html! {
        h2 { "Answers" }
        dl .answers {
            @for answered in wordings.answered(reply) {
                dt dir="auto" { (answered.label) }
                @for answer in answered.answers {
                    dd dir="auto" { (answer_text(kind(answered.name), answer)) }
                }
            }
        }
    }
}

/// An answer; a phone number or an email address is a link.
fn answer_text(kind: Option<Kind>, answer: &str) -> Markup {
    let contact = match kind {
        Some(Kind::Email | Kind::Telephone | Kind::PhoneOrEmail) => Contact::parse(answer),
        _ => None,
    };
    let link = contact.map(|contact| match contact {
        Contact::Email(address) => {
            let (local, domain) = address.rsplit_once('@').unwrap_or((&address, ""));
            // A local part can have characters that mean something in an address of a web page (RFC 6068).
            let local: String = form_urlencoded::byte_serialize(local.as_bytes()).collect();
            format!("mailto:{local}@{domain}")
        }
        Contact::Phone(digits) => format!("tel:{digits}"),
    });
    html! {
        @if let Some(link) = link {
            a href=(link) { (answer) }
        } @else {
            span .answer { (answer) }
        }
    }
}

/// Claims a reply, moves it to another state, or adds a note.
fn work_form(
    member: &Member,
    (reply, address): (&StoredReply, Option<&str>),
    states: &[ReplyState],
    draft: &Draft,
) -> Markup {
    let claim = claim_of(reply);
    let name = member.name.as_deref().unwrap_or_default();
    let other = claim.filter(|claim| !same_person(claim.by, name));
    let state = draft.state.as_deref().unwrap_or(reply.state.as_str());
    html! {
        h2 { "Work on it" }
        form .work method="post" action=(path_of(reply)) {
            input type="hidden" name="seen" value=(reply.history.len());
            label for="state" { "State" }
            select #state name="state" {
                @for known in states {
                    option value=(known.as_str()) selected[known.as_str() == state] {
                        (known.as_str())
                        @if *known == reply.state { " (now)" }
                    }
                }
            }
            label for="note" { "Note" }
            p .hint #note-hint { "For the team. The person may ask to read it." }
            textarea #note name="note" rows="4" dir="auto" aria-describedby="note-hint" {
                "\n" (draft.note)
            }
            @if let Some(address) = address {
                label for="email" { "Email to " bdi { (address) } }
                p .hint #email-hint {
                    "Sent from our address within a minute, with the reference. Nothing that they wrote is quoted."
                }
                textarea #email name="email" rows="6" dir="auto" aria-describedby="email-hint" {
                    "\n" (draft.email)
                }
            }
            @if let Some(claim) = other {
                p .check {
                    input #take name="take" type="checkbox" value="yes";
                    label for="take" { "Take over from " bdi { (claim.by) } }
                }
            }
            button type="submit" { "Save" }
        }
    }
}

/// The changes of a reply, the latest first.
fn history(steps: &[StateChange]) -> Markup {
    html! {
        @if !steps.is_empty() {
            h2 { "History" }
            ol .history reversed {
                @for step in steps.iter().rev() {
                    li {
                        p .facts {
                            (date_and_time_words(step.at)) ", "
                            bdi { (step.by.as_deref().unwrap_or("someone")) } ": "
                            @if step.from == step.to { (step.to) } @else { (step.from) " → " (step.to) }
                            @if let Some(from) = &step.taken_over_from {
                                " (taken over from " bdi { (from) } ")"
                            }
                        }
                        @if let Some(note) = &step.note {
                            p .answer dir="auto" { (note) }
                        }
                        @if let Some(email) = &step.email {
                            p { "Email:" }
                            p .answer dir="auto" { (email) }
                        }
                    }
                }
            }
        }
    }
}
