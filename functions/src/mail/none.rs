//! Used when no mailer is configured: mails stay queued, and are shown. Pure.

use super::{Mail, MailError, Mailer};

/// Sends nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMailer;

impl Mailer for NoMailer {
    async fn send(&self, _mail: &Mail) -> Result<(), MailError> {
        Err(MailError { message: "no mailer is configured".to_owned(), permanent: false })
    }
}
