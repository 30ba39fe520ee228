//! The form `chat` as a Lambda function.

fn main() {}
