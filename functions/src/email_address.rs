//! Validates email addresses, and derives the address to send to, the identity of the person and the mailbox. Pure.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Whether mail servers accept an address: the limits of RFC 5321, no quoting, a dot in the domain, and only ASCII
/// before the `@`, because few servers support more (RFC 6531). Whether it exists, only a mail can show.
pub fn is_email(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let local_fits = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_fits = domain.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
        && labels.last().is_some_and(|last| last.chars().any(|c| !c.is_ascii_digit()));
    address.len() <= 254
        && local_fits
        && domain_fits
        && idna::domain_to_ascii(domain).is_ok_and(|ascii| {
            // Some characters normalise to several: `⑴` is `(1)`, a comment in an address.
            let signs = ascii.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
            let labels = ascii.split('.').count() == labels.len();
            signs && labels && local.len() + 1 + ascii.len() <= 254
        })
}

/// The address that mail is sent to: the domain in ASCII and lower case (`bücher.example` is `xn--bcher-kva.example`),
/// the local part as it was typed, because only its server knows its meaning.
pub fn sending_address(typed: &str) -> String {
    match typed.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", ascii_domain(domain)),
        None => typed.trim().to_owned(),
    }
}

/// The address by which a person is identified: in lower case and NFC, the domain in ASCII. A server may distinguish
/// `Rose@` and `rose@` (RFC 5321, 2.4), but none in common use does.
pub fn identity(address: &str) -> String {
    let sent_to = sending_address(address);
    match sent_to.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{domain}", lower_case(local)),
        None => lower_case(&sent_to),
    }
}

/// The canonical mailbox of an address: its identity without the tag after a `+`; for Gmail also without dots, and with
/// one of its two domains. Many addresses can reach one mailbox, so mail is limited and suppressed by mailbox, but no
/// one is identified by it.
pub fn canonical_mailbox(address: &str) -> String {
    let identity = identity(address);
    let Some((local, domain)) = identity.rsplit_once('@') else {
        return identity;
    };
    if domain == MAILBOX_SIMULATOR {
        return identity;
    }
    let untagged = match local.split_once('+') {
        Some((before, _)) if !before.is_empty() => before,
        _ => local,
    };
    if matches!(domain, "gmail.com" | "googlemail.com") {
        return format!("{}@gmail.com", untagged.replace('.', ""));
    }
    format!("{untagged}@{domain}")
}

/// Amazon SES's domain for tests, where tags distinguish tests:
/// <https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html>
const MAILBOX_SIMULATOR: &str = "simulator.amazonses.com";

/// Spellings of an address under which version 0.1, which kept the letter case of the local part, may have stored the
/// person: the given one, and those that people and their telephones commonly produce: `Rose.smith@`, `Rose.Smith@`,
/// `ROSE.SMITH@`.
pub(crate) fn earlier_identities(address: &str) -> Vec<String> {
    let (as_typed, identity) = (sending_address(address), identity(address));
    let Some((local, domain)) = identity.rsplit_once('@') else {
        return Vec::new();
    };
    let first = capitalised(local, |at, _| at == 0);
    let words = capitalised(local, |_, before| !before.is_some_and(char::is_alphanumeric));
    let others = [first, words, local.to_uppercase()].map(|local| format!("{local}@{domain}"));
    let mut earlier: Vec<String> = Vec::new();
    for spelling in [as_typed].into_iter().chain(others) {
        if spelling != identity && !earlier.contains(&spelling) {
            earlier.push(spelling);
        }
    }
    earlier
}

/// Capitalises the letters for which `is_upper` is true, given the letter's index and the letter before it.
fn capitalised(text: &str, is_upper: impl Fn(usize, Option<char>) -> bool) -> String {
    let mut before = None;
    let mut capitalised = String::with_capacity(text.len());
    for (at, letter) in text.chars().enumerate() {
        match is_upper(at, before) {
            true => capitalised.extend(letter.to_uppercase()),
            false => capitalised.push(letter),
        }
        before = Some(letter);
    }
    capitalised
}

fn ascii_domain(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| lower_case(domain))
}

fn lower_case(text: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    nfc.normalize(&nfc.normalize(text).to_lowercase()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of which each line is one person.
    const PEOPLE: [&[&str]; 6] = [
        &["rose@example.org", "Rose@example.org", "ROSE@EXAMPLE.ORG", " rose@Example.Org "],
        &["rose+news@example.org", "Rose+News@example.org"],
        &["o'hara@bücher.example", "O'Hara@BÜCHER.example", "o'hara@xn--bcher-kva.example"],
        &["r.ose@gmail.com", "R.Ose@Gmail.com"],
        &["rose@gmail.com", "ROSE@gmail.com"],
        &["jos\u{e9}@example.org", "Jose\u{301}@example.org", "JOS\u{c9}@example.org"],
    ];

    #[test]
    fn addresses_as_people_have_them() {
        for good in ["a@b.cd", "Rose+news@Example.org", "o'hara@x-y.co.uk", "a@مثال.إيران"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "rose",
            "rose@",
            "@b.cd",
            "a b@c.de",
            "a@b",
            "a@b..c",
            "a@-b.cd",
            "a@1.2",
            "a@b.cd\nBcc: x@y.zz",
            "a@b.cd,e@f.gh",
            "<a@b.cd>",
            "a..b@c.de",
            "زهرا@example.org",
            "a@evil⑴.com",
            "a@⒈com.org",
            "a@exam\u{200B}ple.org",
            "a@example。org",
            "a＠example.org",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_person_is_one_however_their_address_is_spelled() {
        for spellings in PEOPLE {
            for spelling in spellings {
                assert_eq!(identity(spelling), identity(spellings[0]), "{spelling}");
                assert_eq!(
                    canonical_mailbox(spelling),
                    canonical_mailbox(spellings[0]),
                    "{spelling}"
                );
                assert_eq!(identity(&identity(spelling)), identity(spelling));
                assert_eq!(
                    canonical_mailbox(&canonical_mailbox(spelling)),
                    canonical_mailbox(spelling)
                );
            }
        }
        let mut identities = PEOPLE.map(|spellings| identity(spellings[0])).to_vec();
        identities.sort_unstable();
        identities.dedup();
        assert_eq!(identities.len(), PEOPLE.len());
    }

    #[test]
    fn mail_goes_where_the_person_said() {
        assert_eq!(sending_address(" Rose+News@Example.ORG"), "Rose+News@example.org");
        assert_eq!(sending_address("a@Bücher.example"), "a@xn--bcher-kva.example");
        assert_eq!(sending_address("a@ｅxample.org"), "a@example.org");
        assert_eq!(sending_address("nobody"), "nobody");
    }

    #[test]
    fn addresses_that_reach_one_mailbox() {
        for (one, other) in [
            ("name@example.org", "Name+x@example.org"),
            ("name+a@example.org", "name+b+c@example.org"),
            ("j.doe@gmail.com", "jdoe+news@googlemail.com"),
            ("J.D.O.E@GMail.com", "jdoe@gmail.com"),
        ] {
            assert_eq!(canonical_mailbox(one), canonical_mailbox(other), "{one} {other}");
        }
        for (one, other) in [
            // Only Gmail is known to ignore dots.
            ("j.doe@example.org", "jdoe@example.org"),
            ("jdoe@gmail.com", "jdoe@example.org"),
            ("+a@example.org", "+b@example.org"),
            ("success+a@simulator.amazonses.com", "success+b@simulator.amazonses.com"),
        ] {
            assert_ne!(canonical_mailbox(one), canonical_mailbox(other), "{one} {other}");
        }
    }

    #[test]
    fn earlier_spellings_hold_each_that_was_usual_once() {
        let all = ["Rose.smith@x.org", "Rose.Smith@x.org", "ROSE.SMITH@x.org"];
        assert_eq!(earlier_identities("rose.smith@X.org"), all);
        assert_eq!(earlier_identities("Rose.Smith@x.org"), [all[1], all[0], all[2]]);
        assert_eq!(earlier_identities("rOse@x.org")[0], "rOse@x.org");
        assert_eq!(earlier_identities("123@x.org"), [""; 0]);
        assert_eq!(earlier_identities("none"), [""; 0]);
    }
}
