//! Chooses the mailer that the environment names.

use super::none::Unset;
use super::{Mail, MailError, Mailer};

/// The mailer that was named.
#[derive(Clone, Debug)]
pub enum Configured {
    /// None.
    Unset(Unset),
    /// Amazon SES.
    #[cfg(feature = "ses")]
    Ses(super::ses::Ses),
    /// A mail server.
    #[cfg(feature = "smtp")]
    Smtp(super::smtp::Smtp),
}

impl Configured {
    /// Reads `DAISYCHAIN_MAILER`: `ses`, `smtp` (at `DAISYCHAIN_SMTP_URL`), or nothing.
    ///
    /// # Errors
    /// Another word, a mailer that was not built in, an address that cannot be read, or a sender that SES
    /// cannot send for: see `freemail.txt`.
    pub async fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Configured, String> {
        match variable("DAISYCHAIN_MAILER").as_deref() {
            None | Some("") => Ok(Configured::Unset(Unset)),
            #[cfg(feature = "ses")]
            Some("ses") => {
                let from = variable("DAISYCHAIN_FROM").unwrap_or_default();
                if let Some(domain) = super::freemail::domain_of(&from) {
                    return Err(format!(
                        "DAISYCHAIN_FROM: mail from {domain} that Amazon SES sends is rejected as \
                         forged (DMARC); use an address at a domain of your own"
                    ));
                }
                Ok(Configured::Ses(super::ses::Ses::connect().await))
            }
            #[cfg(feature = "smtp")]
            Some("smtp") => {
                let url = variable("DAISYCHAIN_SMTP_URL").unwrap_or_default();
                let smtp = super::smtp::Smtp::connect(&url);
                smtp.map(Configured::Smtp).map_err(|_| {
                    "DAISYCHAIN_SMTP_URL is no address of a mail server, like \
                     smtps://user:password@mail.example.org"
                        .to_owned()
                })
            }
            #[cfg(not(feature = "ses"))]
            Some("ses") => Err("DAISYCHAIN_MAILER: build with the feature `ses`".to_owned()),
            #[cfg(not(feature = "smtp"))]
            Some("smtp") => Err("DAISYCHAIN_MAILER: build with the feature `smtp`".to_owned()),
            Some(_) => Err("DAISYCHAIN_MAILER is `ses`, `smtp` or nothing".to_owned()),
        }
    }
}

impl Mailer for Configured {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            Configured::Unset(mailer) => mailer.send(mail).await,
            #[cfg(feature = "ses")]
            Configured::Ses(mailer) => mailer.send(mail).await,
            #[cfg(feature = "smtp")]
            Configured::Smtp(mailer) => mailer.send(mail).await,
        }
    }
}
