//! Finds the output at the decoded path of a request.
//!
//! Paths are only looked up in the list of outputs, so nothing outside the site can be requested;
//! invalid paths are rejected earlier ([`crate::url::request_path`]).

use crate::engine::Output;

/// What a path refers to.
#[derive(Debug, PartialEq)]
pub(super) enum Named<'a> {
    /// An output.
    Output(&'a Output),
    /// A page's folder without the trailing `/`.
    Folder,
    /// Nothing.
    Nothing,
}

/// Finds the decoded `path` among `outputs`, which are ordered by path.
pub(super) fn find<'a>(outputs: &'a [Output], path: &str) -> Named<'a> {
    let output = |path: &str| {
        let at = outputs.binary_search_by(|output| output.path.as_str().cmp(path));
        at.ok().map(|at| &outputs[at])
    };
    if path.is_empty() || path.ends_with('/') {
        output(&format!("{path}index.html")).map_or(Named::Nothing, Named::Output)
    } else if let Some(output) = output(path) {
        Named::Output(output)
    } else if output(&format!("{path}/index.html")).is_some() {
        Named::Folder
    } else {
        Named::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::OutputSource;

    #[test]
    fn a_folder_is_found_without_its_slash() {
        let output = |path: &str| Output { path: path.to_owned(), source: OutputSource::NotFound };
        let outputs = [output("a/index.html"), output("b.txt"), output("index.html")];
        assert_eq!(find(&outputs, ""), Named::Output(&outputs[2]));
        assert_eq!(find(&outputs, "a/"), Named::Output(&outputs[0]));
        assert_eq!(find(&outputs, "a"), Named::Folder);
        assert_eq!(find(&outputs, "b.txt"), Named::Output(&outputs[1]));
        assert_eq!(find(&outputs, "b.txt/"), Named::Nothing);
        assert_eq!(find(&outputs, "c"), Named::Nothing);
    }
}
