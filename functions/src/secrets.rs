//! Fetches the secrets that lie in AWS's Parameter Store, where the environment names a parameter in
//! the place of a secret. Uses the network.
//!
//! One signed call ([`crate::aws::Call`]): the SDK's client of Systems Manager has some 150
//! operations, of which this is one.

use crate::aws::Call;
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
/// How long a start may wait for them, with every try.
const LIMIT: Duration = Duration::from_secs(3);

/// The secrets that are parameters, by the variable that each stands for. Makes no call where the
/// environment names none.
///
/// # Errors
/// Why they cannot be had, for whoever runs the function; never a secret.
pub async fn fetch(
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, String> {
    fetch_within(LIMIT, None, variable).await
}

/// The same for `limit` at most, with every try; from another endpoint than the environment's, such as an
/// emulator's.
///
/// # Errors
/// The same.
pub async fn fetch_within(
    limit: Duration,
    endpoint: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, String>, String> {
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
    let answer = call(&config, limit, body).await;
    let answer = answer.map_err(|why| format!("ssm: the secrets cannot be had: {why}"))?;
    let mut secrets = BTreeMap::new();
    for (secret, name) in wanted {
        let parameters = answer["Parameters"].as_array().into_iter().flatten();
        let mut values = parameters.filter(|parameter| parameter["Name"] == name.as_str());
        match values.next().and_then(|parameter| parameter["Value"].as_str()) {
            Some(value) => secrets.insert(secret.to_owned(), value.to_owned()),
            None => return Err(format!("{secret}_PARAMETER: there is no parameter `{name}`")),
        };
    }
    Ok(secrets)
}

/// `GetParameters` (AWS Systems Manager API, version 2014-11-06).
async fn call(config: &SdkConfig, limit: Duration, body: String) -> Result<Value, String> {
    let region = config.region().ok_or("no region is set")?.as_ref();
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
    let answer = call.make(config, limit).await.map_err(|error| error.to_string())?;
    if !answer.is_success() {
        let code = answer.error_code();
        return Err(code.unwrap_or_else(|| "an answer that cannot be read".to_owned()));
    }
    Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
}
