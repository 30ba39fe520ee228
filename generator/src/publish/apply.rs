//! Carries out a plan in order: assets, forms, pages, lists; then the record of the release; then
//! removals, of files first. Reads the output folder; uses the network.
//!
//! Forms come before the first page, because a page carries the digest of its form, and after the
//! assets, because a form's page loads them. If a run is interrupted at any point, visitors see a
//! consistent site: every file is entirely old or entirely new, and its links work. A form is withdrawn
//! once no page shows it.

use std::collections::HashMap;
use std::path::Path;

use aws_config::SdkConfig;
use daisychain_functions::failpoint;
use daisychain_functions::form::Definition;
use daisychain_functions::store::dynamodb::DynamoDb;
use daisychain_functions::store::{Definitions as _, StoreError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::Error;
use super::bucket::{Bucket, Unfinished};
use super::plan::{From, Plan, Wanted};
use super::stack;
use crate::source;

/// The number of concurrent uploads.
const MAX_CONCURRENT_FILES: usize = 16;

/// Where a plan is carried out.
pub struct Places<'a> {
    /// The bucket.
    pub bucket: &'a Bucket,
    /// The AWS configuration of the environment.
    pub config: &'a SdkConfig,
    /// The CloudFront distribution, if there is one.
    pub distribution: Option<&'a str>,
    /// The forms' table, if there is one.
    pub table: Option<&'a DynamoDb>,
    /// The output folder.
    pub dist: &'a Path,
}

/// Carries out a plan. `definitions` are the forms on its pages; `withdrawn` are the forms that the site
/// no longer has.
///
/// # Errors
/// Why it was interrupted. The next run continues from there.
pub async fn carry(
    places: &Places<'_>,
    plan: Plan,
    definitions: &[Definition],
    withdrawn: &[String],
) -> Result<(), Error> {
    let Plan { stages, removed, mut purged, invalidated, mut release, .. } = plan;
    let bucket = places.bucket;
    let returned_to = release.returned_to.clone();
    bucket.begin(&Unfinished { id: release.id.clone(), returned_to }).await?;
    let [assets, pages @ ..] = &stages;
    let mut versions: HashMap<String, String> = bring(places, assets).await?;
    if let Some(table) = places.table {
        for definition in definitions {
            let name = definition.form.name();
            table.publish(definition).await.map_err(|source| unwritten(name, source))?;
            failpoint::pass("publish: a form is stored");
        }
    }
    for stage in pages {
        versions.extend(bring(places, stage).await?);
    }
    for file in &mut release.files {
        if let Some(version) = versions.remove(&file.path) {
            file.version = version;
        }
    }
    bucket.keep(&release).await?;
    if let Some(distribution) = places.distribution.filter(|_| !invalidated.is_empty()) {
        tell(places, distribution, &invalidated, &release.id, !removed.is_empty()).await?;
    }
    if !removed.is_empty() {
        purged.extend(bucket.remove(&removed).await?);
        if let Some(distribution) = places.distribution {
            tell(places, distribution, &removed, &format!("{}-removed", release.id), false).await?;
        }
    }
    if let Some(table) = places.table {
        for name in withdrawn {
            table.withdraw(name).await.map_err(|source| unwritten(name, source))?;
            failpoint::pass("publish: a form is withdrawn");
        }
    }
    bucket.purge(&purged).await?;
    bucket.finish().await
}

/// Invalidates paths, and waits until CloudFront caches no old page that links to a removed file.
async fn tell(
    places: &Places<'_>,
    distribution: &str,
    paths: &[String],
    reference: &str,
    wait: bool,
) -> Result<(), Error> {
    let name = stack::invalidate(places.config, distribution, paths, reference).await?;
    if wait {
        stack::settle(places.config, distribution, &name).await;
    }
    Ok(())
}

/// Uploads files; returns their versions.
async fn bring(places: &Places<'_>, files: &[Wanted]) -> Result<HashMap<String, String>, Error> {
    let one = |file: &Wanted| {
        let (file, bucket) = (file.clone(), places.bucket.clone());
        let dist = places.dist.to_owned();
        async move {
            let version = match &file.from {
                From::Version(version) => bucket.copy(&file.path, version).await?,
                From::Disk => {
                    let bytes = source::output(&dist, &file.path)
                        .map_err(|source| Error::Read { path: dist.join(&file.path), source })?;
                    bucket.put(&file.path, file.is_fingerprinted, bytes).await?
                }
            };
            Ok((file.path, version))
        }
    };
    stream::iter(files.iter().map(one)).buffer_unordered(MAX_CONCURRENT_FILES).try_collect().await
}

/// The error for a form whose definition, or whose removal from the site, could not be stored.
fn unwritten(name: &str, source: StoreError) -> Error {
    Error::Form { name: name.to_owned(), source }
}
