//! The forms of a site, from a definition to a stored reply.

pub mod yaml;
