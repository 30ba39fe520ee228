//! AWS configuration from the environment (region, credentials, endpoint), and single signed calls. Uses the network.

#[cfg(feature = "dynamodb")]
mod answer;
#[cfg(feature = "dynamodb")]
mod call;
#[cfg(feature = "dynamodb")]
mod retry;
#[cfg(feature = "dynamodb")]
mod setting;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use std::time::Duration;

#[cfg(feature = "dynamodb")]
pub use answer::{Answer, CallError};
#[cfg(feature = "dynamodb")]
pub use call::Call;
#[cfg(feature = "dynamodb")]
pub use setting::{MissingSetting, check};

/// Configuration of clients whose calls take at most `limit`, retries included.
pub async fn config(endpoint: Option<&str>, limit: Duration) -> SdkConfig {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.build_https())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(4)
                .with_initial_backoff(Duration::from_millis(50)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(limit / 4)
                .operation_attempt_timeout(limit / 2)
                .operation_timeout(limit)
                .build(),
        );
    match endpoint {
        Some(endpoint) => config.endpoint_url(endpoint).load().await,
        None => config.load().await,
    }
}
