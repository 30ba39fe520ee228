//! Turns a redirect into a page that leads on: without a script, and with a link for whoever is not
//! taken along. Pure.

use super::xml::{address, escape};
use crate::site::{Redirect, Site};

/// The page at a former address.
pub fn write(site: &Site, redirect: &Redirect) -> String {
    let to = site.page(redirect.to);
    let moved = site.word(to.language, "moved", "This page has moved");
    let escaped = |text: &str| {
        let mut html = String::new();
        escape(text, &mut html);
        html
    };
    let (url, title) = (escaped(&to.url), escaped(&to.card.title));
    let language = escaped(&site.config.language(to.language).code);
    let direction = match site.config.language(to.language).direction {
        "rtl" => " dir=\"rtl\"",
        _ => "",
    };
    let canonical = match site.base_url.as_str() {
        "" => String::new(),
        base_url => {
            let whole = escaped(&address(base_url, &to.url));
            format!("<link rel=\"canonical\" href=\"{whole}\">\n")
        }
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\"{direction}>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<meta http-equiv=\"refresh\" content=\"0; url={url}\">\n\
         {canonical}<meta name=\"robots\" content=\"noindex\">\n</head>\n<body>\n\
         <p>{moved}: <a href=\"{url}\">{title}</a></p>\n</body>\n</html>\n",
        moved = escaped(moved)
    )
}
