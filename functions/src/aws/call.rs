//! Signs and makes single AWS calls (Signature Version 4). Uses the network.
//!
//! For services of which we need one operation: their SDK clients have hundreds, and take longer to compile than
//! the rest of a function.

use super::answer::{Answer, CallError};
use super::retry::with_retries;
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

/// A call to sign.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The service's signing name, such as `ssm`.
    pub service: &'a str,
    /// Its region.
    pub region: &'a str,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// The service's URL without a trailing `/`, unless the configuration sets an endpoint.
    pub host: &'a str,
    /// The path and query, from the first `/`.
    pub path: &'a str,
    /// Headers besides those of the signature.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a str,
}

impl Call<'_> {
    /// Makes the call, and repeats it up to three times within `limit` after a transient error. For idempotent calls
    /// only: the answer to the first may have been lost.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn make(&self, config: &SdkConfig, limit: Duration) -> Result<Answer, CallError> {
        let random = || {
            let mut byte = [0];
            crate::secret_keys::fill(&mut byte);
            f64::from(byte[0]) / 255.0
        };
        with_retries(limit, random, || self.make_once(config)).await
    }

    async fn make_once(&self, config: &SdkConfig) -> Result<Answer, CallError> {
        let base = config.endpoint_url().unwrap_or(self.host).trim_end_matches('/');
        let address = format!("{base}{}", self.path);
        let mut request = http::Request::builder().method(self.method).uri(&address);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(SdkBody::from(self.body));
        let mut request =
            request.map_err(|_| CallError::Unmade("the endpoint is not a valid address"))?;
        self.sign(config, &address, &mut request).await?;
        let provider = Provider::Rustls(CryptoMode::Ring);
        let connector = Connector::builder().tls_provider(provider).build();
        let request = HttpRequest::try_from(request);
        let request = request.map_err(|_| CallError::Unmade("the call cannot be made"))?;
        let answer = connector.call(request).await.map_err(|_| CallError::NoConnection)?;
        let status = answer.status().as_u16();
        let stream = aws_smithy_types::byte_stream::ByteStream::new(answer.into_body());
        let body = stream.collect().await.map_err(|_| CallError::BrokenOff)?.to_vec();
        Ok(Answer { status, body })
    }

    async fn sign(
        &self,
        config: &SdkConfig,
        address: &str,
        request: &mut http::Request<SdkBody>,
    ) -> Result<(), CallError> {
        let unsigned = CallError::Unmade("the call cannot be signed");
        let provider = config.credentials_provider();
        let provider = provider.ok_or(CallError::Unmade("no credentials are set"))?;
        let identity = provider.provide_credentials().await.map_err(|error| match error {
            // The providers repeat their own calls, so what remains is a timeout.
            CredentialsError::ProviderTimedOut(_) => CallError::CredentialsTimeout,
            _ => CallError::Unmade("no credentials are available"),
        })?;
        let identity = identity.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(crate::clock::system_time())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unsigned)?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let headers = self.headers.iter().copied();
        let signable = SignableRequest::new(self.method, address, headers, body);
        let signed = signable.and_then(|signable| sign(signable, &parameters));
        let (instructions, _) = signed.map_err(|_| unsigned)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
