//! A static site generator for communities.

pub mod diagnostic;
pub mod value;

pub mod config;
pub mod parse;
