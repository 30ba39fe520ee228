//! Moves replies from one state to another. Only the person who claimed a reply can move it, unless another person
//! takes it over.

use super::{Inbox, InboxError, Wordings};
use crate::characters::is_blank;
use crate::clock::Millis;
use crate::email_address::canonical_mailbox;
use crate::form::{Form, Purpose};
use crate::mail::queue::new_mail;
use crate::model::claim::{Claim, claim_of, same_person};
use crate::model::workflow;
use crate::model::{
    MailKind, QueuedMail, ReplyState, StateChange, StateChangeOutcome, StoredReply,
};
use crate::optimistic::{MAX_ATTEMPTS, changed_too_often};
use crate::store::{Store, StoreError};
use crate::submission::clean;

/// Who moves a reply, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MoveOptions {
    /// The name of the person who moves it. A working state cannot be reached without one.
    pub by: Option<String>,
    /// A note for the team.
    pub note: Option<String>,
    /// A text to send to the person by email.
    pub email: Option<String>,
    /// Move it even if another person has claimed it.
    pub take_over: bool,
}

impl MoveOptions {
    /// The same without control characters and blank texts.
    fn cleaned(self) -> MoveOptions {
        MoveOptions {
            by: typed(self.by, false),
            note: typed(self.note, true),
            email: typed(self.email, true),
            ..self
        }
    }
}

/// Text that a person typed, without control characters; `None` if it is blank.
fn typed(text: Option<String>, lines: bool) -> Option<String> {
    text.map(|text| clean(&text, lines)).filter(|text| !is_blank(text))
}

impl<S: Store> Inbox<S> {
    /// Moves a reply. `reply` is the version that the person saw. Nothing is recorded if it is in that state already and
    /// there is no new note. The subscriber of an accepted sign-up is asked to confirm, like any other.
    ///
    /// # Errors
    /// The store does not answer; no such state; another person has claimed the reply, or has moved it; a name is needed.
    pub async fn move_reply(
        &self,
        reply: &StoredReply,
        to: impl AsRef<str>,
        options: MoveOptions,
    ) -> Result<StoredReply, InboxError> {
        let wordings = self.wordings(&reply.form, std::slice::from_ref(reply)).await?;
        let unknown = || InboxError::UnknownForm(reply.form.clone());
        let form = wordings.of(reply).ok_or_else(unknown)?;
        let states = states_of(&wordings, form);
        let to = states.iter().find(|state| state.as_str() == to.as_ref());
        let Some(&to) = to else {
            return Err(InboxError::UnknownState(states.iter().map(|it| it.as_str()).collect()));
        };
        let is_sign_up = form.purpose() == Purpose::Newsletter;
        let accepted = is_sign_up && to == ReplyState::Accepted;
        if accepted && self.keys.is_none() {
            return Err(InboxError::NoKeys);
        }
        let at = self.clock.checked().map_err(StoreError::from)?;
        let options = options.cleaned();
        if options.email.is_some() {
            self.check_mailable(reply, form).await?;
        }
        let moved = match next_step(reply, to, &options, at)? {
            Some(step) => self.record_move(reply, form, &step).await?,
            None => reply.clone(),
        };
        if accepted {
            let language = moved.language.as_deref().unwrap_or(form.language());
            self.sign_up(&form.in_language(language), &moved).await?;
        }
        Ok(moved)
    }

    /// Adds a note to a reply, which stays in its state, with the person who has it. Nothing is recorded if the same note
    /// is its last.
    ///
    /// # Errors
    /// The store does not answer; the name is blank; there is no such reply.
    pub async fn add_note(
        &self,
        reply: &StoredReply,
        note: &str,
        by: &str,
    ) -> Result<StoredReply, InboxError> {
        let by = typed(Some(by.to_owned()), false).ok_or(InboxError::NoName)?;
        let note = typed(Some(note.to_owned()), true);
        let at = self.clock.checked().map_err(StoreError::from)?;
        let mut reply = reply.clone();
        for _ in 0..MAX_ATTEMPTS {
            let step = StateChange {
                at,
                from: reply.state,
                to: reply.state,
                by: Some(by.clone()),
                note: note.clone(),
                email: None,
                taken_over_from: None,
            };
            if note.is_none() || is_done(&reply, &step) {
                return Ok(reply);
            }
            match self.store.move_reply(&reply, &step, &[]).await? {
                StateChangeOutcome::Changed(noted) => return Ok(noted),
                StateChangeOutcome::Missing => return Err(InboxError::UnknownReference),
                // Whatever others did meanwhile, the note is added after it.
                StateChangeOutcome::Conflict(now) => reply = now,
            }
        }
        Err(changed_too_often().into())
    }

    /// The states that a reply can be moved to, in their usual order.
    pub fn states_of(&self, reply: &StoredReply, wordings: &Wordings) -> Vec<ReplyState> {
        wordings.of(reply).map_or_else(Vec::new, |form| states_of(wordings, form))
    }

    /// Refuses to send an email to someone who gave no address, or who reported an email of ours as unwanted.
    async fn check_mailable(&self, reply: &StoredReply, form: &Form) -> Result<(), InboxError> {
        let address = reply.submission.email(form).ok_or(InboxError::NoAddress)?;
        let keys = self.keys.as_ref().ok_or(InboxError::NoKeys)?;
        let mailbox = self.store.mailbox(&keys.mailbox(&canonical_mailbox(&address))).await?;
        match mailbox.is_some_and(|mailbox| mailbox.suppressed.is_some()) {
            true => Err(InboxError::Suppressed),
            false => Ok(()),
        }
    }

    async fn record_move(
        &self,
        reply: &StoredReply,
        form: &Form,
        step: &StateChange,
    ) -> Result<StoredReply, InboxError> {
        let about = format!("{}#{}", reply.id, reply.history.len());
        let mail = step.email.as_ref().map(|_| QueuedMail {
            due: step.at,
            ..new_mail(form, MailKind::Answer, &about, step.at)
        });
        match self.store.move_reply(reply, step, mail.as_slice()).await? {
            StateChangeOutcome::Changed(moved) => Ok(moved),
            StateChangeOutcome::Missing => Err(InboxError::UnknownReference),
            // The same move was sent twice.
            StateChangeOutcome::Conflict(now) if is_done(&now, step) => Ok(now),
            StateChangeOutcome::Conflict(now) => {
                let is_claimed = claim_by_other(&now, step.by.as_deref()).is_some();
                let now = Box::new(now);
                Err(if is_claimed { InboxError::Claimed(now) } else { InboxError::Moved(now) })
            }
        }
    }
}

/// The change to record; `None` if the reply is in that state already and nothing is added.
fn next_step(
    reply: &StoredReply,
    to: ReplyState,
    options: &MoveOptions,
    at: Millis,
) -> Result<Option<StateChange>, InboxError> {
    let MoveOptions { by, note, email, take_over } = options;
    let claim = claim_of(reply);
    if by.is_none() && (to.is_working() || claim.is_some()) {
        return Err(InboxError::NoName);
    }
    let other = claim_by_other(reply, by.as_deref());
    if other.is_some() && !take_over {
        return Err(InboxError::Claimed(Box::new(reply.clone())));
    }
    let is_theirs = claim.is_some() && other.is_none();
    let is_there = reply.state == to && (is_theirs || !to.is_working());
    let last = reply.history.last();
    let adds = |new: &Option<String>, last: Option<&String>| new.is_some() && new.as_ref() != last;
    let is_new = adds(note, last.and_then(|last| last.note.as_ref()))
        || adds(email, last.and_then(|last| last.email.as_ref()));
    if is_there && !is_new {
        return Ok(None);
    }
    Ok(Some(StateChange {
        at,
        from: reply.state,
        to,
        by: by.clone(),
        note: note.clone(),
        email: email.clone(),
        taken_over_from: other.map(|claim| claim.by.to_owned()),
    }))
}

/// Who has claimed a reply, if that is another person.
fn claim_by_other<'a>(reply: &'a StoredReply, by: Option<&str>) -> Option<Claim<'a>> {
    claim_of(reply).filter(|claim| !by.is_some_and(|by| same_person(by, claim.by)))
}

/// Whether a change equals the last one of a reply, by the same person with the same note.
fn is_done(reply: &StoredReply, step: &StateChange) -> bool {
    let Some(last) = reply.history.last() else { return false };
    let same_by = match (&last.by, &step.by) {
        (Some(one), Some(other)) => same_person(one, other),
        (one, other) => one == other,
    };
    same_by && (&last.to, &last.note, &last.email) == (&step.to, &step.note, &step.email)
}

/// The states that a reply can be moved to: those of its form's current purpose, and those of the
/// purpose that the form had when the reply was sent.
fn states_of(wordings: &Wordings, own: &Form) -> Vec<ReplyState> {
    let current = wordings.current.as_ref().unwrap_or(own);
    let states = workflow::states(current.purpose());
    let former = workflow::states(own.purpose()).iter().filter(|state| !states.contains(state));
    states.iter().chain(former).copied().collect()
}
