//! The subscribers of newsletters: sign-up, confirmation, unsubscription, bounces and complaints.

mod expire_pending;
mod feedback;
mod lookup;
mod subscribe;
pub(crate) mod subscription;

pub(crate) use lookup::{look_up, of_mailbox};
pub(crate) use subscribe::SignUp;
pub(crate) use subscription::Address;
