//! An S3 bucket with a site: files below `site/`, which CloudFront may read, and records of releases
//! below `releases/`, which are private. Uses the network.

use std::fmt::Display;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier};
use daisychain_functions::failpoint;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::plan::Version;
use super::release::Release;
use super::{Error, cache_control};
use crate::media_type;
use crate::outputs::{redirect, removed};
use crate::url;

/// The prefix of the site's files.
pub const SITE: &str = "site/";
const CURRENT: &str = "releases/current.json";
const UNFINISHED: &str = "releases/unfinished.json";
/// The maximum number of objects that one request deletes.
const DELETE_BATCH_SIZE: usize = 1_000;

/// A bucket.
#[derive(Clone)]
pub struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
}

/// The record of a publish in progress: a run that finds it must finish another's work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unfinished {
    /// The release in progress.
    pub id: String,
    /// The release that a rollback restores.
    pub returned_to: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Current {
    id: String,
}

impl Bucket {
    /// The bucket `name`, with the AWS configuration of the environment.
    pub fn new(config: &aws_config::SdkConfig, name: &str) -> Bucket {
        let mut settings = aws_sdk_s3::config::Builder::from(config);
        // Emulators have no host name per bucket.
        settings.set_force_path_style(config.endpoint_url().map(|_| true));
        Bucket { client: Client::from_conf(settings.build()), name: name.to_owned() }
    }

    /// Checks that the bucket is versioned: a rollback needs former versions.
    ///
    /// # Errors
    /// It is not versioned, or cannot be reached.
    pub async fn check(&self) -> Result<(), Error> {
        let call = self.client.get_bucket_versioning().bucket(&self.name).send();
        let answer = call.await.map_err(|error| self.failed("read its settings", &error))?;
        if answer.status() == Some(&BucketVersioningStatus::Enabled) {
            return Ok(());
        }
        Err(Error::NotVersioned(self.name.clone()))
    }

    /// Lists every version of every file of the site.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn versions(&self) -> Result<Vec<Version>, Error> {
        let mut found = Vec::new();
        let (mut key, mut version) = (None, None);
        loop {
            let call = self.client.list_object_versions().bucket(&self.name).prefix(SITE);
            let call = call.set_key_marker(key).set_version_id_marker(version).send();
            let page = call.await.map_err(|error| self.failed("list its files", &error))?;
            let note = |key: Option<&str>, id: Option<&str>, latest: Option<bool>, marker| {
                let path = key?.strip_prefix(SITE)?.to_owned();
                let id = id.unwrap_or("null").to_owned();
                Some(Version { path, id, latest: latest.unwrap_or_default(), marker })
            };
            let versions = page.versions().iter();
            found.extend(
                versions.filter_map(|it| note(it.key(), it.version_id(), it.is_latest(), false)),
            );
            let markers = page.delete_markers().iter();
            found.extend(
                markers.filter_map(|it| note(it.key(), it.version_id(), it.is_latest(), true)),
            );
            (key, version) = (page.next_key_marker, page.next_version_id_marker);
            if key.is_none() || page.is_truncated != Some(true) {
                return Ok(found);
            }
        }
    }

    /// Uploads a file (`is_fingerprinted` if its name contains its digest); returns its version.
    ///
    /// # Errors
    /// The upload failed.
    pub async fn put(
        &self,
        path: &str,
        is_fingerprinted: bool,
        bytes: Vec<u8>,
    ) -> Result<String, Error> {
        let call = self.client.put_object().bucket(&self.name).key(format!("{SITE}{path}"));
        let cache = cache_control(is_fingerprinted);
        let call = call.content_type(media_type::of(path)).cache_control(cache);
        // CloudFront turns this metadata into a redirect or a status. (S3's own redirect metadata is lost when an
        // object is copied.)
        let leads_to = redirect::leads_to(&bytes).map(|to| ("location".to_owned(), to));
        let gone = removed::is_removed(&bytes).then(|| ("status".to_owned(), "410".to_owned()));
        let call = call.set_metadata(leads_to.or(gone).map(|said| [said].into()));
        let sent = call.body(ByteStream::from(bytes)).send().await;
        let sent = sent.map_err(|error| self.failed(&format!("upload `{path}`"), &error))?;
        failpoint::pass("publish: a file is uploaded");
        Ok(sent.version_id.unwrap_or_else(|| "null".to_owned()))
    }

    /// Makes a former version of a file the current one; returns its new version.
    ///
    /// # Errors
    /// The copy failed.
    pub async fn copy(&self, path: &str, version: &str) -> Result<String, Error> {
        let key = format!("{SITE}{path}");
        let source = format!("{}/{}?versionId={version}", self.name, url::encode(&key));
        let call = self.client.copy_object().bucket(&self.name).key(&key).copy_source(source);
        let sent = call.send().await;
        let sent = sent.map_err(|error| self.failed(&format!("restore `{path}`"), &error))?;
        failpoint::pass("publish: a file is restored");
        Ok(sent.version_id.unwrap_or_else(|| "null".to_owned()))
    }

    /// Removes files from the site; returns their delete markers.
    ///
    /// # Errors
    /// A file could not be removed.
    pub async fn remove(&self, paths: &[String]) -> Result<Vec<Version>, Error> {
        let all: Vec<(String, Option<String>)> =
            paths.iter().map(|path| (format!("{SITE}{path}"), None)).collect();
        self.delete(&all).await
    }

    /// Deletes versions permanently: first those with content, then delete markers, since without a
    /// marker the next older version would become visible.
    ///
    /// # Errors
    /// A version could not be deleted.
    pub async fn purge(&self, versions: &[Version]) -> Result<(), Error> {
        for marker in [false, true] {
            let all: Vec<(String, Option<String>)> = versions
                .iter()
                .filter(|version| version.marker == marker)
                .map(|version| (format!("{SITE}{}", version.path), Some(version.id.clone())))
                .collect();
            self.delete(&all).await?;
        }
        Ok(())
    }

    pub(super) async fn delete(
        &self,
        all: &[(String, Option<String>)],
    ) -> Result<Vec<Version>, Error> {
        let mut markers = Vec::new();
        for some in all.chunks(DELETE_BATCH_SIZE) {
            let mut delete = Delete::builder();
            for (key, version) in some {
                let object = ObjectIdentifier::builder().key(key).set_version_id(version.clone());
                delete = delete.objects(object.build()?);
            }
            let delete = delete.build()?;
            let call = self.client.delete_objects().bucket(&self.name).delete(delete).send();
            let answer = call.await.map_err(|error| self.failed("delete files", &error))?;
            failpoint::pass("publish: files are deleted");
            if let Some(error) = answer.errors().first() {
                let (key, message) = (error.key(), error.message());
                return Err(Error::NotDeleted {
                    bucket: self.name.clone(),
                    key: key.unwrap_or_default().to_owned(),
                    reason: message.unwrap_or("no reason given").to_owned(),
                });
            }
            markers.extend(answer.deleted().iter().filter_map(|each| {
                let path = each.key()?.strip_prefix(SITE)?.to_owned();
                let id = each.delete_marker_version_id()?.to_owned();
                Some(Version { path, id, latest: true, marker: true })
            }));
        }
        Ok(markers)
    }

    /// The releases that can be restored: the current one, the one before, and so on.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn releases(&self, most: usize) -> Result<Vec<Release>, Error> {
        let mut releases: Vec<Release> = Vec::new();
        let mut next = self.read::<Current>(CURRENT).await?.map(|current| current.id);
        while let Some(id) = next.take().filter(|_| releases.len() < most) {
            let Some(release) = self.release(&id).await? else { break };
            next.clone_from(&release.before);
            releases.push(release);
        }
        Ok(releases)
    }

    /// The release with this id.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn release(&self, id: &str) -> Result<Option<Release>, Error> {
        self.read(&format!("releases/{id}.json")).await
    }

    /// Stores a release as the current one.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn keep(&self, release: &Release) -> Result<(), Error> {
        self.write(&format!("releases/{}.json", release.id), release).await?;
        self.write(CURRENT, &Current { id: release.id.clone() }).await?;
        Ok(())
    }

    /// The record of an interrupted publish.
    ///
    /// # Errors
    /// The bucket cannot be read.
    pub async fn unfinished(&self) -> Result<Option<Unfinished>, Error> {
        self.read(UNFINISHED).await
    }

    /// Records that a publish has started.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn begin(&self, unfinished: &Unfinished) -> Result<(), Error> {
        self.write(UNFINISHED, unfinished).await
    }

    /// Records that a publish is complete.
    ///
    /// # Errors
    /// The bucket cannot be written.
    pub async fn finish(&self) -> Result<(), Error> {
        self.delete(&[(UNFINISHED.to_owned(), None)]).await.map(drop)
    }

    async fn read<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        let sent = self.client.get_object().bucket(&self.name).key(key).send().await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error)
                if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(self.failed(&format!("read `{key}`"), &error)),
        };
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|_| Error::Interrupted(key.to_owned()))?;
        let value = serde_json::from_slice(&bytes.into_bytes());
        value.map(Some).map_err(|source| Error::Record {
            bucket: self.name.clone(),
            key: key.to_owned(),
            source,
        })
    }

    async fn write(&self, key: &str, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_vec(value)?;
        let call = self.client.put_object().bucket(&self.name).key(key);
        let call = call.content_type("application/json").body(ByteStream::from(text)).send();
        call.await.map_err(|error| self.failed(&format!("write `{key}`"), &error))?;
        failpoint::pass("publish: a record is written");
        Ok(())
    }

    /// The error of a request that should have done `action`.
    pub(super) fn failed<E>(&self, action: &str, error: &SdkError<E>) -> Error
    where
        E: ProvideErrorMetadata + Display,
        SdkError<E>: std::error::Error,
    {
        let reason = match error {
            SdkError::ServiceError(error) => {
                let error = error.err();
                match (error.code(), error.message()) {
                    (Some("NoSuchBucket"), _) => "the bucket does not exist".to_owned(),
                    (Some(code), Some(message)) => format!("{code}: {message}"),
                    (code, _) => code.unwrap_or("unknown error").to_owned(),
                }
            }
            SdkError::TimeoutError(_) => "no response in time".to_owned(),
            SdkError::DispatchFailure(failure) if failure.is_other() => {
                "no AWS credentials found; sign in first, for example with `aws sso login`"
                    .to_owned()
            }
            other => aws_sdk_s3::error::DisplayErrorContext(other).to_string(),
        };
        Error::Bucket { bucket: self.name.clone(), action: action.to_owned(), reason }
    }
}
