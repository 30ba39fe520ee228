//! Makes files of other files: styles today. Pure; what it reads, it is given.

pub mod style;
