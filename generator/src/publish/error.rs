//! Why a site cannot be published.

use std::io;
use std::path::PathBuf;

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::primitives::ByteStreamError;
use daisychain_functions::aws::CallError;
use daisychain_functions::store::StoreError;

use super::EDGE_TTL_SECONDS;

/// Why a site cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A request to a bucket failed.
    #[error("bucket `{bucket}`: cannot {action}: {reason}")]
    Bucket {
        /// The bucket.
        bucket: String,
        /// What was requested, such as ``upload `index.html` ``.
        action: String,
        /// Why it failed.
        reason: String,
    },
    /// A bucket keeps no versions.
    #[error(
        "the bucket `{0}` is not versioned, so no one could return to earlier releases; turn on versioning with \
         `aws s3api put-bucket-versioning --bucket {0} --versioning-configuration Status=Enabled`"
    )]
    NotVersioned(String),
    /// A file remains in a bucket.
    #[error("cannot delete `{key}` from the bucket `{bucket}`: {reason}")]
    NotDeleted {
        /// The bucket.
        bucket: String,
        /// The file.
        key: String,
        /// Why it remains.
        reason: String,
    },
    /// A record was received in part.
    #[error("the download of `{0}` from the bucket was interrupted")]
    Interrupted(String),
    /// A record in a bucket has another format.
    #[error("`{key}` in the bucket `{bucket}` cannot be read: {source}")]
    Record {
        /// The bucket.
        bucket: String,
        /// The record.
        key: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A record has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A request lacks something.
    #[error(transparent)]
    Request(#[from] BuildError),
    /// A response was received in part.
    #[error(transparent)]
    Response(#[from] ByteStreamError),
    /// Another run holds the lock.
    #[error(
        "{by} is publishing this site; wait until they have finished. If their publish was interrupted, the lock \
         expires {lease_seconds} seconds after its last renewal"
    )]
    Locked {
        /// The person who publishes.
        by: String,
        /// How long the lock is valid without renewal.
        lease_seconds: u64,
    },
    /// Other runs took the lock each time.
    #[error("someone else is publishing this site; wait until they have finished")]
    Contended,
    /// Another run on this computer holds the lock.
    #[error("another process is publishing this site from this folder; wait until it has finished")]
    LockedHere,
    /// The lock on this computer cannot be written.
    #[error("cannot write .daisy/publish.lock: {0}")]
    LockFile(#[from] io::Error),
    /// The lock expired, and another run took it.
    #[error(
        "this publish did not respond for a long time, so someone else started one; this one was stopped"
    )]
    Replaced,
    /// The lock could not be renewed in time.
    #[error("the bucket no longer responds; the publish was stopped")]
    Unresponsive,
    /// The environment names no region.
    #[error("no AWS region is set; set AWS_REGION")]
    NoRegion,
    /// The outputs of a stack cannot be read.
    #[error("cannot read the stack `{name}`: {source}")]
    Stack {
        /// The stack.
        name: String,
        /// Why the call failed.
        source: AwsError,
    },
    /// A stack has no bucket.
    #[error(
        "the stack `{0}` has no output `Bucket`, so it is not the stack of a site; create one with `make deploy`"
    )]
    NotASite(String),
    /// CloudFront still has the former pages.
    #[error(
        "cannot clear the CloudFront cache ({0}); it updates within {ttl} seconds, and the next publish tries again",
        ttl = EDGE_TTL_SECONDS
    )]
    Invalidation(#[source] AwsError),
    /// A file of the output folder cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A form is not in its table, or not marked there as withdrawn.
    #[error("cannot write the form `{name}` to its table: {source}")]
    Form {
        /// The form.
        name: String,
        /// The store's error.
        source: StoreError,
    },
}

/// Why a call to AWS failed.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// There was no response.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The message of the response.
    #[error("{0}")]
    Message(String),
    /// The HTTP status of a response without a message.
    #[error("AWS answered {0}")]
    Status(u16),
}
