//! YAML with the place of every key and value, and a reader of typed values that collects everything that is wrong.
//!
//! [`parse()`] gives [`Node`]s: values with their places. `serde_yaml` determines what a text means; `saphyr-parser` says
//! where its parts are. A scalar keeps its own characters, so that `+44` or `1.10` can be taken as text. What is wrong
//! is a [`Problem`], explained to people who may never have heard of YAML:
//!
//! ```
//! let document = located_yaml::parse("title: Rose\nversion: 1.10\n", 1).unwrap();
//! let version = document.root.get("version").unwrap();
//! assert_eq!((version.node.place.line, version.node.place.column), (2, 10));
//! assert_eq!(version.node.characters().unwrap(), "1.10");
//!
//! let problem = located_yaml::parse("title: Lunch: every Sunday\n", 1).unwrap_err();
//! assert_eq!(problem.message, "this text contains a colon");
//! assert_eq!(
//!     problem.help.unwrap(),
//!     "put the text in quotation marks: `title: \"Lunch: every Sunday\"`"
//! );
//! ```
//!
//! A [`Reader`] takes typed values from nodes:
//!
//! ```
//! use located_yaml::{Key, FieldType, Reader};
//!
//! const KEYS: [Key; 2] = [
//!     Key { name: "title", field_type: FieldType::Text, description: "The heading" },
//!     Key { name: "draft", field_type: FieldType::Bool, description: "Not to be published yet" },
//! ];
//! let text = "titel: Rose\ndraft: yes\n";
//! let document = located_yaml::parse_map(text, 1).unwrap();
//! let mut reader = Reader::new(text);
//! for entry in document.root.entries().unwrap() {
//!     match entry.key.as_str() {
//!         "title" => drop(reader.text(entry)),
//!         "draft" => drop(reader.bool(entry)),
//!         _ => reader.unknown_key(entry, &KEYS),
//!     }
//! }
//! let help: Vec<_> = reader.problems.iter().map(|problem| problem.help.as_deref().unwrap()).collect();
//! assert_eq!(help, ["did you mean `title`?", "write `draft: true`"]);
//! ```

mod advice;
mod explain;
mod fast_path;
pub mod keys;
mod limits;
mod node;
mod parse;
mod place;
mod problem;
mod read;
mod reader;
mod spans;
pub mod suggest;
mod syntax_error;

pub use advice::with_colon;
pub use keys::{FieldType, Key};
pub use node::{Entry, Located, Node, Value};
pub use parse::{Document, parse, parse_map};
pub use place::Place;
pub use problem::{Problem, Severity};
pub use read::{ReadError, ReadResult, Type};
pub use reader::Reader;
use syntax_error::SyntaxError;
