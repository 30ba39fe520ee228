//! The form `volunteer` as a Lambda function.

fn main() {}
