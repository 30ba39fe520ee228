//! Bundles a style sheet with its imports and minifies it.

mod addresses;
mod brackets;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use lightningcss::bundler::{Bundler, ResolveResult, SourceProvider};
use lightningcss::dependencies::{Dependency, DependencyOptions, UrlDependency};
use lightningcss::error::ErrorLocation;
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions};
use located_yaml::Place;

use crate::diagnostic::{Diagnostic, Lines};
use crate::theme::ThemeFile;
use crate::url::BaseUrl;

/// A theme's style sheets, by path below its folder.
struct Sheets<'a>(BTreeMap<PathBuf, Sheet<'a>>);

/// A style sheet.
struct Sheet<'a> {
    text: &'a str,
    /// Whether it is named after the theme that it is inherited from: `styles/daisy/main.css`.
    is_inherited: bool,
}

#[derive(Debug)]
struct NoSheet(String);

impl std::error::Error for NoSheet {}

impl fmt::Display for NoSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no style sheet `{}`", self.0)
    }
}

impl SourceProvider for Sheets<'_> {
    type Error = NoSheet;

    fn read<'a>(&'a self, file: &Path) -> Result<&'a str, NoSheet> {
        let sheet = self.0.get(file).map(|sheet| sheet.text);
        sheet.ok_or_else(|| NoSheet(file.display().to_string()))
    }

    fn resolve(&self, specifier: &str, from: &Path) -> Result<ResolveResult, NoSheet> {
        let name = specifier.trim_start_matches("./");
        // An inherited sheet imports sheets of its own theme, or their replacements.
        let is_inherited = self.0.get(from).is_some_and(|sheet| sheet.is_inherited);
        let beside = is_inherited.then(|| {
            let (folder, below) = (from.iter().take(1), from.iter().skip(2));
            folder.chain(below).collect::<PathBuf>().with_file_name(name)
        });
        let candidates = [Some(from.with_file_name(name)), beside];
        let found = candidates.into_iter().flatten().find(|path| self.0.contains_key(path));
        found.map(ResolveResult::from).ok_or_else(|| NoSheet(specifier.to_owned()))
    }
}

/// A style sheet with its imports, as published.
#[derive(Debug)]
pub(crate) struct Bundle {
    /// Minified CSS.
    pub css: String,
    /// The problems of its URLs.
    pub found: Vec<Diagnostic>,
}

/// The kind of file at a path below the output folder, if it is not a file of the theme's
/// `static/`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FileStatus {
    /// A file that is always published.
    Published,
    /// A file of `content/` that is published only if a page shows or links to it.
    OnDemand,
    /// No file.
    Missing,
}

/// Bundles the sheet `entry`, such as `styles/main.css`, with its imports, for a site at
/// `base_url`. `status_of` classifies files of the site other than the theme's, by path below the
/// output folder.
///
/// # Errors
/// A sheet that is not valid CSS, or an import of a sheet that does not exist, at its line.
pub(crate) fn bundle(
    files: &BTreeMap<String, ThemeFile>,
    entry: &str,
    base_url: &BaseUrl,
    status_of: &dyn Fn(&str) -> FileStatus,
) -> Result<Bundle, Vec<Diagnostic>> {
    let sheets = files.iter().filter_map(|(path, file)| {
        let text = std::str::from_utf8(&file.bytes).ok().filter(|_| path.ends_with(".css"))?;
        let is_inherited = !file.origin.ends_with(path);
        Some((PathBuf::from(path), Sheet { text, is_inherited }))
    });
    let sheets = Sheets(sheets.collect());
    let unbalanced = unbalanced(files);
    if !unbalanced.is_empty() {
        return Err(unbalanced);
    }
    let origin = |path: &str| files.get(path).map_or(path, |file| file.origin.as_str()).to_owned();
    let fault = |message: String, location: Option<ErrorLocation>| {
        let path = location.as_ref().map_or(entry, |location| location.filename.as_str());
        let message = message.trim_end_matches('.').to_lowercase();
        let fault = Diagnostic::error(origin(path), message);
        vec![Diagnostic::with_built_in_advice(match location {
            Some(at) => fault.at(Place { line: at.line + 1, column: at.column, length: 1 }),
            None => fault,
        })]
    };
    let mut bundler = Bundler::new(&sheets, None, ParserOptions::default());
    let mut sheet = bundler
        .bundle(Path::new(entry))
        .map_err(|error| fault(error.kind.to_string(), error.loc))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| fault(error.kind.to_string(), error.loc))?;
    let print = |dependencies: Option<DependencyOptions>| {
        let options = PrinterOptions {
            minify: true,
            analyze_dependencies: dependencies,
            ..PrinterOptions::default()
        };
        sheet.to_css(options).map_err(|error| fault(error.kind.to_string(), error.loc))
    };
    let mut printed = print(Some(DependencyOptions::default()))?;
    let dependencies = printed.dependencies.take().unwrap_or_default();
    let statics = files.keys().filter_map(|path| path.strip_prefix("static/"));
    let mut found = Vec::new();
    for dependency in &dependencies {
        if let Dependency::Url(UrlDependency { url, loc, .. }) = dependency {
            let path = origin(&loc.file_path);
            let wrong = addresses::check(url, &path, base_url, statics.clone(), status_of);
            let place = addresses::place(loc.start, loc.end);
            found.extend(wrong.map(|wrong| Diagnostic::with_built_in_advice(wrong.at(place))));
        }
    }
    // Without a base path, URLs need no prefix.
    if base_url.folder().is_empty() {
        return Ok(Bundle { css: print(None)?.code, found });
    }
    for dependency in dependencies {
        let (placeholder, address) = match dependency {
            Dependency::Url(found) => (found.placeholder, found.url),
            Dependency::Import(found) => (found.placeholder, found.url),
        };
        printed.code = printed.code.replace(&placeholder, &below_folder(&address, base_url));
    }
    Ok(Bundle { css: printed.code, found })
}

/// Reports what is not closed in the sheets of a theme.
fn unbalanced(files: &BTreeMap<String, ThemeFile>) -> Vec<Diagnostic> {
    let sheets =
        files.iter().filter(|(path, _)| path.starts_with("styles/") && path.ends_with(".css"));
    let fault = |(_, file): (&String, &ThemeFile)| {
        let text = std::str::from_utf8(&file.bytes).ok()?;
        let (range, message, help) = brackets::unbalanced(text)?;
        let place = Lines::new(text).place(range);
        Some(Diagnostic::error(&file.origin, message).at(place).help(help))
    };
    sheets.filter_map(fault).collect()
}

/// Returns a URL as quoted in a sheet: with the site's base path if it begins at the root.
fn below_folder(address: &str, base_url: &BaseUrl) -> String {
    let is_rooted = address.starts_with('/') && !address.starts_with("//");
    let folder = if is_rooted { base_url.folder() } else { "" };
    format!("{folder}{address}").replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(sheets: &[(&str, &str)]) -> BTreeMap<String, ThemeFile> {
        let file = |text: &str, path: &str| ThemeFile {
            origin: format!("themes/daisy/{path}"),
            bytes: text.as_bytes().to_vec(),
        };
        sheets.iter().map(|(path, text)| ((*path).to_owned(), file(text, path))).collect()
    }

    #[test]
    fn imports_are_bundled_and_minified() {
        let files = files(&[
            ("styles/main.css", "@import \"base.css\";\n.a {\n  color: red;\n}\n"),
            ("styles/base.css", "body { margin-inline: 1rem }"),
        ]);
        let bundle =
            bundle(&files, "styles/main.css", &BaseUrl::default(), &|_| FileStatus::Missing)
                .unwrap();
        assert_eq!(bundle.css, "body{margin-inline:1rem}.a{color:red}");
    }

    #[test]
    fn root_relative_urls_get_the_base_path() {
        let files = files(&[(
            "styles/main.css",
            ".a { background: url(/images/a.svg), url('/b \"c\\\\.png'), url(data:image/png;base64,x) }\n\
             .b { background: url(//else.example/a.png) url(https://else.example/a.png), url(own.svg) }\n\
             .c::before { content: 'url(/no.png)' }\n",
        )]);
        let base_url = BaseUrl::new("https://a.test/our-site");
        let Bundle { css, found } =
            bundle(&files, "styles/main.css", &base_url, &|_| FileStatus::Published).unwrap();
        assert_eq!(found.len(), 3, "{found:#?}");
        for part in [
            "url(\"/our-site/images/a.svg\")",
            "url(\"/our-site/b \\\"c\\\\.png\")",
            "url(\"data:image/png;base64,x\")",
            "url(\"//else.example/a.png\")",
            "url(\"https://else.example/a.png\")",
            "url(\"own.svg\")",
            "content:\"url(/no.png)\"",
        ] {
            assert!(css.contains(part), "{part} in {css}");
        }
    }

    #[test]
    fn a_missing_import_is_reported_at_its_line() {
        let files = files(&[("styles/main.css", ".a{}\n@import \"base.css\";\n")]);
        let faults =
            bundle(&files, "styles/main.css", &BaseUrl::default(), &|_| FileStatus::Missing)
                .unwrap_err();
        assert_eq!(faults[0].path, "themes/daisy/styles/main.css");
    }
}
