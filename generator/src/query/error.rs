//! The error of a query without a result.

use crate::site::LinkFault;

/// Why a query has no result. The text is part of the error of a template.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// The site has nothing of this name.
    #[error("there is no {kind} `{name}`{}", suggestion(near.as_deref()))]
    Missing {
        /// What was looked for, such as `form`.
        kind: &'static str,
        /// The name that was asked for.
        name: String,
        /// The most similar name that there is.
        near: Option<String>,
    },
    /// The data file of this name could not be read.
    #[error("the data file `{0}` has errors")]
    UnreadData(String),
    /// A link or the path of an image leads to nothing.
    #[error("{}: {}; {}", .0.message, .0.label, .0.help)]
    DeadLink(Box<LinkFault>),
    /// A path that no file of the site can have.
    #[error("{}; {}", .0.message, .0.help)]
    InvalidPath(Box<LinkFault>),
    /// The argument is not the value of a page.
    #[error("`page` is not a page; write `structured_data(page=page)`")]
    NotAPage,
    /// A component cannot be rendered; the message of its diagnostic.
    #[error("{0}")]
    Component(String),
    /// No output is being rendered on this thread.
    #[error("a query was made outside a page")]
    OutsidePage,
    /// No output is being rendered on this thread, so there is no language to say something in.
    #[error("this was called outside a page")]
    WithoutLanguage,
    /// No output is being rendered on this thread, so no component can be.
    #[error("a component was called outside a page")]
    ComponentOutsidePage,
}

fn suggestion(near: Option<&str>) -> String {
    near.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
}

impl From<QueryError> for tera::Error {
    fn from(error: QueryError) -> Self {
        tera::Error::message(error)
    }
}
