//! Decides from DNS records whether email programs can trust that a newsletter comes from its sender: SPF (RFC 7208),
//! DKIM (RFC 6376) and DMARC (RFC 7489). Pure: `commands` asks the DNS.

/// The domains of free email services, which only allow their own programs to send for them.
const FREE_SERVICES: [&str; 12] = [
    "aol.com",
    "btinternet.com",
    "gmail.com",
    "googlemail.com",
    "hotmail.co.uk",
    "hotmail.com",
    "icloud.com",
    "live.co.uk",
    "live.com",
    "outlook.com",
    "yahoo.co.uk",
    "yahoo.com",
];

/// The names under which common services publish their DKIM keys.
pub const SELECTORS: [&str; 10] =
    ["default", "dkim", "google", "k1", "k2", "mail", "s1", "s2", "selector1", "selector2"];

/// The texts of the TXT records about a sender's domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Of the domain itself.
    pub domain: Vec<String>,
    /// Of `_dmarc` below the domain.
    pub dmarc: Vec<String>,
    /// Of the DKIM keys that were found, each with its selector.
    pub dkim: Vec<(String, String)>,
}

/// What is known about one of the three.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// `SPF`, `DKIM` or `DMARC`.
    pub subject: &'static str,
    /// The record, or what is wrong.
    pub message: String,
    /// What to do about it; none if it is right.
    pub help: Option<String>,
}

/// Whether a domain belongs to a free email service.
pub fn is_free_service(domain: &str) -> bool {
    FREE_SERVICES.iter().any(|known| known.eq_ignore_ascii_case(domain))
}

/// Judges the records of the domain of a sender's address.
pub fn check(address: &str, records: &Records) -> [Finding; 3] {
    [spf(&records.domain), dkim(&records.dkim), dmarc(address, &records.dmarc)]
}

/// The records of a version, such as `v=spf1`.
fn of_version<'a>(records: &'a [String], version: &str) -> Vec<&'a str> {
    let is_one = |record: &&str| {
        let end = record.find([' ', ';']).unwrap_or(record.len());
        record[..end].eq_ignore_ascii_case(version)
    };
    records.iter().map(|record| record.trim()).filter(is_one).collect()
}

fn right(subject: &'static str, record: &str) -> Finding {
    Finding { subject, message: format!("found `{record}`"), help: None }
}

fn wrong(subject: &'static str, message: impl Into<String>, help: impl Into<String>) -> Finding {
    Finding { subject, message: message.into(), help: Some(help.into()) }
}

fn spf(records: &[String]) -> Finding {
    const SUBJECT: &str = "SPF";
    match of_version(records, "v=spf1")[..] {
        [] => wrong(
            SUBJECT,
            "there is no record of the servers that may send your emails",
            "at your DNS host, add a record of type TXT with the name `@` and the value `v=spf1 include:SERVICE ~all`; \
             SERVICE is named in the help of the service that sends your emails (Amazon SES: `amazonses.com`, Google \
             Workspace: `_spf.google.com`)",
        ),
        [record] if record.split(' ').any(|part| matches!(part, "+all" | "all")) => wrong(
            SUBJECT,
            format!("`{record}` lets every server send your emails"),
            "at your DNS host, end this record with `~all` instead",
        ),
        [record] => right(SUBJECT, record),
        [..] => wrong(
            SUBJECT,
            "there are several records, so none of them counts",
            "at your DNS host, merge the TXT records that start with `v=spf1` into one",
        ),
    }
}

fn dkim(keys: &[(String, String)]) -> Finding {
    const SUBJECT: &str = "DKIM";
    let is_key = |record: &str| {
        let parts = record.split(';').filter_map(|part| part.trim().split_once('='));
        parts.into_iter().any(|(key, value)| key.trim() == "p" && !value.trim().is_empty())
    };
    match keys.iter().find(|(_, record)| is_key(record)) {
        Some((selector, _)) => {
            Finding { subject: SUBJECT, message: format!("found the key `{selector}`"), help: None }
        }
        None => wrong(
            SUBJECT,
            "no key was found that shows that your emails were not changed",
            "turn on DKIM in the service that sends your emails, and add the records that it shows at your DNS host; if \
             you have done that, name the key: the part before `._domainkey`, as in `--selector NAME`",
        ),
    }
}

fn dmarc(address: &str, records: &[String]) -> Finding {
    const SUBJECT: &str = "DMARC";
    match of_version(records, "v=DMARC1")[..] {
        [] => wrong(
            SUBJECT,
            "there is no record of what to do with emails that others send in your name",
            format!(
                "at your DNS host, add a record of type TXT with the name `_dmarc` and the value `v=DMARC1; p=none; \
                 rua=mailto:{address}`; reports about your emails are sent to that address"
            ),
        ),
        [record] => {
            let mut parts = record.split(';').filter_map(|part| part.trim().split_once('='));
            let policy = parts.find(|(key, _)| key.trim() == "p").map(|(_, value)| value.trim());
            match policy {
                Some("none" | "quarantine" | "reject") => right(SUBJECT, record),
                _ => wrong(
                    SUBJECT,
                    format!("`{record}` has no policy"),
                    "at your DNS host, change this record so that it starts with `v=DMARC1; p=none;`",
                ),
            }
        }
        [..] => wrong(
            SUBJECT,
            "there are several records, so none of them counts",
            "at your DNS host, keep only one of the TXT records with the name `_dmarc`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(records: &[&str]) -> Vec<String> {
        records.iter().map(|record| (*record).to_owned()).collect()
    }

    #[test]
    fn records_are_judged() {
        for (records, is_right) in [
            (&["x", "v=spf1 include:amazonses.com ~all"][..], true),
            (&["V=SPF1 -all"], true),
            (&["v=spf10 -all"], false),
            (&["v=spf1 +all"], false),
            (&["v=spf1 a all"], false),
            (&["v=spf1 ~all", "v=spf1 -all"], false),
            (&[], false),
        ] {
            assert_eq!(spf(&texts(records)).help.is_none(), is_right, "{records:?}");
        }
        for (records, is_right) in [
            (&["v=DMARC1; p=none"][..], true),
            (&["v=DMARC1;p=reject; sp=none"], true),
            (&["v=DMARC1; sp=none"], false),
            (&["v=DMARC1; p=all"], false),
            (&["v=DMARC1; p=none", "v=DMARC1; p=reject"], false),
            (&["v=spf1 -all"], false),
        ] {
            assert_eq!(dmarc("a@b.org", &texts(records)).help.is_none(), is_right, "{records:?}");
        }
        for (record, is_right) in [
            ("v=DKIM1; k=rsa; p=MIGf", true),
            ("p=MIGf", true),
            ("v=DKIM1; p=", false),
            ("", false),
        ] {
            let keys = [("s1".to_owned(), record.to_owned())];
            assert_eq!(dkim(&keys).help.is_none(), is_right, "{record}");
        }
    }
}
