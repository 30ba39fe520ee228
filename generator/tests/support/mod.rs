//! A small site in a temporary folder, for tests such as `Site::new().write("content/about.md",
//! …).build()`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests panic on failure and perform I/O"
)]
#![allow(dead_code, unreachable_pub, reason = "not every test uses every helper")]

pub mod pictures;
pub mod server;
pub mod stories;
pub mod transcript;
pub mod work;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use daisychain::build::Error;
use daisychain::build::{Report, Request, build};
use daisychain::site::Options;
use tempfile::TempDir;

/// The number of cases of a property test: the usual number times `THOROUGH`.
pub fn cases(usual: u32) -> u32 {
    let times = std::env::var("THOROUGH").ok().and_then(|times| times.parse().ok());
    usual * times.unwrap_or(1)
}

/// A moment in the spring of 2020, in Unix seconds.
pub const SPRING: i64 = 1_590_000_000;

pub struct Site {
    folder: TempDir,
    pub now: i64,
    pub options: Options,
}

impl Site {
    /// A site with only settings, a home page and a theme of a few lines.
    pub fn new() -> Self {
        Site::new_in(tempfile::tempdir().unwrap())
    }

    /// The same with an address.
    pub fn with_address() -> Self {
        let site = Site::new();
        let settings = "title: A site\nlanguage: en-GB\nbase_url: https://our-street.org.uk\n";
        site.write("content/site.yaml", settings);
        site
    }

    /// The same in memory, if possible: tests of very many files must not depend on the speed of a
    /// shared disk.
    pub fn in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Site::new_in(folder.unwrap())
    }

    /// The site that uses every feature once.
    pub fn kitchen_sink() -> Self {
        let site = Site::in_memory();
        site.remove("content").remove("themes");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sites/kitchen-sink");
        for (path, bytes) in tree(&folder) {
            site.write_bytes(&path, &bytes);
        }
        site
    }

    fn new_in(folder: TempDir) -> Self {
        let site = Site { folder, now: SPRING, options: Options::default() };
        site.write("content/site.yaml", "title: A site\nlanguage: en-GB\n");
        site.write("content/_index.md", "---\ntitle: Home\n---\nWelcome.\n");
        site.write(
            "themes/daisy/templates/base.html",
            "{% set style = asset(path=\"styles/main.css\") %}\
             <!DOCTYPE html><html lang=\"{{ page.lang }}\"><title>{{ page.title }}</title>\
             <link rel=\"stylesheet\" href=\"{{ style.url }}\">\
             <p>{{ config(key=\"title\") }}</p>\
             {% block main %}{{ page.content }}{% endblock main %}</html>\n",
        );
        for (name, main) in [
            ("page.html", ""),
            ("not_found.html", "{% block main %}<p>Not here.</p>{% endblock main %}"),
            (
                "section.html",
                "{% block main %}{{ page.content }}\
                 {% set shown = paginator.pages if paginator else pages(section=page.section) %}\
                 {% for each in shown %}<a href=\"{{ each.url }}\">{{ each.title }}</a>{% endfor %}\
                 {% if paginator %}{{ paginator.number }} of {{ paginator.count }}{% endif %}\
                 {% if paginator and paginator.next %}<a href=\"{{ paginator.next }}\">on</a>{% endif %}\
                 {% endblock main %}",
            ),
            (
                "taxonomy.html",
                "{% block main %}{% for term in terms(taxonomy=taxonomy.name) %}\
                 <a href=\"{{ term.url }}\">{{ term.name }}</a> {{ term.count }}{% endfor %}\
                 {% endblock main %}",
            ),
            (
                "term.html",
                "{% block main %}{{ taxonomy.title }}{% for each in paginator.pages %}\
                 <a href=\"{{ each.url }}\">{{ each.title }}</a>{% endfor %}\
                 {% if paginator.next %}<a href=\"{{ paginator.next }}\">on</a>{% endif %}\
                 {% endblock main %}",
            ),
            (
                "home.html",
                "{% block main %}{{ page.content }}\
                 {% for each in pages(section=\"stories\", limit=2) %}\
                 <a href=\"{{ each.url }}\">{{ each.title }}: {{ each.summary }}</a>\
                 {% endfor %}{% endblock main %}",
            ),
        ] {
            let text = format!("{{% extends \"base.html\" %}}{main}");
            site.write(&format!("themes/daisy/templates/{name}"), &text);
        }
        site.write("themes/daisy/styles/main.css", "body { margin: 0 }\n");
        site
    }

    /// Waits until the file system's clock advances, so that files written from now on have a later
    /// time.
    pub fn wait_for_file_clock(&self) {
        let now = || {
            let file = tempfile::NamedTempFile::new_in(self.root().parent().unwrap()).unwrap();
            file.as_file().metadata().unwrap().modified().unwrap()
        };
        let before = now();
        server::until("a later time of a file", || (now() > before).then_some(()));
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, path: &str, text: &str) -> &Self {
        self.write_bytes(path, text.as_bytes())
    }

    pub fn write_bytes(&self, path: &str, bytes: &[u8]) -> &Self {
        let full = self.root().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, bytes).unwrap();
        self
    }

    pub fn remove(&self, path: &str) -> &Self {
        let full = self.root().join(path);
        if full.is_dir() { fs::remove_dir_all(full) } else { fs::remove_file(full) }.unwrap();
        self
    }

    pub fn request(&self, out: &str) -> Request {
        Request {
            root: self.root().to_owned(),
            out: self.root().join(out),
            options: self.options.clone(),
            force: false,
            now: self.now,
            progress: None,
        }
    }

    /// Builds into `dist`, using what the last build left.
    pub fn build(&self) -> Result<Report, Error> {
        build(&self.request("dist"))
    }

    /// Builds, and fails the test with the diagnostics on an error.
    pub fn must_build(&self) -> Report {
        self.build().unwrap_or_else(|failure| panic!("{failure:#?}"))
    }

    /// Every output of a cold build, by path.
    pub fn cold(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let request = Request { force: true, ..self.request("cold") };
        let built = build(&request);
        let made = tree(&request.out);
        let _ = fs::remove_dir_all(&request.out);
        built.map(|_| made)
    }

    /// Every file in `dist`, by path.
    pub fn dist(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.root().join("dist"))
    }

    pub fn output(&self, path: &str) -> String {
        fs::read_to_string(self.root().join("dist").join(path)).unwrap()
    }
}

/// Every file below a folder except its marker.
pub fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path != folder.join(".daisychain") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The messages of a failure, each with its file and line.
pub fn faults(error: &Error) -> Vec<String> {
    match error {
        Error::Content(found) => found
            .iter()
            .map(|fault| {
                let line = fault.place.map_or(0, |place| place.line);
                format!("{}:{line}: {}", fault.path, fault.message)
            })
            .collect(),
        error => vec![error.to_string()],
    }
}
