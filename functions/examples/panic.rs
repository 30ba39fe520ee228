//! Shows that a panic becomes a page that keeps the answers, in a program of any profile: whether a
//! panic unwinds is decided where a program is linked, so no test of the library can tell.
//!
//! ```sh
//! cargo run --profile lambda -p daisychain-functions --features sqlite --example panic
//! ```

#![allow(clippy::disallowed_methods, reason = "an example reads the campaign's own form")]

use bytes::Bytes;
use daisychain_functions::clock::Clock;
use daisychain_functions::form::{Definition, Form, Organisation, frame};
use daisychain_functions::mail::none::NoMailer;
use daisychain_functions::secret_keys::{SecretKeys, random_hex};
use daisychain_functions::service::Service;
use daisychain_functions::settings::Settings;
use daisychain_functions::store::{Definitions as _, sqlite};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let text = include_str!("../../content/forms/chat.yaml");
    let organisation = Organisation {
        phone: Some("01632 960123".to_owned()),
        email: Some("hello@example.org".to_owned()),
    };
    let form =
        Form::parse_for(&organisation, "chat", text).map_err(|errors| format!("{errors:?}"))?;
    let store = sqlite::in_memory()?;
    store.publish(&Definition::new(form, frame::PLAIN)).await?;
    let keys = SecretKeys::parse(&format!("1:{}", random_hex(32)), &random_hex(32))?;
    let settings = Settings::new("https://daisy.example", "daisy@example.org", "01632 960123");
    let clock = Clock::new(|| panic!("a panic that was asked for"));
    let service = Service::new(store, NoMailer, keys, clock, settings);
    let request = http::Request::post("/api/chat")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from("name=Mrs+P.&contact=01632+960111"))?;
    let answer = service.handle(request).await;
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    let kept = page.contains("Mrs P.") && page.contains("01632 960123");
    match (answer.status().as_u16(), kept) {
        (503, true) => Ok(()),
        (status, _) => Err(format!("a panic was answered with {status}: {page}").into()),
    }
}
