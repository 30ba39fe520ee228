//! Parses bounces and complaints that Amazon SES reports by EventBridge or SNS. Pure.
//!
//! <https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html>

use serde_json::Value;

/// A bounce or a complaint about a mail to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// The address that the mail was sent to.
    pub address: String,
    /// What was reported.
    pub kind: FeedbackKind,
}

/// What SES reports about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackKind {
    /// It can never be delivered to this address.
    Bounced,
    /// Its recipient reported it as unwanted.
    Complained,
}

/// The bounces and complaints in an event; `None` for an event of another kind. Empty for reports that need no action,
/// such as of a full mailbox.
pub fn read(event: &str) -> Option<Vec<Feedback>> {
    let event: Value = serde_json::from_str(event).ok()?;
    if event["source"] == "aws.ses" {
        return Some(reports(&event["detail"]));
    }
    let records = event["Records"].as_array()?;
    let messages: Vec<&str> =
        records.iter().filter_map(|record| record["Sns"]["Message"].as_str()).collect();
    if messages.is_empty() {
        return None;
    }
    let read = |message: &str| serde_json::from_str(message).unwrap_or_default();
    Some(messages.into_iter().flat_map(|message| reports(&read(message))).collect())
}

fn reports(detail: &Value) -> Vec<Feedback> {
    // Feedback of an identity, as opposed to a configuration set, has the other key.
    let event = detail["eventType"].as_str().or(detail["notificationType"].as_str());
    let (kind, list) = match event {
        Some("Bounce") if detail["bounce"]["bounceType"] == "Permanent" => {
            (FeedbackKind::Bounced, &detail["bounce"]["bouncedRecipients"])
        }
        Some("Complaint") => {
            (FeedbackKind::Complained, &detail["complaint"]["complainedRecipients"])
        }
        _ => return Vec::new(),
    };
    let addresses = list.as_array().into_iter().flatten();
    let addresses = addresses.filter_map(|receiver| receiver["emailAddress"].as_str());
    addresses
        .map(|address| Feedback { address: super::bare_address(address).to_owned(), kind })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feedback(address: &str, kind: FeedbackKind) -> Vec<Feedback> {
        vec![Feedback { address: address.to_owned(), kind }]
    }

    #[test]
    fn events_are_read_from_both_services() {
        let bounce = r#"{"eventType":"Bounce","bounce":{"bounceType":"Permanent",
            "bouncedRecipients":[{"emailAddress":"Rose <rose@example.com>","status":"5.1.1"}]}}"#;
        let event =
            format!(r#"{{"source":"aws.ses","detail-type":"Email Bounced","detail":{bounce}}}"#);
        assert_eq!(read(&event), Some(feedback("rose@example.com", FeedbackKind::Bounced)));
        let complaint = r#"{"notificationType":"Complaint","complaint":{
            "complainedRecipients":[{"emailAddress":"rose@example.com"}]}}"#;
        let event = serde_json::json!({ "Records": [{
            "EventSource": "aws:sns", "Sns": { "Message": complaint } }] });
        let complained = feedback("rose@example.com", FeedbackKind::Complained);
        assert_eq!(read(&event.to_string()), Some(complained));
    }

    #[test]
    fn other_events_are_no_feedback() {
        for event in ["", "{}", "[1]", r#"{"source":"aws.events"}"#, r#"{"Records":[{"s3":{}}]}"#] {
            assert_eq!(read(event), None, "{event}");
        }
        let full = r#"{"source":"aws.ses","detail":{"eventType":"Bounce","bounce":{
            "bounceType":"Transient","bouncedRecipients":[{"emailAddress":"a@b.cd"}]}}}"#;
        assert_eq!(read(full), Some(Vec::new()));
        assert_eq!(
            read(r#"{"source":"aws.ses","detail":{"eventType":"Complaint"}}"#),
            Some(vec![])
        );
    }
}
