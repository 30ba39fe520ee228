//! The replies that the team answers: how they are stored, and which states they go through.

pub(crate) mod record;
mod submit;
