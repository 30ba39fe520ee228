//! Traces findings of rules to the file that an editor can fix. Does no I/O: a closure returns the
//! sources.

use std::collections::BTreeMap;

use located_yaml::{Place, suggest::quoted_list};

use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Lines, Severity};
use crate::embedded;
use crate::html::document::Element;
use crate::render::Templates;

/// One finding of a rule on one page.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// The rule's name: that of its file.
    pub(super) rule: &'static str,
    /// An error if visitors lose something, a warning if something is harder for them.
    pub(super) severity: Severity,
    /// What is wrong, in the same words on every page with the same problem.
    pub(super) message: String,
    /// The tag at fault.
    pub(super) tag: String,
    /// How to fix it.
    pub(super) help: String,
    /// How an editor fixes it, if that differs from fixing a template.
    pub(super) editor_help: Option<String>,
    /// What wrote it, if known.
    pub(super) cause: Cause,
    /// Excerpts by which to find the place in a source, the most reliable first.
    pub(super) clues: Vec<String>,
}

impl Finding {
    pub(super) fn error(rule: &'static str, message: impl Into<String>) -> Finding {
        let (tag, help, clues) = Default::default();
        Finding {
            rule,
            severity: Severity::Error,
            message: message.into(),
            tag,
            help,
            editor_help: None,
            cause: Cause::Unknown,
            clues,
        }
    }

    pub(super) fn warning(rule: &'static str, message: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(rule, message) }
    }

    pub(super) fn at(mut self, element: &Element) -> Finding {
        self.tag = element.tag();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = help.into();
        self
    }

    /// Adds help for an editor, for a finding in the page's own text.
    pub(super) fn editor_help(mut self, help: impl Into<String>) -> Finding {
        self.editor_help = Some(help.into());
        self
    }

    /// Sets what wrote it.
    pub(super) fn caused_by(mut self, cause: Cause) -> Finding {
        self.cause = cause;
        self
    }

    /// Whether it is the same problem on an identical element.
    pub(super) fn is_same(&self, other: &Finding) -> bool {
        self.rule == other.rule && self.message == other.message && self.tag == other.tag
    }

    /// Adds an excerpt by which to find its place.
    pub(super) fn clue(mut self, words: impl Into<String>) -> Finding {
        let words = words.into();
        // One or two letters occur everywhere.
        if words.trim().len() > 2 {
            self.clues.push(words);
        }
        self
    }
}

/// What wrote the HTML of a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cause {
    /// The page's own text.
    Content,
    /// A template of the theme.
    Theme,
    /// One of the two.
    Unknown,
}

/// What findings need to know of a page.
pub(super) struct Origin {
    /// Its address.
    pub(super) address: String,
    /// The file of its text, if it has one.
    pub(super) content: Option<String>,
    /// Its template.
    pub(super) template: String,
}

/// A problem, reported once however many pages have it.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rule's name.
    pub rule: &'static str,
    /// The addresses of the affected pages, in order.
    pub pages: Vec<String>,
    /// The message, its place and the help.
    pub diagnostic: Diagnostic,
}

/// The source of a finding.
pub(super) struct Source {
    /// The file, as diagnostics name it.
    pub(super) path: String,
    /// The place in the file.
    pub(super) place: Place,
    /// The built-in component that wrote it, if the place is a call of one, and its template.
    component: Option<(String, String)>,
}

/// Finds the sources of findings.
pub(super) struct Locator<'a> {
    /// The theme's templates, which are searched.
    templates: &'a Templates,
    /// The settings, whose texts templates show.
    config: &'a Config,
    /// Returns the text of a file by the path that diagnostics use.
    source: &'a dyn Fn(&str) -> Option<String>,
    texts: BTreeMap<String, Option<String>>,
}

impl<'a> Locator<'a> {
    pub(super) fn new(
        templates: &'a Templates,
        config: &'a Config,
        source: &'a dyn Fn(&str) -> Option<String>,
    ) -> Locator<'a> {
        Locator { templates, config, source, texts: BTreeMap::new() }
    }

    /// The source of a finding: the page's own text, a template (the page's own first), or the settings.
    /// Text that a template has twice proves nothing. Output of a built-in component is traced to the
    /// page's call of it.
    pub(super) fn locate(&mut self, finding: &Finding, origin: &Origin) -> Option<Source> {
        let others = self.templates.theme.origins().filter(|path| **path != origin.template);
        let templates = [origin.template.as_str()].into_iter().chain(others);
        let content = origin.content.as_deref().into_iter().map(|path| (path, false));
        for (path, once) in content.chain(templates.map(|path| (path, true))) {
            for clue in &finding.clues {
                let Some(place) = self.find(path, clue, once) else { continue };
                let call =
                    if embedded::is_built_in(path) { self.call(path, place, origin) } else { None };
                // A built-in component that the page does not call wrote none of it.
                if call.is_none() && embedded::is_default(path) {
                    continue;
                }
                let found = Source { path: path.to_owned(), place, component: None };
                return Some(call.unwrap_or(found));
            }
        }
        let written =
            |clue: &String| self.config.place_of(clue.trim_start_matches('(').trim_matches('"'));
        let place = finding.clues.iter().find_map(written)?;
        Some(Source { path: config::PATH.to_owned(), place, component: None })
    }

    /// The page's call of the component whose template contains this place.
    fn call(&mut self, template: &str, place: Place, origin: &Origin) -> Option<Source> {
        let text = self.text(template)?;
        let lines = text.lines().take(usize::try_from(place.line).ok()?);
        let start = lines.filter_map(|line| line.split_once("{% component ")).last()?.1;
        let name = start.split('(').next()?.trim().to_owned();
        let path = origin.content.clone()?;
        let names = [name.clone(), name.replace('_', "-")];
        let calls = names.iter().flat_map(|name| {
            ["{{<", "{{ <", "{% <", "{%<"].into_iter().map(move |open| (open, name))
        });
        for (open, called) in calls {
            for end in [" ", "\t", "\n", "/", ">"] {
                if let Some(mut place) = self.find(&path, &format!("{open}{called}{end}"), false) {
                    let before = u32::try_from(open.len()).unwrap_or_default();
                    place.column += before;
                    place.length = u32::try_from(called.len()).unwrap_or_default();
                    let component = Some((name, template.to_owned()));
                    return Some(Source { path, place, component });
                }
            }
        }
        None
    }

    /// The help for output of a built-in component.
    fn help(&self, component: &str, template: &str) -> String {
        let arguments = self.templates.components.get(component).map(|shape| &shape.arguments);
        let names: Vec<&str> =
            arguments.into_iter().flatten().map(|argument| argument.name.as_str()).collect();
        match names.as_slice() {
            [] => {
                let advice = embedded::advice(template).unwrap_or_default();
                format!("this is the output of the component `{component}`\n{advice}")
            }
            names => {
                format!(
                    "this is the output of the component `{component}`, which has the \
                         arguments {}",
                    quoted_list(names)
                )
            }
        }
    }

    fn text(&mut self, path: &str) -> Option<&str> {
        let source = self.source;
        self.texts.entry(path.to_owned()).or_insert_with(|| source(path)).as_deref()
    }

    fn find(&mut self, path: &str, words: &str, once: bool) -> Option<Place> {
        let text = self.text(path)?;
        let mut places = memchr::memmem::find_iter(text.as_bytes(), words.as_bytes());
        let at = places.next()?;
        if once && places.next().is_some() {
            return None;
        }
        Some(Lines::new(text).place(at..at + words.len()))
    }
}

/// Merges the findings of many pages into problems.
pub(super) fn gather(
    found: Vec<(usize, Finding)>,
    origins: &[Origin],
    locator: &mut Locator,
) -> Vec<Found> {
    struct Group {
        finding: Finding,
        first: usize,
        place: Option<Source>,
        pages: Vec<String>,
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut known: BTreeMap<(String, String, String, String), usize> = BTreeMap::new();
    for (page, finding) in found {
        let origin = &origins[page];
        let place = locator.locate(&finding, origin);
        // A place in a page's own text belongs to that page; the same problem on another page is
        // separate.
        let whose = match &place {
            Some(Source { path, place, .. }) => format!("{path}:{}:{}", place.line, place.column),
            None if finding.cause == Cause::Content => origin.content.clone().unwrap_or_default(),
            None => String::new(),
        };
        // An untranslated text may have other link targets in each language.
        let is_own = place.as_ref().is_some_and(|it| origin.content.as_ref() == Some(&it.path));
        let tag = if is_own { String::new() } else { finding.tag.clone() };
        let key = (finding.rule.to_owned(), finding.message.clone(), tag, whose);
        match known.get(&key) {
            Some(at) => {
                let pages = &mut groups[*at].pages;
                if pages.last() != Some(&origin.address) {
                    pages.push(origin.address.clone());
                }
            }
            None => {
                known.insert(key, groups.len());
                let pages = vec![origin.address.clone()];
                groups.push(Group { finding, first: page, place, pages });
            }
        }
    }
    let told = groups.into_iter().map(|group| {
        let origin = &origins[group.first];
        let several = group.pages.len() > 1;
        let path = match (&group.place, &origin.content, group.finding.cause) {
            (Some(source), _, _) => source.path.clone(),
            (None, Some(content), Cause::Content) => content.clone(),
            // What many pages share comes from a template.
            (None, Some(content), Cause::Unknown) if !several => content.clone(),
            (None, _, _) => origin.template.clone(),
        };
        let Finding { rule, severity, message, tag, help, editor_help, .. } = group.finding;
        let help = editor_help.filter(|_| path.starts_with("content/")).unwrap_or(help);
        let mut diagnostic = match severity {
            Severity::Error => Diagnostic::error(path, message),
            Severity::Warning => Diagnostic::warning(path, message),
        };
        let component = group.place.as_ref().and_then(|source| source.component.as_ref());
        let help = match component {
            Some((component, template)) => locator.help(component, template),
            None => help,
        };
        diagnostic.place = group.place.map(|source| source.place);
        diagnostic.note = Some(note(&group.pages, &tag, rule).into());
        if !help.is_empty() {
            diagnostic.help = Some(help.into());
        }
        Found { rule, pages: group.pages, diagnostic: diagnostic.with_built_in_advice() }
    });
    told.collect()
}

/// The page that shows it, and the number of others.
fn note(pages: &[String], tag: &str, rule: &str) -> String {
    let first = pages.first().map_or("", String::as_str);
    let more = match pages.len() {
        0 | 1 => String::new(),
        2 => " and 1 more page".to_owned(),
        count => format!(" and {} more pages", count - 1),
    };
    let tag = if tag.is_empty() { String::new() } else { format!("{tag} ") };
    format!("{tag}on {first}{more} (rule `{rule}`)")
}
