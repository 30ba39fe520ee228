//! Stands where no mailer is configured: what is owed stays owed, and is shown. Pure.

use super::{Mail, MailError, Mailer};

/// Sends nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unset;

impl Mailer for Unset {
    async fn send(&self, _mail: &Mail) -> Result<(), MailError> {
        Err(MailError { message: "no mailer is configured".to_owned(), permanent: false })
    }
}
