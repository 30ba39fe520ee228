//! Selects the mailer by environment variables.

use super::none::NoMailer;
use super::{Mail, MailError, Mailer};

/// The selected mailer.
#[derive(Clone, Debug)]
pub enum AnyMailer {
    /// None.
    None(NoMailer),
    /// Amazon SES.
    #[cfg(feature = "ses")]
    Ses(super::ses::Ses),
    /// A mail server.
    #[cfg(feature = "smtp")]
    Smtp(super::smtp::Smtp),
}

/// Why the environment selects no mailer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailerConfigError {
    /// Receivers reject such mail.
    #[error(
        "DAISYCHAIN_FROM: mail from {0} that Amazon SES sends is rejected as forged (DMARC); use an address at a \
         domain of your own"
    )]
    Freemail(&'static str),
    /// `DAISYCHAIN_SMTP_URL` is not valid. Its value is not shown, because it contains a password.
    #[error(
        "DAISYCHAIN_SMTP_URL is not the address of a mail server, such as smtps://user:password@mail.example.org"
    )]
    SmtpUrl,
    /// The mailer is not compiled in.
    #[error("DAISYCHAIN_MAILER: build with the feature `{0}`")]
    NotCompiled(&'static str),
    /// `DAISYCHAIN_MAILER` has another value.
    #[error("DAISYCHAIN_MAILER is `ses`, `smtp` or nothing")]
    Unknown,
}

impl AnyMailer {
    /// Reads `DAISYCHAIN_MAILER`: `ses`, `smtp` (at `DAISYCHAIN_SMTP_URL`), or nothing.
    ///
    /// # Errors
    /// Another value, a mailer that is not compiled in, an invalid URL, or a sender that SES cannot send for: see
    /// `freemail.txt`.
    pub async fn read(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<AnyMailer, MailerConfigError> {
        match variable("DAISYCHAIN_MAILER").as_deref() {
            None | Some("") => Ok(AnyMailer::None(NoMailer)),
            #[cfg(feature = "ses")]
            Some("ses") => {
                let from = variable("DAISYCHAIN_FROM").unwrap_or_default();
                if let Some(domain) = super::freemail::domain_of(&from) {
                    return Err(MailerConfigError::Freemail(domain));
                }
                Ok(AnyMailer::Ses(super::ses::Ses::connect().await))
            }
            #[cfg(feature = "smtp")]
            Some("smtp") => {
                let url = variable("DAISYCHAIN_SMTP_URL").unwrap_or_default();
                let smtp = super::smtp::Smtp::connect(&url);
                smtp.map(AnyMailer::Smtp).map_err(|_| MailerConfigError::SmtpUrl)
            }
            #[cfg(not(feature = "ses"))]
            Some("ses") => Err(MailerConfigError::NotCompiled("ses")),
            #[cfg(not(feature = "smtp"))]
            Some("smtp") => Err(MailerConfigError::NotCompiled("smtp")),
            Some(_) => Err(MailerConfigError::Unknown),
        }
    }
}

impl Mailer for AnyMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match self {
            AnyMailer::None(mailer) => mailer.send(mail).await,
            #[cfg(feature = "ses")]
            AnyMailer::Ses(mailer) => mailer.send(mail).await,
            #[cfg(feature = "smtp")]
            AnyMailer::Smtp(mailer) => mailer.send(mail).await,
        }
    }
}
