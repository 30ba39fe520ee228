//! Checks the site as it will be at each moment at which pages appear or expire; otherwise only the
//! scheduled build of that day would find the problem.

use std::collections::{BTreeMap, HashSet};

use crate::diagnostic::Diagnostic;
use crate::engine::Snapshot;
use crate::parse::Moment;

/// The maximum number of moments checked: the site is assembled for each.
const MOMENTS: usize = 50;

/// Errors and warnings that will appear after `now` (Unix seconds), each with the first moment at which
/// it occurs, for the next [`MOMENTS`].
pub fn foretold(snapshot: &Snapshot, now: i64) -> Vec<Diagnostic> {
    let key = |found: &Diagnostic| {
        let place = found.place.map(|place| (place.line, place.column));
        (found.path.clone(), place, found.message.clone())
    };
    let mut known: HashSet<_> = snapshot.site().expired_links().iter().map(key).collect();
    let mut foretold = Vec::new();
    for moment in moments(snapshot, now).into_values().take(MOMENTS) {
        let (site, mut found) = snapshot.site_at(moment.seconds);
        found.extend(site.expired_links());
        for diagnostic in found {
            if known.insert(key(&diagnostic)) {
                let message = format!("from {} on, {}", moment.iso(), diagnostic.message);
                foretold.push(Diagnostic { message, ..diagnostic });
            }
        }
    }
    foretold
}

/// The moments after `now` at which a page appears or expires, by Unix seconds.
fn moments(snapshot: &Snapshot, now: i64) -> BTreeMap<i64, Moment> {
    let fronts = snapshot.taken_pages().iter().map(|known| &known.meta.front);
    let fronts = fronts.filter(|front| !front.draft);
    let moments = fronts.flat_map(|front| {
        let published = front.publish_on.as_ref().map(|moment| moment.value);
        [published, front.end().map(|end| end.moment)]
    });
    let moments = moments.flatten().map(|moment| (moment.seconds, moment));
    moments.filter(|(seconds, _)| *seconds > now).collect()
}
