//! Replaces shortcodes, tags and filters in text. A call without an equivalent is shown as code, so that
//! it is not mistaken for one that works.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag as Markdown};

use super::link::{Found, LinkIndex};
use super::{Notes, Page, Program};
use crate::url::{self, scheme};

/// A call in a text, such as `{{< figure src="a.jpg" >}}` or `{% post_url 2020-05-21-rose %}`.
#[derive(Debug, Default, PartialEq)]
struct Tag {
    name: String,
    /// Whether it closes another call.
    closes: bool,
    /// The positional arguments.
    words: Vec<String>,
    named: Vec<(String, String)>,
}

impl Tag {
    fn get(&self, key: &str) -> Option<&str> {
        self.named.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// The value of a named argument, or else the first positional one.
    fn main(&self, key: &str) -> &str {
        self.get(key).or(self.words.first().map(String::as_str)).unwrap_or_default()
    }
}

/// A page's text without syntax that only the source program reads.
pub(super) fn replace(program: Program, page: &Page, map: &LinkIndex, notes: &mut Notes) -> String {
    let words = prepared(program, &page.body, page, notes);
    if !words.contains("{{") && !words.contains("{%") {
        return words;
    }
    let code = code(&words);
    let mut text = String::with_capacity(words.len());
    let (mut at, mut from) = (0, 0);
    while let Some(found) = words[at..].find('{') {
        let start = at + found;
        if let Some(code) = code.iter().find(|range| range.contains(&start)) {
            at = code.end;
            continue;
        }
        let Some((range, inner)) = call(program, &words, start) else {
            at = start + 1;
            continue;
        };
        let tag = read(inner);
        let replaced = replacement(program, &tag, page, map, notes).unwrap_or_else(|| {
            let name = if tag.name.is_empty() { "…" } else { &tag.name };
            notes.add(
                &page.from,
                format!("`{name}` ({}) has no equivalent, and is shown as code", kind(program)),
            );
            as_code(&words[range.clone()])
        });
        text.push_str(&words[from..range.start]);
        text.push_str(fitted(&replaced, &text, &words[range.end..]));
        (at, from) = (range.end, range.end);
    }
    text.push_str(&words[from..]);
    text
}

/// Text to insert between two others, without blank lines that are already there.
fn fitted<'a>(words: &'a str, before: &str, after: &str) -> &'a str {
    let breaks = |text: &mut dyn Iterator<Item = char>| text.take_while(|c| *c == '\n').count();
    let has = if before.is_empty() { usize::MAX } else { breaks(&mut before.chars().rev()) };
    let start = breaks(&mut words.chars()).min(has);
    let has = if after.is_empty() { usize::MAX } else { breaks(&mut after.chars()) };
    let end = breaks(&mut words.chars().rev()).min(has);
    words.get(start..words.len().saturating_sub(end)).unwrap_or_default()
}

fn kind(program: Program) -> &'static str {
    match program {
        Program::Hugo | Program::Zola => "a shortcode",
        Program::Jekyll | Program::Eleventy => "a template tag",
    }
}

/// Replaces syntax that also applies within code, and is not a call.
fn prepared(program: Program, body: &str, page: &Page, notes: &mut Notes) -> String {
    let body = body.replace("\r\n", "\n");
    match program {
        // Comments in shortcodes show how a shortcode is written.
        Program::Hugo => body
            .replace("{{</*", "{{<")
            .replace("*/>}}", ">}}")
            .replace("{{%/*", "{{%")
            .replace("*/%}}", "%}}"),
        Program::Jekyll => {
            let words = body.replace("{% raw %}", "").replace("{% endraw %}", "");
            without_attributes(&words, page, notes)
        }
        Program::Zola | Program::Eleventy => {
            body.replace("{% raw %}", "").replace("{% endraw %}", "")
        }
    }
}

/// Removes Kramdown's `{: .class}`: classes belong to a theme.
fn without_attributes(words: &str, page: &Page, notes: &mut Notes) -> String {
    let code = code(words);
    let mut text = String::with_capacity(words.len());
    let mut from = 0;
    for (at, _) in
        words.match_indices("{:").filter(|(at, _)| !code.iter().any(|range| range.contains(at)))
    {
        if let Some(end) =
            words[at..].find(['}', '\n']).filter(|end| words[at + end..].starts_with('}'))
        {
            notes.add(
                &page.from,
                format!("`{}` was removed: it only sets the design", &words[at..=at + end]),
            );
            text.push_str(&words[from..at]);
            from = at + end + 1;
        }
    }
    text.push_str(&words[from..]);
    text
}

/// The ranges of code: between backticks, indented, or between a `highlight` tag and its end.
fn code(words: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(words, Options::ENABLE_TABLES).into_offset_iter();
    let mut code: Vec<Range<usize>> = events
        .filter(|(event, _)| matches!(event, Event::Code(_) | Event::Start(Markdown::CodeBlock(_))))
        .map(|(_, range)| range)
        .collect();
    for (open, end, close) in [
        ("{% highlight", "%}", "{% endhighlight"),
        ("{{< highlight", ">}}", "{{< /highlight"),
        ("{{% highlight", "%}}", "{{% /highlight"),
    ] {
        for (at, _) in words.match_indices(open) {
            let from = words[at..].find(end).map(|length| at + length + end.len());
            let until = words[at..].find(close).map(|length| at + length);
            if let (Some(from), Some(until)) = (from, until)
                && from < until
            {
                code.push(from..until);
            }
        }
    }
    code
}

/// The call that begins at `start`, and its content.
fn call(program: Program, words: &str, start: usize) -> Option<(Range<usize>, &str)> {
    let forms: &[(&str, &str)] = match program {
        Program::Hugo => &[("{{<", ">}}"), ("{{%", "%}}")],
        _ => &[("{{", "}}"), ("{%", "%}")],
    };
    let rest = &words[start..];
    let (open, close) = forms.iter().find(|(open, _)| rest.starts_with(open))?;
    let inner = &rest[open.len()..];
    let end = inner.find(close)?;
    Some((start..start + open.len() + end + close.len(), &inner[..end]))
}

/// Reads `name "one" two="2"`, `name(one="1")`, `/name`.
fn read(inner: &str) -> Tag {
    let inner = inner.trim().trim_matches('-').trim().trim_end_matches('/').trim_end();
    let closes = inner.starts_with('/');
    let inner = inner.trim_start_matches('/').trim_start();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let end = inner.find(|c: char| !is_name(c)).unwrap_or(inner.len());
    let mut tag = Tag { name: inner[..end].to_owned(), closes, ..Tag::default() };
    let mut rest = &inner[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'));
        if rest.is_empty() {
            return tag;
        }
        let key_end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        let key = &rest[..key_end];
        if let Some(value) =
            rest[key_end..].trim_start().strip_prefix('=').filter(|_| !key.is_empty())
        {
            let (value, after) = word(value.trim_start());
            tag.named.push((key.to_owned(), value));
            rest = after;
        } else {
            let (value, after) = word(rest);
            tag.words.push(value);
            rest = after;
        }
    }
}

/// The first word of a text, quoted or up to a space, and the rest.
fn word(text: &str) -> (String, &str) {
    for quote in ['"', '\'', '`'] {
        if let Some(inner) = text.strip_prefix(quote) {
            let mut escaped = false;
            let end = inner.find(|c: char| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let end = end.unwrap_or(inner.len());
            let value = inner[..end].replace(&format!("\\{quote}"), &quote.to_string());
            return (value, inner.get(end + 1..).unwrap_or_default());
        }
    }
    let first = text.chars().next().map_or(0, char::len_utf8);
    let end = text[first..]
        .find(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')'))
        .map_or(text.len(), |end| first + end);
    (text[..end].to_owned(), &text[end..])
}

/// The replacement for a call; `None` without an equivalent.
fn replacement(
    program: Program,
    tag: &Tag,
    page: &Page,
    map: &LinkIndex,
    notes: &mut Notes,
) -> Option<String> {
    match (program, tag.name.as_str()) {
        (Program::Hugo, "figure") if !tag.closes => figure(tag, page, map, notes),
        (Program::Hugo, "ref" | "relref") => {
            let name = tag.main("path");
            map.named(page, name).or_else(|| {
                notes.add(&page.from, format!("the page `{name}` was not found"));
                None
            })
        }
        (Program::Hugo | Program::Zola, "youtube" | "vimeo") if !tag.closes => {
            let id = tag.main("id");
            notes.add(
                &page.from,
                "a video was replaced with a link: to show it with a still image, use the \
                 component `video`",
            );
            Some(match tag.name.as_str() {
                "youtube" => format!("<https://www.youtube.com/watch?v={id}>"),
                _ => format!("<https://vimeo.com/{id}>"),
            })
        }
        (Program::Hugo, "highlight") if tag.closes => Some("\n```\n".to_owned()),
        (Program::Hugo | Program::Jekyll, "highlight") => {
            let language = tag.words.first().map(String::as_str).unwrap_or_default();
            Some(format!("\n```{language}\n"))
        }
        (Program::Jekyll, "endhighlight") => Some("\n```\n".to_owned()),
        (Program::Hugo, "details") if tag.closes => Some("\n\n{% </details> %}\n\n".to_owned()),
        (Program::Hugo, "details") => {
            let summary = quoted(tag.get("summary").unwrap_or("Details"));
            Some(format!("\n\n{{% <details summary={summary}> %}}\n\n"))
        }
        (Program::Jekyll | Program::Eleventy, "comment") => Some("<!--".to_owned()),
        (Program::Jekyll | Program::Eleventy, "endcomment") => Some("-->".to_owned()),
        (Program::Jekyll, "link" | "post_url") => {
            let name = tag.words.first()?;
            map.named(page, &format!("/{name}")).or_else(|| map.named(page, name))
        }
        (Program::Jekyll, "site.baseurl" | "site.url") => Some(String::new()),
        // `{{ "/about/" | relative_url }}`, `{{ '/about/' | url }}`.
        (Program::Jekyll | Program::Eleventy, "") => match tag.words.as_slice() {
            [address, bar, filter]
                if bar == "|"
                    && matches!(filter.as_str(), "relative_url" | "absolute_url" | "url") =>
            {
                Some(address.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Converts Hugo's `figure`.
fn figure(tag: &Tag, page: &Page, map: &LinkIndex, notes: &mut Notes) -> Option<String> {
    let source = tag.get("src")?;
    let caption = tag.get("caption").or(tag.get("title")).unwrap_or_default();
    let alt = tag.get("alt").or(tag.get("caption")).or(tag.get("title")).unwrap_or_default();
    if scheme(source).is_some() || map.find(page, source) == Found::Nothing {
        // An image in markdown follows the same rules.
        return Some(format!("![{alt}]({source})"));
    }
    if alt.is_empty() {
        notes.add(&page.from, format!("the figure `{source}` has no text alternative"));
        return Some(format!("![]({source})"));
    }
    let file = map.link(page, source).unwrap_or_else(|| source.to_owned());
    let file = url::link_to(&url::decode(&file)).into_owned();
    let mut text = format!("\n\n{{{{<figure src={} alt={}", quoted(&file), quoted(alt));
    for (name, value) in [("caption", Some(caption)), ("credit", tag.get("attr"))] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!(" {name}={}", quoted(value)));
        }
    }
    if tag.get("link").is_some() {
        notes.add(&page.from, format!("the figure `{source}` was a link, which is not supported"));
    }
    text.push_str(" />}}\n\n");
    Some(text)
}

/// A literal argument.
fn quoted(text: &str) -> String {
    let text = text.replace(['\n', '\\'], " ");
    if text.contains('"') {
        format!("'{}'", text.replace('\'', "’"))
    } else {
        format!("\"{text}\"")
    }
}

fn as_code(written: &str) -> String {
    if written.contains('\n') {
        return format!("\n\n```text\n{}\n```\n\n", written.trim());
    }
    if written.contains('`') { format!("`` {written} ``") } else { format!("`{written}`") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Plan;

    fn replaced(program: Program, body: &str) -> String {
        let page = |to: &str, address: &str, body: &str| Page {
            from: format!("content/{to}"),
            to: to.to_owned(),
            address: address.to_owned(),
            body: body.to_owned(),
            ..Page::default()
        };
        let mut plan = Plan {
            pages: vec![page("a.md", "/a/", body), page("post/rose.md", "/post/rose/", "")],
            ..Plan::default()
        };
        plan.files.insert("static/bus.jpg".to_owned(), "bus.jpg".to_owned());
        let map = LinkIndex::of(&plan);
        replace(program, &plan.pages[0], &map, &mut Notes::default())
    }

    #[test]
    fn a_call_is_parsed_in_every_program_s_syntax() {
        let tag = read(" figure src=\"a b.jpg\" alt='x' two \"one more\" ");
        assert_eq!((tag.get("src"), tag.get("alt")), (Some("a b.jpg"), Some("x")));
        assert_eq!(tag.words, ["two", "one more"]);
        let tag = read(" gif(sources=[\"a\"], width=50)");
        assert_eq!((tag.name.as_str(), tag.get("width")), ("gif", Some("50")));
        assert!(read("/highlight").closes);
    }

    #[test]
    fn calls_with_an_equivalent_are_replaced() {
        let hugo = |body| replaced(Program::Hugo, body);
        assert_eq!(hugo("[r]({{< ref \"post/rose.md\" >}})"), "[r](/post/rose/)");
        assert_eq!(hugo("[r]({{% relref rose %}})"), "[r](/post/rose/)");
        let figure = "{{< figure src=\"/bus.jpg\" alt=\"A \\\"bus\\\"\" attr=\"Ann\" >}}";
        assert_eq!(
            hugo(figure).trim(),
            "{{<figure src=\"bus.jpg\" alt='A \"bus\"' credit=\"Ann\" />}}"
        );
        assert_eq!(hugo("{{< highlight go >}}\nx\n{{< /highlight >}}"), "```go\nx\n```");
        assert_eq!(hugo("{{< gist a b >}}"), "`{{< gist a b >}}`");
        assert_eq!(hugo("`{{</* gist */>}}` {{ x }}"), "`{{< gist >}}` {{ x }}");
        let jekyll = |body| replaced(Program::Jekyll, body);
        assert_eq!(jekyll("[r]({{ site.baseurl }}/a/)"), "[r](/a/)");
        assert_eq!(jekyll("[r]({{ \"/a/\" | relative_url }})"), "[r](/a/)");
        assert_eq!(jekyll("[r]({% link content/post/rose.md %})"), "[r](/post/rose/)");
        assert_eq!(jekyll("{% highlight ruby %}\nx\n{% endhighlight %}"), "```ruby\nx\n```");
        let code = "{% highlight ruby %}\n\"{{ x }}\"\n{% endhighlight %}";
        assert_eq!(jekyll(code), "```ruby\n\"{{ x }}\"\n```");
        assert_eq!(jekyll("x{: .big} `{: .y}`"), "x `{: .y}`");
        assert_eq!(
            replaced(Program::Zola, "{{ youtube(id=\"x\") }}"),
            "<https://www.youtube.com/watch?v=x>"
        );
        assert_eq!(
            replaced(Program::Zola, "{{ note(body=\"a\nb\") }}").trim(),
            "```text\n{{ note(body=\"a\nb\") }}\n```"
        );
    }
}
