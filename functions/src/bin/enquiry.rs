//! Every form that has no function of its own, as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    daisychain_functions::lambda::run(daisychain_functions::lambda_routes::ENQUIRY).await
}
