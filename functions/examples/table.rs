//! Makes a table and publishes the campaign's forms into it, for measurements against an emulated
//! DynamoDB: `cargo run -p daisychain-functions --features dynamodb --example table -- ENDPOINT TABLE`

#![allow(clippy::disallowed_methods, reason = "an example reads the campaign's own forms")]

use daisychain_functions::form::{Definition, Form, Organisation, frame};
use daisychain_functions::store::{Definitions as _, dynamodb};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let (Some(endpoint), Some(table)) = (words.next(), words.next()) else {
        return Err("ENDPOINT and TABLE are missing".into());
    };
    let store = dynamodb::connect_for_commands(Some(&endpoint), &table).await;
    dynamodb::create_table(&store).await?;
    let organisation = Organisation {
        phone: Some("01632 960123".to_owned()),
        email: Some("hello@example.org".to_owned()),
    };
    for name in ["newsletter", "volunteer", "chat"] {
        let path = format!("{}/../content/forms/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path)?;
        let form =
            Form::parse_for(&organisation, name, &text).map_err(|errors| format!("{errors:?}"))?;
        store.publish(&Definition::new(form, frame::PLAIN)).await?;
    }
    Ok(())
}
