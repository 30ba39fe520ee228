//! Reports outputs whose path is impossible: another output has it, or is a file where this one
//! needs a folder, or file systems or browsers do not accept the name.

mod origin;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use super::Output;
use crate::diagnostic::Diagnostic;
use crate::fs::OUTPUT_MARKER;
use crate::site::{Site, is_reserved};
use crate::url::is_in_no_name;
use origin::Origin;

/// The longest name of a file or folder, in bytes: the limit of the common file systems (`NAME_MAX`
/// on Linux; macOS and Windows allow 255 characters).
const MAX_NAME_BYTES: usize = 255;

/// The longest path of an output, in bytes: an S3 key has at most 1,024, and publishing adds a
/// prefix.
const MAX_PATH_BYTES: usize = 1_000;

/// The origins of the theme's own files, by path below `static/`.
pub(super) type Statics = BTreeMap<String, String>;

/// A path of the output folder, and what it is made from.
struct Claim<'a> {
    path: &'a str,
    origin: Origin<'a>,
}

/// Two claims that exclude each other.
struct Clash {
    /// The index of the claim that is a file.
    file: usize,
    /// The index of the claim with the same path or below it.
    other: usize,
    /// Whether they differ only in case.
    only_by_case: bool,
}

/// Returns the errors of the paths of `outputs`, and a warning for each pair that is equal only on
/// case-insensitive file systems.
pub(super) fn faults(site: &Site, outputs: &[Output], statics: &Statics) -> Vec<Diagnostic> {
    // Which attachments pages link to is known only after all are rendered, so none may clash.
    let attachments = site.attachments.keys().filter_map(|path| site.attachment(path));
    let attachments: Vec<Output> =
        attachments.map(|(path, file)| Output::attachment(path, file.digest)).collect();
    // Files that are always published are in both lists.
    let is_output = |attachment: &Output| {
        outputs
            .iter()
            .any(|output| output.path == attachment.path && output.source == attachment.source)
    };
    let outputs = outputs
        .iter()
        .chain(attachments.iter().filter(|attachment| !is_output(attachment)))
        .map(|output| Claim { path: output.path.as_str(), origin: Origin::Output(output) });
    let icons = site.icons.iter().map(|icon| Claim { path: &icon.path, origin: Origin::Icon });
    let pictures = (!site.images.is_empty())
        .then_some(Claim { path: "images/0000000000000000-1.webp", origin: Origin::Pictures });
    let ours = [OUTPUT_MARKER, ".gitignore"].map(|path| Claim { path, origin: Origin::Mark });
    let claims: Vec<Claim<'_>> = outputs.chain(icons).chain(pictures).chain(ours).collect();
    let mut faults = Vec::new();
    for claim in &claims {
        faults.extend(impossible(site, claim, statics));
    }
    let mut told = BTreeSet::new();
    for clash in clashes(&claims) {
        let file = claims[clash.file].origin.describe(site, statics);
        let other = claims[clash.other].origin.describe(site, statics);
        // An explicit URL is easier to change than a file name, which is easier to change than what
        // the program generates.
        let is_file_at_fault = file.weight > other.weight;
        let at_fault = if is_file_at_fault { clash.file } else { clash.other };
        if !told.insert(at_fault) {
            continue;
        }
        let (at_fault, rest) = if is_file_at_fault { (file, &other) } else { (other, &file) };
        let (path, below) = (claims[clash.file].path, claims[clash.other].path);
        let message = if path.len() == below.len() {
            format!("this would be written to `{below}`, like {}", rest.what)
        } else if is_file_at_fault {
            format!(
                "this would be written to the file `{path}`, but there must be a folder with that \
                 name for {}",
                rest.what
            )
        } else {
            format!(
                "this needs a folder `{path}`, but there is a file with that name: {}",
                rest.what
            )
        };
        faults.push(at_fault.diagnostic(message, clash.only_by_case));
    }
    faults
}

/// Returns every pair of claims that exclude each other, ignoring case.
fn clashes(claims: &[Claim<'_>]) -> Vec<Clash> {
    let mut by_path: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(claims.len());
    let mut found = Vec::new();
    for (at, claim) in claims.iter().enumerate() {
        match by_path.entry(folded(claim.path)) {
            Entry::Vacant(free) => {
                free.insert(at);
            }
            Entry::Occupied(first) => {
                let only_by_case = claims[*first.get()].path != claim.path;
                found.push(Clash { file: *first.get(), other: at, only_by_case });
            }
        }
    }
    for (at, claim) in claims.iter().enumerate() {
        let above = claim.path.match_indices('/').map(|(end, _)| &claim.path[..end]);
        found.extend(above.filter_map(|folder| {
            let file = *by_path.get(&*folded(folder))?;
            let only_by_case = claims[file].path != folder;
            Some(Clash { file, other: at, only_by_case })
        }));
    }
    found
}

/// Folds the case of a path, as case-insensitive file systems do.
fn folded(path: &str) -> Cow<'_, str> {
    let is_folded = path.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_folded { Cow::Borrowed(path) } else { Cow::Owned(path.to_lowercase()) }
}

/// Explains why no file can have this path, independently of other outputs.
fn impossible(site: &Site, claim: &Claim<'_>, statics: &Statics) -> Option<Diagnostic> {
    let path = claim.path;
    let first = path.split('/').next().filter(|first| first.len() < path.len());
    let message = if let Some(first) = first.filter(|first| is_reserved(first)) {
        format!("the folder `{first}` is reserved for forms")
    } else if path.contains(|character| is_in_no_name(character) && character != '/') {
        format!("browsers cannot request `{}`", path.escape_debug())
    } else if path.len() > MAX_PATH_BYTES {
        let length = path.len();
        format!("this path has {length} bytes; the maximum is {MAX_PATH_BYTES}")
    } else {
        let name = path.split('/').find(|name| name.len() > MAX_NAME_BYTES)?;
        format!(
            "`{}…` has {} bytes; the maximum for a file or folder name is {MAX_NAME_BYTES}",
            name.chars().take(24).collect::<String>(),
            name.len()
        )
    };
    Some(claim.origin.describe(site, statics).diagnostic(message, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(paths: &[&str]) -> Vec<(usize, usize, bool)> {
        let claims: Vec<Claim<'_>> =
            paths.iter().map(|path| Claim { path, origin: Origin::Mark }).collect();
        let clash = |clash: Clash| (clash.file, clash.other, clash.only_by_case);
        clashes(&claims).into_iter().map(clash).collect()
    }

    #[test]
    fn a_path_has_one_output_and_a_file_is_not_a_folder() {
        assert_eq!(found(&["a", "b/a", "ab", "b/index.html", "a.html"]), []);
        assert_eq!(found(&["a", "a.html", "a/b/c", "a"]), [(0, 3, false), (0, 2, false)]);
        assert_eq!(found(&["a/b", "a/b/c/d"]), [(0, 1, false)]);
    }

    #[test]
    fn case_only_clashes_are_marked_as_such() {
        assert_eq!(found(&["Plan.pdf", "plan.pdf"]), [(0, 1, true)]);
        assert_eq!(found(&["É/x", "é"]), [(1, 0, true)]);
        assert_eq!(found(&["A/x", "a/y"]), []);
    }
}
