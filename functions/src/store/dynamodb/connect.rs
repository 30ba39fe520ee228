//! Makes the client, and for trials the table.

use super::DynamoDb;
use super::error::DynamoDbError;
use crate::aws::MissingSetting;
use crate::store::StoreResult;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, GlobalSecondaryIndexDescription,
    KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
    TimeToLiveSpecification,
};
use std::time::Duration;

/// How long a call with all its attempts may take while a resident waits for an answer.
const RESIDENT_LIMIT: Duration = Duration::from_secs(3);
/// The same for a command of `daisy`, whose connection may be slow.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// A store over a table, for requests of visitors, with the environment's region, credentials and
/// endpoint (`AWS_ENDPOINT_URL`). A call takes 3 seconds at most.
pub async fn connect(table: &str) -> DynamoDb {
    DynamoDb::new(Client::new(&crate::aws::config(None, RESIDENT_LIMIT).await), table)
}

/// The same for commands and tests, also at another endpoint, such as an emulator's. A call takes 30 seconds at most.
pub async fn connect_for_commands(endpoint: Option<&str>, table: &str) -> DynamoDb {
    DynamoDb::new(Client::new(&crate::aws::config(endpoint, COMMAND_LIMIT).await), table)
}

/// The same with the environment's settings, once they are known to be complete.
///
/// # Errors
/// The environment has no region or no credentials.
pub async fn connect_checked(
    endpoint: Option<&str>,
    table: &str,
) -> Result<DynamoDb, MissingSetting> {
    let config = crate::aws::config(endpoint, COMMAND_LIMIT).await;
    crate::aws::check(&config).await?;
    Ok(DynamoDb::new(Client::new(&config), table))
}

/// The attribute with the time when an item expires.
const EXPIRY: &str = "expires";

/// Makes the table as `functions/template.yaml` does, unless it is there already. For trials and tests; nothing
/// in the functions needs the right to do this.
///
/// # Errors
/// It cannot be made, or a table of that name has other keys.
pub async fn create_table(store: &DynamoDb) -> StoreResult<()> {
    let wrong = |_| DynamoDbError::InvalidTable;
    let attribute = |name: &str, kind: ScalarAttributeType| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
    };
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build()
    };
    let index = |name: &str, range: &str, projected: ProjectionType| -> Result<_, BuildError> {
        GlobalSecondaryIndex::builder()
            .index_name(name)
            .key_schema(key("list", KeyType::Hash)?)
            .key_schema(key(range, KeyType::Range)?)
            .projection(Projection::builder().projection_type(projected).build())
            .build()
    };
    let mut call = store
        .client
        .create_table()
        .table_name(&store.table)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash).map_err(wrong)?)
        .key_schema(key("sk", KeyType::Range).map_err(wrong)?)
        .global_secondary_indexes(index("lists", "rank", ProjectionType::All).map_err(wrong)?)
        .global_secondary_indexes(index("due", "due", ProjectionType::KeysOnly).map_err(wrong)?)
        .attribute_definitions(attribute("due", ScalarAttributeType::N).map_err(wrong)?);
    for name in ["pk", "sk", "list", "rank"] {
        let text = attribute(name, ScalarAttributeType::S);
        call = call.attribute_definitions(text.map_err(wrong)?);
    }
    // A call whose answer was lost is tried again, and finds the table that it made.
    if let Err(error) = call.send().await
        && !is_made(store).await?
    {
        return Err(DynamoDbError::from(error).into());
    }
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name(EXPIRY).build();
    let call = store
        .client
        .update_time_to_live()
        .table_name(&store.table)
        .time_to_live_specification(expiry.map_err(wrong)?);
    if let Err(error) = call.send().await
        && !expires(store).await?
    {
        return Err(DynamoDbError::from(error).into());
    }
    Ok(())
}

/// Whether the table is there, with our keys and indexes.
async fn is_made(store: &DynamoDb) -> StoreResult<bool> {
    let call = store.client.describe_table().table_name(&store.table);
    let found = match call.send().await {
        Ok(found) => found.table,
        Err(error)
            if error.as_service_error().is_some_and(|it| it.is_resource_not_found_exception()) =>
        {
            None
        }
        Err(error) => return Err(DynamoDbError::from(error).into()),
    };
    let Some(table) = found else { return Ok(false) };
    let keys = |schema: &[KeySchemaElement]| {
        schema.iter().map(|key| key.attribute_name().to_owned()).collect::<Vec<_>>()
    };
    let has_index = |name: &str, range: &str| {
        let is_it = |index: &GlobalSecondaryIndexDescription| {
            index.index_name() == Some(name) && keys(index.key_schema()) == ["list", range]
        };
        table.global_secondary_indexes().iter().any(is_it)
    };
    Ok(keys(table.key_schema()) == ["pk", "sk"]
        && has_index("lists", "rank")
        && has_index("due", "due"))
}

/// Whether items of the table expire by our attribute.
async fn expires(store: &DynamoDb) -> StoreResult<bool> {
    let call = store.client.describe_time_to_live().table_name(&store.table);
    let found = call.send().await.map_err(DynamoDbError::from)?;
    let attribute = found.time_to_live_description.and_then(|it| it.attribute_name);
    Ok(attribute.as_deref() == Some(EXPIRY))
}
