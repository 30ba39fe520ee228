//! Finds names in XML properties: Dublin Core, Office, OpenDocument and XMP.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Named, Role};

/// The most elements and texts read.
const MAX_EVENTS: usize = 100_000;

/// The names in elements and attributes for which `role` returns a role; it is called with names without prefixes.
pub(super) fn names(text: &str, role: &dyn Fn(&str) -> Option<Role>) -> Vec<Named> {
    let mut reader = Reader::from_str(text);
    let mut found: Vec<Named> = Vec::new();
    // The open element whose text is a name, and the current depth within it.
    let mut open: Option<(Role, usize, String)> = None;
    for _ in 0..MAX_EVENTS {
        let Ok(event) = reader.read_event() else { break };
        match event {
            Event::Eof => break,
            Event::Start(start) => {
                attributes(&start, role, &mut found);
                match &mut open {
                    Some((_, depth, _)) => *depth += 1,
                    None => {
                        let role = role(local(start.name().as_ref()));
                        open = role.map(|role| (role, 0, String::new()));
                    }
                }
            }
            Event::Empty(start) => attributes(&start, role, &mut found),
            Event::End(_) => {
                // Each item of a list of creators is a name.
                if let Some((role, depth, words)) = open.take() {
                    found.push((role, words));
                    open = depth.checked_sub(1).map(|depth| (role, depth, String::new()));
                }
            }
            Event::Text(words) => add(&mut open, &words),
            Event::CData(words) => add(&mut open, &words),
            Event::GeneralRef(reference) => {
                let written = format!("&{};", &*reference);
                add(&mut open, &quick_xml::escape::unescape(&written).unwrap_or_default());
            }
            _ => {}
        }
    }
    found
}

fn add(open: &mut Option<(Role, usize, String)>, words: &str) {
    if let Some((_, _, name)) = open {
        name.push_str(words);
    }
}

/// XMP may write a property as an attribute.
fn attributes(
    start: &quick_xml::events::BytesStart<'_>,
    role: &dyn Fn(&str) -> Option<Role>,
    found: &mut Vec<Named>,
) {
    for attribute in start.attributes().flatten() {
        if let Some(role) = role(local(attribute.key.as_ref()))
            && let Ok(value) = quick_xml::escape::unescape(&attribute.value)
        {
            found.push((role, value.into_owned()));
        }
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
