//! Checks the names of files: pages that are not read as pages, and languages that the site does not
//! declare.

use crate::attachment::{Content, page_name};
use crate::config::{self, Config};
use crate::diagnostic::Diagnostic;
use crate::source::{File, SourceKind, is_page};

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
