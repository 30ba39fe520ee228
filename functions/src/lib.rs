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
//!
//! ```
//! use daisychain_functions::form::Form;
//! use daisychain_functions::submission::{read, validate};
//!
//! let definition = "
//! title: Ask us
//! answer_within: 3
//! fields:
//!   - name: contact
//!     kind: phone-or-email
//!     label: Phone number or email address
//! submit: Send
//! thanks:
//!   title: Thank you
//!   next: [We will answer within three working days]
//! notify: hello@example.org
//! phone: 01632 960123
//! ";
//! let form = Form::parse("ask", definition).expect("the definition is valid");
//! let body = b"contact=01632+960+111";
//! let answers = read(Some("application/x-www-form-urlencoded"), body).expect("it is readable");
//! let submission = validate(&form, &answers).expect("all answers are valid");
//! assert_eq!(submission.get("contact"), Some("01632 960 111"));
//!
//! let nothing = read(Some("application/x-www-form-urlencoded"), b"contact=").unwrap();
//! let problems = validate(&form, &nothing).unwrap_err();
//! assert_eq!(problems[0].message, "Enter a phone number or an email address");
//! ```

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
mod replies;
pub mod rights;
mod subscribers;

pub mod http;
mod schedule;
#[cfg(feature = "team")]
pub mod team;

#[cfg(all(feature = "lambda", feature = "dynamodb"))]
pub mod lambda;
pub mod lambda_routes;
