//! The settings of a site's forms.

use crate::clock::Millis;
use crate::urls::origin;
use std::time::Duration;

/// How many mails go out in an hour, where nothing else is said.
pub const MAIL_LIMIT: u64 = 500;

/// What a site says about itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The origin that pages are served under, such as `https://daisy.example`: a site in a folder of its
    /// host has that folder in the addresses that its pages and forms hold.
    pub site: String,
    /// The address that forms are answered under; the same, unless `forms_url` says otherwise.
    pub forms_url: String,
    /// Other origins whose pages may send forms and read the answers, such as a trial's. Exactly
    /// these.
    pub origins: Vec<String>,
    /// The sender of mails: an address, or a name and an address in brackets.
    pub from: String,
    /// The number to ring when not even a form's own is at hand.
    pub phone: String,
    /// How long a definition is used before the store is asked again; 0 on a laptop, where a
    /// changed page must show at once.
    pub keep_definitions: Millis,
    /// How many replies from one visitor in an hour are taken as they are; above it they are
    /// held, and at ten times it refused for a while. A community centre shares one address.
    pub visitor_limit: u64,
    /// The forms that are served, also once they are no longer on the site; none named means all
    /// that the store has, but for [`Settings::forms_elsewhere`].
    pub forms: Vec<String>,
    /// Forms that are not served here, because another function serves them.
    pub forms_elsewhere: Vec<String>,
    /// How many mails are sent in an hour, over all forms; above it they wait.
    pub mail_limit: u64,
    /// Who is told of replies to a form that is no longer on the site; nobody where there is none.
    pub notify: Option<String>,
    /// How long the answer to a sign-up takes at least, so that nobody learns by a clock who has signed up or left.
    pub min_response_time: Duration,
}

impl Settings {
    /// Settings for a site at an address, with the usual limits.
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
            // Longer than a mail usually takes to be handed on.
            min_response_time: Duration::from_millis(400),
        }
    }

    /// Whether requests for a form are answered here.
    pub(crate) fn serves(&self, form: &str) -> bool {
        let is_in = |forms: &[String]| forms.iter().any(|known| known == form);
        if self.forms.is_empty() { !is_in(&self.forms_elsewhere) } else { is_in(&self.forms) }
    }

    /// Whether pages stand at another address than forms.
    pub(crate) fn is_elsewhere(&self) -> bool {
        origin(&self.site) != origin(&self.forms_url)
    }

    /// The origins whose pages are ours.
    pub(crate) fn ours(&self) -> Vec<String> {
        let own = [&self.site, &self.forms_url].into_iter();
        own.chain(&self.origins).map(|address| origin(address)).collect()
    }
}
