//! Fetches the secrets that lie in AWS's Parameter Store, where the environment names a parameter in
//! the place of a secret. Uses the network.
//!
//! One signed call, made here: the SDK's client of Systems Manager has some 150 operations, of which
//! this is one, and takes longer to compile than all the rest of a function.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// The variables that hold secrets. `DAISYCHAIN_PERSON_KEY_PARAMETER` names the parameter that holds
/// what `DAISYCHAIN_PERSON_KEY` would.
const SECRETS: [&str; 4] = [
    "DAISYCHAIN_TOKEN_KEYS",
    "DAISYCHAIN_PERSON_KEY",
    "DAISYCHAIN_ORIGIN_SECRET",
    "DAISYCHAIN_SMTP_URL",
];
/// How long a start may wait for them.
const LIMIT: Duration = Duration::from_secs(3);

/// The secrets that are parameters, by the variable that each stands for. Makes no call where the
/// environment names none.
///
/// # Errors
/// Why they cannot be had, for whoever runs the function; never a secret.
pub async fn fetch(
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
    let config = crate::aws::config(None, LIMIT).await;
    let names: Vec<&String> = wanted.values().collect();
    let body = json!({ "Names": names, "WithDecryption": true }).to_string();
    let call = tokio::time::timeout(LIMIT, call(&config, body));
    let answer = call.await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
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
async fn call(config: &SdkConfig, body: String) -> Result<Value, String> {
    let region = config.region().ok_or("no region is set")?.as_ref().to_owned();
    let address = match config.endpoint_url() {
        Some(address) => address.to_owned(),
        None => format!("https://ssm.{region}.amazonaws.com/"),
    };
    let mut request = http::Request::post(&address)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "AmazonSSM.GetParameters")
        .body(SdkBody::from(body.as_str()))
        .map_err(|_| "the endpoint is no address")?;
    let provider = config.credentials_provider().ok_or("no credentials are set")?;
    let identity =
        provider.provide_credentials().await.map_err(|_| "no credentials are to be had")?.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name("ssm")
        .time(crate::clock::system_time())
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| "the call cannot be signed")?
        .into();
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let signable =
        SignableRequest::new("POST", &address, headers, SignableBody::Bytes(body.as_bytes()));
    let signed = signable.and_then(|signable| sign(signable, &parameters));
    let (instructions, _) = signed.map_err(|_| "the call cannot be signed")?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    let connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).build();
    let request = HttpRequest::try_from(request).map_err(|_| "the call cannot be made")?;
    let answer = connector.call(request).await.map_err(|_| "no connection")?;
    let status = answer.status().as_u16();
    let bytes = read(answer.into_body()).await?;
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    match status {
        200 => Ok(answer),
        // The type alone, such as `AccessDeniedException`: messages may quote names and keys.
        _ => Err(answer["__type"].as_str().unwrap_or("an answer that cannot be read").to_owned()),
    }
}

async fn read(body: SdkBody) -> Result<Vec<u8>, &'static str> {
    let stream = aws_smithy_types::byte_stream::ByteStream::new(body);
    stream.collect().await.map(|data| data.to_vec()).map_err(|_| "the answer broke off")
}
