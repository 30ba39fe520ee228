//! Fetches secrets from AWS's Parameter Store, if the environment names a parameter instead of a secret. Uses the
//! network.
//!
//! This is one signed call ([`crate::aws::Call`]): the SDK's client of Systems Manager has some 150 operations.

use crate::aws::{Call, CallError};
use aws_config::SdkConfig;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The variables that hold secrets. `DAISYCHAIN_PERSON_KEY_PARAMETER` names the parameter that holds
/// what `DAISYCHAIN_PERSON_KEY` would.
pub(crate) const SECRETS: [&str; 4] = [
    "DAISYCHAIN_TOKEN_KEYS",
    "DAISYCHAIN_PERSON_KEY",
    "DAISYCHAIN_ORIGIN_SECRET",
    "DAISYCHAIN_SMTP_URL",
];
/// How long a start may wait for them, retries included.
const LIMIT: Duration = Duration::from_secs(3);

/// Why secrets cannot be fetched, for the operator of the function. No message contains a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// No region is configured.
    #[error("ssm: cannot fetch the secrets: no region is set")]
    NoRegion,
    /// There is no answer.
    #[error("ssm: cannot fetch the secrets: {0}")]
    Call(#[from] CallError),
    /// The answer is an error, with this code.
    #[error("ssm: cannot fetch the secrets: {0}")]
    Code(String),
    /// A parameter does not exist.
    #[error("{secret}_PARAMETER: there is no parameter `{name}`")]
    Missing {
        /// The variable for which the parameter stands.
        secret: &'static str,
        /// The parameter.
        name: String,
    },
}

/// The secrets that are parameters, by the variable for which each stands. Makes no call if the environment names
/// none.
///
/// # Errors
/// They cannot be fetched, or a parameter does not exist.
pub async fn fetch(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, SecretsError> {
    fetch_within(LIMIT, None, variable).await
}

/// [`fetch`] with another time limit, retries included, and from another endpoint than the environment's, such as an
/// emulator's.
///
/// # Errors
/// They cannot be fetched, or a parameter does not exist.
pub async fn fetch_within(
    limit: Duration,
    endpoint: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, SecretsError> {
    let mut wanted = BTreeMap::new();
    for secret in SECRETS {
        let name = variable(&format!("{secret}_PARAMETER")).filter(|name| !name.is_empty());
        if let (None, Some(name)) = (variable(secret).filter(|value| !value.is_empty()), name) {
            wanted.insert(secret, name);
        }
    }
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let config = crate::aws::config(endpoint, limit).await;
    let names: Vec<&String> = wanted.values().collect();
    let body = json!({ "Names": names, "WithDecryption": true }).to_string();
    let answer = call(&config, limit, body).await?;
    let mut secrets = BTreeMap::new();
    for (secret, name) in wanted {
        let parameters = answer["Parameters"].as_array().into_iter().flatten();
        let mut values = parameters.filter(|parameter| parameter["Name"] == name.as_str());
        match values.next().and_then(|parameter| parameter["Value"].as_str()) {
            Some(value) => secrets.insert(secret.to_owned(), value.to_owned()),
            None => return Err(SecretsError::Missing { secret, name }),
        };
    }
    Ok(secrets)
}

/// `GetParameters` (AWS Systems Manager API, version 2014-11-06).
async fn call(config: &SdkConfig, limit: Duration, body: String) -> Result<Value, SecretsError> {
    let region = config.region().ok_or(SecretsError::NoRegion)?.as_ref();
    let call = Call {
        service: "ssm",
        region,
        method: "POST",
        host: &format!("https://ssm.{region}.amazonaws.com"),
        path: "/",
        headers: &[
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AmazonSSM.GetParameters"),
        ],
        body: &body,
    };
    let answer = call.make(config, limit).await?;
    if !answer.is_success() {
        let code = answer.error_code();
        let unreadable = || "an answer that cannot be read".to_owned();
        return Err(SecretsError::Code(code.unwrap_or_else(unreadable)));
    }
    Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
}
