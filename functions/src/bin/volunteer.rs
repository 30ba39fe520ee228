//! The form `volunteer` as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    daisychain_functions::lambda::run("volunteer").await
}
