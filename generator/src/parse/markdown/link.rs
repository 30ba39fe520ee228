//! Links and images: their targets are recorded with their places and resolved later.

use std::ops::Range;

use located_yaml::Place;
use pulldown_cmark::{Event, LinkType};

use super::{Call, PageLink, Piece, Writer};
use crate::html::escape_attribute;
use crate::parse::link::{Problem, check_image, check_link, destination, doubtful_alt};
use crate::parse::{LinkKind, Value};
use crate::url;

/// The arguments that name an image, in any component.
const PICTURES: [&str; 3] = ["src", "poster", "photo"];

/// The arguments that hold an address, in any component; also as the last word of a name, as in `video_url`.
const ADDRESSES: [&str; 10] =
    ["link", "links", "href", "hrefs", "url", "urls", "uri", "to", "website", "destination"];

/// The start of a link or an image.
pub(super) struct Start<'s> {
    pub(super) link_type: LinkType,
    pub(super) target: &'s str,
    pub(super) title: &'s str,
    /// Where the target is defined, for `[text][name]`.
    pub(super) definition: Option<Range<usize>>,
}

/// A link whose text is being written.
pub(super) struct OpenLink {
    index: usize,
    /// The range of its target, if known before its end.
    target: Option<Range<usize>>,
}

/// An image whose text alternative is being read, without markup.
pub(super) struct OpenImage {
    link: OpenLink,
    alt: String,
    title: String,
    depth: usize,
}

impl Writer<'_> {
    /// Records a link; its place is added at its end.
    fn open_link(&mut self, start: &Start, range: &Range<usize>, kind: LinkKind) -> OpenLink {
        let target = match (&start.definition, start.link_type) {
            (Some(definition), _) => {
                let words = &self.markdown[definition.clone()];
                let from = words.find("]:").map_or(0, |at| at + 2);
                let found = destination(words, from);
                Some(definition.start + found.start..definition.start + found.end)
            }
            (None, LinkType::Autolink | LinkType::Email) => Some(range.start + 1..range.end - 1),
            _ => None,
        };
        let mail = matches!(start.link_type, LinkType::Email);
        let written =
            if mail { format!("mailto:{}", start.target) } else { start.target.to_owned() };
        let index = self.links.len();
        self.links.push(PageLink { target: written, place: Place::default(), kind });
        OpenLink { index, target }
    }

    /// Finds the target after the text, `](target)`, and checks it.
    fn close_link(&mut self, link: &OpenLink, range: Range<usize>) {
        let target = link.target.clone().unwrap_or_else(|| {
            let from = self.last_end.clamp(range.start, range.end);
            match self.markdown.get(from..range.end).and_then(|rest| rest.find("](")) {
                Some(at) => {
                    let found = destination(&self.markdown[..range.end], from + at + 2);
                    if found.is_empty() { range.clone() } else { found }
                }
                None => range.clone(),
            }
        });
        let place = self.place(target.clone());
        let noted = &mut self.links[link.index];
        noted.place = place;
        let checked = if noted.kind == LinkKind::Image {
            check_image(&noted.target)
        } else {
            check_link(&noted.target)
        };
        if let Err(problem) = checked {
            let diagnostic = self.error(target, problem.message).help(problem.help);
            self.push(diagnostic);
        }
    }

    pub(super) fn start_link(&mut self, start: &Start, range: Range<usize>) {
        let link = self.open_link(start, &range, LinkKind::Text);
        self.output.html.push_str("<a href=\"");
        self.output.push(Piece::Link(u32::try_from(link.index).unwrap_or(u32::MAX)));
        let html = &mut self.output.html;
        html.push('"');
        if url::is_web(start.target) {
            html.push_str(" rel=\"external\" class=\"external\"");
        }
        push_title(html, start.title);
        html.push('>');
        self.open_link = Some(link);
    }

    pub(super) fn end_link(&mut self, range: Range<usize>) {
        if let Some(link) = self.open_link.take() {
            self.close_link(&link, range);
        }
        self.output.html.push_str("</a>");
    }

    pub(super) fn start_image(&mut self, start: &Start, range: Range<usize>) {
        let link = self.open_link(start, &range, LinkKind::Image);
        let title = start.title.to_owned();
        self.image = Some(OpenImage { link, alt: String::new(), title, depth: 0 });
    }

    fn check_alt(&mut self, alt: &str, target: &str, range: &Range<usize>) {
        let problem = if alt.is_empty() {
            Problem {
                message: "this image has no text alternative".to_owned(),
                help: self.words_wanted(target),
            }
        } else {
            let Some(problem) = doubtful_alt(alt) else { return };
            problem
        };
        let words = range.start..self.last_end.clamp(range.start + 2, range.end);
        let diagnostic = self.missing(words, problem.message).help(problem.help);
        self.push(diagnostic);
    }

    fn words_wanted(&self, target: &str) -> String {
        let file = match target.contains([' ', '(', ')']) {
            true => format!("<{target}>"),
            false => target.to_owned(),
        };
        let words =
            format!("write what it shows in the square brackets: `![what it shows]({file})`");
        let figure = self.rules.components.get("figure");
        if figure.is_some_and(|shape| ["src", "alt"].iter().all(|name| shape.takes(name))) {
            format!(
                "{words}; if it is only decoration, write `{{{{<figure src=\"{target}\" \
                     alt=\"\" />}}}}`"
            )
        } else {
            words
        }
    }

    /// Records the images and pages in a component's arguments, so that they are resolved like all others, and checks
    /// the images' text alternatives. Addresses outside the site are checked as in Markdown links.
    pub(super) fn note_addresses(&mut self, call: &Call) {
        for given in &call.arguments {
            if is_address_argument(&given.name)
                && let Some(problem) = unsafe_address(&given.value)
            {
                let error = self.error(given.value_range.clone(), problem.message);
                self.push(error.help(problem.help));
                continue;
            }
            let Value::String(text) = &given.value else { continue };
            // Without the quotation marks.
            let range = given.value_range.start + 1..given.value_range.end.saturating_sub(1);
            if PICTURES.contains(&given.name.as_str()) {
                let place = self.place(range.clone());
                self.links.push(PageLink { target: text.clone(), place, kind: LinkKind::Image });
                if let Err(problem) = check_image(text) {
                    let error = self.error(range, problem.message).help(problem.help);
                    self.push(error);
                }
            } else if given.name == "alt" {
                if let Some(problem) = doubtful_alt(text) {
                    let missing = self.missing(range, problem.message).help(problem.help);
                    self.push(missing);
                }
            } else if may_be_page(text) {
                let place = self.place(range.clone());
                self.links.push(PageLink { target: text.clone(), place, kind: LinkKind::Argument });
            }
        }
    }

    /// Handles an event within an image's brackets: only its text counts.
    pub(super) fn image_event(&mut self, event: &Event, range: Range<usize>) {
        let Some(image) = &mut self.image else { return };
        match event {
            Event::Start(_) => image.depth += 1,
            Event::End(_) if image.depth > 0 => image.depth -= 1,
            Event::End(_) => {
                self.containers.pop();
                if let Some(image) = self.image.take() {
                    let target = self.links[image.link.index].target.clone();
                    self.check_alt(image.alt.trim(), &target, &range);
                    self.close_link(&image.link, range);
                    self.output.push(Piece::Image {
                        link: u32::try_from(image.link.index).unwrap_or(u32::MAX),
                        alt: image.alt.trim().to_owned(),
                        title: image.title,
                    });
                }
            }
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => {
                image.alt.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => image.alt.push(' '),
            _ => {}
        }
    }
}

/// Whether an argument of this name holds an address.
fn is_address_argument(name: &str) -> bool {
    let last = name.rsplit(['_', '-']).next().unwrap_or(name);
    ADDRESSES.contains(&last)
}

/// The problem of an address outside the site, or of the first bad one in a list.
fn unsafe_address(value: &Value) -> Option<Problem> {
    match value {
        Value::String(text) if url::leaves_site(text) => check_link(text).err(),
        Value::List(items) => items.iter().find_map(unsafe_address),
        _ => None,
    }
}

/// Whether an argument may name a page, by its file or by its address.
fn may_be_page(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let is_address = path.starts_with('/') || url::is_web(path);
    path.ends_with(".md") || (is_address && path.ends_with('/'))
}

fn push_title(html: &mut String, title: &str) {
    if !title.is_empty() {
        html.push_str(" title=\"");
        escape_attribute(title, html);
        html.push('"');
    }
}
