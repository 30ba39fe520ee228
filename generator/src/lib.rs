//! A static site generator for communities.

pub mod diagnostic;
pub mod keys;
pub mod value;

pub mod config;
pub mod parse;
