//! Checks that a configuration has what every call needs. May use the network for credentials.

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;

/// What a configuration lacks, for the person who runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MissingSetting {
    /// No region is set.
    #[error("no AWS region is set; set AWS_REGION, for example to `eu-west-2`")]
    Region,
    /// No credentials are set.
    #[error(
        "no AWS credentials are set; run `aws configure` or `aws sso login`, or set \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    Credentials,
    /// There are credentials, but they cannot be loaded.
    #[error(
        "the AWS credentials cannot be loaded; run `aws sso login` if they have expired, or check \
         AWS_PROFILE and `~/.aws/config`"
    )]
    InvalidCredentials,
}

/// Checks that there are a region and credentials. Without them, each call fails only after several attempts, as if
/// there were no connection.
///
/// # Errors
/// One of them is missing.
pub async fn check(config: &SdkConfig) -> Result<(), MissingSetting> {
    if config.region().is_none_or(|region| region.as_ref().is_empty()) {
        return Err(MissingSetting::Region);
    }
    let provider = config.credentials_provider().ok_or(MissingSetting::Credentials)?;
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Err(MissingSetting::Credentials),
        Err(_) => Err(MissingSetting::InvalidCredentials),
    }
}
