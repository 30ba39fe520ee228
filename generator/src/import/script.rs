//! Reads literals from JavaScript without running it: names with strings, numbers, `true` and `false`.

use crate::value::Value;

/// A token of a program.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    /// A string without interpolation.
    Text(String),
    /// An operator or a bracket.
    Sign(char),
    /// A template string with interpolation, or a regular expression.
    Unknown,
}

/// The tokens of a program, without comments.
pub(super) fn tokens(program: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = program;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            found.push(Token::Word(rest[..end].to_owned()));
            end
        } else if matches!(first, '"' | '\'' | '`') || (first == '/' && is_pattern(&found)) {
            let (token, end) = quoted(rest, first);
            found.push(token);
            end
        } else {
            if !first.is_whitespace() {
                found.push(Token::Sign(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    found
}

/// Whether a `/` after these tokens begins a regular expression rather than a division.
fn is_pattern(before: &[Token]) -> bool {
    match before.last() {
        None => true,
        Some(Token::Sign(sign)) => !matches!(sign, ')' | ']' | '}'),
        Some(Token::Word(word)) => word == "return",
        Some(Token::Text(_) | Token::Unknown) => false,
    }
}

/// The string or regular expression at the start of a program, and its length.
fn quoted(program: &str, quote: char) -> (Token, usize) {
    let mut text = String::new();
    // Inside `${…}` of a template string or `[…]` of a regular expression.
    let mut depth = 0_usize;
    let mut is_plain = quote != '/';
    let mut characters = program.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                is_plain = false;
                characters.next();
            }
            '\n' if quote != '`' => return (Token::Unknown, at),
            '$' if quote == '`' && characters.peek().is_some_and(|(_, next)| *next == '{') => {
                is_plain = false;
                depth += 1;
                characters.next();
            }
            '{' if depth > 0 && quote == '`' => depth += 1,
            '}' if depth > 0 && quote == '`' => depth -= 1,
            '[' if quote == '/' => depth = 1,
            ']' if quote == '/' => depth = 0,
            end if end == quote && depth == 0 => {
                let token = if is_plain { Token::Text(text) } else { Token::Unknown };
                return (token, at + 1);
            }
            other => text.push(other),
        }
    }
    (Token::Unknown, program.len())
}

/// The literals of a program: `const title = "Rose";`, `title: "Rose",`, and those between the braces of
/// `const menu = {`. Computed values are unknown; the first of duplicate names takes precedence.
pub(super) fn literals(program: &str) -> Vec<(String, Value)> {
    literals_in(&tokens(program))
}

fn literals_in(tokens: &[Token]) -> Vec<(String, Value)> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let Some(key) = key(tokens, at).filter(|_| is_assigned(tokens, at)) else {
            at += 1;
            continue;
        };
        let is_constant = at > 0 && tokens[at - 1] == Token::Word("const".to_owned());
        let is_object = tokens.get(at + 2) == Some(&Token::Sign('{'));
        let value = if is_object && is_constant && !key.contains("config") {
            let end = closing(tokens, at + 2);
            let inner = literals_in(&tokens[at + 3..end]);
            at = end;
            Some(Value::Map(inner))
        } else {
            literal(tokens, at + 2)
        };
        if let Some(value) = value.filter(|_| !found.iter().any(|(known, _)| known == key)) {
            found.push((key.to_owned(), value));
        }
        at += 1;
    }
    found
}

/// Whether a program assigns a computed value to a name: `permalink: (data) => data.address`.
pub(super) fn is_worked_out(program: &str, name: &str) -> bool {
    let tokens = tokens(program);
    (0..tokens.len()).any(|at| {
        let is_set = is_assigned(&tokens, at) && literal(&tokens, at + 2).is_none();
        // `{ permalink }` and `permalink() {`
        let follows = tokens.get(at + 1);
        let is_short = [',', '}', '('].iter().any(|sign| follows == Some(&Token::Sign(*sign)));
        key(&tokens, at) == Some(name) && (is_set || is_short)
    })
}

/// Whether any of these words occurs in a program.
pub(super) fn mentions(program: &str, words: &[&str]) -> bool {
    let is_one =
        |token: &Token| matches!(token, Token::Word(word) if words.contains(&word.as_str()));
    tokens(program).iter().any(is_one)
}

/// The name at a position where one can be assigned to.
pub(super) fn key(tokens: &[Token], at: usize) -> Option<&str> {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let is_place = match before {
        None => true,
        Some(Token::Sign(sign)) => matches!(sign, '{' | '}' | ',' | ';' | '(' | ')'),
        Some(Token::Word(_) | Token::Text(_) | Token::Unknown) => true,
    };
    match tokens.get(at)? {
        Token::Word(name) if is_place => Some(name),
        Token::Text(name) if is_place && tokens.get(at + 1) == Some(&Token::Sign(':')) => {
            Some(name)
        }
        _ => None,
    }
}

/// Whether `:` or `=` follows a name; not `==` or `=>`.
pub(super) fn is_assigned(tokens: &[Token], at: usize) -> bool {
    match tokens.get(at + 1) {
        Some(Token::Sign(':')) => true,
        Some(Token::Sign('=')) => {
            !matches!(tokens.get(at + 2), Some(Token::Sign('=' | '>')) | None)
        }
        _ => false,
    }
}

/// The value at a position, if it is a literal and not part of a longer expression.
pub(super) fn literal(tokens: &[Token], at: usize) -> Option<Value> {
    let is_whole = match tokens.get(at + 1) {
        Some(Token::Sign(sign)) => matches!(sign, ',' | ';' | '}' | ')' | ']' | '@'),
        _ => true,
    };
    match tokens.get(at).filter(|_| is_whole)? {
        Token::Text(text) => Some(Value::String(text.clone())),
        Token::Word(word) if word == "true" => Some(Value::Bool(true)),
        Token::Word(word) if word == "false" => Some(Value::Bool(false)),
        Token::Word(word) => word.parse().ok().map(Value::Integer),
        Token::Sign(_) | Token::Unknown => None,
    }
}

/// The position of the bracket that closes the one at `open`.
pub(super) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{' | '[' | '(') => depth += 1,
            Token::Sign('}' | ']' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literals_are_read() {
        let text =
            "const menu = {\n\tkey: \"About\",\n\torder: 3\n};\nconst x = f();\nlet y = `a${b}`;\n";
        let menu = vec![
            ("key".to_owned(), Value::String("About".to_owned())),
            ("order".to_owned(), Value::Integer(3)),
        ];
        assert_eq!(literals(text), vec![("menu".to_owned(), Value::Map(menu))]);
        for (program, known) in [
            ("module.exports={a:false}", true),
            ("{ \"a\": false }", true),
            ("export const a = false\nconst b = 1", true),
            ("// a: true\n/* a: 1 */ const c = /[/\"]a: \\/\\//; let a = false;", true),
            ("const u = x / 2; let v = `${`b`}`; let a = false; // '", true),
            ("let a = false || b", false),
            ("if (a == false) {}", false),
            ("(a) => false", false),
            ("data.a = false", false),
            ("b = \"a: false\"", false),
        ] {
            let found = literals(program).into_iter().find(|(key, _)| key == "a");
            assert_eq!(
                found.map(|(_, value)| value),
                known.then_some(Value::Bool(false)),
                "{program}"
            );
        }
    }

    #[test]
    fn computed_values_are_distinguished_from_literals() {
        for (program, expected) in [
            ("{ a: (data) => false }", true),
            ("{ a() { return 1 } }", true),
            ("{ a }", true),
            ("{ a: \"x\" }", false),
            ("{ b: data.a }", false),
            ("{ a: \"x\", computed: { a: f } }", true),
        ] {
            assert_eq!(is_worked_out(program, "a"), expected, "{program}");
        }
    }
}
