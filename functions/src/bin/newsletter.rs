//! The form `newsletter` as a Lambda function. It also sends, on its schedule, every mail that is owed.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    daisychain_functions::lambda::run("newsletter").await
}
