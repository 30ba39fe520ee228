//! Takes in the replies that a person answers, and says which states they go through.

pub(crate) mod record;
mod submit;
pub mod workflow;

pub(crate) use submit::Sent;
