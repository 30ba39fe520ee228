//! Checks the sources of this workspace: which module imports which, and which texts there are.
//!
//! [`Crate::parse`] reads the sources of one crate and finds every path that leads from one module into another, in
//! whichever way it is written. [`Rules::check`] compares these imports with the layers that the crate is to have.
//! [`mod@texts`] gives what users may read, for the test that each message is shown by a test.
//! Pure: the caller reads the files.

mod imports;
mod layers;
mod modules;
mod texts;
mod tokens;

pub use imports::Import;
pub use layers::{Layer, Rules};
pub use modules::{Crate, ParseError};
pub use texts::texts;
