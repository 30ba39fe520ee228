//! Looks at the site as it will be at each moment at which pages appear or expire: what is wrong then would be
//! found by a build that nobody watches. Pure.

use std::collections::BTreeMap;

use super::Diagnostic;
use crate::parse::Moment;
use crate::snapshot::Snapshot;

/// What will be wrong or doubtful after `now` (seconds since 1970) and is not yet, each told with the moment
/// from which it is so.
pub fn foretold(snapshot: &Snapshot, now: i64) -> Vec<Diagnostic> {
    let mut known = snapshot.site().expired_links();
    let mut foretold = Vec::new();
    for moment in moments(snapshot, now).into_values() {
        let found = match snapshot.site_at(moment.seconds) {
            Ok(site) => site.expired_links(),
            Err(faults) => faults,
        };
        for diagnostic in found {
            if !known.contains(&diagnostic) {
                known.push(diagnostic.clone());
                let message = format!("from {} on, {}", moment.iso(), diagnostic.message);
                foretold.push(Diagnostic { message, ..diagnostic });
            }
        }
    }
    foretold
}

/// The moments after `now` at which a page appears or expires, by their seconds since 1970.
fn moments(snapshot: &Snapshot, now: i64) -> BTreeMap<i64, Moment> {
    let fronts = snapshot.cards.iter().map(|known| &known.card.front);
    let written = fronts.flat_map(|front| [&front.publish_on, &front.expires_on]);
    let moments = written.flatten().map(|moment| (moment.value.seconds, moment.value));
    moments.filter(|(seconds, _)| *seconds > now).collect()
}
