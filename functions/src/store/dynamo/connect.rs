//! Makes the client, and for trials the table.

use super::{Dynamo, StoreError, Stored, failure};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification,
};
use std::time::Duration;

/// A store over a table, with what the environment says of region, credentials and endpoint
/// (`AWS_ENDPOINT_URL`). A call with all its tries takes 3 seconds at most, so that a resident is
/// told in time.
pub async fn connect(table: &str) -> Dynamo {
    client(None, table).await
}

/// The same at another endpoint, such as an emulator's.
pub async fn connect_to(endpoint: &str, table: &str) -> Dynamo {
    client(Some(endpoint), table).await
}

async fn client(endpoint: Option<&str>, table: &str) -> Dynamo {
    Dynamo::new(Client::new(&crate::aws::config(endpoint, Duration::from_secs(3)).await), table)
}

/// Makes the table as `functions/template.yaml` does. For trials and tests; nothing in the
/// functions needs the right to do this.
///
/// # Errors
/// It exists, or cannot be made.
pub async fn create_table(store: &Dynamo) -> Stored<()> {
    let wrong = |_| StoreError("dynamodb: a table's description is not whole".to_owned());
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
    };
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
    };
    let lists = GlobalSecondaryIndex::builder()
        .index_name("lists")
        .key_schema(key("list", KeyType::Hash).map_err(wrong)?)
        .key_schema(key("rank", KeyType::Range).map_err(wrong)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(wrong)?;
    let mut call = store
        .client
        .create_table()
        .table_name(&store.table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash).map_err(wrong)?)
        .key_schema(key("sk", KeyType::Range).map_err(wrong)?)
        .global_secondary_indexes(lists);
    for name in ["pk", "sk", "list", "rank"] {
        call = call.attribute_definitions(attribute(name).map_err(wrong)?);
    }
    call.send().await.map_err(failure)?;
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build();
    store
        .client
        .update_time_to_live()
        .table_name(&store.table)
        .time_to_live_specification(expiry.map_err(wrong)?)
        .send()
        .await
        .map_err(failure)?;
    Ok(())
}
