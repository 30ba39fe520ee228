//! The settings of a site's forms.

use crate::clock::Millis;
use crate::urls::origin;
use std::time::Duration;

/// The default of the most mails sent in an hour.
pub const MAIL_LIMIT: u64 = 500;

/// The settings of a site's forms.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The origin of the site's pages, such as `https://daisy.example`, also for a site in a folder of its host: the
    /// URLs in its pages and forms contain the folder.
    pub site: String,
    /// The URL that forms are sent to; by default the site's.
    pub forms_url: String,
    /// Other origins whose pages may send forms and read responses, such as a preview's.
    pub origins: Vec<String>,
    /// The sender of mails: `address` or `Name <address>`.
    pub from: String,
    /// The telephone number to call if a form's own is not available.
    pub phone: String,
    /// How long a definition is cached; 0 on a laptop, where a change must show at once.
    pub keep_definitions: Millis,
    /// How many replies in an hour are accepted from one network; above it replies are held, and above ten times this
    /// number rejected. A community centre shares one address.
    pub visitor_limit: u64,
    /// The forms that are served, including those that are no longer on the site; empty for all that the store has,
    /// except [`Settings::forms_elsewhere`].
    pub forms: Vec<String>,
    /// Forms that another function serves.
    pub forms_elsewhere: Vec<String>,
    /// The most mails sent in an hour, for all forms together; further mails wait.
    pub mail_limit: u64,
    /// The address that is notified of replies to a form that is no longer on the site.
    pub notify: Option<String>,
    /// The least time that the response to a sign-up takes, so that its time does not reveal who is subscribed.
    pub min_response_time: Duration,
}

impl Settings {
    /// Settings with the default limits, for a site at a URL.
    pub fn new(
        site: impl Into<String>,
        from: impl Into<String>,
        phone: impl Into<String>,
    ) -> Settings {
        let site = site.into();
        Settings {
            site: origin(&site),
            forms_url: site,
            origins: Vec::new(),
            from: from.into(),
            phone: phone.into(),
            keep_definitions: 60_000,
            visitor_limit: 40,
            forms: Vec::new(),
            forms_elsewhere: Vec::new(),
            mail_limit: MAIL_LIMIT,
            notify: None,
            // Longer than it usually takes to hand a mail to the mail service.
            min_response_time: Duration::from_millis(400),
        }
    }

    /// Whether requests for a form are served here.
    pub(crate) fn serves(&self, form: &str) -> bool {
        let is_in = |forms: &[String]| forms.iter().any(|known| known == form);
        if self.forms.is_empty() { !is_in(&self.forms_elsewhere) } else { is_in(&self.forms) }
    }

    /// Whether pages and forms have different origins.
    pub(crate) fn has_separate_forms_origin(&self) -> bool {
        origin(&self.site) != origin(&self.forms_url)
    }

    /// The origins whose pages may send forms and read responses.
    pub(crate) fn allowed_origins(&self) -> Vec<String> {
        let own = [&self.site, &self.forms_url].into_iter();
        own.chain(&self.origins).map(|address| origin(address)).collect()
    }
}
