//! Errors of the DynamoDB store.

use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Error codes of DynamoDB that pass, beside those of all services.
const TRANSIENT_CODES: [&str; 4] = [
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionCanceledException",
    "TransactionConflictException",
];

/// Why the DynamoDB store failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DynamoDbError {
    /// There was no answer in time.
    #[error("no answer in time")]
    Timeout,
    /// There is no connection.
    #[error("no connection")]
    NoConnection,
    /// The answer broke off, or is not one of DynamoDB.
    #[error("an answer that cannot be read")]
    InvalidAnswer,
    /// An error code. Its message is left out, because it can quote values.
    #[error("{0}")]
    Code(String),
    /// A busy table left a part of a batch read unprocessed.
    #[error("a read was not finished")]
    Unprocessed,
    /// A condition failed that is not expected to.
    #[error("{0} met another write")]
    ConditionFailed(&'static str),
    /// A new reply has the id of another.
    #[error("an id was used before")]
    IdTaken,
    /// An item lacks an attribute.
    #[error("an item without `{0}`")]
    MissingAttribute(String),
    /// A description of a table lacks something.
    #[error("a table's description is incomplete")]
    InvalidTable,
}

impl DynamoDbError {
    /// Whether the same call may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            DynamoDbError::Timeout
            | DynamoDbError::NoConnection
            | DynamoDbError::InvalidAnswer
            | DynamoDbError::Unprocessed
            | DynamoDbError::ConditionFailed(_) => true,
            DynamoDbError::Code(code) => {
                [&TRANSIENT_CODES[..], THROTTLING_ERRORS, TRANSIENT_ERRORS]
                    .concat()
                    .contains(&code.as_str())
            }
            DynamoDbError::IdTaken
            | DynamoDbError::MissingAttribute(_)
            | DynamoDbError::InvalidTable => false,
        }
    }
}

impl<E: ProvideErrorMetadata, R> From<SdkError<E, R>> for DynamoDbError {
    fn from(error: SdkError<E, R>) -> DynamoDbError {
        match &error {
            SdkError::TimeoutError(_) => DynamoDbError::Timeout,
            SdkError::DispatchFailure(_) => DynamoDbError::NoConnection,
            _ => match error.code() {
                Some(code) => DynamoDbError::Code(code.to_owned()),
                None => DynamoDbError::InvalidAnswer,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DynamoDbError::{Code, MissingAttribute, NoConnection, Timeout};

    #[test]
    fn throttling_and_lost_answers_pass_and_refusals_do_not() {
        let code = |code: &str| Code(code.to_owned());
        for error in [
            Timeout,
            NoConnection,
            code("ProvisionedThroughputExceededException"),
            code("ThrottlingException"),
            code("RequestLimitExceeded"),
            code("InternalServerError"),
            code("TransactionConflictException"),
        ] {
            assert!(error.is_transient(), "{error}");
        }
        for error in [
            code("AccessDeniedException"),
            code("ResourceNotFoundException"),
            code("ValidationException"),
            code("UnrecognizedClientException"),
            code("ConditionalCheckFailedException"),
            MissingAttribute("body".to_owned()),
        ] {
            assert!(!error.is_transient(), "{error}");
        }
    }
}
