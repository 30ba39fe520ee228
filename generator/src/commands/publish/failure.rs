//! Why a release was not published, besides failures of AWS and of the build.

use std::io;

use crate::publish;

/// Why a release was not published.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum PublishFailure {
    /// The sources changed during the publish.
    #[error("a file changed during the build; publish again")]
    Changed,
    /// The bucket is not as it was when the changes were confirmed.
    #[error("someone else has published in the meantime; publish again to review the changes")]
    Overtaken,
    /// It stopped between two steps.
    #[error(
        "{0}\nthe publish did not finish; visitors still see a complete site, and the next publish \
         will continue from here"
    )]
    Unfinished(#[source] publish::Error),
    /// A rollback of a bucket without a release.
    #[error("nothing has been published here yet, so there is nothing to return to")]
    NoRelease,
    /// A rollback of the first release.
    #[error("there is no earlier release to return to")]
    NoEarlierRelease,
    /// The record of the release was deleted.
    #[error("the release `{0}` is no longer in the bucket")]
    ReleaseGone(String),
    /// The table of forms cannot be read.
    #[error("cannot read the table of forms `{table}`: {why}")]
    UnreadableTable {
        /// Its name.
        table: String,
        /// Why.
        why: String,
    },
    /// The confirmation could not be asked for.
    #[error("cannot ask: {0}")]
    CannotAsk(#[source] io::Error),
    /// There is no one to confirm it.
    #[error("not a terminal, so cannot ask for confirmation; to publish without it, add `--yes`")]
    NoTerminal,
}
