//! The workflow of a publish: find the target, prepare the site, show the changes and ask for
//! confirmation; then, under the lock, apply them.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use aws_config::SdkConfig;
use daisychain_functions::aws;
use daisychain_functions::clock::Clock;
use daisychain_functions::form::Definition;
use daisychain_functions::store::dynamodb::{self, DynamoDb, DynamoDbError};
use daisychain_functions::store::{Definitions as _, StoreError};

use super::PublishFailure;
use super::prepare::{self, Prepared};
use crate::cli::Publish;
use crate::commands::Console;
use crate::commands::Error;
use crate::commands::build::now;
use crate::publish::apply::{Places, carry};
use crate::publish::bucket::{Bucket, Unfinished};
use crate::publish::lock::{LEASE, Lock};
use crate::publish::plan::{Account, Known, Plan, Version, plan};
use crate::publish::release::Release;
use crate::publish::rollback::{self, Return};
use crate::publish::stack::{self, Target};
use crate::publish::{self, REMEMBERED};

/// The timeout of one AWS call including retries: a video on a slow connection takes its time.
const LIMIT: Duration = Duration::from_secs(240);
/// The maximum number of addresses listed before the rest are only counted.
const NAMED: usize = 12;

pub(super) async fn run(console: &Console, arguments: &Publish) -> Result<(), Error> {
    let config = aws::config(arguments.endpoint.as_deref(), LIMIT).await;
    let target = target(&config, arguments).await?;
    let now = now(None)?;
    let bucket = Bucket::new(&config, &target.bucket);
    if arguments.due && !is_due(console, &bucket, now).await? {
        return Ok(());
    }
    let site = if arguments.rollback {
        None
    } else {
        let address = address(console, arguments, &target);
        Some(prepare::prepare(console, address, target.functions.as_ref(), now)?)
    };
    let table = match &target.table {
        Some(table) => Some(connect(arguments, table).await),
        None => None,
    };
    let (id, forget) = (id(now), arguments.forget);
    let work = Work { console, bucket, config, target, table, now, id, forget, site };
    work.go(arguments).await
}

/// The target: the outputs of the stack, or the bucket from the arguments.
async fn target(config: &SdkConfig, arguments: &Publish) -> Result<Target, publish::Error> {
    match (&arguments.stack, &arguments.bucket) {
        (Some(stack), _) => stack::describe(config, stack).await,
        (None, bucket) => Ok(Target {
            bucket: bucket.clone().unwrap_or_default(),
            distribution: arguments.distribution.clone(),
            table: arguments.table.clone(),
            site_url: None,
            functions: None,
        }),
    }
}

/// Whether a page appears or expires between the last publish and now; prints when the next one does.
async fn is_due(console: &Console, bucket: &Bucket, now: i64) -> Result<bool, Error> {
    let releases = bucket.releases(1).await?;
    let Some(last) = releases.first() else { return Ok(true) };
    let next = prepare::next_moment(console, last.made)?;
    let words = match next.and_then(|next| jiff::Timestamp::from_second(next).ok()) {
        Some(next) if next.as_second() <= now => {
            console.say(&format!("due: a page appeared or expired at {next}"));
            return Ok(true);
        }
        Some(next) => format!("nothing to publish before {next}"),
        None => "nothing to publish: no page is waiting to appear or expire".to_owned(),
    };
    console.say(&words);
    Ok(false)
}

/// The address the site is built for: from the arguments, `site.yaml` or the stack.
fn address(console: &Console, arguments: &Publish, target: &Target) -> Option<String> {
    if arguments.base_url.is_some() {
        return arguments.base_url.clone();
    }
    match (prepare::own_address(console), &target.site_url) {
        (None, stack) => stack.clone(),
        (Some(own), Some(stack)) if own != stack.trim_end_matches('/') => {
            console.warning(&format!(
                "`base_url` of the site is {own}, but this stack serves {stack}; if this is a \
                 test, set another address with `--base-url`"
            ));
            None
        }
        _ => None,
    }
}

async fn connect(arguments: &Publish, table: &str) -> DynamoDb {
    dynamodb::connect_for_commands(arguments.endpoint.as_deref(), table).await
}

/// A release id: the time, and a suffix for releases within one second.
fn id(now: i64) -> String {
    let moment = jiff::Timestamp::from_second(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let ulid = daisychain_functions::id::ulid(Clock::system().now()).to_lowercase();
    format!("{}-{}", moment.strftime("%Y%m%dT%H%M%SZ"), &ulid[ulid.len() - 6..])
}

/// One publish.
struct Work<'a> {
    console: &'a Console,
    config: SdkConfig,
    target: Target,
    bucket: Bucket,
    table: Option<DynamoDb>,
    now: i64,
    id: String,
    forget: bool,
    /// The site to publish; `None` for a rollback.
    site: Option<Prepared>,
}

/// The versions and records in the bucket.
#[derive(PartialEq)]
struct Seen {
    versions: Vec<Version>,
    releases: Vec<Release>,
    unfinished: Option<Unfinished>,
}

/// The planned changes, to be confirmed.
struct Proposal {
    plan: Plan,
    definitions: Vec<Definition>,
    /// The forms whose definitions in the table are missing or outdated.
    forms: Vec<String>,
    /// The forms in the table that the site no longer has.
    withdrawn: Vec<String>,
    /// Addresses of pages that are not restored.
    kept: Vec<String>,
}

impl Work<'_> {
    async fn go(&self, arguments: &Publish) -> Result<(), Error> {
        self.bucket.check().await?;
        let seen = self.look().await?;
        let proposal = self.propose(&seen).await?;
        let forms_stay = proposal.forms.is_empty() && proposal.withdrawn.is_empty();
        if proposal.plan.is_nothing() && forms_stay && seen.unfinished.is_none() {
            self.console.say("nothing to publish: the published site is up to date");
            return Ok(());
        }
        self.tell(&seen, &proposal);
        if !arguments.yes && !asked()? {
            self.console.say("nothing was changed");
            return Ok(());
        }
        let root = self.console.root();
        let lock = Lock::take(&self.bucket, root, &who(), LEASE).await;
        let mut lock = lock?;
        let done = tokio::select! {
            done = self.carry(&seen, proposal) => done,
            lost = lock.hold() => Err(lost.into()),
        };
        lock.release().await;
        done?;
        self.console.say(&match &self.target.site_url {
            Some(address) => format!("published: {address}"),
            None => format!("published to the bucket `{}`", self.target.bucket),
        });
        Ok(())
    }

    /// Applies the confirmed changes, unless the bucket has changed meanwhile.
    async fn carry(&self, seen: &Seen, proposal: Proposal) -> Result<(), Error> {
        if self.look().await? != *seen {
            return Err(PublishFailure::Overtaken.into());
        }
        let dist = self.site.as_ref().map_or_else(PathBuf::new, |site| site.dist.clone());
        let places = Places {
            bucket: &self.bucket,
            config: &self.config,
            distribution: self.target.distribution.as_deref(),
            table: self.table.as_ref(),
            dist: &dist,
        };
        let Proposal { plan, definitions, withdrawn, .. } = proposal;
        carry(&places, plan, &definitions, &withdrawn)
            .await
            .map_err(|why| PublishFailure::Unfinished(why).into())
    }

    async fn look(&self) -> Result<Seen, Error> {
        let read = async {
            let (versions, releases, unfinished) = tokio::try_join!(
                self.bucket.versions(),
                self.bucket.releases(REMEMBERED),
                self.bucket.unfinished()
            )?;
            Ok::<_, publish::Error>(Seen { versions, releases, unfinished })
        };
        Ok(read.await?)
    }

    async fn propose(&self, seen: &Seen) -> Result<Proposal, Error> {
        let known = Known {
            versions: &seen.versions,
            releases: &seen.releases,
            now: self.now,
            forget: self.forget,
            returns_to: None,
        };
        let mut proposal = match &self.site {
            Some(site) => Proposal {
                plan: plan(site.wanted.clone(), site.forms(), &known, &self.id),
                definitions: site.definitions.clone(),
                forms: Vec::new(),
                withdrawn: Vec::new(),
                kept: Vec::new(),
            },
            None => self.propose_return(seen, &known).await?,
        };
        proposal.forms = self.missing(&proposal.definitions).await?;
        proposal.withdrawn = self.withdrawn(&proposal.plan.release).await?;
        let current = seen.releases.first();
        let brought = proposal.plan.release.forms.iter().filter(|_| self.table.is_some());
        for (name, digest) in brought {
            let before = current.and_then(|release| release.forms.get(name));
            if before != Some(digest) && !proposal.forms.contains(name) {
                proposal.forms.push(name.clone());
            }
        }
        Ok(proposal)
    }

    /// Plans a rollback to the previous release; after an interrupted publish to the release before it;
    /// after an interrupted rollback to the release that it was to restore.
    async fn propose_return(&self, seen: &Seen, known: &Known<'_>) -> Result<Proposal, Error> {
        let current = seen.releases.first().ok_or(PublishFailure::NoRelease)?;
        let named = match &seen.unfinished {
            Some(Unfinished { returned_to: Some(id), .. }) => Some(id),
            Some(_) => Some(&current.id),
            None => current.before.as_ref(),
        };
        let named = named.ok_or(PublishFailure::NoEarlierRelease)?;
        let release = self.bucket.release(named).await?;
        let before = release.ok_or_else(|| PublishFailure::ReleaseGone(named.clone()))?;
        let holds = |path: &str, id: &str| {
            seen.versions.iter().any(|version| version.path == path && version.id == id)
        };
        let Return { wanted, kept } = rollback::back(current, &before, &holds);
        let known = Known { returns_to: Some(&before), ..*known };
        let plan = plan(wanted, before.forms.clone(), &known, &self.id);
        let mut definitions = Vec::new();
        if let Some(table) = &self.table {
            for (name, digest) in &before.forms {
                let found = table.definition(name, Some(digest)).await;
                definitions.extend(found.map_err(|error| self.unreadable(&error))?);
            }
        }
        Ok(Proposal { plan, definitions, forms: Vec::new(), withdrawn: Vec::new(), kept })
    }

    /// The forms whose definitions are not in the table.
    async fn missing(&self, definitions: &[Definition]) -> Result<Vec<String>, Error> {
        let Some(table) = &self.table else {
            if !definitions.is_empty() {
                self.console.warning(
                    "no table given, so the forms are not published; name it with `--table`",
                );
            }
            return Ok(Vec::new());
        };
        let mut missing = Vec::new();
        for Definition { form, .. } in definitions {
            let found = table.definition(form.name(), Some(&form.digest())).await;
            if found.map_err(|error| self.unreadable(&error))?.is_none() {
                missing.push(form.name().to_owned());
            }
        }
        Ok(missing)
    }

    /// The forms that the table has as forms of the site and the release does not.
    async fn withdrawn(&self, release: &Release) -> Result<Vec<String>, Error> {
        let Some(table) = &self.table else { return Ok(Vec::new()) };
        let known = table.forms().await.map_err(|error| self.unreadable(&error))?;
        let gone = known
            .into_iter()
            .filter(|form| !form.withdrawn && !release.forms.contains_key(&form.name));
        Ok(gone.map(|form| form.name).collect())
    }

    fn unreadable(&self, error: &StoreError) -> Error {
        let table = self.target.table.as_deref().unwrap_or_default();
        let missing = DynamoDbError::Code("ResourceNotFoundException".to_owned());
        let why = match *error == StoreError::DynamoDb(missing) {
            true => "the table does not exist".to_owned(),
            false => error.to_string(),
        };
        PublishFailure::UnreadableTable { table: table.to_owned(), why }.into()
    }

    /// Prints the planned changes.
    fn tell(&self, seen: &Seen, proposal: &Proposal) {
        let console = self.console;
        let Proposal { plan, forms, withdrawn, kept, .. } = proposal;
        let Account { new, changed, gone, files, files_gone, files_stay, .. } = &plan.account;
        if seen.unfinished.is_some() {
            console.say("the last publish did not finish; this one repairs it");
        }
        if let Some(id) = &plan.release.returned_to {
            console.say(&format!("returning to the release {id}"));
        }
        console.say(&plan.account.line());
        for (word, addresses) in [("new", new), ("changed", changed), ("deleted", gone)] {
            if !addresses.is_empty() {
                console.say(&format!("  {word}: {}", named(addresses)));
            }
        }
        console.say(&format!(
            "other files: {files} to upload, {files_gone} to delete, {files_stay} unchanged"
        ));
        if !forms.is_empty() {
            console.say(&format!("forms to publish: {}", forms.join(", ")));
        }
        if !withdrawn.is_empty() {
            console.say(&format!(
                "forms to withdraw (their replies are kept): {}",
                withdrawn.join(", ")
            ));
        }
        if !kept.is_empty() {
            console.say(&format!(
                "withdrawn pages stay withdrawn, with everything that refers to them: {}",
                named(kept)
            ));
        }
        if self.forget {
            console.say("earlier releases will be deleted; no one can return to them");
        } else if !gone.is_empty() {
            console.say(
                "deleted pages are removed from the bucket permanently; a rollback does not \
                       restore them",
            );
        }
    }
}

fn named(addresses: &[String]) -> String {
    let some = addresses.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match addresses.len().saturating_sub(NAMED) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}

/// Who publishes, shown to others who try to at the same time.
fn who() -> String {
    let names = ["GITHUB_ACTOR", "USER", "USERNAME"];
    let name =
        names.iter().find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()));
    name.unwrap_or_else(|| "somebody".to_owned())
}

fn asked() -> Result<bool, Error> {
    if !io::stdin().is_terminal() {
        return Err(PublishFailure::NoTerminal.into());
    }
    let mut out = io::stdout();
    write!(out, "Publish this? [y/N] ")
        .and_then(|()| out.flush())
        .map_err(PublishFailure::CannotAsk)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(PublishFailure::CannotAsk)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
