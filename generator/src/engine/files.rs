//! Reads the files other than pages: settings, forms, data and the theme. Reads the disk.

use std::collections::{BTreeMap, BTreeSet};

use daisychain_functions::form::{Form, Organisation};
use located_yaml::Problem;

use super::tracked_reader::TrackedReader;
use crate::attachment::{Content, page_name};
use crate::config::{self, Config, LanguageId};
use crate::diagnostic::{Diagnostic, Lines, nearest};
use crate::digest::Digester;
use crate::parse::{self, Located};
use crate::site::{Data, FormLink, Options};
use crate::source::{File, SourceKind, is_page};
use crate::theme::{ThemeFile, ThemeFiles};
use crate::translations::{self, Strings};
use crate::value::Value;
use crate::{embedded, theme};

pub(super) fn below_content(path: &str) -> &str {
    path.strip_prefix("content/").unwrap_or(path)
}

/// Warns about files that were probably meant as pages: their extension resembles a page's.
pub(super) fn misnamed(files: &[File]) -> Vec<Diagnostic> {
    let warning = |file: &File| {
        let ending = misnamed_as(&file.path);
        let name = file.path.rsplit('/').next().filter(|_| !ending.is_empty())?;
        let stem = &name[..name.len() - ending.len()];
        let warning = Diagnostic::warning(&file.path, "this file is not published as a page");
        Some(
            warning.help(format!("the name of a page must end in `.md`: rename it to `{stem}.md`")),
        )
    };
    files.iter().filter_map(warning).collect()
}

/// Returns the extension of a name if it resembles a page's, or an empty string.
fn misnamed_as(path: &str) -> &'static str {
    const ENDINGS: [&str; 4] = [".md.txt", ".markdown", ".mdown", ".md"];
    if path.ends_with(".md") || !path.starts_with("content/") {
        return "";
    }
    let lower = path.to_ascii_lowercase();
    ENDINGS.into_iter().find(|ending| lower.ends_with(ending)).unwrap_or_default()
}

/// Returns a warning for a file that begins like a page but is not one, judging by its content.
pub(super) fn not_a_page(files: &[File], path: &str, content: Content) -> Option<Diagnostic> {
    let kind = SourceKind::of(path);
    let is_of_another_kind =
        matches!(kind, SourceKind::Data | SourceKind::Form | SourceKind::Strings);
    if content == Content::Program || is_of_another_kind || !misnamed_as(path).is_empty() {
        return None;
    }
    let page = page_name(path);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_there = files.iter().any(|file| file.path == format!("{folder}/{page}"));
    let help = match is_there {
        true => format!(
            "the name of a page must end in `.md`, but `{page}` already exists: remove this file, \
             or rename it, for example to `{}-2.md`",
            page.trim_end_matches(".md")
        ),
        false => format!("the name of a page must end in `.md`: rename it to `{page}`"),
    };
    let warning =
        Diagnostic::warning(path, "this file looks like a page, but is not published as one");
    Some(warning.help(help))
}

/// The languages of ISO 639-1: such a code before `.md` is unlikely to be part of a name.
const KNOWN: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu \
    cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu \
    hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li \
    ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi \
    pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk \
    tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Warns about pages whose names end in a language code that the site does not declare.
pub(super) fn undeclared(files: &[File], config: &Config) -> Vec<Diagnostic> {
    let fault = |file: &File| {
        let (stem, code) = config::coded(&file.path)?;
        let name = stem.rsplit('/').next().unwrap_or(stem);
        let declared = |each: &config::Language| each.code.eq_ignore_ascii_case(code);
        let near = config.languages.iter().find(|each| declared(each));
        let base = code.split('-').next().unwrap_or_default().to_lowercase();
        let is_language = config::is_language(code) && KNOWN.split(' ').any(|known| known == base);
        match near {
            Some(first) if first.code == config.languages[0].code => {
                let message = "a page in the original language has no language code in its name";
                let fault = Diagnostic::error(&file.path, message);
                Some(fault.help(format!("rename it to `{name}.md`")))
            }
            Some(near) if near.code != code => {
                let message =
                    format!("the site has the language `{}`, but not `{code}`", near.code);
                let fault = Diagnostic::error(&file.path, message);
                Some(fault.help(format!("rename it to `{name}.{}.md`", near.code)))
            }
            None if is_language => {
                let message = format!("the site has no language `{code}`");
                let fault = Diagnostic::error(&file.path, message);
                Some(fault.help(format!(
                    "if this is a translation, add `{code}:` with its `name:` under `languages:` \
                     in {}; otherwise rename it to `{name}-{code}.md`",
                    config::PATH
                )))
            }
            _ => None,
        }
    };
    files.iter().filter(|file| is_page(&file.path)).filter_map(fault).collect()
}

/// Returns the settings as far as they can be read, and every error in them.
pub(super) fn read_config(reading: &TrackedReader) -> (Option<Config>, Vec<Diagnostic>) {
    if !reading.files.iter().any(|file| file.path == config::PATH) {
        let fault =
            Diagnostic::error(config::PATH, "this folder is not a site: it has no such file")
                .help("set the site's folder with `--root`, or create a site with `daisy init`");
        return (None, vec![fault]);
    }
    match reading.text(config::PATH) {
        Ok(text) => Config::parse_partly(&text),
        Err(fault) => (None, vec![fault]),
    }
}

/// Forms by name.
type Forms = BTreeMap<String, Form>;

/// Returns the organisation that answers the forms. If the settings have errors, only those are
/// reported, not that a form lacks a phone number.
pub(super) fn organisation(config: Option<&Config>) -> Organisation {
    let said = |key: &str| match config.map(|config| config.get(LanguageId::FIRST, key)) {
        Some(Some(Value::String(text))) => Some(text).filter(|text| !text.trim().is_empty()),
        Some(_) => None,
        None => Some(String::new()),
    };
    Organisation { phone: said("organisation.phone"), email: said("organisation.email") }
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
    organisation: &Organisation,
    folder: &str,
) -> ReadForms {
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
            Ok(text)
        });
        if let Ok(text) = &text {
            let (found, none) = form_links(&file.path, text);
            links.extend(found);
            faults.extend(none);
        }
        match (text, name.split_once('.')) {
            (Ok(text), None) => match Form::parse_for(organisation, name, &text) {
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
    if !folder.is_empty() {
        forms.values_mut().for_each(|form| form.place_below(folder));
    }
    ReadForms { forms, links, warnings, faults }
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

/// The data files of a site.
#[derive(Default)]
pub(super) struct ReadData {
    /// The files by name, which is their path below `content/data/` without the extension.
    pub(super) data: BTreeMap<String, Data>,
    /// Warnings about values that probably do not say what was meant.
    pub(super) warnings: Vec<Diagnostic>,
    /// The errors of the files that are left out.
    pub(super) faults: Vec<Diagnostic>,
}

/// Reads the files of `content/data/`.
pub(super) fn read_data(reading: &TrackedReader) -> ReadData {
    let ReadData { mut data, mut warnings, mut faults } = ReadData::default();
    for file in reading.files {
        let Some(path) = file.path.strip_prefix("content/data/") else { continue };
        let read = reading.text(&file.path).map_err(Box::new);
        match read.and_then(|text| Ok((parse::data::parse(&file.path, &text)?, text))) {
            Ok(((value, found), text)) => {
                warnings.extend(found);
                let name = data_name(path);
                let digest = Digester::new().part(path).part(text).finish();
                if data.insert(name.to_owned(), Data { value, digest }).is_some() {
                    let message = format!("another data file is also called `{name}`");
                    let fault = Diagnostic::error(&file.path, message);
                    faults.push(fault.help(
                        "rename one of them; the extension is not part of the \
                                            name",
                    ));
                }
            }
            Err(fault) => faults.push(*fault),
        }
    }
    ReadData { data, warnings, faults }
}

/// The name of a data file, from its path below `content/data/`.
fn data_name(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(name, _)| name)
}

/// The names of the data files that could not be read.
pub(super) fn unread_data(files: &[File], data: &BTreeMap<String, Data>) -> BTreeSet<String> {
    let paths = files.iter().filter_map(|file| file.path.strip_prefix("content/data/"));
    let names = paths.map(data_name).filter(|name| !data.contains_key(*name));
    names.map(str::to_owned).collect()
}

/// Returns the texts of `content/strings/`, and the errors of the files that are left out.
pub(super) fn read_strings(reading: &TrackedReader) -> (Vec<Strings>, Vec<Diagnostic>) {
    let mut all = Vec::new();
    let mut faults = Vec::new();
    for file in reading.files.iter().filter(|file| file.path.starts_with("content/strings/")) {
        let text = reading.text(&file.path).map_err(|fault| vec![fault]);
        match text.and_then(|text| translations::parse(&file.path, &text)) {
            Ok(strings) => all.push(strings),
            Err(found) => faults.extend(found),
        }
    }
    (all, faults)
}

/// Reads the theme: its own folder merged with the themes that it extends, without the files at the
/// paths `without`, which have errors. If `fill_in` is set, the built-in theme's files replace what
/// is then missing.
pub(super) fn read_theme(
    reading: &TrackedReader,
    wanted: Option<&Located<String>>,
    without: &BTreeSet<String>,
    fill_in: bool,
) -> Result<ThemeFiles, Vec<Diagnostic>> {
    let mut found: Vec<(String, ThemeFiles)> = Vec::new();
    let mut next = Some(wanted.map_or(theme::BUILT_IN, |wanted| &wanted.value).to_owned());
    while let Some(name) = next.take() {
        let again = found.iter().any(|(known, _)| *known == name);
        let mut own =
            if again { ThemeFiles::new() } else { theme_folder(reading, &name, without)? };
        // The built-in theme is for sites without a theme, and for a theme of the same name to
        // extend.
        if own.is_empty() && name == theme::BUILT_IN {
            own = theme::built_in();
        } else if own.is_empty() {
            let last = found.last().map(|(_, files)| files);
            return Err(vec![no_theme(reading.files, last, wanted, &name)]);
        }
        next = own.get("theme.yaml").and_then(theme::extends).filter(|_| !again);
        found.push((name, own));
    }
    if fill_in {
        found.push((theme::BUILT_IN.to_owned(), theme::built_in()));
    }
    let is_built_in = |files: &ThemeFiles| {
        files.get("theme.yaml").is_some_and(|file| embedded::is_built_in(&file.origin))
    };
    let defaults = match found.last() {
        Some((_, last)) if is_built_in(last) => Vec::new(),
        _ => theme::default_components(),
    };
    Ok(theme::combine(found, defaults))
}

fn theme_folder(
    reading: &TrackedReader,
    name: &str,
    without: &BTreeSet<String>,
) -> Result<ThemeFiles, Vec<Diagnostic>> {
    let folder = format!("themes/{name}/");
    let files = reading.files.iter().filter(|file| !without.contains(&file.path));
    let own = files.filter_map(|file| Some((file, file.path.strip_prefix(&folder)?)));
    own.map(|(file, path)| {
        let is_text = path == "theme.yaml"
            || path.ends_with(".css")
            || path.starts_with("templates/")
            || path.starts_with("strings/");
        let bytes = match is_text {
            true => reading.text(&file.path).map(String::into_bytes),
            false => reading.bytes(&file.path),
        };
        let bytes = bytes.map_err(|fault| vec![fault])?;
        Ok((path.to_owned(), ThemeFile { origin: file.path.clone(), bytes }))
    })
    .collect()
}

/// Reports that there is no theme `name`, at the place that names it: the settings, or the theme
/// read last.
fn no_theme(
    files: &[File],
    last: Option<&ThemeFiles>,
    wanted: Option<&Located<String>>,
    name: &str,
) -> Diagnostic {
    let folders =
        files.iter().filter_map(|file| file.path.strip_prefix("themes/")?.split('/').next());
    let help = match nearest(name, folders.chain([theme::BUILT_IN])) {
        _ if name.contains(['/', '\\']) => {
            "write the name of a folder in `themes`, without `/`".to_owned()
        }
        Some(near) if near != name => format!("did you mean `{near}`?"),
        Some(_) => "a theme cannot extend itself or a theme that extends it".to_owned(),
        None => format!("create the folder themes/{name}, or write `{}`", theme::BUILT_IN),
    };
    let message = format!("there is no theme `{name}`");
    let fault = match (last, wanted) {
        (Some(last), _) => {
            let settings = last.get("theme.yaml");
            let origin = settings.map_or(config::PATH, |settings| &settings.origin);
            Diagnostic::error(origin, format!("{message} to extend"))
        }
        (None, Some(wanted)) => Diagnostic::error(config::PATH, message).at(wanted.place),
        (None, None) => Diagnostic::error("themes", message),
    };
    fault.help(help)
}
