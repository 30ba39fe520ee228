//! Suggests replacements for the shortcodes and tags of other programs.

use std::collections::BTreeMap;

use located_yaml::suggest::quoted_list;

use super::component::{ComponentShape, for_content};

/// The content of a shortcode of Hugo, Zola, Jekyll or Eleventy.
#[derive(Clone, Copy)]
enum Shows {
    /// A video on another site.
    Video,
    /// An image.
    Picture,
    /// The content of the theme's component of this name, if it has one.
    Component(&'static str),
    /// Something fetched from another site.
    ThirdParty,
    /// The address of a page.
    Link,
    /// Code.
    Code,
}

use Shows::{Code, Component, Link, Picture, ThirdParty, Video};

/// Shortcodes of other programs, or of many of their themes.
const SHORTCODES: [(&str, Shows); 44] = [
    ("youtube", Video),
    ("vimeo", Video),
    ("youtubelite", Video),
    ("figure", Picture),
    ("image", Picture),
    ("img", Picture),
    ("picture", Picture),
    ("resize_image", Picture),
    ("gallery", Component("gallery")),
    ("button", Component("button")),
    ("callout", Component("callout")),
    ("admonition", Component("callout")),
    ("alert", Component("callout")),
    ("hint", Component("callout")),
    ("info", Component("callout")),
    ("note", Component("callout")),
    ("notice", Component("callout")),
    ("tip", Component("callout")),
    ("warning", Component("callout")),
    ("quote", Component("quote")),
    ("blockquote", Component("quote")),
    ("details", Component("details")),
    ("expand", Component("details")),
    ("toc", Component("contents")),
    ("form", Component("form")),
    ("contact", Component("contact")),
    ("contactform", Component("form")),
    ("gist", ThirdParty),
    ("tweet", ThirdParty),
    ("twitter", ThirdParty),
    ("twitter_simple", ThirdParty),
    ("x", ThirdParty),
    ("x_simple", ThirdParty),
    ("instagram", ThirdParty),
    ("instagram_simple", ThirdParty),
    ("facebook", ThirdParty),
    ("mastodon", ThirdParty),
    ("codepen", ThirdParty),
    ("spotify", ThirdParty),
    ("soundcloud", ThirdParty),
    ("ref", Link),
    ("relref", Link),
    ("post_url", Link),
    ("highlight", Code),
];

/// A shortcode as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shortcode<'a> {
    pub(super) name: &'a str,
    /// The whole text, with its braces.
    pub(super) text: &'a str,
    /// Whether it closes another one.
    pub(super) closes: bool,
}

/// Parses Hugo's `{{< name … >}}` at the start of a text: a component's call has no space after its `<` and ends in
/// `/>}}`.
pub(super) fn hugo(text: &str) -> Option<Shortcode<'_>> {
    let end = text.find("}}")?;
    let is_hugo =
        text.starts_with("{{< ") && text[..end].ends_with('>') && !text[..end].ends_with("/>");
    if !is_hugo {
        return None;
    }
    shortcode(&text[..end + 2], "{{<")
}

/// Parses a shortcode that is plain text here: Hugo's `{{% name … %}}`, Zola's `{{ name(…) }}`, or a tag known from
/// Jekyll or Eleventy, `{% name … %}`.
pub(super) fn in_text(text: &str) -> Option<Shortcode<'_>> {
    let (start, end) = match text.as_bytes() {
        [b'{', b'{', b'%', ..] => ("{{%", "%}}"),
        [b'{', b'{', ..] => ("{{", "}}"),
        [b'{', b'%', ..] => ("{%", "%}"),
        _ => return None,
    };
    let length = text.find(end)? + end.len();
    let found = shortcode(&text[..length], start)?;
    let behind = text[start.len()..].trim_start().strip_prefix(found.name).unwrap_or_default();
    let is_known = SHORTCODES.iter().any(|(known, _)| *known == found.name);
    let is_shortcode = match start {
        "{{%" => true,
        "{{" => behind.starts_with('('),
        _ => is_known && !found.closes,
    };
    is_shortcode.then_some(found)
}

fn shortcode<'a>(text: &'a str, start: &str) -> Option<Shortcode<'a>> {
    let inner = text[start.len()..].trim_start_matches(['-', ' ', '\t']);
    let (closes, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner.trim_start()),
        None => (false, inner),
    };
    let length = inner
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')))
        .unwrap_or(inner.len());
    let name = inner[..length].trim_end_matches('-');
    name.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(Shortcode { name, text, closes })
}

/// How to replace a shortcode of this name; `None` if it is not known from another program.
pub(super) fn advice(
    name: &str,
    text: &str,
    components: &BTreeMap<String, ComponentShape>,
) -> Option<String> {
    let lower = name.to_lowercase();
    let (_, shows) = SHORTCODES.iter().find(|(known, _)| *known == lower)?;
    Some(match shows {
        Video => show_film(&film(&lower, text), components),
        Picture => show_picture(components),
        Component(name) => match components.get_key_value(*name) {
            Some((name, shape)) => shape.example(name),
            None => return None,
        },
        ThirdParty => "pages do not load anything from other sites; link to it, as in `[what it \
                      is](https://example.org/page)`"
            .to_owned(),
        Link => {
            "link to the file of the page, such as `[how it began](stories/_index.md)`".to_owned()
        }
        Code => "put the code between two lines of three backticks".to_owned(),
    })
}

/// How to replace an unknown shortcode: one of the site's own theme or of a plug-in.
pub(super) fn unknown(name: &str, components: &BTreeMap<String, ComponentShape>) -> String {
    let ours = name.replace('-', "_");
    if let Some((name, shape)) = components.get_key_value(&ours) {
        return shape.example(name);
    }
    let names = quoted_list(&for_content(components));
    format!("remove it, or use a component of the theme: {names}")
}

/// The address of the page that plays the video named by HTML or a shortcode.
pub(super) fn film(name: &str, text: &str) -> String {
    const HOSTS: [(&str, &str); 6] = [
        ("youtube.com/embed/", "https://www.youtube.com/watch?v="),
        ("youtube-nocookie.com/embed/", "https://www.youtube.com/watch?v="),
        ("youtube.com/watch?v=", "https://www.youtube.com/watch?v="),
        ("youtu.be/", "https://www.youtube.com/watch?v="),
        ("player.vimeo.com/video/", "https://vimeo.com/"),
        ("vimeo.com/", "https://vimeo.com/"),
    ];
    let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let id = |text: &str| text[..text.find(|c| !is_id(c)).unwrap_or(text.len())].to_owned();
    for (host, watch) in HOSTS {
        if let Some((_, rest)) = text.split_once(host) {
            return format!("{watch}{}", id(rest));
        }
    }
    let watch = if name == "vimeo" { "https://vimeo.com/" } else { HOSTS[0].1 };
    let behind = text.split_once(name).map_or("", |(_, behind)| behind);
    let named = behind.split_once("id=").map_or(behind, |(_, behind)| behind);
    let found = id(named.trim_start_matches(|c: char| !is_id(c)));
    format!("{watch}{}", if found.is_empty() { "…" } else { &found })
}

/// Whether HTML or a shortcode embeds a video of one of these sites.
pub(super) fn has_film(text: &str) -> bool {
    ["youtube.com/", "youtube-nocookie.com/", "youtu.be/", "vimeo.com/"]
        .iter()
        .any(|host| text.contains(host))
}

/// How to show a video.
pub(super) fn show_film(address: &str, components: &BTreeMap<String, ComponentShape>) -> String {
    let takes = ["link", "title", "poster"];
    match components.get("video").filter(|shape| takes.iter().all(|name| shape.takes(name))) {
        Some(_) => format!(
            "put a still image of the video beside the page, and write `{{{{<video \
             link=\"{address}\" title=\"name of the video\" poster=\"photo.jpg\" />}}}}`"
        ),
        None => format!("link to the video, as in `[name of the video]({address})`"),
    }
}

fn show_picture(components: &BTreeMap<String, ComponentShape>) -> String {
    let plain = "write an image as `![what it shows](photo.jpg)`";
    match components.get_key_value("figure") {
        Some((name, shape)) => format!("{plain}; with a caption, {}", shape.example(name)),
        None => plain.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcodes_are_distinguished_from_components_and_text() {
        for (text, expected) in [
            ("{{< youtube w7Ft2ymGmfc >}} and", Some("youtube")),
            ("{{< ref \"about.md\" >}}", Some("ref")),
            ("{{< /details >}}", Some("details")),
            ("{{< figure src=\"a.jpg\" />}}", None),
            ("{{<figure src=\"a.jpg\">}}", None),
            ("{{<youtube />}}", None),
        ] {
            assert_eq!(hugo(text).map(|found| found.name), expected, "{text}");
        }
        for (text, expected) in [
            ("{{% notice tip %}}", Some("notice")),
            ("{{ youtube(id=\"a\") }}", Some("youtube")),
            ("{{ card(a=1) }}", Some("card")),
            ("{% youtube abc %}", Some("youtube")),
            ("{% post_url 2020-05-21-rose %}", Some("post_url")),
            ("{{ title }}", None),
            ("{{ 3 }}", None),
            ("{% if x %}", None),
            ("{{", None),
            ("{ x }", None),
        ] {
            assert_eq!(in_text(text).map(|found| found.name), expected, "{text}");
        }
    }

    #[test]
    fn a_video_links_to_its_page() {
        for (name, text, expected) in [
            (
                "",
                "<iframe src=\"https://www.youtube.com/embed/a-B_3?rel=0\">",
                "https://www.youtube.com/watch?v=a-B_3",
            ),
            (
                "",
                "<iframe src='https://www.youtube-nocookie.com/embed/aB3'>",
                "https://www.youtube.com/watch?v=aB3",
            ),
            (
                "",
                "<iframe src=\"https://player.vimeo.com/video/146022717\">",
                "https://vimeo.com/146022717",
            ),
            (
                "youtube",
                "{{< youtube id=\"w7Ft\" title=\"A\" >}}",
                "https://www.youtube.com/watch?v=w7Ft",
            ),
            ("youtube", "{{< youtube w7Ft >}}", "https://www.youtube.com/watch?v=w7Ft"),
            (
                "youtube",
                "{% youtube https://youtu.be/w7Ft %}",
                "https://www.youtube.com/watch?v=w7Ft",
            ),
            ("vimeo", "{{ vimeo(id=\"146022717\") }}", "https://vimeo.com/146022717"),
            ("youtube", "{{ youtube() }}", "https://www.youtube.com/watch?v=…"),
        ] {
            assert_eq!(film(name, text), expected, "{text}");
        }
    }
}
