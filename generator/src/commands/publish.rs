//! `daisy publish`: shows what will change for visitors, asks for confirmation and publishes. Reads the
//! disk; uses the network.

use super::Console;
use super::Error;
use crate::cli::Publish;
#[cfg(feature = "publish")]
use crate::cli::Words;

#[cfg(feature = "publish")]
mod failure;
#[cfg(feature = "publish")]
mod prepare;
#[cfg(feature = "publish")]
mod workflow;

#[cfg(feature = "publish")]
pub(super) use failure::PublishFailure;

#[cfg(feature = "publish")]
pub(super) fn run(console: &Console, arguments: &Publish) -> Result<(), Error> {
    let runtime = super::runtime()?;
    let done = runtime.block_on(workflow::run(console, arguments));
    if let (Err(Error::Content(found)), Words::Github) = (&done, arguments.format) {
        console.annotations(found);
    }
    done
}

#[cfg(not(feature = "publish"))]
pub(super) fn run(_: &Console, _: &Publish) -> Result<(), Error> {
    Err(Error::WithoutPublish)
}
