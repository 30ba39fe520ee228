//! Moves records of earlier versions to current hashes, and merges two records of one subscriber. Pure.

use super::{StoredReply, Subscriber, SubscriberMove, SubscriptionState};
use crate::form::Form;
use crate::hashes::{self, Hashes};
use crate::search;
use crate::secret_keys::SecretKeys;

impl StoredReply {
    /// The same reply with the hashes of every contact and of every search term, by `form`, which is the definition that
    /// the person answered; `None` if it is lost.
    pub(crate) fn rehashed(&self, keys: &SecretKeys, form: Option<&Form>) -> StoredReply {
        let search = search::terms_of_reply(keys, &self.reference, form, &self.submission);
        let rehashed = StoredReply { search, ..self.clone() };
        let Some(form) = form else { return rehashed };
        let (contacts, mailboxes) = hashes::of_submission(keys, form, &self.submission);
        match contacts.first() {
            Some(first) => {
                StoredReply { person: Some(first.clone()), contacts, mailboxes, ..rehashed }
            }
            // The field that is a contact today may not have been one then.
            None => rehashed,
        }
    }
}

impl SubscriberMove {
    /// Moves a subscriber to current hashes, where the subscriber `there` may be stored already.
    pub(crate) fn new(
        from: Subscriber,
        hashes: &Hashes,
        there: Option<Subscriber>,
    ) -> SubscriberMove {
        let moved = Subscriber {
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
        SubscriberMove { from, person, expected }
    }
}

impl Subscriber {
    /// Merges two records of one person: with the hash and reference of this one, and the state that wins.
    fn merged(self, other: Subscriber) -> Subscriber {
        let (hash, reference, version) = (self.hash.clone(), self.reference.clone(), self.version);
        let mut mailed = [self.mailed.as_slice(), &other.mailed].concat();
        mailed.sort_unstable();
        let (strong, weak) = match precedence(&other) > precedence(&self) {
            true => (other, self),
            false => (self, other),
        };
        let both_pending = strong.state == weak.state && strong.state == SubscriptionState::Pending;
        // The later link is the one that is used. Without an address, no link works.
        let later = strong.email.is_some() && weak.nonce_until > strong.nonce_until;
        let (nonce, nonce_until) = match later {
            true => (weak.nonce, weak.nonce_until),
            false => (strong.nonce, strong.nonce_until),
        };
        Subscriber {
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

/// Which of two states wins: opting out before opting in, and that before anything unconfirmed. Of equals, the later
/// one.
fn precedence(person: &Subscriber) -> (u8, i64) {
    let precedence = match person.state {
        SubscriptionState::Complained => 4,
        SubscriptionState::Erased => 3,
        SubscriptionState::Unsubscribed => 2,
        SubscriptionState::Active => 1,
        SubscriptionState::Bounced | SubscriptionState::Pending => 0,
    };
    (precedence, person.since)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(state: SubscriptionState, since: i64) -> Subscriber {
        let kept = matches!(
            state,
            SubscriptionState::Active | SubscriptionState::Pending | SubscriptionState::Bounced
        );
        Subscriber {
            form: "newsletter".to_owned(),
            hash: format!("{}-{since}", state.as_str()),
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
            expires: (state == SubscriptionState::Pending).then_some(since + 7),
            before: None,
            version: 3,
        }
    }

    #[test]
    fn the_same_state_wins_in_either_order() {
        use SubscriptionState::{Active, Bounced, Complained, Erased, Pending, Unsubscribed};
        let order = [Complained, Erased, Unsubscribed, Active, Pending];
        for (at, strong) in order.into_iter().enumerate() {
            for weak in order.into_iter().skip(at) {
                for (one, other) in [(strong, weak), (weak, strong)] {
                    let hashes = Hashes::only("identity".to_owned());
                    let there = Subscriber { hash: "identity".to_owned(), ..person(one, 1) };
                    let moved = SubscriberMove::new(person(other, 2), &hashes, Some(there));
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
            // The later state wins.
            let merged = person(one, 1).merged(person(other, 2));
            assert_eq!(merged.state, other);
        }
        let merged = person(Active, 1).merged(person(Pending, 2));
        assert_eq!((merged.nonce.as_str(), merged.expires), ("nonce-2", None));
        let erased = Subscriber { before: Some(Erased), ..person(Pending, 1) };
        assert_eq!(erased.merged(person(Pending, 2)).before, Some(Erased));
    }
}
