//! Reads the forms and their translations. Reads the disk.

use std::collections::{BTreeMap, BTreeSet};

use daisychain_functions::form::{Form, Organisation};
use daisychain_functions::phone_number::is_phone;
use located_yaml::suggest::quoted_list;
use located_yaml::{Node, Problem};

use super::tracked_reader::TrackedReader;
use crate::config::{self, Config, LanguageId};
use crate::diagnostic::{Diagnostic, Lines};
use crate::site::{FormLink, Options};
use crate::source::File;
use crate::value::Value;

/// Forms by name.
type Forms = BTreeMap<String, Form>;

/// How visitors and the team are reached, unless a form says otherwise.
pub(super) struct ContactDetails {
    organisation: Organisation,
    /// The error for forms without a phone number of their own, if the organisation has none.
    no_phone: Option<Diagnostic>,
}

impl ContactDetails {
    /// Takes the details from the settings. If these have errors (`None`), only those are reported, not that a
    /// phone number is missing.
    pub(super) fn new(config: Option<&Config>) -> ContactDetails {
        let text = |key: &str| match config?.get(LanguageId::FIRST, key) {
            Some(Value::String(text)) => Some(text).filter(|text| !text.trim().is_empty()),
            _ => None,
        };
        let (phone, email) = (text("organisation.phone"), text("organisation.email"));
        let no_phone = config.filter(|_| phone.is_none()).map(no_phone);
        let phone = Some(phone.unwrap_or_default());
        ContactDetails { organisation: Organisation { phone, email }, no_phone }
    }
}

/// The error for an organisation without a phone number.
fn no_phone(config: &Config) -> Diagnostic {
    let error = Diagnostic::error(config::PATH, "the organisation has no phone number");
    let line = format!("phone: {}", config::EXAMPLE_PHONE);
    match config.phone_keys {
        [_, Some(place)] => error.at(place).help(format!("write it after the colon: `{line}`")),
        [Some(place), None] => {
            error.at(place).help(format!("add it on a line below, indented: `  {line}`"))
        }
        [None, None] => error.help(format!("add these two lines:\norganisation:\n  {line}")),
    }
}

/// The forms of a site.
#[derive(Default)]
pub(super) struct ReadForms {
    /// The forms with their translations, without those that have errors.
    pub(super) forms: Forms,
    /// The links in their texts to pages and files of the site.
    pub(super) links: Vec<FormLink>,
    /// The texts that translations lack.
    pub(super) warnings: Vec<Diagnostic>,
    /// The errors of forms and translations.
    pub(super) faults: Vec<Diagnostic>,
}

/// Reads the forms of a site under the base path of its host.
pub(super) fn read_forms(
    reading: &TrackedReader,
    details: &ContactDetails,
    folder: &str,
) -> ReadForms {
    // The forms that have no phone number of their own.
    let mut without_phone = Vec::new();
    let ReadForms { mut forms, mut links, mut warnings, mut faults } = ReadForms::default();
    let mut translations = Vec::new();
    for file in reading.files {
        let Some(name) = file.path.strip_prefix("content/forms/") else { continue };
        let Some(name) = name.strip_suffix(".yaml") else {
            let fault = Diagnostic::error(&file.path, "this is not a form");
            faults.push(fault.help(
                "the name of a form must end in `.yaml`; move other files to \
                                    another folder",
            ));
            continue;
        };
        let text = reading.text(&file.path).and_then(|text| {
            let in_file = |problem| Diagnostic::in_file(&file.path, problem);
            let document = located_yaml::parse(&text, 1).map_err(in_file)?;
            warnings.extend(document.warnings.into_iter().map(in_file));
            if !name.contains('.') {
                match document.root.get("phone").map(|entry| &entry.node) {
                    None | Some(Node { value: located_yaml::Value::Null, .. }) => {
                        without_phone.push(name);
                    }
                    Some(node) => warnings.extend(doubtful_phone(node).map(in_file)),
                }
            }
            Ok(text)
        });
        if let Ok(text) = &text {
            let (found, none) = form_links(&file.path, text);
            links.extend(found);
            faults.extend(none);
        }
        match (text, name.split_once('.')) {
            (Ok(text), None) => match Form::parse_for(&details.organisation, name, &text) {
                Ok(form) => drop(forms.insert(name.to_owned(), form)),
                Err(found) => faults.extend(located(&file.path, found)),
            },
            // A translation is merged into its form, which may come later.
            (Ok(text), Some((form, language))) => {
                translations.push((&file.path, form, language, text));
            }
            (Err(fault), _) => faults.push(fault),
        }
    }
    for (path, name, language, text) in translations {
        let Some(form) = forms.get_mut(name) else {
            // An error of the form itself was reported already.
            if !reading.files.iter().any(|file| file.path == format!("content/forms/{name}.yaml")) {
                let message = format!("there is no form `{name}` to translate");
                let help = format!("put the translation beside `content/forms/{name}.yaml`");
                faults.push(Diagnostic::error(path, message).help(help));
            }
            continue;
        };
        match form.add_translation(language, &text) {
            Ok(()) => warnings.extend(untranslated(path, form, language)),
            Err(found) => faults.extend(located(path, found)),
        }
    }
    if let Some(fault) = details.no_phone.as_ref().filter(|_| !without_phone.is_empty()) {
        let names = quoted_list(&without_phone);
        let label = match without_phone.len() {
            1 => format!("the form {names} needs it"),
            _ => format!("the forms {names} need it"),
        };
        faults.push(fault.clone().label(label));
    }
    if !folder.is_empty() {
        forms.values_mut().for_each(|form| form.place_below(folder));
    }
    ReadForms { forms, links, warnings, faults }
}

/// Returns a warning if the value of `phone` cannot be a phone number.
fn doubtful_phone(node: &Node) -> Option<Problem> {
    let text = node.characters().filter(|text| !is_phone(text.trim()))?;
    let warning = Problem::warning(node.place, format!("`{}` is not a phone number", text.trim()));
    Some(warning.help(format!("write one such as `{}`", config::EXAMPLE_PHONE)))
}

/// Returns the links in the text of a form's file to pages and files of the site, and an error for
/// each link that a form would show as written.
fn form_links(path: &str, text: &str) -> (Vec<FormLink>, Vec<Diagnostic>) {
    const BEFORE: &str = "](";
    let lines = Lines::new(text);
    let (mut links, mut faults) = (Vec::new(), Vec::new());
    for (at, _) in text.match_indices(BEFORE) {
        let start = at + BEFORE.len();
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let Some((target, _)) = text[start..].split_once(')') else { continue };
        if line.trim_start().starts_with('#') {
            continue;
        }
        let place = lines.place(start..start + target.len());
        if target.starts_with('/') && !target.starts_with("//") {
            links.push(FormLink { path: path.to_owned(), target: target.to_owned(), place });
        } else if !["https://", "mailto:", "tel:"].iter().any(|known| target.starts_with(known)) {
            let fault =
                Diagnostic::error(path, "the text of a form cannot contain this link").at(place);
            faults.push(fault.help(
                "write a page's address within the site, such as `/privacy/`, or an address that \
                 starts with `https://`, `mailto:` or `tel:`",
            ));
        }
    }
    (links, faults)
}

/// The names of the forms whose definitions could not be read.
pub(super) fn unread_forms(files: &[File], forms: &Forms) -> BTreeSet<String> {
    let names = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("content/forms/")?.strip_suffix(".yaml"));
    let names = names.filter(|name| !name.contains('.') && !forms.contains_key(*name));
    names.map(str::to_owned).collect()
}

/// Turns the problems of a definition into diagnostics.
fn located(path: &str, found: Vec<Problem>) -> impl Iterator<Item = Diagnostic> {
    found.into_iter().map(move |problem| Diagnostic::in_file(path, problem))
}

/// Reports forms of a site built for a static host without a forms service.
pub(super) fn unanswered(config: &Config, forms: &Forms, options: &Options) -> Option<Diagnostic> {
    let host = options.host?;
    let first = forms.keys().next().filter(|_| config.forms_url.is_empty())?;
    let form = match forms.len() {
        1 => format!("the form `{first}`"),
        count => format!("`{first}` and the site's other forms ({count} in all)"),
    };
    let message = format!(
        "no server answers {form}: a site built for `{}` consists of files only",
        host.name()
    );
    Some(Diagnostic::error(config::PATH, message).help(
        "set the address that answers forms, such as `forms_url: https://forms.our-street.org.uk` \
         (or the site's own address, if its host forwards `/api/` there); or publish the site and \
         its forms to AWS with `daisy publish`; or remove `content/forms`",
    ))
}

/// Reports translations of forms into languages that the site does not have.
pub(super) fn unspoken(config: &Config, forms: &Forms) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (name, form) in forms {
        for language in form.translations() {
            if config.languages.iter().skip(1).any(|known| known.code == language) {
                continue;
            }
            let path = format!("content/forms/{name}.{language}.yaml");
            let message = format!(
                "the site has no pages in `{language}`, so this translation is \
                                   not used"
            );
            let help = format!("add `{language}` to `languages` in content/site.yaml");
            warnings.push(Diagnostic::warning(path, message).help(help));
        }
    }
    warnings
}

/// The maximum number of missing texts to list in a warning.
const NAMED: usize = 8;

/// Returns one warning that lists the texts a translation lacks.
fn untranslated(path: &str, form: &Form, language: &str) -> Option<Diagnostic> {
    let lacking = form.untranslated(language);
    let (count, own) = (lacking.len(), form.language());
    let message = match count {
        0 => return None,
        1 => format!("one text is not translated and is shown in `{own}`"),
        count => format!("{count} texts are not translated and are shown in `{own}`"),
    };
    let named = lacking.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let help = match count.saturating_sub(NAMED) {
        0 => format!("add {named}"),
        more => format!("add {named}, and {more} more"),
    };
    Some(Diagnostic::warning(path, message).help(help))
}
