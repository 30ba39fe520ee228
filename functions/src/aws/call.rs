//! Signs one call of AWS and makes it (Signature Version 4). Uses the network.
//!
//! For services of which one operation is wanted: a client has hundreds, and takes longer to compile
//! than all the rest of a function.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

/// A call that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The name that the service signs with, such as `ssm`.
    pub service: &'a str,
    /// Its region.
    pub region: &'a str,
    /// `GET` or `POST`.
    pub method: &'a str,
    /// Where the service answers, unless the settings name an endpoint; without a last `/`.
    pub host: &'a str,
    /// What follows it, from the first `/`.
    pub path: &'a str,
    /// Headers beside those of the signature.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: &'a str,
}

/// What a service answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Call<'_> {
    /// Makes the call.
    ///
    /// # Errors
    /// Why there is no answer; never a secret.
    pub async fn make(&self, config: &SdkConfig) -> Result<Answer, &'static str> {
        let base = config.endpoint_url().unwrap_or(self.host).trim_end_matches('/');
        let address = format!("{base}{}", self.path);
        let mut request = http::Request::builder().method(self.method).uri(&address);
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let request = request.body(SdkBody::from(self.body));
        let mut request = request.map_err(|_| "the endpoint is no address")?;
        self.sign(config, &address, &mut request).await?;
        let provider = Provider::Rustls(CryptoMode::Ring);
        let connector = Connector::builder().tls_provider(provider).build();
        let request = HttpRequest::try_from(request).map_err(|_| "the call cannot be made")?;
        let answer = connector.call(request).await.map_err(|_| "no connection")?;
        let status = answer.status().as_u16();
        let stream = aws_smithy_types::byte_stream::ByteStream::new(answer.into_body());
        let body = stream.collect().await.map_err(|_| "the answer broke off")?.to_vec();
        Ok(Answer { status, body })
    }

    async fn sign(
        &self,
        config: &SdkConfig,
        address: &str,
        request: &mut http::Request<SdkBody>,
    ) -> Result<(), &'static str> {
        let provider = config.credentials_provider().ok_or("no credentials are set")?;
        let identity = provider.provide_credentials().await;
        let identity = identity.map_err(|_| "no credentials are to be had")?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(crate::clock::system_time())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| "the call cannot be signed")?
            .into();
        let body = SignableBody::Bytes(self.body.as_bytes());
        let headers = self.headers.iter().copied();
        let signable = SignableRequest::new(self.method, address, headers, body);
        let signed = signable.and_then(|signable| sign(signable, &parameters));
        let (instructions, _) = signed.map_err(|_| "the call cannot be signed")?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}
