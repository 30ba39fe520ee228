//! `daisy init`.
use super::Voice;
use crate::build::Failure;
use crate::cli::Init;
pub(super) fn run(_voice: &Voice, _arguments: &Init) -> Result<(), Failure> {
    Err(Failure::Machine("not yet".to_owned()))
}
