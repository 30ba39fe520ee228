//! A static site generator for communities.
//!
//! A build goes through these stages:
//!
//! 1. [`source`] finds the files under the root, and reads what changed.
//! 2. [`parse`] turns a text into the metadata and the body of a page.
//! 3. [`site`] puts the metadata of all pages together: addresses, order, where links lead.
//! 4. [`query`] and [`render`] turn pages into HTML with the templates of a [`theme`], recording the queries of each.
//! 5. `outputs` makes the outputs that have no template: feeds, sitemaps, redirects.
//! 6. `install` puts the outputs into place, and `cache` keeps what the next build need not do again.
//!
//! [`engine`] goes through the first five for the applications: [`mod@build`], [`serve`], [`mod@check`], [`mod@import`]
//! and `publish`. [`commands`] has a module for every subcommand. `docs/architecture.md` describes the layers.
//!
//! ```
//! use daisychain::build::{Request, build};
//! use daisychain::site::Options;
//!
//! let folder = tempfile::tempdir()?;
//! let root = folder.path().to_owned();
//! std::fs::create_dir(root.join("content"))?;
//! std::fs::write(root.join("content/site.yaml"), "title: Our street\n")?;
//! std::fs::write(root.join("content/_index.md"), "---\ntitle: Welcome\n---\nHello!\n")?;
//! let request = Request {
//!     out: root.join("dist"),
//!     root,
//!     options: Options::default(),
//!     force: false,
//!     now: 1_767_225_600,
//!     progress: None,
//! };
//! let report = build(&request).expect("the site has no errors");
//! assert!(report.written > 0);
//! let page = std::fs::read_to_string(request.out.join("index.html"))?;
//! assert!(page.contains("Hello!"));
//! // The second build finds that nothing has changed.
//! assert_eq!(build(&request).expect("the site has no errors").written, 0);
//! # Ok::<(), std::io::Error>(())
//! ```

pub mod clock;
pub mod diagnostic;
mod digest;
mod embedded;
mod fs;
mod html;
mod locale;
mod media_type;
mod metadata;
pub mod nfc;
mod policy;
mod url;
pub mod value;

pub mod key_tables;

mod attachment;
pub mod config;
mod images;
pub mod parse;
pub mod source;
pub mod theme;
mod translations;

pub mod query;
pub mod site;
mod view;

mod outputs;
pub mod render;

mod cache;
pub mod engine;
mod install;

pub mod newsletter;

pub mod build;
pub mod check;
pub mod import;
#[cfg(feature = "publish")]
pub mod publish;
pub mod serve;
pub mod withdraw;

pub mod cli;
pub mod commands;
