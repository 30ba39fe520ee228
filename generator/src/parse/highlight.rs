//! Highlights code: turns it into HTML whose tokens have classes, such as comment, string or number.
//!
//! The grammars are loaded at the first code block with a language, so a site without any does not pay for them.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};

use crate::html::escape_text;

/// The most code of one page that is highlighted, in bytes, and the longest line. Pages show examples; longer code is
/// data.
const MAX_PAGE_BYTES: usize = 64 * 1024;
const MAX_LINE_BYTES: usize = 1_000;

/// The classes of tokens, by prefixes of their scopes in the grammar (Sublime Text, "Scope Naming"); the first match
/// wins.
const CLASSES: [(&str, &str); 11] = [
    ("comment", "code-comment"),
    ("string", "code-text"),
    ("constant", "code-value"),
    ("variable.function", "code-name"),
    ("entity.name", "code-name"),
    ("entity.other.attribute-name", "code-name"),
    ("support", "code-name"),
    ("storage", "code-word"),
    ("keyword.operator", ""),
    ("keyword", "code-word"),
    ("markup.heading", "code-word"),
];

fn grammars() -> &'static SyntaxSet {
    static GRAMMARS: OnceLock<SyntaxSet> = OnceLock::new();
    GRAMMARS.get_or_init(SyntaxSet::load_defaults_newlines)
}

/// The remaining allowance of a page.
pub(super) struct Highlighter {
    left: usize,
}

impl Default for Highlighter {
    fn default() -> Self {
        Highlighter { left: MAX_PAGE_BYTES }
    }
}

impl Highlighter {
    /// Writes `code` to `html`, highlighted if its language is known and it is not too long.
    pub(super) fn write(&mut self, code: &str, language: &str, html: &mut String) {
        let syntax = (!language.is_empty() && code.len() <= self.left)
            .then(|| grammars().find_syntax_by_token(language))
            .flatten();
        let start = html.len();
        match syntax {
            Some(syntax) if code.lines().all(|line| line.len() <= MAX_LINE_BYTES) => {
                self.left -= code.len();
                if parts(code, syntax, html).is_none() {
                    html.truncate(start);
                    escape_text(code, html);
                }
            }
            _ => escape_text(code, html),
        }
    }
}

/// `None` if the grammar fails.
fn parts(code: &str, syntax: &SyntaxReference, html: &mut String) -> Option<()> {
    let mut state = ParseState::new(syntax);
    let mut scopes = ScopeStack::new();
    let mut open = "";
    for line in code.split_inclusive('\n') {
        let mut from = 0;
        for (at, operation) in state.parse_line(line, grammars()).ok()? {
            part(&line[from..at], class(&scopes), &mut open, html);
            from = at;
            scopes.apply(&operation).ok()?;
        }
        part(&line[from..], class(&scopes), &mut open, html);
    }
    end(open, html);
    Some(())
}

fn part(words: &str, class: &'static str, open: &mut &'static str, html: &mut String) {
    if words.is_empty() {
        return;
    }
    // White space looks the same in every class.
    if class != *open && !words.trim().is_empty() {
        end(open, html);
        if !class.is_empty() {
            html.push_str("<span class=\"");
            html.push_str(class);
            html.push_str("\">");
        }
        *open = class;
    }
    escape_text(words, html);
}

fn end(open: &str, html: &mut String) {
    if !open.is_empty() {
        html.push_str("</span>");
    }
}

/// The class of the innermost scope that has one.
fn class(scopes: &ScopeStack) -> &'static str {
    scopes
        .as_slice()
        .iter()
        .rev()
        .find_map(|scope| {
            let name = scope.build_string();
            let fits = |prefix: &str| {
                name.strip_prefix(prefix)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            CLASSES.iter().find(|(prefix, _)| fits(prefix)).map(|(_, class)| *class)
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(code: &str, language: &str) -> String {
        let mut html = String::new();
        Highlighter::default().write(code, language, &mut html);
        html
    }

    #[test]
    fn tokens_have_classes_and_stay_text() {
        let html = written("let a = \"<b>\"; // why\n", "rust");
        assert_eq!(
            html,
            "<span class=\"code-word\">let</span> a = <span class=\"code-text\">\"&lt;b&gt;\"</span>; \
             <span class=\"code-comment\">// why\n</span>"
        );
    }

    #[test]
    fn an_unknown_language_and_long_lines_are_plain_text() {
        assert_eq!(written("a < b\n", "no-such-language"), "a &lt; b\n");
        let long = format!("let a = \"{}\";\n", "x".repeat(MAX_LINE_BYTES));
        assert_eq!(written(&long, "rust"), long);
    }

    #[test]
    fn highlighting_stops_at_the_page_limit() {
        let mut highlighter = Highlighter::default();
        let code = "let a = 1;\n".repeat(MAX_PAGE_BYTES / 11);
        let (mut first, mut second) = (String::new(), String::new());
        highlighter.write(&code, "rust", &mut first);
        highlighter.write(&code, "rust", &mut second);
        assert!(first.contains("<span") && second == code);
    }
}
