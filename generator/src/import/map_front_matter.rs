//! Maps the front matter of a source page to ours.

use super::file_name::named;
use super::link::{Found, LinkIndex, normal};
use super::settings::get;
use super::value_text::{moment, texts};
use super::withheld::Hold;
use super::{Notes, Page, Plan};
use crate::parse::slug;
use crate::value::Value;

/// Our keys in the order in which they are written.
const ORDER: [&str; 21] = [
    "title",
    "summary",
    "date",
    "updated",
    "author",
    "draft",
    "publish_on",
    "expires_on",
    "slug",
    "path",
    "aliases",
    "template",
    "weight",
    "menu",
    "image",
    "search",
    "sort_by",
    "paginate_by",
    "page_template",
    "feed",
    "extra",
];

/// The front matter of a page as it is collected.
struct Lines<'a> {
    page: &'a Page,
    map: &'a LinkIndex<'a>,
    notes: &'a mut Notes,
    entries: Vec<(String, Value)>,
    extra: Vec<(String, Value)>,
    addresses: Vec<String>,
}

/// The front matter of a page. Without a title, its first heading becomes the title and is removed from
/// the text, because the theme shows the title.
pub(super) fn map(
    page: &Page,
    words: &mut String,
    plan: &Plan,
    map: &LinkIndex,
    notes: &mut Notes,
) -> Vec<(String, Value)> {
    let (entries, extra, addresses) = Default::default();
    let mut lines = Lines { page, map, notes, entries, extra, addresses };
    for (key, value) in &page.front {
        lines.take(key, value, plan);
    }
    lines.holds();
    let heading = first_heading(words);
    let titled = page.front.iter().any(|(key, _)| key.eq_ignore_ascii_case("title"));
    let title = match (page.text("title"), &heading) {
        (Some(title), _) => title.to_owned(),
        (None, Some((heading, _))) if !titled => heading.clone(),
        _ if page.to == "_index.md" => plan.settings.title.clone(),
        _ => named(&page.to),
    };
    if let Some((_, end)) = heading.filter(|(heading, _)| *heading == title) {
        *words = words[end..].trim_start().to_owned();
    }
    lines.put("title", Value::String(title));
    lines.own_address();
    if page.to == "_index.md" {
        // The theme's home page template consists of bands, which the source page does not have.
        lines.put("template", Value::String("page.html".to_owned()));
    }
    if page.is_section() && is_dated(page, plan) && !page.to.eq("_index.md") {
        // The theme's template for pages with a date and an author.
        lines.put("page_template", Value::String("story.html".to_owned()));
    }
    let keys: Vec<String> = lines.extra.iter().map(|(key, _)| format!("`{key}`")).collect();
    if !keys.is_empty() {
        let keys = keys.join(", ");
        lines.note(format!("moved to `extra`, which the theme does not use: {keys}"));
    }
    let Lines { mut entries, extra, .. } = lines;
    if !extra.is_empty() {
        entries.push(("extra".to_owned(), Value::Map(extra)));
    }
    let rank = |key: &str| ORDER.iter().position(|own| *own == key).unwrap_or(ORDER.len() - 2);
    entries.sort_by_key(|(key, _)| rank(key));
    entries
}

impl Lines<'_> {
    fn note(&mut self, words: impl Into<String>) {
        self.notes.add(&self.page.from, words);
    }

    /// Sets a value; the first of duplicates takes precedence.
    fn put(&mut self, key: &str, value: Value) {
        if !self.entries.iter().any(|(own, _)| own == key) {
            self.entries.push((key.to_owned(), value));
        }
    }

    fn put_text(&mut self, key: &str, value: &Value) {
        let words = texts(value).join(", ");
        if !words.trim().is_empty() {
            self.put(key, Value::String(words.trim().to_owned()));
        }
    }

    fn take(&mut self, key: &str, value: &Value, plan: &Plan) {
        let lower = key.to_lowercase().replace('-', "_");
        let section = self.page.is_section();
        if *value == Value::Null {
            return;
        }
        match lower.as_str() {
            "title" => {}
            "summary" | "description" | "excerpt" => self.put_text("summary", value),
            "date" => self.moment("date", value),
            "updated" | "lastmod" | "last_modified_at" | "last_modified" | "modified" => {
                self.moment("updated", value);
            }
            // `withheld` reads these keys, for the page and its inherited values.
            "publishdate" | "pubdate" | "publish_on" => self.is_moment("publish_on", value),
            "expirydate" | "unpublishdate" | "expires_on" => self.is_moment("expires_on", value),
            "draft" | "published" | "headless" | "build" | "_build" | "cascade" | "render" => {}
            "author" | "authors" => self.author(value),
            "slug" => self.slug(value),
            "url" | "permalink" | "path" => self.path(value),
            "aliases" | "alias" | "redirect_from" => {
                let addresses = texts(value);
                for address in addresses {
                    self.alias(&address);
                }
            }
            "weight" | "order" | "nav_order" => self.weight(value),
            "image" | "cover" | "featured_image" | "thumbnail" | "images" | "picture" => {
                self.image(key, value);
            }
            "menu" | "menus" => self.menu(value),
            "eleventynavigation" => {
                if let Some(order) = get(value, "order") {
                    self.weight(order);
                }
                self.put("menu", Value::List(vec![Value::String("main".to_owned())]));
            }
            "in_search_index" | "sitemap" => {
                if *value == Value::Bool(false) {
                    self.put("search", Value::Bool(false));
                }
            }
            "tag" | "category" => {
                self.terms(if lower == "tag" { "tags" } else { "categories" }, value, plan)
            }
            _ if plan.settings.taxonomies.contains(&lower) => self.terms(&lower, value, plan),
            "paginate_by" if section => self.put("paginate_by", value.clone()),
            "generate_feeds" | "generate_feed" if section => self.put("feed", value.clone()),
            "sort_by" if section => self.order(value),
            "layout" | "template" | "page_template" | "type" => self.look(key, value),
            "extra" | "params" => {
                if let Value::Map(entries) = value {
                    self.extra.extend(entries.clone());
                }
            }
            _ => self.extra.push((key.to_owned(), value.clone())),
        }
    }

    /// The appearance of a page belongs to the theme; what every program calls a page is one here too.
    fn look(&mut self, key: &str, value: &Value) {
        const PLAIN: [&str; 10] = [
            "page", "post", "posts", "default", "home", "base", "single", "list", "article",
            "index",
        ];
        let name = texts(value).join(", ");
        let file = name.rsplit('/').next().unwrap_or(&name);
        let stem = file.split('.').next().unwrap_or(file);
        if !PLAIN.contains(&stem) {
            self.note(format!("`{key}: {name}` was removed: the theme sets the design of pages"));
        }
    }

    fn moment(&mut self, key: &str, value: &Value) {
        self.is_moment(key, value);
        if let Some(words) = moment(&texts(value).join(" ")) {
            self.put(key, Value::String(words));
        }
    }

    fn is_moment(&mut self, key: &str, value: &Value) {
        let words = texts(value).join(" ");
        if moment(&words).is_none() {
            self.note(format!("`{words}` cannot be read as a date: write `{key}` as `2020-05-21`"));
        }
    }

    /// Writes what keeps the page from visitors.
    fn holds(&mut self) {
        let page = self.page;
        if page.holds.contains(&Hold::Draft) {
            self.put("draft", Value::Bool(true));
        }
        for (key, words) in [("publish_on", page.publish_on()), ("expires_on", page.expires_on())] {
            if let Some(words) = words {
                self.put(key, Value::String(words.to_owned()));
            }
        }
    }

    fn author(&mut self, value: &Value) {
        let name = |value: &Value| match value {
            Value::Map(_) => get(value, "name").map(texts).unwrap_or_default().join(", "),
            value => texts(value).join(", "),
        };
        let names = match value {
            Value::List(items) => items.iter().map(name).collect::<Vec<_>>().join(", "),
            value => name(value),
        };
        self.put_text("author", &Value::String(names));
    }

    fn slug(&mut self, value: &Value) {
        let written = texts(value).join("-");
        let own = if slug(&written) == written { written.clone() } else { slug(&written) };
        if own != written {
            self.note(format!("`slug: {written}` was changed to `{own}`"));
        }
        // A folder's own page has the folder's name.
        if !own.is_empty() && !self.page.is_section() {
            self.put("slug", Value::String(own));
        }
    }

    /// Keeps the configured address of a page unless its file already gives it.
    fn path(&mut self, value: &Value) {
        // Eleventy then makes no page; `withheld` reports it.
        if *value == Value::Bool(false) {
            return;
        }
        let Some(written) = value.as_str().filter(|text| !text.contains(['{', ':'])) else {
            if value.as_str().is_none_or(|text| text.contains('{')) {
                self.note("its address was computed by a program; it now comes from the file name");
            }
            return;
        };
        let wanted = normal(written);
        if wanted != normal(&address_of(&self.page.to)) && is_address(&wanted) {
            let path = format!(
                "/{}/",
                written
                    .trim_matches('/')
                    .trim_end_matches("index.html")
                    .trim_end_matches(".html")
                    .trim_end_matches('/')
            );
            self.put("path", Value::String(path.replace("//", "/")));
        }
    }

    fn alias(&mut self, address: &str) {
        let address = address.strip_prefix('/').unwrap_or(address);
        let address = format!("/{address}");
        if !is_address(&address) {
            self.note(format!("the previous address `{address}` cannot be redirected"));
        } else if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
    }

    /// Redirects the address that the page had to its new one.
    fn own_address(&mut self) {
        let said = |key: &str| {
            self.entries.iter().find(|(own, _)| own == key).and_then(|(_, value)| value.as_str())
        };
        let derived = address_of(&self.page.to);
        let now = match (said("path"), said("slug")) {
            (Some(path), _) => path.to_owned(),
            (None, Some(slug)) => {
                let folder =
                    derived.trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
                format!("{folder}/{slug}/")
            }
            (None, None) => derived,
        };
        let bare =
            |address: &str| address.trim_end_matches("index.html").trim_matches('/').to_lowercase();
        let had = self.page.address.clone();
        // All programs begin the addresses of translations in the same way.
        if bare(&had) != bare(&now) && crate::config::coded(&self.page.to).is_none() {
            self.alias(&had);
        }
        let addresses = std::mem::take(&mut self.addresses);
        let others: Vec<Value> = addresses
            .into_iter()
            .filter(|address| bare(address) != bare(&now))
            .map(Value::String)
            .collect();
        if !others.is_empty() {
            self.put("aliases", Value::List(others));
        }
    }

    fn weight(&mut self, value: &Value) {
        match value {
            Value::Integer(_) => self.put("weight", value.clone()),
            _ => self.note(format!(
                "`{}` is not a whole number, so it was not used as a weight",
                texts(value).join(" ")
            )),
        }
    }

    /// Sets an image if it has a text alternative; otherwise an editor must write one.
    fn image(&mut self, key: &str, value: &Value) {
        let first = match value {
            Value::List(items) => items.first().unwrap_or(value),
            value => value,
        };
        let of = |keys: &[&str]| {
            keys.iter().find_map(|key| get(first, key)).and_then(Value::as_str).map(str::to_owned)
        };
        let file = first
            .as_str()
            .map(str::to_owned)
            .or_else(|| of(&["src", "url", "path", "image", "file"]));
        let words = of(&["alt", "description", "caption", "title"])
            .or_else(|| self.page.text(&format!("{key}_alt")).map(str::to_owned));
        let Some(file) = file else {
            self.note(format!("the image in `{key}` is not supported"));
            return;
        };
        let link = match self.map.find(self.page, &file) {
            Found::File(_) => self.map.link(self.page, &file),
            _ => None,
        };
        let text = Value::String;
        match (link, words) {
            (None, _) => self.note(format!("its image `{file}` was not found")),
            (Some(link), Some(words)) => {
                let entries = vec![("src".to_owned(), text(link)), ("alt".to_owned(), text(words))];
                self.put("image", Value::Map(entries));
            }
            (Some(link), None) => self.note(format!(
                "its image was removed, because it has no text alternative: write `image:`, and \
                 below it `src: {link}` and `alt:`"
            )),
        }
    }

    fn menu(&mut self, value: &Value) {
        let names = match value {
            Value::Map(entries) => {
                for (name, line) in entries {
                    if let Some(weight) = get(line, "weight") {
                        self.weight(weight);
                    }
                    if get(line, "name").is_some() || get(line, "parent").is_some() {
                        self.note(format!(
                            "in the menu `{name}`, it appears with its page title, and not under \
                             another item"
                        ));
                    }
                }
                entries.iter().map(|(name, _)| name.clone()).collect()
            }
            value => texts(value),
        };
        self.put("menu", Value::List(names.into_iter().map(Value::String).collect()));
    }

    fn terms(&mut self, taxonomy: &str, value: &Value, plan: &Plan) {
        let terms: Vec<Value> = texts(value).into_iter().map(Value::String).collect();
        if !plan.settings.taxonomies.iter().any(|name| name == taxonomy) {
            self.extra.push((taxonomy.to_owned(), Value::List(terms)));
        } else if !terms.is_empty() {
            self.put(taxonomy, Value::List(terms));
        }
    }

    fn order(&mut self, value: &Value) {
        let order = match value.as_str().unwrap_or_default() {
            "date" => "date",
            "update_date" => "updated",
            "title" | "title_bytes" => "title",
            "weight" => "weight",
            other => return self.note(format!("the order `{other}` is not supported")),
        };
        self.put("sort_by", Value::String(order.to_owned()));
    }
}

/// Whether most of a section's pages have a date.
fn is_dated(section: &Page, plan: &Plan) -> bool {
    let folder = section.to.trim_end_matches("_index.md");
    let below = plan.pages.iter().filter(|page| page.to.starts_with(folder) && !page.is_section());
    let (dated, all) = below.fold((0, 0), |(dated, all), page| {
        (dated + usize::from(page.get("date").is_some()), all + 1)
    });
    dated * 2 > all
}

/// Whether the address is valid for our pages.
fn is_address(address: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || crate::parse::is_mark(c) || "-_.~".contains(c);
    address
        .trim_matches('/')
        .split('/')
        .all(|part| !part.is_empty() && !matches!(part, "." | "..") && part.chars().all(plain))
}

/// The address of one of our files.
pub(super) fn address_of(to: &str) -> String {
    let stem = to.strip_suffix(".md").unwrap_or(to);
    let mut parts: Vec<&str> = stem.split('/').collect();
    if matches!(parts.last(), Some(&("index" | "_index"))) {
        parts.pop();
    }
    let parts: Vec<String> = parts.into_iter().map(slug).collect();
    format!("/{}/", parts.join("/")).replace("//", "/")
}

/// The heading of a text that begins with one of the first level, and where it ends.
fn first_heading(words: &str) -> Option<(String, usize)> {
    let start = words.len() - words.trim_start().len();
    let rest = words[start..].strip_prefix("# ")?;
    let line = rest.lines().next()?;
    let title = line.split(" {#").next()?.trim().trim_end_matches('#').trim();
    let is_plain = !title.is_empty() && !title.contains(['[', '`', '*', '_', '<', '{']);
    is_plain.then(|| (title.to_owned(), start + 2 + line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_at_the_start_becomes_the_title() {
        assert_eq!(first_heading("\n# Our bench #\n\nx"), Some(("Our bench".to_owned(), 14)));
        assert_eq!(first_heading("## Our bench\n"), None);
    }
}
