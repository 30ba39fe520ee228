//! The forms of a site, from a definition to a stored reply.
//!
//! ```text
//! POST ─read─▶ Answers ─validate─▶ Submission ─guard─▶ accept | hold ─record─▶ Store ─reply─▶ thanks
//!                       └ problems ─▶ the same form again, every answer kept
//! ```
//!
//! A definition becomes a [`form::Form`], which the generator shows on a page and a function
//! validates with. [`service::Service`] ties the stages to a [`store::Store`] and a
//! [`mail::Mailer`]; the same one runs in the Lambdas and on a laptop.

pub mod form;
pub mod submission;

pub mod guard;
mod hashes;
pub mod keys;
mod token;

pub mod chat;
pub mod claim;
pub mod desk;
pub mod enquiry;
pub mod newsletter;
pub mod volunteer;

pub mod store;
mod subscribers;

pub mod mail;

mod elsewhere;
pub mod inbox;
mod reply;
pub mod routes;
pub mod service;

#[cfg(all(feature = "lambda", feature = "dynamodb"))]
pub mod lambda;
#[cfg(feature = "dynamodb")]
pub mod secrets;

#[cfg(any(feature = "dynamodb", feature = "ses"))]
pub mod aws;
pub mod characters;
pub mod clock;
mod holidays;
pub mod id;
mod log;
pub use located_yaml as yaml;
