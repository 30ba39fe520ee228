//! Puts what an earlier version stored under the hashes of today, and makes one subscriber of two. Pure.

use super::{Person, PersonMove, Reply, Subscription};
use crate::form::Form;
use crate::hashes::{self, Hashes};
use crate::secret_keys::Keys;

impl Reply {
    /// The same reply with the hashes of every way to reach the person, by `form`, which is the
    /// definition that they answered.
    pub(crate) fn rehashed(&self, keys: &Keys, form: &Form) -> Reply {
        let (contacts, mailboxes) = hashes::of_submission(keys, form, &self.submission);
        match contacts.first() {
            Some(first) => {
                Reply { person: Some(first.clone()), contacts, mailboxes, ..self.clone() }
            }
            // What the definition calls a contact today may have been none then.
            None => self.clone(),
        }
    }
}

impl PersonMove {
    /// Moves a subscriber to the hashes of today, where `there` may be known already.
    pub(crate) fn new(from: Person, hashes: &Hashes, there: Option<Person>) -> PersonMove {
        let moved = Person {
            hash: hashes.person.clone(),
            mailbox: hashes.mailbox.clone().filter(|_| from.email.is_some()),
            ..from.clone()
        };
        let expected = there.as_ref().map(|there| there.version);
        let mut person = match there {
            Some(there) => there.merged(moved),
            None => moved,
        };
        person.version += 1;
        PersonMove { from, person, expected }
    }
}

impl Person {
    /// One subscriber of two that are the same person: under the hash and the reference of this one,
    /// with the strongest of what both wished.
    fn merged(self, other: Person) -> Person {
        let (hash, reference, version) = (self.hash.clone(), self.reference.clone(), self.version);
        let mut mailed = [self.mailed.as_slice(), &other.mailed].concat();
        mailed.sort_unstable();
        let (strong, weak) = match strength(&other) > strength(&self) {
            true => (other, self),
            false => (self, other),
        };
        let both_pending = strong.state == weak.state && strong.state == Subscription::Pending;
        // A link that was sent later is the one that is used; where no address is kept, none works.
        let later = strong.email.is_some() && weak.nonce_until > strong.nonce_until;
        let (nonce, nonce_until) = match later {
            true => (weak.nonce, weak.nonce_until),
            false => (strong.nonce, strong.nonce_until),
        };
        Person {
            hash,
            reference,
            version,
            mailed,
            nonce,
            nonce_until,
            expires: if both_pending { strong.expires.max(weak.expires) } else { strong.expires },
            before: strong.before.or(weak.before.filter(|_| both_pending)),
            ..strong
        }
    }
}

/// Which of two wishes holds: not to be written to before to be, and that before nothing confirmed. Of
/// equals, the later one.
fn strength(person: &Person) -> (u8, i64) {
    let strength = match person.state {
        Subscription::Complained => 4,
        Subscription::Erased => 3,
        Subscription::Unsubscribed => 2,
        Subscription::Active => 1,
        Subscription::Bounced | Subscription::Pending => 0,
    };
    (strength, person.since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(state: Subscription, since: i64) -> Person {
        let kept =
            matches!(state, Subscription::Active | Subscription::Pending | Subscription::Bounced);
        Person {
            form: "newsletter".to_owned(),
            hash: format!("{}-{since}", state.word()),
            mailbox: None,
            reference: format!("reference-{since}"),
            email: kept.then(|| "rose@example.org".to_owned()),
            state,
            nonce: format!("nonce-{since}"),
            nonce_until: since,
            definition: String::new(),
            language: None,
            since,
            mailed: vec![since],
            expires: (state == Subscription::Pending).then_some(since + 7),
            before: None,
            version: 3,
        }
    }

    #[test]
    fn the_strongest_wish_holds_whichever_comes_first() {
        use Subscription::{Active, Bounced, Complained, Erased, Pending, Unsubscribed};
        let order = [Complained, Erased, Unsubscribed, Active, Pending];
        for (at, strong) in order.into_iter().enumerate() {
            for weak in order.into_iter().skip(at) {
                for (one, other) in [(strong, weak), (weak, strong)] {
                    let hashes = Hashes::only("identity".to_owned());
                    let there = Person { hash: "identity".to_owned(), ..person(one, 1) };
                    let moved = PersonMove::new(person(other, 2), &hashes, Some(there));
                    let merged = &moved.person;
                    assert_eq!((moved.expected, merged.version), (Some(3), 4));
                    assert_eq!(merged.state, strong, "{one:?} {other:?}");
                    assert_eq!(merged.email.is_some(), matches!(strong, Active | Pending));
                    assert_eq!(
                        (merged.hash.as_str(), merged.reference.as_str()),
                        ("identity", "reference-1")
                    );
                    assert_eq!(merged.mailed, [1, 2]);
                }
            }
        }
        for (one, other) in [(Bounced, Pending), (Pending, Bounced)] {
            // What came later is so now.
            let merged = person(one, 1).merged(person(other, 2));
            assert_eq!(merged.state, other);
        }
        let merged = person(Active, 1).merged(person(Pending, 2));
        assert_eq!((merged.nonce.as_str(), merged.expires), ("nonce-2", None));
        let erased = Person { before: Some(Erased), ..person(Pending, 1) };
        assert_eq!(erased.merged(person(Pending, 2)).before, Some(Erased));
    }
}
