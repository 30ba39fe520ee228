//! Turns a theme's files into templates, components and words. Pure.
//!
//! Functions that templates call are queries and hold nothing: what they answer from is set by
//! whoever renders (see [`crate::query::record`]), so one theme serves every state of a site.

mod component;
pub mod contract;
mod definition;
mod functions;
mod inherit;
mod syntax;
mod tags;
mod wording;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use located_yaml::{Place, keys};
use tera::value::Key;
use tera::{ErrorKind, Tera, Value};

use crate::diagnostic::{Diagnostic, Lines, nearest};
use crate::digest::{Digest, Digester};
use crate::embedded;
use crate::key_tables;
use crate::outputs::image;
use crate::parse::{Argument, ArgumentKind, ComponentShape, Ids};
use crate::policy;
use crate::query;
use crate::translations::{self, Strings};

use component::Content;
use definition::{Definition, definitions};

pub(crate) use functions::json;
pub use inherit::combine;
pub(crate) use wording::text_at_fault;

/// One file of a theme.
#[derive(Clone, Debug, PartialEq)]
pub struct ThemeFile {
    /// The path that diagnostics give for it: `themes/mine/templates/base.html`.
    pub origin: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl ThemeFile {
    /// The text of a template or a style sheet; nothing where the file is not text.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }
}

/// A theme's files by their path below its folder, such as `templates/base.html`.
pub type ThemeFiles = BTreeMap<String, ThemeFile>;

/// A theme, ready to render.
pub struct Theme {
    /// The digest of its templates and of `theme.yaml`; styles and words come through queries.
    pub digest: Digest,
    /// Its components by name.
    pub components: BTreeMap<String, ComponentShape>,
    /// Its words: those of `theme.yaml`, and of the files in `strings/`.
    pub strings: Vec<Strings>,
    /// How it wants its pictures.
    pub images: image::Settings,
    /// The anchors that its templates write.
    pub ids: Ids,
    /// What browsers ignore in its templates.
    pub warnings: Vec<Diagnostic>,
    tera: Tera,
    origins: BTreeMap<String, String>,
    /// How long the page was that was rendered last.
    length: AtomicUsize,
}

impl Theme {
    /// Makes a theme of its files.
    ///
    /// # Errors
    /// A template that is no template, with its line; a key of `theme.yaml` that there is not.
    pub fn new(files: &ThemeFiles) -> Result<Theme, Vec<Diagnostic>> {
        let mut tera = Tera::new();
        functions::register(&mut tera);
        let mut digester = Digester::new();
        let mut origins = BTreeMap::new();
        let mut templates = Vec::new();
        let mut faults = Vec::new();
        for (path, file) in files {
            let Some(name) = path.strip_prefix("templates/") else { continue };
            digester.part(name).part(&file.bytes);
            origins.insert(name.to_owned(), file.origin.clone());
            templates.push((name, file.text()));
        }
        faults.extend(defined_twice(&templates, &origins));
        let mut strings = Vec::new();
        let mut images: Option<image::Settings> = None;
        // What a theme does not say, the one it extends says for it.
        for file in files.iter().rev().filter(|(path, _)| is_settings(path)).map(|(_, file)| file) {
            digester.part(&file.bytes);
            match settings(file) {
                Ok((said, wanted)) => {
                    strings.push(said);
                    images = wanted.or(images);
                }
                Err(found) => faults.extend(found),
            }
        }
        let images = images.unwrap_or_default();
        for (_, file) in files.iter().rev().filter(|(path, _)| path.starts_with("strings/")) {
            match translations::parse(&file.origin, &String::from_utf8_lossy(&file.bytes)) {
                Ok(read) => strings.push(read),
                Err(found) => faults.extend(found),
            }
        }
        let bodies = bodies(&templates);
        let contents = component::contents(templates.iter().map(|(_, text)| *text))
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content))
            .collect();
        let ids = ids(templates.iter().map(|(_, text)| *text));
        let parents = parents(&templates);
        let warnings = forbidden(&templates, &origins);
        if faults.is_empty()
            && let Err(error) = tera.add_raw_templates(templates)
        {
            let found = several(&error, &origins).into_iter();
            let text = |path: &str| files.values().find(|file| file.origin == path);
            let explained = found.map(|fault| match text(&fault.path) {
                Some(file) => syntax::explain(fault, file.text()),
                None => fault,
            });
            let mut found: Vec<Diagnostic> =
                explained.map(|fault| blame_replacement(fault, &origins, &parents)).collect();
            found.dedup();
            faults.extend(found);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let components = shapes(&tera, &bodies, &contents);
        let (digest, length) = (digester.finish(), AtomicUsize::new(16 * 1024));
        Ok(Theme { digest, components, strings, images, ids, warnings, tera, origins, length })
    }

    /// Whether there is a template of this name.
    pub fn has(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }

    /// Where the file of a template lies, for a person.
    pub fn origin(&self, template: &str) -> Option<&str> {
        self.origins.get(template).map(String::as_str)
    }

    /// Where the files of all templates lie.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.values().map(String::as_str)
    }

    /// A template whose name is near to `template`.
    pub fn nearest(&self, template: &str) -> Option<&str> {
        nearest(template, self.tera.get_template_names())
    }

    /// Renders a template to bytes of UTF-8.
    ///
    /// # Errors
    /// Names the template and its line.
    pub fn render(&self, template: &str, context: &tera::Context) -> Result<Vec<u8>, Diagnostic> {
        // Pages of a site are about as long as each other.
        let before = self.length.load(Ordering::Relaxed);
        let mut html = Vec::with_capacity(before + before / 8);
        match self.tera.render_to(template, context, &mut html) {
            Ok(()) => {
                self.length.store(html.len(), Ordering::Relaxed);
                Ok(html)
            }
            Err(error) => Err(self.diagnostic(&error, template)),
        }
    }

    /// Renders a component that a page calls. `implicits` is what it may ask for by `@name`.
    ///
    /// # Errors
    /// Names the template and its line; a fault of the call itself has no line.
    pub fn component(
        &self,
        name: &str,
        arguments: &tera::Context,
        implicits: &tera::Context,
        body: Option<&str>,
    ) -> Result<String, Diagnostic> {
        self.tera
            .render_component_with_implicits(name, arguments, implicits, body, true)
            .map_err(|error| self.diagnostic(&error, name))
    }

    /// Renders a component that pages share.
    ///
    /// # Errors
    /// There is no such component, or it needs more than its arguments; else the template and its line.
    pub fn fragment<'a>(
        &self,
        name: &str,
        arguments: impl Iterator<Item = (&'a Key<'static>, &'a Value)>,
    ) -> Result<String, Diagnostic> {
        let fault = |message: String| Diagnostic::error("themes", message);
        let Some(component) = self.tera.get_component_definition(name) else {
            let near = nearest(name, self.components.keys().map(String::as_str));
            let help = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            return Err(fault(format!("there is no component `{name}`{help}")));
        };
        if let Some(implicit) = component.args().iter().find(|argument| argument.is_implicit()) {
            let implicit = implicit.name();
            let message = format!(
                "`{name}` asks for `@{implicit}`, and what is cached has nothing but its arguments; write `{implicit}` there, and give it here"
            );
            return Err(fault(message));
        }
        let mut context = tera::Context::new();
        for (key, value) in arguments {
            context.insert_value(key.as_str().unwrap_or_default().to_owned(), value.clone());
        }
        self.component(name, &context, &tera::Context::new(), None)
    }

    /// Says a template's error at its template and line.
    fn diagnostic(&self, error: &tera::Error, template: &str) -> Diagnostic {
        let fragment = query::fault().filter(|fault| fault.place.is_some());
        fragment.unwrap_or_else(|| diagnostic(error, &self.origins, template))
    }
}

/// What `theme.yaml` says: words, and how pictures are wanted.
type Settings = (Strings, Option<image::Settings>);

fn settings(file: &ThemeFile) -> Result<Settings, Vec<Diagnostic>> {
    let fault = |message: String, place: Place| Diagnostic::error(&file.origin, message).at(place);
    let text = String::from_utf8_lossy(&file.bytes);
    let in_file = |problem| vec![Diagnostic::in_file(&file.origin, problem)];
    let node = located_yaml::parse_map(&text, 1).map_err(in_file)?.root;
    let mut faults = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        if !keys::has(&key_tables::THEME, &entry.key) {
            let names = keys::names(&key_tables::THEME);
            let near = nearest(&entry.key, names.clone());
            let names: Vec<&str> = names.collect();
            let help = near.map_or(format!("a theme has {}", names.join(", ")), |near| {
                format!("did you mean `{near}`?")
            });
            faults.push(
                fault(format!("there is no key `{}`", entry.key), entry.key_place).help(help),
            );
        }
    }
    let entries = node.get("strings").and_then(|entry| entry.node.entries()).unwrap_or_default();
    let strings =
        translations::read(&file.origin, translations::THEME, entries).unwrap_or_else(|found| {
            faults.extend(found);
            Strings::default()
        });
    let images = match node.get("images").map(image::Settings::read) {
        Some(Err(found)) => {
            faults
                .extend(found.into_iter().map(|(at, message, help)| fault(message, at).help(help)));
            None
        }
        Some(Ok(images)) => Some(images),
        None => None,
    };
    if faults.is_empty() { Ok((strings, images)) } else { Err(faults) }
}

/// The theme in the program.
pub const BUILT_IN: &str = "daisy";

fn is_settings(path: &str) -> bool {
    path.strip_prefix("theme.yaml").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A component of a template that has errors: it takes any arguments, with or without a body.
pub(crate) fn unread_components(template: &str) -> impl Iterator<Item = (String, ComponentShape)> {
    definitions(template).into_iter().map(|definition| {
        let shape = ComponentShape { rest: true, ..ComponentShape::default() };
        (definition.name.to_owned(), shape)
    })
}

/// The theme that `theme.yaml` builds on, if it names one.
pub fn extends(file: &ThemeFile) -> Option<String> {
    let node = located_yaml::parse(&String::from_utf8_lossy(&file.bytes), 1).ok()?.root;
    node.get("extends")?.node.as_str().map(str::to_owned)
}

/// The anchors that HTML or templates write: those that are plain words, and what follows a
/// component's `{{ id }}`.
pub(crate) fn ids<'a>(texts: impl Iterator<Item = &'a str>) -> Ids {
    const ARGUMENT: &str = "{{ id }}";
    let mut ids = Ids::default();
    for part in texts.flat_map(|text| text.split("{% component ")) {
        let component = part.split('(').next().unwrap_or_default().trim();
        for id in part.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let is_plain = |id: &str| !id.contains(['{', '}']);
            if let Some(end) = id.strip_prefix(ARGUMENT).filter(|end| is_plain(end)) {
                ids.endings.entry(component.to_owned()).or_default().insert(end.to_owned());
            } else if is_plain(id) {
                ids.reserved.insert(id.to_owned());
            }
        }
    }
    ids
}

/// Whether each component shows a body: it must, it cannot, or (`None`) it asks whether there is
/// one. Tera does not tell, so their text is looked at.
fn bodies(templates: &[(&str, &str)]) -> BTreeMap<String, Option<bool>> {
    let mut bodies = BTreeMap::new();
    let definitions = templates.iter().flat_map(|(_, text)| definitions(text));
    for Definition { name, inner, .. } in definitions {
        let words: Vec<&str> = inner
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        let asks = words.windows(2).any(|pair| {
            pair[1] == "body" && matches!(pair[0], "if" | "elif" | "not" | "and" | "or")
        });
        let shows = words.contains(&"body");
        bodies.insert(name.to_owned(), (!asks).then_some(shows));
    }
    bodies
}

fn shapes(
    tera: &Tera,
    bodies: &BTreeMap<String, Option<bool>>,
    contents: &BTreeMap<String, Content>,
) -> BTreeMap<String, ComponentShape> {
    let names: Vec<String> = tera.get_component_names().map(str::to_owned).collect();
    let shape = |name: &str| {
        let info = tera.get_component_definition(name)?;
        let content = contents.get(name).copied().unwrap_or_default();
        let is = |key: &str| info.metadata().get(key).and_then(Value::as_bool);
        let arguments = info.args().iter().filter(|argument| !argument.is_implicit());
        Some(ComponentShape {
            arguments: arguments
                .map(|argument| Argument {
                    name: argument.name().to_owned(),
                    kind: argument.arg_type().map_or(ArgumentKind::Any, kind),
                    required: argument.is_required(),
                })
                .collect(),
            rest: info.rest_param().is_some(),
            takes_body: bodies.get(name).copied().flatten(),
            is_block: is(component::BLOCK).unwrap_or(content.is_block),
            is_interactive: content.is_interactive,
            shows_title: content.shows_title,
            for_templates: info.metadata().get(component::FOR).and_then(Value::as_str)
                == Some(component::TEMPLATES),
        })
    };
    names.into_iter().filter_map(|name| shape(&name).map(|shape| (name, shape))).collect()
}

fn kind(kind: tera::ComponentArgType) -> ArgumentKind {
    match kind.as_str() {
        "string" => ArgumentKind::String,
        "bool" => ArgumentKind::Bool,
        "integer" => ArgumentKind::Integer,
        "float" => ArgumentKind::Float,
        "number" => ArgumentKind::Number,
        "array" => ArgumentKind::Array,
        "map" => ArgumentKind::Map,
        _ => ArgumentKind::Any,
    }
}

/// What browsers ignore in the templates of the site.
fn forbidden(templates: &[(&str, &str)], origins: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let own = templates
        .iter()
        .filter(|(name, _)| name.ends_with(".html") && !embedded::is_built_in(&origins[*name]));
    let found = own.flat_map(|(name, text)| {
        let lines = Lines::new(text);
        let ignored = policy::ignored(&tags::masked(text)).into_iter();
        let warnings =
            ignored.map(|each| each.warning(&origins[*name], lines.place(each.range.clone())));
        warnings.collect::<Vec<_>>()
    });
    found.collect()
}

/// Components that two templates of the same theme define.
fn defined_twice(
    templates: &[(&str, &str)],
    origins: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (template, text) in templates {
        let origin = &origins[*template];
        for definition in definitions(text) {
            let name = definition.name;
            let Some(first) = known.insert(name, origin) else { continue };
            let message = format!("the component `{name}` is defined twice");
            let place = Lines::new(text).place(definition.name_range);
            let fault = Diagnostic::error(origin, message).at(place);
            faults.push(
                fault.note(format!("first in {first}")).help("remove or rename one of the two"),
            );
        }
    }
    faults
}

/// The template that each template extends.
fn parents(templates: &[(&str, &str)]) -> BTreeMap<String, String> {
    let parent = |text: &str| {
        let (_, rest) = text.split_once("extends")?;
        rest.trim_start().split(['"', '\'']).nth(1).map(str::to_owned)
    };
    let each = templates.iter();
    each.filter_map(|(name, text)| Some(((*name).to_owned(), parent(text)?))).collect()
}

/// Leads a fault of the built-in theme that a block is missing back to the site's own file that lacks it; else says how
/// to change that theme.
fn blame_replacement(
    fault: Diagnostic,
    origins: &BTreeMap<String, String>,
    parents: &BTreeMap<String, String>,
) -> Diagnostic {
    let replacement = || {
        let (block, rest) = fault.message.strip_prefix("block `")?.split_once('`')?;
        rest.strip_prefix(" is not defined")?;
        let name = origins.iter().find(|(_, origin)| **origin == fault.path)?.0;
        let parent = parents.get(name)?;
        let origin = origins.get(parent).filter(|origin| !embedded::is_built_in(origin))?;
        let message =
            format!("this template has no block `{block}`, which templates that extend it fill");
        let help = format!(
            "add `{{% block {block} %}}{{% endblock {block} %}}`, or begin with `{{% extends \"{BUILT_IN}/{parent}\" %}}` \
             and write only the blocks that differ"
        );
        Some(Diagnostic::error(origin, message).help(help))
    };
    match embedded::is_built_in(&fault.path) {
        true => replacement().unwrap_or_else(|| embedded::advise(fault)),
        false => fault,
    }
}

/// Says the errors of a set of templates. Tera gives names that there are not (filters, components,
/// functions, …) all at once, as one text of reports: `error: …`, ` --> file:line:column`, carets.
fn several(error: &tera::Error, origins: &BTreeMap<String, String>) -> Vec<Diagnostic> {
    let text = match error.kind() {
        ErrorKind::Msg(text) if text.starts_with("error: ") => text,
        _ => return vec![diagnostic(error, origins, "themes")],
    };
    let report = |report: &str| {
        let (message, rest) = report.trim_start_matches("error: ").split_once('\n')?;
        let at = rest.lines().next()?.trim().strip_prefix("--> ")?;
        let mut parts = at.rsplitn(3, ':');
        let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let origin = origins.get(parts.next()?)?;
        let carets = rest.lines().last()?.matches('^').count().max(1);
        let length = u32::try_from(carets).unwrap_or(1);
        let message = sentence(message);
        let fault = Diagnostic::error(origin.as_str(), message.as_str());
        let fault = fault.at(Place { line, column, length });
        Some(match contract::help(&message) {
            Some(help) => fault.help(help),
            None => fault,
        })
    };
    let reports: Option<Vec<Diagnostic>> = text.split("\n\n").map(report).collect();
    reports.unwrap_or_else(|| vec![diagnostic(error, origins, "themes")])
}

/// Says a template's error at its template and line.
fn diagnostic(
    error: &tera::Error,
    origins: &BTreeMap<String, String>,
    template: &str,
) -> Diagnostic {
    let origin = |name: &str| origins.get(name).cloned().unwrap_or_else(|| name.to_owned());
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let span = report.span();
            let length = if span.start_line == span.end_line {
                span.end_col.saturating_sub(span.start_col).max(1)
            } else {
                1
            };
            let place = Place {
                line: number(span.start_line),
                column: number(span.start_col) + 1,
                length: number(length),
            };
            Diagnostic::error(origin(report.filename()), sentence(report.message())).at(place)
        }
        ErrorKind::MissingParent { current, parent } => Diagnostic::error(
            origin(current),
            format!("this template extends `{parent}`, and there is no such template"),
        )
        .help(parent_help(parent, origins)),
        _ => Diagnostic::error(origin(template), sentence(&error.to_string())),
    }
}

/// What to write in place of a parent that does not exist.
fn parent_help(parent: &str, origins: &BTreeMap<String, String>) -> String {
    if let Some(now) = contract::replaced(parent) {
        return format!("write `{now}`");
    }
    // A file that nothing replaces has no second name.
    if let Some(name) =
        parent.split_once('/').map(|(_, name)| name).filter(|name| origins.contains_key(*name))
    {
        return format!("write `{name}`");
    }
    match nearest(parent, origins.keys().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "check the name after `extends`".to_owned(),
    }
}

/// Lower case and no full stop, as all our messages.
fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
