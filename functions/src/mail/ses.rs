//! Sends mail by Amazon SES. Uses the network.

use super::{Mail, MailError, Mailer};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, RawMessage};
use std::time::Duration;

/// Sends raw messages by SES v2, so that every header is our own.
#[derive(Clone, Debug)]
pub struct Ses {
    client: Client,
}

impl Ses {
    /// A mailer with the region, credentials and endpoint of the environment.
    pub async fn connect() -> Ses {
        Ses { client: Client::new(&crate::aws::config(None, LIMIT).await) }
    }

    /// A mailer with another endpoint, such as an emulator's.
    pub async fn connect_to(endpoint: &str) -> Ses {
        Ses { client: Client::new(&crate::aws::config(Some(endpoint), LIMIT).await) }
    }
}

/// How long SES may take for one mail. The first attempt is limited by the queue.
const LIMIT: Duration = Duration::from_secs(5);

impl Mailer for Ses {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let whole = |_| MailError { message: "ses: an empty mail".to_owned(), permanent: true };
        let raw = RawMessage::builder().data(Blob::new(mail.to_mime())).build().map_err(whole)?;
        let call = self
            .client
            .send_email()
            .from_email_address(super::bare_address(&mail.from))
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().raw(raw).build());
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => {
                // Only the code, because SES quotes addresses in its messages.
                let code = error.code().unwrap_or("no answer");
                // `MessageRejected` is also returned for an unverified sender, which can be fixed.
                let permanent = code == "BadRequestException";
                Err(MailError { message: format!("ses: {code}"), permanent })
            }
        }
    }
}
