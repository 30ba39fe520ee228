//! Completes the erasure of a person outside the store. Removes files of the outbox; prints.

use std::path::Path;

use daisychain_functions::mail::Mailer as _;
use daisychain_functions::mail::file::FileMailer;
use daisychain_functions::store::sqlite::Sqlite;

use super::InboxFailure;
#[cfg(feature = "dynamodb")]
use crate::cli::Task;
use crate::commands::Console;
use crate::commands::Error;

/// Removes mails about people who are no longer in the store of `daisy serve`, and lists copies left on
/// this computer. Other stores have no outbox.
pub(super) async fn finish_here(
    console: &Console,
    path: &Path,
    store: &Sqlite,
) -> Result<(), Error> {
    if path.ends_with(".daisy/replies.sqlite") {
        let outbox = FileMailer::new(path.with_file_name("outbox"));
        let pruned = outbox.prune(store).await;
        let folder = || outbox.folder().to_owned();
        pruned.map_err(|source| InboxFailure::EmailsLeft { folder: folder(), source })?;
    }
    console.say("still to do: delete backups and exports that include this person");
    Ok(())
}

/// A person to erase from a table, as the table still has them.
#[cfg(feature = "dynamodb")]
pub(super) struct Leaving {
    /// The email address, as it is shown to a shell.
    address: Option<String>,
    references: Vec<String>,
}

#[cfg(feature = "dynamodb")]
impl Leaving {
    /// The person that `task` erases; `None` for another task.
    pub(super) async fn of<S: daisychain_functions::store::Store>(
        inbox: &daisychain_functions::inbox::Inbox<S>,
        task: &Task,
    ) -> Option<Leaving> {
        let (forms, contact, is_named) = match task {
            Task::Erase { form, contact } => (vec![form.clone()], contact, true),
            // The list is part of the receipt, which names no person.
            Task::EraseEverywhere { contact } => {
                let forms = inbox.forms().await.unwrap_or_default();
                (forms.into_iter().map(|form| form.name).collect(), contact, false)
            }
            _ => return None,
        };
        let mut references = Vec::new();
        for form in forms {
            // If this fails, so does the task itself, which reports why.
            let replies = inbox.of_person(&form, contact).await.unwrap_or_default();
            references.extend(replies.into_iter().map(|reply| reply.reference));
        }
        Some(Leaving { address: address(contact, is_named), references })
    }

    /// Prints what AWS and the team's mailbox may still contain, and how to remove it.
    pub(super) fn say_what_is_left_on_aws(&self, console: &Console) {
        for line in self.left_on_aws() {
            console.say(&line);
        }
    }

    fn left_on_aws(&self) -> Vec<String> {
        let mut lines = vec!["still to do:".to_owned()];
        if !self.references.is_empty() {
            let references = self.references.join(", ");
            lines.push(format!("- delete the emails about {references} from the team's mailbox"));
        }
        if let Some(address) = &self.address {
            lines.push(format!(
                "- if an email to them bounced or was reported as spam, Amazon SES keeps the \
                 address until you run:\n  aws sesv2 delete-suppressed-destination --email-address \
                 {address}"
            ));
            lines.push(
                "- if the alarm `DeadLetters` was raised in the last 14 days, the queue may \
                 contain a bounce report about them; check it, then empty it (STACK is the name \
                 that you gave to `make deploy`):\n  aws sqs purge-queue --queue-url \"$(aws \
                 cloudformation describe-stacks --stack-name STACK --query \
                 \"Stacks[0].Outputs[?OutputKey=='DeadLetters'].OutputValue\" --output text)\""
                    .to_owned(),
            );
        }
        lines.push("- delete exports that include this person".to_owned());
        lines
    }
}

/// An email address as an argument of a shell, or a placeholder for it; `None` for a telephone number.
#[cfg(feature = "dynamodb")]
fn address(contact: &str, is_named: bool) -> Option<String> {
    let quoted = || format!("'{}'", contact.replace('\'', r"'\''"));
    contact.contains('@').then(|| if is_named { quoted() } else { "ADDRESS".to_owned() })
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(feature = "dynamodb")]
    fn remaining_copies_depend_on_how_the_person_was_contacted() {
        let left = |contact: &str, references: &[&str]| {
            let references = references.iter().map(|each| (*each).to_owned()).collect();
            let address = super::address(contact, true);
            super::Leaving { address, references }.left_on_aws().join("\n")
        };
        let by_mail = left("o'neill@example.org", &["7KMB-2XQ4", "2222-3333"]);
        assert!(by_mail.contains("mails about 7KMB-2XQ4, 2222-3333 from"), "{by_mail}");
        assert!(by_mail.contains(r"--email-address 'o'\''neill@example.org'"), "{by_mail}");
        assert!(by_mail.contains("aws sqs purge-queue --queue-url \"$(aws "), "{by_mail}");
        let by_phone = left("01632 960111", &["7KMB-2XQ4"]);
        assert!(by_phone.contains("7KMB-2XQ4") && !by_phone.contains("aws "), "{by_phone}");
        let subscriber = left("rose@example.org", &[]);
        assert!(!subscriber.contains("mailbox") && subscriber.contains("sesv2"), "{subscriber}");
        assert_eq!(super::address("rose@example.org", false).as_deref(), Some("ADDRESS"));
    }
}
