//! Turns a date as an editor writes it into a moment. Pure.

use serde::{Deserialize, Serialize};

/// A moment, with the offset it was meant in. A date alone is the start of its day in the site's
/// zone. Moments are ordered in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// Seconds east of Greenwich at that moment.
    pub offset: i32,
    /// Whether a time of day was written.
    pub timed: bool,
}
