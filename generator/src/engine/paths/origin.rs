//! Describes what an output is made from and how an editor can change its path.

use located_yaml::Place;

use super::Statics;
use crate::config;
use crate::diagnostic::Diagnostic;
use crate::embedded;
use crate::engine::{Output, OutputSource};
use crate::site::{ListPage, Page, Site};

/// What a file of the output folder is made from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Output(&'a Output),
    /// The site's own icon.
    Icon,
    /// The images of pages.
    Pictures,
    /// The marker file by which daisy recognizes its output folder.
    Mark,
}

/// A description for the user.
pub(super) struct Description {
    /// The text, as the object of a sentence.
    pub(super) what: String,
    /// How deliberately the path was chosen: of two outputs, the one with the greater weight is at
    /// fault.
    pub(super) weight: u8,
    path: String,
    place: Option<Place>,
    help: &'static str,
}

impl Description {
    /// Creates the diagnostic for what is described.
    pub(super) fn diagnostic(self, message: String, only_by_case: bool) -> Diagnostic {
        let diagnostic = match only_by_case {
            true => Diagnostic::warning(self.path, message)
                .note("many servers and computers do not distinguish capital letters"),
            false => Diagnostic::error(self.path, message),
        };
        let diagnostic = diagnostic.help(self.help);
        match self.place {
            Some(place) => diagnostic.at(place),
            None => diagnostic,
        }
    }

    fn written_at(self, place: Place, help: &'static str) -> Description {
        Description { place: Some(place), weight: WRITTEN, help, ..self }
    }
}

/// Weights: a former URL, a URL, a file name, a list derived from pages, the program's own files.
const REDIRECTED: u8 = 4;
const WRITTEN: u8 = 3;
const NAMED: u8 = 2;
const LISTED: u8 = 1;
const OWN: u8 = 0;

impl Origin<'_> {
    pub(super) fn describe(self, site: &Site, statics: &Statics) -> Description {
        match self {
            Origin::Output(output) => of_output(site, statics, output),
            Origin::Icon => own("the site's icon"),
            Origin::Pictures => own("the resized images"),
            Origin::Mark => own("the marker of the output folder"),
        }
    }
}

fn own(what: &str) -> Description {
    Description {
        what: what.to_owned(),
        weight: OWN,
        path: config::PATH.to_owned(),
        place: None,
        help: "rename the other",
    }
}

fn file(path: &str, weight: u8, help: &'static str) -> Description {
    let (what, path) = (path.to_owned(), path.to_owned());
    Description { what, weight, path, place: None, help }
}

fn of_output(site: &Site, statics: &Statics, output: &Output) -> Description {
    match &output.source {
        OutputSource::Page(id) => of_page(site.page(*id)),
        OutputSource::List(list) => of_list(site, *list),
        OutputSource::NotFound => own("the “page not found” page"),
        OutputSource::Copy(path, _) => file(path, NAMED, "rename the file or its folder"),
        OutputSource::Image(variant) => file(&variant.source, LISTED, "rename the other"),
        OutputSource::Bytes(..) | OutputSource::Site(_) => of_bytes(site, statics, &output.path),
    }
}

fn of_page(page: &Page) -> Description {
    let path = format!("content/{}", page.meta.path);
    let help = "rename the file or its folder, or set a `path:` for the page";
    let described = file(&path, NAMED, help);
    match (&page.meta.front.path, &page.meta.front.slug) {
        (Some(path), _) => described.written_at(path.place, "write another `path:`"),
        (None, Some(slug)) => described.written_at(slug.place, "write another `slug:`"),
        (None, None) => described,
    }
}

fn of_list(site: &Site, list: ListPage) -> Description {
    let taxonomy = |at: usize| &site.taxonomies[at];
    let (what, place, path, help) = match list {
        ListPage::Part { page, number } => {
            let page = site.page(page);
            let path = format!("content/{}", page.meta.path);
            let place = page.meta.front.section.paginate_by.as_ref().map(|number| number.place);
            (format!("page {number} of the list of {path}"), place, path, "rename its folder")
        }
        ListPage::Taxonomy(at) => {
            let name = &taxonomy(at).settings.name;
            let what = format!("the list of `{}`", name.value);
            (what, Some(name.place), config::PATH.to_owned(), "rename the taxonomy")
        }
        ListPage::Term { taxonomy: at, term, .. } => {
            let (name, term) = (&taxonomy(at).settings.name, &taxonomy(at).terms[term].name);
            let what = format!("the page of `{term}` in `{}`", name.value);
            (what, Some(name.place), config::PATH.to_owned(), "rename the taxonomy")
        }
    };
    Description { what, weight: LISTED, path, place, help }
}

/// Describes a generated file: a redirect, a feed, a file of the theme, or one of the program's
/// own.
fn of_bytes(site: &Site, statics: &Statics, path: &str) -> Description {
    if let Some(redirect) = site.redirects.iter().find(|redirect| redirect.file() == path) {
        let page = site.page(redirect.to);
        let mut aliases = page.meta.front.aliases.iter();
        let alias = aliases.find(|alias| redirect.is_of(&alias.value));
        let path = format!("content/{}", page.meta.path);
        return Description {
            what: format!("the alias `{}`", redirect.from),
            weight: REDIRECTED,
            path,
            place: alias.map(|alias| alias.place),
            help: "remove this alias",
        };
    }
    if let Some(feed) = site.feeds.iter().find(|feed| feed.url.trim_start_matches('/') == path) {
        return own(&format!("the feed of `{}`", feed.home));
    }
    if let Some(origin) = statics.get(path).filter(|origin| embedded::is_built_in(origin)) {
        return own(origin);
    }
    if let Some(origin) = statics.get(path) {
        return file(origin, NAMED, "rename this file of the theme");
    }
    own(&format!("`{path}`, which `daisy build` generates"))
}
