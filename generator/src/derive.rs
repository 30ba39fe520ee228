//! Makes files of other files: styles and pictures. Pure but for the store of pictures.

pub mod image;
pub mod style;
