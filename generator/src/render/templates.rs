//! Compiles and renders a theme's templates.
//!
//! The functions that templates call are stateless queries: the site is set while an output is
//! rendered, so one compiled theme serves every version of a site.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use located_yaml::Place;
use tera::value::Key;
use tera::{ErrorKind, Tera, Value};

use super::{fragment, functions};
use crate::diagnostic::{Diagnostic, nearest};
use crate::embedded;
use crate::parse::{Argument, ArgumentKind, ComponentShape};
use crate::theme::component::{self, Content};
use crate::theme::definition::{Definition, definitions};
use crate::theme::{BUILT_IN, Theme, ThemeFiles, contract, syntax, templates};

/// A theme with its templates compiled.
pub struct Templates {
    /// The rest of the theme.
    pub theme: Theme,
    /// Its components by name.
    pub components: BTreeMap<String, ComponentShape>,
    tera: Tera,
    /// The length of the page that was rendered last, in bytes.
    length: AtomicUsize,
}

impl Templates {
    /// Reads a theme's files and compiles its templates.
    ///
    /// # Errors
    /// The errors of [`Theme::read`]; if there are none, those of the templates, each with its
    /// line.
    pub fn compile(files: &ThemeFiles) -> Result<Templates, Vec<Diagnostic>> {
        let theme = Theme::read(files)?;
        let texts: Vec<(&str, &str)> =
            templates(files).map(|(name, file)| (name, file.text())).collect();
        let bodies = bodies(&texts);
        let contents = component::contents(texts.iter().map(|(_, text)| *text))
            .into_iter()
            .map(|(name, content)| (name.to_owned(), content))
            .collect();
        let parents = parents(&texts);
        let mut tera = Tera::new();
        tera.autoescape_on([".html", ".htm", ".xml", ".mjml"]);
        functions::register(&mut tera);
        if let Err(error) = tera.add_raw_templates(texts) {
            let found = several(&error, theme.origins_by_name()).into_iter();
            let text = |path: &str| files.values().find(|file| file.origin == path);
            let explained = found.map(|fault| match text(&fault.path) {
                Some(file) => syntax::explain(fault, file.text()),
                None => fault,
            });
            let mut found: Vec<Diagnostic> = explained
                .map(|fault| blame_replacement(fault, theme.origins_by_name(), &parents))
                .collect();
            found.dedup();
            return Err(found);
        }
        let components = shapes(&tera, &bodies, &contents);
        Ok(Templates { theme, components, tera, length: AtomicUsize::new(16 * 1024) })
    }

    /// Whether there is a template of this name.
    pub fn has(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }

    /// Returns the template with the most similar name.
    pub fn nearest(&self, template: &str) -> Option<&str> {
        nearest(template, self.tera.get_template_names())
    }

    /// Renders a template to UTF-8.
    ///
    /// # Errors
    /// Names the template and its line.
    pub fn render(&self, template: &str, context: &tera::Context) -> Result<Vec<u8>, Diagnostic> {
        // Pages of a site tend to have similar lengths.
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

    /// Renders a component that a page calls. `implicits` are the values it may request by `@name`.
    ///
    /// # Errors
    /// Names the template and its line; an error of the call itself has no line.
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

    /// Renders a component that several pages share.
    ///
    /// # Errors
    /// There is no such component, or it needs more than its arguments; otherwise names the
    /// template and its line.
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
                "`{name}` uses `@{implicit}`, but what is cached has only its arguments; write \
                 `{implicit}` there, and pass it here"
            );
            return Err(fault(message));
        }
        let mut context = tera::Context::new();
        for (key, value) in arguments {
            context.insert_value(key.as_str().unwrap_or_default().to_owned(), value.clone());
        }
        self.component(name, &context, &tera::Context::new(), None)
    }

    /// Turns a template's error into a diagnostic at its line.
    fn diagnostic(&self, error: &tera::Error, template: &str) -> Diagnostic {
        let fragment = fragment::take_fault().filter(|fault| fault.place.is_some());
        fragment.unwrap_or_else(|| diagnostic(error, self.theme.origins_by_name(), template))
    }
}

/// Whether each component requires a body (`Some(true)`), does not accept one (`Some(false)`), or
/// checks whether there is one (`None`). Tera does not report this, so the source is searched.
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

/// The template that each template extends.
fn parents(templates: &[(&str, &str)]) -> BTreeMap<String, String> {
    let parent = |text: &str| {
        let (_, rest) = text.split_once("extends")?;
        rest.trim_start().split(['"', '\'']).nth(1).map(str::to_owned)
    };
    let each = templates.iter();
    each.filter_map(|(name, text)| Some(((*name).to_owned(), parent(text)?))).collect()
}

/// Attributes an error of the built-in theme about a missing block to the site's own file that
/// lacks it; otherwise explains how to change that theme.
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
            format!("this template has no block `{block}`, which templates that extend it define");
        let help = format!(
            "add `{{% block {block} %}}{{% endblock {block} %}}`, or start with `{{% extends \
             \"{BUILT_IN}/{parent}\" %}}` and define only the blocks that differ"
        );
        Some(Diagnostic::error(origin, message).help(help))
    };
    match embedded::is_built_in(&fault.path) {
        true => replacement().unwrap_or_else(|| Diagnostic::with_built_in_advice(fault)),
        false => fault,
    }
}

/// Turns the errors of a set of templates into diagnostics. Tera reports unknown names (of filters,
/// components, functions, …) together, as one text: `error: …`, ` --> file:line:column`, carets.
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

/// Turns a template's error into a diagnostic at its line.
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
            format!("this template extends `{parent}`, which does not exist"),
        )
        .help(parent_help(parent, origins)),
        _ => Diagnostic::error(origin(template), sentence(&error.to_string())),
    }
}

/// Suggests what to write in place of a parent template that does not exist.
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

/// Makes the first letter lower case and removes the full stop, as in all messages of daisy.
fn sentence(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
