//! Finds forms that no function of a stack serves, before anything is published.

use std::collections::{BTreeMap, BTreeSet};

use daisychain_functions::form::Form;
use daisychain_functions::lambda_routes::{NEWSLETTER, WITH_A_FUNCTION, function_of};

use crate::diagnostic::Diagnostic;

/// The functions of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Functions {
    stack: String,
    names: BTreeSet<String>,
}

impl Functions {
    /// Parses the stack output that lists the functions, separated by commas. A stack without this
    /// output predates it, and has the functions that served forms then.
    pub fn read(stack: &str, output: Option<&str>) -> Functions {
        let names = match output {
            Some(names) => names.split(',').map(|name| name.trim().to_owned()).collect(),
            None => WITH_A_FUNCTION.map(str::to_owned).into(),
        };
        Functions { stack: stack.to_owned(), names }
    }

    /// The errors for forms that none of these functions serves. `text` returns a source by its path.
    pub fn unserved(
        &self,
        forms: &BTreeMap<String, Form>,
        text: &dyn Fn(&str) -> String,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (name, form) in forms {
            let path = format!("content/forms/{name}.yaml");
            let fault = match function_of(form) {
                Some(function) if self.names.contains(function) => continue,
                Some(_) => self.no_function(&path, name),
                None => second_newsletter(&path, name, forms.contains_key(NEWSLETTER)),
            };
            found.push(at_purpose(fault, &text(&path)));
        }
        found
    }

    fn no_function(&self, path: &str, name: &str) -> Diagnostic {
        let stack = &self.stack;
        Diagnostic::error(
            path,
            format!("the stack `{stack}` has no function for the form `{name}`"),
        )
        .help(format!(
            "run `make deploy STACK={stack}`, which adds the function and publishes the \
                       site"
        ))
    }
}

fn second_newsletter(path: &str, name: &str, is_taken: bool) -> Diagnostic {
    let message = format!("on AWS, only the form `{NEWSLETTER}` can be a newsletter, not `{name}`");
    let fault = Diagnostic::error(path, message);
    if is_taken {
        return fault.help("remove this form, or change its `purpose` to `enquiry`");
    }
    let own = format!("content/forms/{NEWSLETTER}.yaml");
    fault.help(format!(
        "rename the file to `{own}`, and change the name on pages that show the \
                        form"
    ))
}

/// Places the error at the form's purpose, or else at its title.
fn at_purpose(fault: Diagnostic, text: &str) -> Diagnostic {
    let Ok(document) = located_yaml::parse_map(text, 1) else { return fault };
    let node = document.root;
    let place = node.get("purpose").map(|entry| entry.node.place);
    match place.or_else(|| node.get("title").map(|entry| entry.key_place)) {
        Some(place) => fault.at(place),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(name: &str, purpose: &str) -> (String, Form) {
        let text = format!(
            "title: T\npurpose: {purpose}\nphone: 01632 960123\nsubmit: S\n\
             thanks: {{ title: T, next: N }}\n\
             confirmation: {{ subject: S, mail: M, button: B, leave_button: L, \
             confirmed: {{ title: T, next: N }}, left: {{ title: T, next: N }} }}\n\
             fields: [{{ name: email, kind: email, label: Email }}]\n"
        );
        (name.to_owned(), Form::parse(name, &text).unwrap())
    }

    #[test]
    fn a_form_without_a_function_is_rejected() {
        let (older, newer) = (None, Some("newsletter,volunteer, chat,enquiry"));
        for (output, name, purpose, refused) in [
            (older, "chat", "chat", false),
            (older, "newsletter", "newsletter", false),
            (older, "lunch", "enquiry", true),
            (older, "befriending", "volunteer", true),
            (newer, "lunch", "enquiry", false),
            (newer, "befriending", "volunteer", false),
            (newer, "news", "newsletter", true),
            (newer, "chat", "newsletter", true),
            (Some("chat"), "volunteer", "volunteer", true),
        ] {
            let functions = Functions::read("daisy", output);
            let found = functions.unserved(&[form(name, purpose)].into(), &|_| String::new());
            assert_eq!(!found.is_empty(), refused, "{output:?} {name} {purpose}: {found:?}");
        }
    }
}
