//! Checks the literal arguments of a component's call against the component's definition.

use std::collections::BTreeMap;

use located_yaml::suggest::quoted_list;

use super::call::{Call, CallError, Form, Given};
use super::shortcode;
use crate::diagnostic::nearest;
use crate::value::Value;

/// A component's parameters, as the theme defines them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComponentShape {
    /// Its arguments, in the order of the definition, without those that a template passes automatically.
    pub arguments: Vec<Argument>,
    /// Whether it takes any other argument.
    pub rest: bool,
    /// Whether its call has a body; `None` if the body is optional.
    pub takes_body: Option<bool>,
    /// Whether it outputs an element that cannot be in a paragraph, such as `<figure>`.
    pub is_block: bool,
    /// Whether it outputs an element that cannot be in a link, such as `<a>`.
    pub is_interactive: bool,
    /// Whether it outputs a first-level heading, `<h1>`.
    pub shows_title: bool,
    /// Whether it is meant for templates only, so that messages do not suggest it to editors.
    pub for_templates: bool,
}

/// The names of the components that editors may use.
pub(super) fn for_content(components: &BTreeMap<String, ComponentShape>) -> Vec<&str> {
    let offered = components.iter().filter(|(_, shape)| !shape.for_templates);
    offered.map(|(name, _)| name.as_str()).collect()
}

impl ComponentShape {
    /// Whether it takes an argument of this name.
    pub fn takes(&self, name: &str) -> bool {
        self.arguments.iter().any(|argument| argument.name == name)
    }

    /// An example of its call, with the required arguments.
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

/// A parameter of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ArgumentKind,
    /// Whether a call must give it.
    pub required: bool,
}

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Any value.
    Any,
    /// A quoted string.
    String,
    /// `true` or `false`.
    Bool,
    /// An integer.
    Integer,
    /// A number with a decimal point.
    Float,
    /// Any number.
    Number,
    /// A list.
    Array,
    /// A map.
    Map,
}

impl ArgumentKind {
    /// The type's name, and how its values are written.
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

    /// The value converted to this type; `None` if it is of another type.
    fn accept(self, value: &Value) -> Option<Value> {
        match (self, value) {
            // An integer is accepted as a float; Tera distinguishes them.
            #[expect(clippy::cast_precision_loss, reason = "no one writes such a number by hand")]
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

/// The argument that holds an image's text alternative.
const ALT: &str = "alt";
const ALT_WANTED: &str = "add `alt=\"what the image shows\"` after its name, or `alt=\"\"` if the image is only \
     decoration";

/// Treats a call without a text alternative as if the image were decorative, and returns the diagnostic to report.
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

/// Checks a call and returns its arguments converted to the component's types.
///
/// # Errors
/// All problems: an unknown component or argument, a value of the wrong type, a missing required argument, a body that
/// is not allowed.
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
            name => format!("add `{name}={}` after its name", first.kind.words().1),
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
            None => format!("choose one of {}", quoted_list(&offered)),
        });
    CallError {
        range: call.name_range.clone(),
        message: format!("there is no component `{}`", call.name),
        help,
    }
}

/// A call's name and its string arguments.
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
        None if shape.arguments.is_empty() => "remove this argument".to_owned(),
        None => format!("its arguments are {}", quoted_list(&names().collect::<Vec<_>>())),
    };
    CallError {
        range: given.name_range.clone(),
        message: format!("`{}` has no argument `{}`", call.name, given.name),
        help,
    }
}

fn wrong_kind(given: &Given, kind: ArgumentKind) -> CallError {
    let (words, example) = kind.words();
    // Most people write `n="3"` for a number at first.
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
        message: format!("`{}` must be {words}", given.name),
        help,
    }
}

fn wrong_form(call: &Call, shape: &ComponentShape) -> Option<CallError> {
    let name = &call.name;
    let (message, help) = match (shape.takes_body, call.form) {
        (Some(true), Form::Whole) => (
            format!("`{name}` must enclose text"),
            format!(
                "write `{{% <{name}> %}}`, the text, and `{{% </{name}> %}}`, each on its own line"
            ),
        ),
        (Some(false), Form::Open) => (
            format!("`{name}` cannot enclose text"),
            format!("write `{{{{<{name} … />}}}}`, without a closing tag"),
        ),
        _ => return None,
    };
    Some(CallError { range: call.name_range.clone(), message, help })
}
