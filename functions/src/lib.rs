//! The forms of a site, from a definition to a stored reply.

pub mod form;
pub mod guard;
pub mod keys;
pub mod submission;
pub mod yaml;
