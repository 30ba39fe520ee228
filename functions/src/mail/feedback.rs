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
    pub outcome: Outcome,
}

/// What SES reports about a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
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
        return Some(outcomes(&event["detail"]));
    }
    let records = event["Records"].as_array()?;
    let messages: Vec<&str> =
        records.iter().filter_map(|record| record["Sns"]["Message"].as_str()).collect();
    if messages.is_empty() {
        return None;
    }
    let read = |message: &str| serde_json::from_str(message).unwrap_or_default();
    Some(messages.into_iter().flat_map(|message| outcomes(&read(message))).collect())
}

fn outcomes(detail: &Value) -> Vec<Feedback> {
    // Feedback of an identity, as opposed to a configuration set, has the other key.
    let kind = detail["eventType"].as_str().or(detail["notificationType"].as_str());
    let (outcome, list) = match kind {
        Some("Bounce") if detail["bounce"]["bounceType"] == "Permanent" => {
            (Outcome::Bounced, &detail["bounce"]["bouncedRecipients"])
        }
        Some("Complaint") => (Outcome::Complained, &detail["complaint"]["complainedRecipients"]),
        _ => return Vec::new(),
    };
    let addresses = list.as_array().into_iter().flatten();
    let addresses = addresses.filter_map(|receiver| receiver["emailAddress"].as_str());
    addresses
        .map(|address| Feedback { address: super::bare_address(address).to_owned(), outcome })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(address: &str, outcome: Outcome) -> Vec<Feedback> {
        vec![Feedback { address: address.to_owned(), outcome }]
    }

    #[test]
    fn events_of_both_ways() {
        let bounce = r#"{"eventType":"Bounce","bounce":{"bounceType":"Permanent",
            "bouncedRecipients":[{"emailAddress":"Rose <rose@example.com>","status":"5.1.1"}]}}"#;
        let event =
            format!(r#"{{"source":"aws.ses","detail-type":"Email Bounced","detail":{bounce}}}"#);
        assert_eq!(read(&event), Some(told("rose@example.com", Outcome::Bounced)));
        let complaint = r#"{"notificationType":"Complaint","complaint":{
            "complainedRecipients":[{"emailAddress":"rose@example.com"}]}}"#;
        let event = serde_json::json!({ "Records": [{
            "EventSource": "aws:sns", "Sns": { "Message": complaint } }] });
        let complained = told("rose@example.com", Outcome::Complained);
        assert_eq!(read(&event.to_string()), Some(complained));
    }

    #[test]
    fn what_is_no_news_of_a_mail() {
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
