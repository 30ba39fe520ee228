//! Each mailer with a server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(any(feature = "smtp", feature = "ses"))]

use daisychain_functions::mail::{Mail, Mailer, Part};

fn mail(id: &str) -> Mail {
    Mail {
        id: format!("{id}@daisy.example"),
        date: 1_795_347_000_000,
        from: "Connecting for Good <daisy@example.org>".to_owned(),
        language: "en-GB".to_owned(),
        to: "rose@example.com".to_owned(),
        reply_to: None,
        subject: "Do you want our latest news?".to_owned(),
        unsubscribe: Some("https://daisy.example/api/newsletter/leave?token=1".to_owned()),
        parts: vec![Part::Text("Hello.\n.\nThat was a dot.".to_owned())],
        about: Vec::new(),
    }
}

#[cfg(feature = "smtp")]
mod smtp {
    use super::*;
    use daisychain_functions::mail::smtp::Smtp;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// A mail server that accepts one connection, and responds to `RCPT` with this.
    fn server(recipient: &'static str) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut writer = stream.try_clone().unwrap();
            let mut lines = BufReader::new(stream).lines();
            let mut heard = String::new();
            write!(writer, "220 test\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                heard.push_str(&line);
                heard.push('\n');
                let answer = match line.split([' ', ':']).next().unwrap() {
                    "RCPT" => recipient,
                    "QUIT" => "221 bye",
                    "DATA" => {
                        write!(writer, "354 go on\r\n").unwrap();
                        for line in lines.by_ref().map_while(Result::ok) {
                            if line == "." {
                                break;
                            }
                            heard.push_str(&line);
                            heard.push('\n');
                        }
                        "250 taken"
                    }
                    _ => "250 fine",
                };
                if write!(writer, "{answer}\r\n").is_err() || answer.starts_with("221") {
                    break;
                }
            }
            heard
        });
        (url, thread)
    }

    #[tokio::test]
    async fn a_mail_is_sent_whole() {
        let (url, thread) = server("250 fine");
        let smtp = Smtp::connect(&url).unwrap();
        smtp.send(&mail("1")).await.unwrap();
        drop(smtp);
        let heard = thread.join().unwrap();
        assert!(heard.contains("MAIL FROM:<daisy@example.org>"), "{heard}");
        assert!(heard.contains("RCPT TO:<rose@example.com>"), "{heard}");
        assert!(heard.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"));
        // A single dot on a line would end the email, so it is doubled.
        assert!(heard.contains("\n..\nThat was a dot."), "{heard}");
    }

    #[tokio::test]
    async fn an_address_that_is_refused_is_not_tried_again() {
        let (url, _thread) = server("550 no such person rose@example.com");
        let error = Smtp::connect(&url).unwrap().send(&mail("2")).await.unwrap_err();
        assert!(error.permanent);
        assert_eq!(error.message, "smtp: 550");
        let (url, _thread) = server("451 later");
        assert!(!Smtp::connect(&url).unwrap().send(&mail("3")).await.unwrap_err().permanent);
        let nobody = Smtp::connect("smtp://127.0.0.1:1").unwrap();
        assert!(!nobody.send(&mail("4")).await.unwrap_err().permanent);
        assert!(Smtp::connect("mail.example.org").is_err());
    }
}

#[cfg(feature = "ses")]
mod ses {
    use super::*;
    use daisychain_functions::mail::from_env::AnyMailer;
    use daisychain_functions::mail::ses::Ses;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[tokio::test]
    async fn amazon_sends_from_no_mailbox_that_anybody_can_have() {
        for (mailer, from, refused) in [
            ("ses", "daisy@gmail.com", true),
            ("ses", "Daisy <Daisy@Hotmail.co.uk>", true),
            ("ses", "Daisy <hello@daisy.example>", false),
            // The same sender may use the provider's own server.
            ("smtp", "daisy@gmail.com", false),
        ] {
            let variable = |key: &str| match key {
                "DAISYCHAIN_MAILER" => Some(mailer.to_owned()),
                "DAISYCHAIN_FROM" => Some(from.to_owned()),
                "DAISYCHAIN_SMTP_URL" => Some("smtps://mail.example.org".to_owned()),
                _ => None,
            };
            let error = AnyMailer::read(variable).await.err().map(|error| error.to_string());
            let says_why = error.as_ref().is_some_and(|error| {
                error.starts_with("DAISYCHAIN_FROM: mail from ") && error.contains("DMARC")
            });
            assert_eq!((error.is_some(), says_why), (refused, refused), "{from}: {error:?}");
        }
    }

    #[tokio::test]
    async fn a_mail_is_sent_whole() {
        let endpoint = std::env::var("DAISYCHAIN_TEST_DYNAMODB").expect(
            "DAISYCHAIN_TEST_DYNAMODB is not set: run the tests with \
             `tests/aws/with-ministack cargo test …`, which starts an emulated AWS",
        );
        let address = endpoint.strip_prefix("http://").unwrap();
        let request = |head: &str, body: &str| {
            let mut stream = TcpStream::connect(address).unwrap();
            let length = body.len();
            write!(
                stream,
                "{head} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-2/ses/aws4_request\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            )
            .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let ses = Ses::connect_to(&endpoint).await;
        let subject = format!("Mail {}", daisychain_functions::id::ulid(0));
        let from = format!("Daisy <{}@example.org>", daisychain_functions::id::ulid(0));
        let mail = Mail { subject: subject.clone(), from: from.clone(), ..mail("5") };
        // The sender has not been verified. That can still happen, so sending is tried again.
        let error = ses.send(&mail).await.unwrap_err();
        assert_eq!((error.message.as_str(), error.permanent), ("ses: MessageRejected", false));
        let sender = from.trim_start_matches("Daisy <").trim_end_matches('>');
        request("POST /v2/email/identities", &format!("{{\"EmailIdentity\":\"{sender}\"}}"));
        ses.send(&mail).await.unwrap();
        let answer = request("GET /_ministack/ses/messages", "");
        assert!(answer.contains(&subject), "{answer}");
        assert!(answer.contains("rose@example.com"), "{answer}");
    }
}
