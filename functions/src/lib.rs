//! The forms of a site, from a definition to a stored reply.
//!
//! ```text
//! POST ─read─▶ Answers ─validate─▶ Submission ─spam check─▶ accept | hold ─store─▶ Store ─respond─▶ thanks page
//!                         └ problems ─▶ the same form again, with all answers
//! ```
//!
//! A definition is read into a [`form::Form`], which the generator shows on a page and a function validates with.
//! [`service::Service`] connects these stages with a [`store::Store`] and a [`mail::Mailer`]. The Lambda functions and
//! `daisy serve` use the same one. The modules are listed by layer, the lowest first; `lints/layers.toml` says which may
//! import which.

#[cfg(any(feature = "dynamodb", feature = "ses"))]
pub mod aws;
mod catch_unwind;
pub mod characters;
pub mod clock;
pub mod email_address;
pub mod failpoint;
mod holidays;
pub mod id;
mod log;
pub mod phone_number;
pub mod secret_keys;
#[cfg(feature = "dynamodb")]
pub mod secrets;
pub mod settings;
mod token;
pub mod urls;

pub mod form;
pub mod submission;

mod hashes;
pub mod model;
pub mod search;
pub mod store;

mod deadline;
mod optimistic;
mod rate_limiter;
pub mod service;

pub mod mail;

pub mod inbox;
pub mod replies;
mod subscribers;

pub mod http;
mod schedule;
#[cfg(feature = "team")]
pub mod team;

#[cfg(all(feature = "lambda", feature = "dynamodb"))]
pub mod lambda;
pub mod lambda_routes;
