//! Checks the literal arguments of a component's call against what the component takes. Pure.

use std::collections::BTreeMap;

use located_yaml::suggest::quoted_list;

use super::call::{Call, CallError, Form, Given};
use super::shortcode;
use crate::diagnostic::nearest;
use crate::value::Value;

/// What a component takes, as the theme defines it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComponentShape {
    /// Its arguments, in the order of the definition; without those a template passes by itself.
    pub arguments: Vec<Argument>,
    /// Whether it takes any other argument too.
    pub rest: bool,
    /// Whether it is called around a body; `None` where it may be or not.
    pub takes_body: Option<bool>,
    /// Whether it writes an element that cannot be in a paragraph, such as `<figure>`.
    pub is_block: bool,
    /// Whether it writes an element that cannot be in a link, such as `<a>`.
    pub is_interactive: bool,
    /// Whether it writes a heading of the first level, `<h1>`.
    pub shows_title: bool,
    /// Whether the theme keeps it for its templates, so that no message offers it to an editor.
    pub for_templates: bool,
}

/// The names of the components that are offered to editors.
pub(super) fn for_content(components: &BTreeMap<String, ComponentShape>) -> Vec<&str> {
    let offered = components.iter().filter(|(_, shape)| !shape.for_templates);
    offered.map(|(name, _)| name.as_str()).collect()
}

impl ComponentShape {
    /// Whether it takes an argument of this name.
    pub fn takes(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }

    /// Says how it is written, with the arguments that it must have.
    pub(crate) fn example(&self, name: &str) -> String {
        let required = self.arguments.iter().filter(|argument| argument.required);
        let arguments: String = required
            .map(|argument| format!(" {}={}", argument.name, argument.kind.words().1))
            .collect();
        match self.takes_body {
            Some(true) => format!(
                "write `{{% <{name}{arguments}> %}}`, the text, and `{{% </{name}> %}}`, each on its own line"
            ),
            _ => format!("write `{{{{<{name}{arguments} />}}}}`"),
        }
    }
}

/// One argument of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it may hold.
    pub kind: ArgumentKind,
    /// Whether a call must give it.
    pub required: bool,
}

/// What an argument may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Anything.
    Any,
    /// Text between quotation marks.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number with a point.
    Float,
    /// Any number.
    Number,
    /// A list.
    Array,
    /// A group of keys.
    Map,
}

impl ArgumentKind {
    /// What it takes, and how that is written.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            ArgumentKind::Any => ("any value", "\"text\""),
            ArgumentKind::String => ("text", "\"text\""),
            ArgumentKind::Bool => ("`true` or `false`", "{true}"),
            ArgumentKind::Integer => ("a whole number", "{3}"),
            ArgumentKind::Float => ("a number", "{1.5}"),
            ArgumentKind::Number => ("a number", "{3}"),
            ArgumentKind::Array => ("a list", "{[\"one\", \"two\"]}"),
            ArgumentKind::Map => ("a group of keys", "{{\"key\": \"value\"}}"),
        }
    }

    /// The value as this kind of argument takes it; `None` where it does not.
    fn accept(self, value: &Value) -> Option<Value> {
        match (self, value) {
            // A whole number is a number with a point too; Tera tells them apart.
            #[expect(clippy::cast_precision_loss, reason = "nobody writes such a number by hand")]
            (ArgumentKind::Float, Value::Integer(number)) => Some(Value::Float(*number as f64)),
            (ArgumentKind::Any, _)
            | (ArgumentKind::String, Value::String(_))
            | (ArgumentKind::Bool, Value::Bool(_))
            | (ArgumentKind::Integer, Value::Integer(_))
            | (ArgumentKind::Float, Value::Float(_))
            | (ArgumentKind::Number, Value::Integer(_) | Value::Float(_))
            | (ArgumentKind::Array, Value::List(_))
            | (ArgumentKind::Map, Value::Map(_)) => Some(value.clone()),
            _ => None,
        }
    }
}

/// The argument that says what a picture shows.
const ALT: &str = "alt";
const ALT_WANTED: &str =
    "add `alt=\"what is to be seen\"` behind its name; a mere decoration takes `alt=\"\"`";

/// A call that lacks the words for its picture, as if the picture were a decoration; with what is to be said of it.
pub(super) fn without_alt(
    call: &Call,
    components: &BTreeMap<String, ComponentShape>,
) -> Option<(Call, CallError)> {
    let shape = components.get(&call.name)?;
    let is_required = shape.arguments.iter().any(|each| each.name == ALT && each.required);
    if !is_required || call.arguments.iter().any(|given| given.name == ALT) {
        return None;
    }
    let mut completed = call.clone();
    completed.arguments.push(Given {
        name: ALT.to_owned(),
        name_range: call.name_range.clone(),
        value: Value::String(String::new()),
        value_range: call.name_range.clone(),
    });
    let message = format!("`{}` needs {}", call.name, quoted_list(&[ALT]));
    let help = ALT_WANTED.to_owned();
    Some((completed, CallError { range: call.name_range.clone(), message, help }))
}

/// Checks a call and gives its arguments as the component takes them.
///
/// # Errors
/// Everything that is wrong with it: an unknown component or argument, a wrong kind of value, a
/// required argument that is missing, a body where there is none.
pub(super) fn check(
    call: &Call,
    components: &BTreeMap<String, ComponentShape>,
) -> Result<Vec<(String, Value)>, Vec<CallError>> {
    let Some(shape) = components.get(&call.name) else {
        return Err(vec![unknown(call, components)]);
    };
    let mut errors = Vec::new();
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for given in &call.arguments {
        match shape.arguments.iter().find(|argument| argument.name == given.name) {
            Some(argument) => match argument.kind.accept(&given.value) {
                Some(value) => arguments.push((given.name.clone(), value)),
                None => errors.push(wrong_kind(given, argument.kind)),
            },
            None if shape.rest => arguments.push((given.name.clone(), given.value.clone())),
            None => errors.push(unknown_argument(call, given, shape)),
        }
    }
    let missing: Vec<&Argument> = shape
        .arguments
        .iter()
        .filter(|argument| argument.required)
        .filter(|argument| call.arguments.iter().all(|given| given.name != argument.name))
        .collect();
    if let Some(first) = missing.first() {
        let names: Vec<&str> = missing.iter().map(|argument| argument.name.as_str()).collect();
        let help = match first.name.as_str() {
            ALT => ALT_WANTED.to_owned(),
            name => format!("add `{name}={}` behind its name", first.kind.words().1),
        };
        errors.push(CallError {
            range: call.name_range.clone(),
            message: format!("`{}` needs {}", call.name, quoted_list(&names)),
            help,
        });
    }
    errors.extend(wrong_form(call, shape));
    if errors.is_empty() { Ok(arguments) } else { Err(errors) }
}

fn unknown(call: &Call, components: &BTreeMap<String, ComponentShape>) -> CallError {
    let offered = for_content(components);
    let help =
        shortcode::advice(&call.name, &written(call), components).unwrap_or_else(|| match nearest(
            &call.name,
            offered.iter().copied(),
        ) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the theme has {}", quoted_list(&offered)),
        });
    CallError {
        range: call.name_range.clone(),
        message: format!("there is no component `{}`", call.name),
        help,
    }
}

/// A call's name and its arguments of text.
fn written(call: &Call) -> String {
    let texts = call
        .arguments
        .iter()
        .filter_map(|given| given.value.as_str().map(|text| format!(" {}=\"{text}\"", given.name)));
    texts.fold(call.name.clone(), |written, text| written + &text)
}

fn unknown_argument(call: &Call, given: &Given, shape: &ComponentShape) -> CallError {
    let names = || shape.arguments.iter().map(|argument| argument.name.as_str());
    let help = match nearest(&given.name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if shape.arguments.is_empty() => "it takes none".to_owned(),
        None => format!("it takes {}", quoted_list(&names().collect::<Vec<_>>())),
    };
    CallError {
        range: given.name_range.clone(),
        message: format!("`{}` takes no argument `{}`", call.name, given.name),
        help,
    }
}

fn wrong_kind(given: &Given, kind: ArgumentKind) -> CallError {
    let (words, example) = kind.words();
    // `n="3"` is how most people write a number first.
    let help = match &given.value {
        Value::String(text)
            if (matches!(kind, ArgumentKind::Integer) && text.parse::<i64>().is_ok())
                || (matches!(kind, ArgumentKind::Float | ArgumentKind::Number)
                    && text.parse::<f64>().is_ok_and(f64::is_finite))
                || (kind == ArgumentKind::Bool && matches!(text.as_str(), "true" | "false")) =>
        {
            format!("write `{}={{{text}}}`", given.name)
        }
        _ => format!("write it like `{}={example}`", given.name),
    };
    CallError {
        range: given.value_range.clone(),
        message: format!("`{}` takes {words}", given.name),
        help,
    }
}

fn wrong_form(call: &Call, shape: &ComponentShape) -> Option<CallError> {
    let name = &call.name;
    let (message, help) = match (shape.takes_body, call.form) {
        (Some(true), Form::Whole) => (
            format!("`{name}` is written around a text"),
            format!(
                "write `{{% <{name}> %}}`, the text, and `{{% </{name}> %}}`, each on its own line"
            ),
        ),
        (Some(false), Form::Open) => (
            format!("`{name}` is not written around a text"),
            format!("write it alone, as `{{{{<{name} … />}}}}`, without an end tag"),
        ),
        _ => return None,
    };
    Some(CallError { range: call.name_range.clone(), message, help })
}
