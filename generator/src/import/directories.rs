//! Finds the folders that an Eleventy site configures
//! (<https://www.11ty.dev/docs/config/#input-directory>), as far as they are literals.

use super::script::{self, Token};
use super::settings::get;
use crate::value::Value;

/// The functions that set a folder.
const SETTERS: [(&str, &str); 5] = [
    ("setInputDirectory", "input"),
    ("setIncludesDirectory", "includes"),
    ("setLayoutsDirectory", "layouts"),
    ("setDataDirectory", "data"),
    ("setOutputDirectory", "output"),
];

/// The configured folders.
pub(super) struct Directories {
    /// The purpose and path of each; the path is `None` if the program computes it.
    named: Vec<(String, Option<String>)>,
    /// Whether the settings may configure others.
    is_partial: bool,
}

impl Directories {
    pub(super) fn of(program: &str, package: &Value) -> Directories {
        let mut found = Directories { named: Vec::new(), is_partial: false };
        let mut is_short = false;
        let tokens = script::tokens(program);
        let constants = script::literals(program);
        for (at, token) in tokens.iter().enumerate() {
            let (Token::Word(word) | Token::Text(word)) = token else { continue };
            let sign = |at: usize, sign: char| tokens.get(at) == Some(&Token::Sign(sign));
            if let Some((_, kind)) = SETTERS.iter().find(|(name, _)| name == word) {
                if sign(at + 1, '(') {
                    found.named.push(((*kind).to_owned(), text(&tokens, at + 2, &constants)));
                }
            } else if word == "dir" && sign(at + 1, '.') && script::is_assigned(&tokens, at + 2) {
                if let Some(Token::Word(kind)) = tokens.get(at + 2) {
                    found.named.push((kind.clone(), text(&tokens, at + 4, &constants)));
                }
            } else if word == "dir" && script::key(&tokens, at).is_some() {
                if script::is_assigned(&tokens, at) {
                    found.read_object(&tokens, at + 2, &constants);
                } else if sign(at + 1, ',') || sign(at + 1, '}') {
                    is_short = true;
                }
            }
        }
        found.is_partial |= is_short && found.named.is_empty();
        found.read_scripts(package);
        found
    }

    /// Reads `{ input: "src", output: "_site" }`.
    fn read_object(&mut self, tokens: &[Token], open: usize, constants: &[(String, Value)]) {
        match tokens.get(open) {
            Some(Token::Sign('{')) => {}
            // `dir` can also be the direction of text.
            Some(Token::Text(_)) => return,
            _ => {
                self.is_partial = true;
                return;
            }
        }
        let end = script::closing(tokens, open);
        let mut at = open + 1;
        while at < end {
            match script::key(tokens, at) {
                Some(kind) if script::is_assigned(tokens, at) => {
                    self.named.push((kind.to_owned(), text(tokens, at + 2, constants)));
                }
                Some(kind) => self.named.push((kind.to_owned(), text(tokens, at, constants))),
                None => self.is_partial = true,
            }
            while at < end && tokens[at] != Token::Sign(',') {
                at = script::closing(tokens, at).max(at) + 1;
            }
            at += 1;
        }
    }

    /// Reads `eleventy --input=src` in the scripts of `package.json`, which overrides the settings.
    fn read_scripts(&mut self, package: &Value) {
        let Some(Value::Map(scripts)) = get(package, "scripts") else { return };
        let commands = scripts.iter().filter_map(|(_, script)| script.as_str());
        let commands = commands.flat_map(|script| script.split(['&', '|', ';']));
        let mut inputs = Vec::new();
        for command in commands.filter(|command| command.contains("eleventy")) {
            let Some((_, rest)) = command.split_once("--input") else { continue };
            let name = rest.trim_start_matches(['=', ' ']).split_whitespace().next();
            let name = name.unwrap_or_default().trim_matches(['"', '\'']);
            let is_plain = !name.is_empty() && !name.contains('$');
            inputs.push(("input".to_owned(), is_plain.then(|| name.to_owned())));
        }
        if !inputs.is_empty() {
            self.named.retain(|(kind, _)| kind != "input");
            self.named.extend(inputs);
        }
    }

    /// The folder for a purpose, if configured.
    pub(super) fn get(&self, kind: &str) -> Option<&str> {
        self.named.iter().find(|(own, _)| own == kind)?.1.as_deref()
    }

    /// Whether it is unknown which files are pages.
    pub(super) fn are_in_doubt(&self) -> bool {
        let folder = |named: &Option<String>| {
            named.as_deref().map(|name| name.trim_start_matches("./").trim_matches('/').to_owned())
        };
        self.is_partial
            || ["input", "includes", "layouts", "data"].iter().any(|kind| {
                let named = self.named.iter().filter(|(own, _)| own == kind);
                let mut named = named.map(|(_, name)| folder(name));
                let first = named.next();
                first.is_some_and(|first| first.is_none() || named.any(|other| other != first))
            })
    }
}

/// A string, or the constant that a name refers to.
fn text(tokens: &[Token], at: usize, constants: &[(String, Value)]) -> Option<String> {
    if let Some(value) = script::literal(tokens, at) {
        return value.as_str().map(str::to_owned);
    }
    let Some(Token::Word(name)) = tokens.get(at) else { return None };
    let is_whole = matches!(tokens.get(at + 1), Some(Token::Sign(',' | '}' | ')' | ';')));
    let constant = constants.iter().find(|(own, _)| own == name).filter(|_| is_whole);
    constant.and_then(|(_, value)| value.as_str()).map(str::to_owned)
}
