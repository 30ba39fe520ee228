//! The form `newsletter` as a Lambda function.

fn main() {}
