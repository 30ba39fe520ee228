//! Changes a reply: its state, who has it, a note. Reads and writes the store.

use super::access::{Fields, Member};
use super::layout::path_of;
use super::reply_page::{Draft, NoteProblem};
use super::{PageError, TeamPages, see_other};
use crate::characters::is_blank;
use crate::inbox::{InboxError, MoveOptions};
use crate::model::StoredReply;
use crate::store::Store;
use bytes::Bytes;
use http::Response;

impl<S: Store> TeamPages<S> {
    pub(super) async fn show_reply(
        &self,
        member: &Member,
        form: &str,
        id: &str,
    ) -> Result<Response<Bytes>, PageError> {
        let reply = self.inbox.reply(form, id).await?.ok_or(PageError::NotFound)?;
        self.reply_page(member, &reply, &Draft::default(), None).await
    }

    /// Records what the member sent, and leads back to the reply; or shows the reply as it is now with what was wrong,
    /// and keeps what they typed.
    pub(super) async fn change_reply(
        &self,
        member: &Member,
        (form, id): (&str, &str),
        fields: &Fields,
    ) -> Result<Response<Bytes>, PageError> {
        let reply = self.inbox.reply(form, id).await?.ok_or(PageError::NotFound)?;
        let draft = Draft::of(fields);
        match self.apply(member, &reply, &draft).await {
            Ok(changed) => Ok(see_other(&path_of(&changed))),
            Err(ChangeError::Problem(problem)) => {
                let now = self.inbox.reply(form, id).await?.ok_or(PageError::NotFound)?;
                self.reply_page(member, &now, &draft, Some(&problem)).await
            }
            Err(ChangeError::Page(error)) => Err(error),
        }
    }

    async fn apply(
        &self,
        member: &Member,
        reply: &StoredReply,
        draft: &Draft,
    ) -> Result<StoredReply, ChangeError> {
        let name = member.name.clone().ok_or(NoteProblem::NoName)?;
        // If others changed it meanwhile, the version that the member saw is no longer the stored one.
        let seen = draft.seen.and_then(|seen| reply.as_of(seen)).ok_or(NoteProblem::Changed)?;
        let state = draft.state.as_deref().unwrap_or(seen.state.as_str());
        let note = Some(draft.note.clone()).filter(|note| !is_blank(note));
        let email = Some(draft.email.clone()).filter(|email| !is_blank(email));
        if state == seen.state.as_str() && !draft.takes && email.is_none() {
            // A note does not depend on what others did meanwhile.
            let note = note.ok_or(NoteProblem::Nothing)?;
            return Ok(self.inbox.add_note(reply, &note, &name).await?);
        }
        let options = MoveOptions { by: Some(name), note, email, take_over: draft.takes };
        Ok(self.inbox.move_reply(&seen, state, options).await?)
    }
}

/// Why a change was not recorded.
enum ChangeError {
    /// The member can do something about it.
    Problem(NoteProblem),
    Page(PageError),
}

impl From<NoteProblem> for ChangeError {
    fn from(problem: NoteProblem) -> ChangeError {
        ChangeError::Problem(problem)
    }
}

impl From<InboxError> for ChangeError {
    fn from(error: InboxError) -> ChangeError {
        match error {
            InboxError::Claimed(_) => ChangeError::Problem(NoteProblem::Claimed),
            InboxError::Moved(_) => ChangeError::Problem(NoteProblem::Changed),
            InboxError::NoAddress => ChangeError::Problem(NoteProblem::NoAddress),
            InboxError::Suppressed => ChangeError::Problem(NoteProblem::Suppressed),
            InboxError::NoName => ChangeError::Problem(NoteProblem::NoName),
            InboxError::UnknownState(_) => ChangeError::Problem(NoteProblem::UnknownState),
            error => ChangeError::Page(error.into()),
        }
    }
}
