//! Tests of `daisy newsletter`, run as users run it.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::thread;

use tempfile::TempDir;

use super::{daisy, says};
use crate::support::pictures;
use crate::support::transcript::Transcript;

/// A site with one newsletter in two languages.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "site.yaml", SETTINGS);
    write(at, "_index.md", "---\ntitle: Home\n---\n");
    write(at, "stories/rose.md", "---\ntitle: Rose\n---\n\nBeans.\n");
    write(at, "newsletters/_index.md", "---\ntitle: Newsletters\n---\n");
    write(at, "newsletters/2026-12.md", ISSUE);
    write(
        at,
        "newsletters/2026-12.ur.md",
        "---\ntitle: دسمبر\npreheader: پھلیاں\n---\n\nسب کو [سلام](../stories/rose.md)\n",
    );
    fs::write(at.join("content/newsletters/rose.png"), pictures::png(1640, 820, 9, false)).unwrap();
    folder
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join("content").join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const SETTINGS: &str = "title: Our street
base_url: https://our-street.org.uk/garden
organisation:
  name: Our street & friends
  email: hello@our-street.org.uk
  address: 1 Rose Lane, Coventry
  charity_number: 123456
languages:
  en-GB:
    name: English
  ur:
    name: اردو
";

const ISSUE: &str = "---
title: \"December: beans & more\"
preheader: Rose's \"best\" beans
---

Hello **everyone**, see [Rose's story](../stories/rose.md) or [write](mailto:a@our-street.org.uk).

![Rose among her beans](rose.png)

- one
- two

{{<button link=\"stories/rose.md\" label=\"Read on\" />}}
";

/// The files of a preview, by name.
fn preview(root: &Path) -> impl Fn(&str) -> String {
    let folder = root.join(".daisy/newsletters/2026-12");
    move |name| fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_newsletter_is_written_as_html_text_and_email() {
    let folder = site();
    let told = says(folder.path(), &["newsletter", "preview", "2026-12"]);
    assert!(told.contains("Wrote .daisy/newsletters/2026-12/2026-12.ur.eml\n"), "{told}");
    let read = preview(folder.path());
    let html = read("2026-12.html");
    for part in [
        "lang=\"en-GB\"",
        "dir=\"ltr\"",
        "<title>December: beans &amp; more</title>",
        "Rose&#39;s &quot;best&quot; beans",
        "<a href=\"https://our-street.org.uk/garden/stories/rose/\">Rose",
        "alt=\"Rose among her beans\" src=\"https://our-street.org.uk/garden/images/",
        " width=\"552\"",
        "<strong>everyone</strong>",
        "Our street &amp; friends",
        "1 Rose Lane, Coventry",
        "Registered charity number 123456",
        "<a href=\"https://our-street.org.uk/garden/newsletters/2026-12/\">View in your browser</a>",
        "<a href=\"https://unsubscribe.invalid/\">Unsubscribe</a>",
        "prefers-color-scheme: dark",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    for part in ["<picture", "srcset", "fonts.googleapis", "content-of-the-newsletter", "src=\"/"] {
        assert!(!html.contains(part), "{part} in {html}");
    }
    let text = "December: beans & more\n\nHello everyone, see Rose's story \
        <https://our-street.org.uk/garden/stories/rose/> or write <a@our-street.org.uk>.\n\n\
        [Rose among her beans]\n\n- one\n- two\n\nRead on <https://our-street.org.uk/garden/stories/rose/>\n\n\
        -- \nOur street & friends\n1 Rose Lane, Coventry\nhello@our-street.org.uk\nRegistered charity number 123456\n\n\
        View in your browser: https://our-street.org.uk/garden/newsletters/2026-12/\n\
        Unsubscribe: https://unsubscribe.invalid/\n";
    assert_eq!(read("2026-12.txt").replace('\u{2019}', "'"), text);
    let urdu = read("2026-12.ur.html");
    assert!(urdu.contains("lang=\"ur\"") && urdu.contains("dir=\"rtl\""), "{urdu}");
    assert!(
        urdu.contains("align=\"right\"") && urdu.contains("/garden/ur/stories/rose/"),
        "{urdu}"
    );
    let email = read("2026-12.eml");
    assert!(email.contains("\r\nSubject: =?UTF-8?Q?December=3A_beans_=26_more?=\r\n"), "{email}");
    assert!(email.contains("\r\nContent-Type: multipart/alternative; "), "{email}");
    // Every image in the email is on the published site.
    assert!(daisy(folder.path(), &["build"]).status.success());
    let image = html.split("src=\"https://our-street.org.uk/garden/").nth(1).unwrap();
    let image = image.split('"').next().unwrap();
    assert!(folder.path().join("dist").join(image).is_file(), "{image}");
}

#[test]
fn every_component_for_emails_can_be_in_a_newsletter() {
    let folder = site();
    let text = "---\ntitle: All\n---\n
{% <callout title=\"Look\"> %}\nCallout\n{% </callout> %}\n
{% <call_to_action link=\"stories/rose.md\" label=\"Act\" heading=\"Now\"> %}\nAction\n{% </call_to_action> %}\n
{% <quote who=\"Rose\" role=\"Gardener\"> %}\nQuotation\n{% </quote> %}\n
{% <voice who=\"Tom\"> %}\nVoice\n{% </voice> %}\n
{{<figure src=\"rose.png\" alt=\"Rose\" caption=\"Caption\" credit=\"Ann\" />}}\n
{% <gallery caption=\"Gallery\"> %}\n![Two](rose.png)\n{% </gallery> %}\n
{{<video link=\"https://videos.org/1\" title=\"Film\" poster=\"rose.png\" alt=\"Poster\" minutes={3} />}}\n
{{<contact />}}\n\n{{<ring />}}\n
{% <large> %}\nLarge\n{% </large> %}\n
{% <loud> %}\nLoud\n{% </loud> %}\n";
    write(folder.path(), "newsletters/all.md", text);
    says(folder.path(), &["newsletter", "preview", "all", "--out", "mails"]);
    let text = fs::read_to_string(folder.path().join("mails/all.txt")).unwrap();
    for words in [
        "Look",
        "Callout",
        "Now",
        "Act <https",
        "> Quotation",
        "Gardener",
        "> Voice",
        "[Rose]",
        "Caption Photo: Ann",
        "[Two]",
        "Gallery",
        "Watch: Film (3 min)",
        "Write to hello@",
        "Large",
        "Loud",
    ] {
        assert!(text.contains(words), "no {words} in {text}");
    }
}

#[test]
fn what_cannot_be_an_email_is_an_error() {
    let folder = site();
    let at = folder.path();
    let mut told = Transcript::new(at);
    told.run(&["newsletter", "preview", "2026-12"])
        .run(&["newsletter", "preview", "2026-11"])
        .run(&["newsletter", "preview", "bread"]);
    let form = "---\ntitle: Forms\n---\n\nTo here.\n\n{% <details summary=\"More\"> %}\nText\n{% </details> %}\n\n{{<contents />}}\n";
    write(at, "newsletters/forms.md", form);
    told.then("components that emails cannot have").run(&["newsletter", "preview", "forms"]);
    let long = format!("---\ntitle: Long\n---\n\n{}", "Beans and more beans.\n\n".repeat(5_000));
    write(at, "newsletters/long.md", &long);
    told.then("too long").run(&["newsletter", "preview", "long"]);
    write(at, "site.yaml", "title: Our street\nbase_url: https://our-street.org.uk\n");
    fs::remove_file(at.join("content/newsletters/2026-12.ur.md")).unwrap();
    told.then("no sender").run(&["newsletter", "preview", "2026-12"]);
    write(
        at,
        "site.yaml",
        "title: Our street\norganisation:\n  name: Us\n  email: hello@our-street.org.uk\n",
    );
    told.then("no address").run(&["newsletter", "preview", "2026-12"]);
    let mail = |text: &str| {
        let path = at.join("themes/ours/templates/email.mjml");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(at, "site.yaml", &format!("{SETTINGS}theme: ours\n"));
    mail("<mjml><mj-body><mj-section></mj-body></mjml>\n");
    fs::write(at.join("themes/ours/theme.yaml"), "extends: daisy\n").unwrap();
    told.then("MJML with an error").run(&["newsletter", "preview", "2026-12"]);
    mail("<mjml><mj-body>{{ url(path=\"nowhere.md\") }}</mj-body></mjml>\n");
    told.then("a template with an error").run(&["newsletter", "preview", "2026-12"]);
    mail("<mjml><mj-body>{{ page.content }}</mj-body></mjml>\n");
    write(at, "newsletters/forms.md", form);
    told.then("the site's own template").run(&["newsletter", "preview", "forms"]);
    fs::remove_file(at.join("themes/ours/templates/email.mjml")).unwrap();
    fs::write(at.join("themes/ours/theme.yaml"), "name: Ours\n").unwrap();
    for name in ["home", "page", "section"] {
        fs::write(at.join(format!("themes/ours/templates/{name}.html")), "<title>x</title>\n")
            .unwrap();
    }
    told.then("no template").run(&["newsletter", "preview", "2026-12"]);
    fs::remove_dir_all(at.join("content/newsletters")).unwrap();
    told.then("no newsletters").run(&["newsletter", "preview", "2026-12"]);
    told.is_kept_as("newsletter", &[]);
}

/// A DNS server on this computer with these TXT records.
fn dns_server(records: Vec<(&'static str, &'static str)>) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut packet = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut packet) {
            let answer = dns_answer(&packet[..length], &records);
            socket.send_to(&answer, from).unwrap();
        }
    });
    address
}

/// The answer to a query with one question (RFC 1035, 4.1).
fn dns_answer(query: &[u8], records: &[(&str, &str)]) -> Vec<u8> {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] > 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_lowercase());
        at = end;
    }
    let name = labels.join(".");
    let found: Vec<&str> =
        records.iter().filter(|(known, _)| *known == name).map(|(_, text)| *text).collect();
    let code = if found.is_empty() { 0x83 } else { 0x80 };
    let count = u8::try_from(found.len()).unwrap();
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, code, 0, 1, 0, count, 0, 0, 0, 0]);
    answer.extend(&query[12..at + 5]);
    for text in found {
        // The name is that of the question; TXT, IN, 60 seconds.
        answer.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        let parts: Vec<&[u8]> = text.as_bytes().chunks(255).collect();
        let length = u16::try_from(text.len() + parts.len()).unwrap();
        answer.extend(length.to_be_bytes());
        for part in parts {
            answer.push(u8::try_from(part.len()).unwrap());
            answer.extend(part);
        }
    }
    answer
}

#[test]
fn the_sender_s_domain_is_checked() {
    let folder = site();
    let at = folder.path();
    let key = concat!(
        "v=DKIM1; k=rsa; p=0123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    );
    let good = dns_server(vec![
        ("our-street.org.uk", "other"),
        ("our-street.org.uk", "v=spf1 include:amazonses.com ~all"),
        ("rose._domainkey.our-street.org.uk", key),
        ("_dmarc.our-street.org.uk", "v=DMARC1; p=none"),
    ]);
    let empty = dns_server(Vec::new());
    let bad = dns_server(vec![
        ("our-street.org.uk", "v=spf1 +all"),
        ("s1._domainkey.our-street.org.uk", "v=DKIM1; p="),
        ("_dmarc.our-street.org.uk", "v=DMARC1; rua=mailto:a@our-street.org.uk"),
    ]);
    let double = dns_server(vec![
        ("our-street.org.uk", "v=spf1 ~all"),
        ("our-street.org.uk", "v=spf1 -all"),
        ("_dmarc.our-street.org.uk", "v=DMARC1; p=none"),
        ("_dmarc.our-street.org.uk", "v=DMARC1; p=reject"),
    ]);
    let [good, empty, bad, double] = [good, empty, bad, double].map(|server| server.to_string());
    let hidden = [&good, &empty, &bad, &double].map(|server| (server.as_str(), "127.0.0.1:53"));
    let mut told = Transcript::new(at);
    told.run(&["newsletter", "check", "--selector", "rose", "--dns-server", &good]);
    told.then("no records").run(&["newsletter", "check", "--dns-server", &empty]);
    told.then("wrong records").run(&["newsletter", "check", "--dns-server", &bad]);
    told.then("several records").run(&["newsletter", "check", "--dns-server", &double]);
    // No server is at this port.
    let refused = daisy(at, &["newsletter", "check", "--dns-server", "127.0.0.1:1"]);
    let error = String::from_utf8(refused.stderr).unwrap();
    let start = "error: cannot look up `our-street.org.uk` in the DNS (";
    let end =
        "); check the connection to the internet, or name another server with `--dns-server`\n";
    assert!(error.starts_with(start) && error.ends_with(end), "{error}");
    assert_eq!(refused.status.code(), Some(2));
    write(at, "site.yaml", "title: Us\norganisation:\n  email: us@gmail.com\n");
    told.then("a free service").run(&["newsletter", "check"]);
    write(at, "site.yaml", "title: Us\n");
    told.then("no address").run(&["newsletter", "check"]);
    told.is_kept_as("newsletter-check", &hidden);
}
