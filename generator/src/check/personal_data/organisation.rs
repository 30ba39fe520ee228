//! The organisation's own details, which are not personal data.

use std::collections::BTreeSet;

use super::{contact, place};
use crate::config::Config;
use crate::url::{self, BaseUrl};

/// Providers of mailboxes: an address there says nothing of an organisation.
const PROVIDERS: [&str; 18] = [
    "aol.com",
    "btinternet.com",
    "gmail.com",
    "googlemail.com",
    "gmx.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "live.co.uk",
    "me.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "sky.com",
    "talktalk.net",
    "virginmedia.com",
    "yahoo.co.uk",
    "yahoo.com",
];

/// The organisation's details in `site.yaml`.
pub(super) struct Organisation {
    /// Its phone numbers, as national digits.
    phones: BTreeSet<String>,
    /// Its email addresses, in lower case.
    emails: BTreeSet<String>,
    /// Its domains.
    domains: BTreeSet<String>,
    /// Its texts, in lower case, with the addresses in them.
    texts: Vec<String>,
    /// The postcodes in them.
    postcodes: BTreeSet<String>,
}

impl Organisation {
    pub(super) fn new(config: &Config, base_url: &BaseUrl) -> Organisation {
        let mut texts = Vec::new();
        let mut emails = Vec::new();
        let mut hosts = vec![url::host(base_url.as_str()).unwrap_or_default().to_owned()];
        for (language, _) in config.languages() {
            let value = |key: &str| {
                let value = config.get(language, &format!("organisation.{key}"))?;
                value.as_str().map(str::to_owned)
            };
            texts.extend(["phone", "phone_hours", "address"].into_iter().filter_map(value));
            emails.extend(value("email"));
            let host = value("url").and_then(|url| url::host(&url).map(str::to_owned));
            hosts.extend(host);
        }
        fn borrowed(texts: &[String]) -> Vec<&str> {
            texts.iter().map(String::as_str).collect()
        }
        Organisation::of_details(&borrowed(&texts), &borrowed(&emails), &borrowed(&hosts))
    }

    /// The organisation with these texts, email addresses and hosts.
    pub(super) fn of_details(texts: &[&str], emails: &[&str], hosts: &[&str]) -> Organisation {
        let emails: BTreeSet<String> = emails.iter().map(|email| email.to_lowercase()).collect();
        let of_emails = emails.iter().filter_map(|email| Some(email.rsplit_once('@')?.1));
        let of_emails = of_emails.filter(|domain| !PROVIDERS.contains(domain));
        let hosts = hosts.iter().map(|host| host.trim_start_matches("www."));
        let domains = of_emails.chain(hosts).filter(|domain| domain.contains('.'));
        Organisation {
            phones: texts.iter().flat_map(|text| contact::numbers_in(text)).collect(),
            domains: domains.map(str::to_lowercase).collect(),
            postcodes: texts.iter().flat_map(|text| place::postcodes_in(text)).collect(),
            texts: texts.iter().map(|text| text.to_lowercase()).collect(),
            emails,
        }
    }

    /// Whether a phone number, as national digits, is its own.
    pub(super) fn has_phone(&self, digits: &str) -> bool {
        self.phones.contains(digits)
    }

    /// Whether an email address is its own or that of one of its staff.
    pub(super) fn has_email(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let is_own = |own: &String| {
            domain
                .strip_suffix(own.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.emails.contains(&address) || self.domains.iter().any(is_own)
    }

    /// Whether a postcode is its own.
    pub(super) fn has_postcode(&self, postcode: &str) -> bool {
        self.postcodes.contains(postcode)
    }

    /// Whether an address is part of its own.
    pub(super) fn has_address(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        self.texts.iter().any(|text| text.contains(&address))
    }
}
