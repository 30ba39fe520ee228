//! Prevents concurrent publishes. Uses the network and one file under `.daisy/`.
//!
//! The lock is an S3 object that is created only if it does not exist (conditional writes) and is
//! renewed every few seconds. A lock that has not been renewed within its lease belongs to a dead
//! process and is taken over if it is still unchanged. All times are the bucket's, so a wrong clock
//! cannot break a lock. A lock left by the last run in this folder needs no wait: the kernel releases a
//! file lock when a process dies, which proves that it is dead.

#![allow(clippy::disallowed_methods, reason = "performs I/O")]

use std::fs::{self, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use daisychain_functions::clock::Clock;
use serde::{Deserialize, Serialize};

use super::Error;
use super::bucket::Bucket;

const KEY: &str = "releases/lock.json";

/// How long a holder that does not renew the lock counts as alive.
pub const LEASE: Duration = Duration::from_secs(60);

/// The content of the lock object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Holder {
    /// A random name, unique to the run.
    token: String,
    /// Who holds the lock, shown to others.
    by: String,
    /// The number of writes: it makes each one's content, and so its ETag, unique.
    put: u64,
}

/// The lock of a bucket, held by this process.
pub struct Lock {
    bucket: Bucket,
    holder: Holder,
    lease: Duration,
    /// The ETag of the lock as last written, and all versions of it that were written or taken over.
    tag: String,
    versions: Vec<String>,
    /// Locked; the kernel releases it when the process ends.
    _file: File,
}

/// A lock held by another process.
struct Held {
    holder: Holder,
    tag: String,
    version: Option<String>,
    age: Duration,
}

impl Lock {
    /// Acquires the lock for a run in the site's folder `root`; `by` names the person.
    ///
    /// # Errors
    /// Another publish is running, or the bucket cannot be reached.
    pub async fn take(
        bucket: &Bucket,
        root: &Path,
        by: &str,
        lease: Duration,
    ) -> Result<Lock, Error> {
        let (mut file, before) = local(root)?;
        let token = daisychain_functions::id::ulid(Clock::system().now());
        let holder = Holder { token, by: by.to_owned(), put: 0 };
        // Written first: if this run fails, the next run here recognises the lock.
        note(&mut file, &holder.token)?;
        let mut lock = Lock {
            bucket: bucket.clone(),
            holder,
            lease,
            tag: String::new(),
            versions: Vec::new(),
            _file: file,
        };
        // Retries if the other run ended between the two requests.
        for _ in 0..3 {
            let date = match lock.put(None).await? {
                Put::Done => return Ok(lock),
                Put::Taken(date) => date,
            };
            let Some(held) = lock.held(date).await? else { continue };
            if lock.is_ours(&held) {
                return Ok(lock);
            }
            if held.age < lease && held.holder.token != before {
                return Err(Error::Locked { by: held.holder.by, lease_seconds: lease.as_secs() });
            }
            lock.versions.extend(held.version);
            if let Put::Done = lock.put(Some(&held.tag)).await? {
                return Ok(lock);
            }
            lock.versions.clear();
        }
        Err(Error::Contended)
    }

    /// Renews the lock until it is lost, and returns why: then nothing more may be changed.
    pub async fn hold(&mut self) -> Error {
        let mut last = Instant::now();
        loop {
            tokio::time::sleep(self.lease / 4).await;
            let tag = self.tag.clone();
            match tokio::time::timeout(self.lease / 4, self.put(Some(&tag))).await {
                Ok(Ok(Put::Done)) => last = Instant::now(),
                Ok(Ok(Put::Taken(date))) => match self.held(date).await {
                    Ok(Some(held)) if self.is_ours(&held) => last = Instant::now(),
                    _ => return Error::Replaced,
                },
                Ok(Err(_)) | Err(_) if last.elapsed() < self.lease / 2 => {}
                Ok(Err(why)) => return why,
                Err(_) => return Error::Unresponsive,
            }
        }
    }

    /// Releases the lock. If that fails, its lease expires.
    pub async fn release(self) {
        let versions =
            self.versions.iter().map(|id| (KEY.to_owned(), Some(id.clone()))).collect::<Vec<_>>();
        let _ = self.bucket.delete(&versions).await;
    }

    /// Whether the lock is ours: a write succeeded but its response was lost.
    fn is_ours(&mut self, held: &Held) -> bool {
        let is_ours = held.holder.token == self.holder.token;
        if is_ours {
            self.tag.clone_from(&held.tag);
            self.versions.extend(held.version.clone());
        }
        is_ours
    }

    /// Writes the lock if there is none, or if its ETag is still `tag`.
    async fn put(&mut self, tag: Option<&str>) -> Result<Put, Error> {
        self.holder.put += 1;
        let text = serde_json::to_vec(&self.holder)?;
        let call = self.bucket.client.put_object().bucket(&self.bucket.name).key(KEY);
        let call = call.content_type("application/json").body(ByteStream::from(text));
        let call = match tag {
            Some(tag) => call.if_match(tag),
            None => call.if_none_match("*"),
        };
        match call.send().await {
            Ok(sent) => {
                let former = std::mem::take(&mut self.versions);
                self.tag = sent.e_tag.unwrap_or_default();
                self.versions.extend(sent.version_id);
                let former: Vec<_> =
                    former.into_iter().map(|id| (KEY.to_owned(), Some(id))).collect();
                // If this fails, the former version remains but is no longer current.
                let _ = self.bucket.delete(&former).await;
                Ok(Put::Done)
            }
            Err(error) => {
                let date = error.raw_response().and_then(|answer| answer.headers().get("date"));
                let date =
                    date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
                if is_refused(error.as_service_error()) {
                    return Ok(Put::Taken(date));
                }
                Err(self.bucket.failed("write the lock", &error))
            }
        }
    }

    /// The current lock, or `None` if it was released meanwhile.
    async fn held(&self, date: Option<DateTime>) -> Result<Option<Held>, Error> {
        let call = self.bucket.client.get_object().bucket(&self.bucket.name).key(KEY).send();
        let Ok(answer) = call.await else { return Ok(None) };
        let put = answer.last_modified.map_or(i64::MAX, |moment| moment.secs());
        let age = date.map_or(0, |date| date.secs().saturating_sub(put).max(0));
        let age = Duration::from_secs(u64::try_from(age).unwrap_or_default());
        let (tag, version) = (answer.e_tag.unwrap_or_default(), answer.version_id);
        let bytes = answer.body.collect().await?;
        let holder = serde_json::from_slice(&bytes.into_bytes()).unwrap_or_default();
        Ok(Some(Held { holder, tag, version, age }))
    }
}

enum Put {
    Done,
    /// Another process holds it; with the bucket's time.
    Taken(Option<DateTime>),
}

/// Whether a condition failed, or a concurrent write conflicted.
fn is_refused(error: Option<&PutObjectError>) -> bool {
    let code = error.and_then(|error| error.code());
    matches!(code, Some("PreconditionFailed" | "ConditionalRequestConflict" | "NoSuchKey"))
}

/// Locks out a second run in this folder; returns the token of the last one.
fn local(root: &Path) -> Result<(File, String), Error> {
    let path = root.join(".daisy/publish.lock");
    fs::create_dir_all(root.join(".daisy"))?;
    let mut options = File::options();
    let file = options.read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = file?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::LockedHere),
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let mut before = String::new();
    // An unreadable file counts as no previous run.
    let _ = file.read_to_string(&mut before);
    Ok((file, before))
}

fn note(file: &mut File, token: &str) -> Result<(), Error> {
    let written = file.rewind().and_then(|()| file.set_len(0)).and_then(|()| {
        file.write_all(token.as_bytes())?;
        file.sync_all()
    });
    Ok(written?)
}
