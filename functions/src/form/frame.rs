//! Fills the page around a form with a title and a main part. Pure.
//!
//! The generator renders the page with the theme; a function only fills it.

/// The placeholder of the page's title.
pub const TITLE: &str = "%%daisychain:title%%";
/// The placeholder of the page's main part.
pub const MAIN: &str = "%%daisychain:main%%";

/// The page used if the store has no frame.
pub const PLAIN: &str = "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <title>%%daisychain:title%%</title>\n</head>\n<body>\n<main>%%daisychain:main%%</main>\n\
    </body>\n</html>\n";

/// Replaces the placeholders. `title` is text and is escaped; `main` is HTML.
///
/// Inserted text is not searched again, so a placeholder that a resident types stays text.
pub fn fill(frame: &str, title: &str, main: &str) -> String {
    let title = super::html::escape(title);
    let mut page = String::with_capacity(frame.len() + title.len() + main.len());
    let mut rest = frame;
    loop {
        let next = [(TITLE, title.as_str()), (MAIN, main)]
            .into_iter()
            .filter_map(|(slot, text)| rest.find(slot).map(|at| (at, slot, text)))
            .min_by_key(|(at, ..)| *at);
        let Some((at, slot, text)) = next else {
            page.push_str(rest);
            return page;
        };
        page.push_str(&rest[..at]);
        page.push_str(text);
        rest = &rest[at + slot.len()..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_once_and_for_all() {
        let page = fill("<title>%%daisychain:title%%</title>%%daisychain:main%%!", "a<b", MAIN);
        assert_eq!(page, "<title>a&lt;b</title>%%daisychain:main%%!");
    }
}
