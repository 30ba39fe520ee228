//! `daisy new`.
use super::Voice;
use crate::build::Failure;
use crate::cli::New;
pub(super) fn run(_voice: &Voice, _arguments: &New) -> Result<(), Failure> {
    Err(Failure::Machine("not yet".to_owned()))
}
