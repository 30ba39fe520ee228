//! Finds the texts in a source file that someone who uses the program may read.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Item, Meta};

use crate::modules::{attributes, is_left_out, without};

/// The string literals of a file, as they are at run time. Left out are those of tests, of what is compiled without some
/// feature only, and what only programmers read: documentation, reasons of lints, and messages of panics.
///
/// # Errors
///
/// The file is not valid Rust.
pub fn texts(source: &str) -> Result<Vec<String>, syn::Error> {
    let mut found = Vec::new();
    add_items(syn::parse_file(source)?.items, &mut found);
    Ok(found)
}

fn add_items(items: Vec<Item>, found: &mut Vec<String>) {
    for item in items {
        if is_left_out(attributes(&item), with_all_features) {
            continue;
        }
        match item {
            Item::Mod(module) => {
                add_items(module.content.map_or_else(Vec::new, |(_, items)| items), found)
            }
            item => add_tokens(without(item, with_all_features).to_token_stream(), false, found),
        }
    }
}

/// What is known of a part of a `cfg` predicate: tests are left out, every feature is on.
fn with_all_features(part: &Meta) -> Option<bool> {
    match part {
        Meta::Path(path) if path.is_ident("test") => Some(false),
        Meta::NameValue(pair) if pair.path.is_ident("feature") => Some(true),
        _ => None,
    }
}

fn add_tokens(tokens: TokenStream, in_attribute: bool, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut is_attribute = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let is_macro = name.starts_with("assert")
                    || name.starts_with("debug_assert")
                    || matches!(name.as_str(), "panic" | "unreachable");
                let is_reason = in_attribute && name == "reason";
                let skipped = match tokens.peek() {
                    Some(TokenTree::Group(_)) if name == "expect" => 1,
                    Some(TokenTree::Punct(mark)) if mark.as_char() == '!' && is_macro => 2,
                    Some(TokenTree::Punct(mark)) if mark.as_char() == '=' && is_reason => 2,
                    _ => 0,
                };
                tokens.by_ref().take(skipped).for_each(drop);
            }
            TokenTree::Group(group) => {
                let is_attribute = is_attribute && group.delimiter() == Delimiter::Bracket;
                let is_documentation = is_attribute && begins_with_doc(group.stream());
                if !is_documentation {
                    add_tokens(group.stream(), in_attribute || is_attribute, found);
                }
            }
            TokenTree::Literal(literal) => found.extend(text(&literal)),
            TokenTree::Punct(mark) => {
                is_attribute = mark.as_char() == '#';
                continue;
            }
        }
        is_attribute = false;
    }
}

fn begins_with_doc(attribute: TokenStream) -> bool {
    matches!(attribute.into_iter().next(), Some(TokenTree::Ident(first)) if first == "doc")
}

fn text(literal: &Literal) -> Option<String> {
    syn::parse_str::<syn::LitStr>(&literal.to_string()).ok().map(|text| text.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_wherever_they_are_written() {
        let cases: &[(&str, &[&str])] = &[
            ("const A: &str = \"a\";", &["a"]),
            ("fn f() { g(\"a \\\"b\\\" \\\\ \\u{e9}\") }", &["a \"b\" \\ é"]),
            ("fn f() { g(\"one \\\n   line\") }", &["one line"]),
            ("fn f() { g(r#\"a \"b\" \\n\"#) }", &["a \"b\" \\n"]),
            ("fn f() -> String { format!(\"{} of {}\", x, \"b\") }", &["{} of {}", "b"]),
            ("impl S { fn f() { match x { '\"' => \"a\", '\\'' => \"b\" } } }", &["a", "b"]),
            ("mod m { const A: &str = \"a\"; }", &["a"]),
            ("#[command(about = \"a\")] struct S { #[arg(help = \"b\")] x: u8 }", &["a", "b"]),
            ("#[error(\"cannot read {0}\")] struct E;", &["cannot read {0}"]),
            ("fn f<'a>(x: &'a str) { g(\"a\") } // \"b\"\n/* \"c\" */", &["a"]),
            ("fn f() { let reason = \"a\"; let assertion = \"b\"; }", &["a", "b"]),
            ("macro_rules! m { () => { g(\"a\") } }", &["a"]),
            ("#[cfg(feature = \"x\")] fn f() { g(\"a\") }", &["x", "a"]),
            // What no user of the program reads.
            ("//! \"a\"\n/// \"b\"\nfn f() {}", &[]),
            ("#[allow(lint, reason = \"a\")] fn f() { x.expect(\"b\"); }", &[]),
            (
                "fn f() { assert!(x, \"a\"); assert_eq!(x, \"b\"); panic!(\"c\"); unreachable!(\"d\") }",
                &[],
            ),
            ("#[cfg(test)] mod tests { const A: &str = \"a\"; }", &[]),
            ("#[cfg(not(feature = \"x\"))] fn f() { g(\"a\") }", &[]),
            ("#[cfg(not(any(feature = \"x\", feature = \"y\")))] fn f() { g(\"a\") }", &[]),
            ("impl S { #[cfg(test)] fn f() { g(\"a\") } }", &[]),
            (
                "enum E { #[cfg(not(feature = \"x\"))] #[error(\"a\")] A, #[error(\"b\")] B }",
                &["b"],
            ),
            ("const A: &[u8] = b\"a\"; const B: char = '\"';", &[]),
        ];
        for (source, expected) in cases {
            assert_eq!(texts(source).unwrap(), *expected, "{source}");
        }
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(texts("fn f( {").is_err());
    }
}
