//! Sends mail by SMTP. Uses the network.

use super::{Mail, MailError, Mailer};
use lettre::address::Envelope;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// Sends raw messages by a mail server.
#[derive(Clone, Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Smtp {
    /// A mailer for the server at a URL: `smtps://user:password@mail.example.org` (TLS from the start), or
    /// `smtp://user:password@mail.example.org:587?tls=required` (STARTTLS).
    ///
    /// # Errors
    /// The URL is invalid. The error does not contain the password.
    pub fn connect(url: &str) -> Result<Smtp, MailError> {
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailError {
                message: "smtp: the server's address cannot be read".to_owned(),
                permanent: true,
            })?;
        Ok(Smtp { transport: builder.timeout(Some(Duration::from_secs(8))).build() })
    }
}

impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let address = |text: &str| {
            super::bare_address(text).parse::<Address>().map_err(|_| MailError {
                message: "smtp: an address that mail servers do not take".to_owned(),
                permanent: true,
            })
        };
        let envelope = Envelope::new(Some(address(&mail.from)?), vec![address(&mail.to)?]);
        let envelope = envelope.map_err(|_| MailError {
            message: "smtp: the email has no valid recipient".to_owned(),
            permanent: true,
        })?;
        match self.transport.send_raw(&envelope, mail.to_mime().as_bytes()).await {
            Ok(_) => Ok(()),
            Err(error) => {
                // Only the code, because servers quote addresses in their messages.
                let message = match error.status() {
                    Some(code) => format!("smtp: {code}"),
                    None if error.is_timeout() => "smtp: no answer in time".to_owned(),
                    None => "smtp: no connection".to_owned(),
                };
                Err(MailError { message, permanent: error.is_permanent() })
            }
        }
    }
}
