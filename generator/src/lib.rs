//! A static site generator for communities.
//!
//! A build is these stages in order, each a room of its own:
//!
//! 1. [`load`] finds the files under the root, and reads what changed.
//! 2. [`parse`] turns a text into a page: a card, and a body.
//! 3. [`site`] assembles the cards: addresses, order, where links lead.
//! 4. [`theme`], [`query`] and [`render`] turn pages into HTML, recording what each one asked.
//! 5. [`mod@derive`] makes files of other files.
//! 6. [`commit`] puts what was made into place, and [`manifest`] keeps what the next build need
//!    not do again.
//!
//! [`snapshot`] goes through the first three for whoever needs a site; [`mod@check`] looks at pages as
//! visitors get them, [`mod@import`] brings in a site that another program made, `publish` brings one to
//! its host, [`command`] holds what a person can ask for, and `serve` the local server.

pub mod attachment;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod failure;
mod html;
pub mod key_tables;
pub mod locale;
pub mod media_type;
mod metadata;
pub mod nfc;
mod packed;
pub mod translations;
pub mod url;
pub mod value;

pub mod images;
pub mod parse;
pub mod site;
pub mod source;

pub mod query;
pub mod render;
pub mod theme;
mod view;

pub mod outputs;

pub mod cache;
pub mod install;

pub mod clock;
pub mod embedded;
pub mod engine;
pub mod fs;
mod policy;

pub mod build;
pub mod check;
pub mod import;
#[cfg(feature = "publish")]
pub mod publish;
pub mod serve;

pub mod cli;
pub mod commands;
