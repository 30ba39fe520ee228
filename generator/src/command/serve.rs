//! `daisy serve`.
use super::Voice;
use crate::build::Failure;
use crate::cli::Serve;
pub(super) fn run(_voice: &Voice, _arguments: &Serve) -> Result<(), Failure> {
    Err(Failure::Machine("not yet".to_owned()))
}
