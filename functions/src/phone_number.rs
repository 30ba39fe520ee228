//! Recognizes phone numbers. Pure.

use crate::characters::is_printable;

/// Whether a text can be a phone number, also a short one, such as 116 123.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    (3..=15).contains(&digits) && text.chars().count() <= 40 && text.chars().all(is_printable)
}
