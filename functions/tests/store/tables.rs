//! Tables of earlier versions, and tables that already exist. DynamoDB only.

use crate::common;
use crate::common::{campaign, entry};
use daisychain_functions::form::Definition;
use daisychain_functions::store::{Definitions as _, KnownForm, Replies as _};

/// A table as an earlier version left it: a form with its definition, but no list of forms.
#[tokio::test]
async fn the_forms_of_an_earlier_table_are_listed_once_asked_for() {
    use aws_sdk_dynamodb::types::AttributeValue;
    use daisychain_functions::store::dynamodb;
    let name = format!("earlier-{}", daisychain_functions::id::ulid(0));
    let store = common::named_table(&name).await;
    let (endpoint, limit) = (common::dynamodb(), std::time::Duration::from_secs(300));
    let config = daisychain_functions::aws::config(Some(&endpoint), limit).await;
    let client = aws_sdk_dynamodb::Client::new(&config);
    let put = async |key: &str, body: String| {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let call = client.put_item().table_name(&name).item("pk", text(key));
        let call = call.item("sk", text("definition")).item("body", text(&body));
        call.send().await.unwrap();
    };
    let definition = Definition::new(campaign("chat"), "<main></main>");
    let digest = definition.form.digest();
    put(&format!("chat#FORM#{digest}"), serde_json::to_string(&definition).unwrap()).await;
    put("chat#FORM#current", format!("{digest:?}")).await;
    for form in ["lunch", "volunteer"] {
        put(&format!("{form}#FORM#current"), format!("{digest:?}")).await;
    }

    let known = |name: &str, withdrawn| KnownForm { name: name.to_owned(), withdrawn };
    assert_eq!(store.forms().await.unwrap(), []);
    let current = store.current("chat").await.unwrap().unwrap();
    assert!(!current.withdrawn && current.definition == definition);
    store.withdraw("volunteer").await.unwrap();
    store.list_earlier_forms().await.unwrap();
    let listed = [known("chat", false), known("lunch", false), known("volunteer", true)];
    assert_eq!(store.forms().await.unwrap(), listed);

    // This is done once: a form that is added without the list later is not searched for.
    put("picnic#FORM#current", format!("{digest:?}")).await;
    dynamodb::connect_for_commands(Some(&common::dynamodb()), &name)
        .await
        .list_earlier_forms()
        .await
        .unwrap();
    assert_eq!(store.forms().await.unwrap(), listed);
}

/// The result of the first call was lost, and the client tried again.
#[tokio::test]
async fn a_table_that_is_there_already_is_made_and_another_of_its_name_is_not() {
    use aws_sdk_dynamodb::types::{
        AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    };
    use daisychain_functions::store::dynamodb;
    let store = common::table().await;
    let entry = entry("chat", "Rose", 1_000);
    store.record(&entry).await.unwrap();
    dynamodb::create_table(&store).await.unwrap();
    assert_eq!(store.reply("chat", &entry.reply.id).await.unwrap(), Some(entry.reply));

    let client = aws_sdk_dynamodb::Client::new(&common::dynamodb_config().await);
    let name = format!("other-{}", daisychain_functions::id::ulid(0));
    let attribute = AttributeDefinition::builder().attribute_name("id");
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    client
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute.attribute_type(ScalarAttributeType::S).build().unwrap())
        .key_schema(key.build().unwrap())
        .send()
        .await
        .unwrap();
    let other = dynamodb::connect_for_commands(Some(&common::dynamodb()), &name).await;
    let error = dynamodb::create_table(&other).await.unwrap_err();
    assert_eq!(error.to_string(), "dynamodb: ResourceInUseException");
}
