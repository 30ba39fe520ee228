//! Checks which module imports which, against a table of layers.
//!
//! [`Crate::parse`] reads the sources of one crate and finds every path that leads from one module into another, in
//! whichever way it is written. [`Rules::check`] compares these imports with the layers that the crate is to have.
//! Pure: the caller reads the files.

mod imports;
mod layers;
mod modules;
mod tokens;

pub use imports::Import;
pub use layers::{Layer, Rules};
pub use modules::{Crate, ParseError};
