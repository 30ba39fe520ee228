//! Puts a title and a main part into the page that frames a form. Pure.
//!
//! The generator makes the page with the theme; a function fills it, and needs no theme.

/// Stands where the page's title belongs.
pub const TITLE: &str = "%%daisychain:title%%";
/// Stands where the page's main part belongs.
pub const MAIN: &str = "%%daisychain:main%%";

/// What a page is made with when the store gives no frame.
pub const PLAIN: &str = "<!doctype html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
    <title>%%daisychain:title%%</title>\n</head>\n<body>\n<main>%%daisychain:main%%</main>\n\
    </body>\n</html>\n";

/// Fills the slots. `title` is text and is escaped; `main` is HTML.
///
/// What is put in is never searched again, so a resident who writes a slot's name finds it as text.
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
