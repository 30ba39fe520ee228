//! Finds `use` declarations and paths in tokens, so that code and the arguments of macros are read alike.

use proc_macro2::{Delimiter, Ident, Literal, Spacing, TokenStream, TokenTree};

/// One name that a `use` declaration brings in.
#[derive(Debug, Clone)]
pub(crate) struct Use {
    pub(crate) path: Path,
    pub(crate) binds: Binds,
}

/// What a `use` declaration calls what it brings in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Binds {
    Name(String),
    /// `*`
    Everything,
    /// `as _`
    Nothing,
}

/// A path as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
}

/// A path, or what lies between two brackets.
pub(crate) enum Part {
    Path(Path),
    Block(TokenStream),
}

/// An identifier's text, without `r#`.
pub(crate) fn name(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map(str::to_owned).unwrap_or(text)
}

/// What the `use` declarations between these tokens bring in; those within brackets have a scope of their own.
pub(crate) fn uses(tokens: TokenStream) -> Vec<Use> {
    let mut reader = Reader::new(tokens);
    let mut found = Vec::new();
    while let Some(token) = reader.next() {
        if is_use(&token, &reader) {
            reader.use_tree(&[], &mut found);
        }
    }
    found
}

/// The paths between these tokens, except those of `use` declarations, and the blocks within them.
pub(crate) fn parts(tokens: TokenStream) -> Vec<Part> {
    let mut reader = Reader::new(tokens);
    let mut found = Vec::new();
    while let Some(token) = reader.next() {
        if is_use(&token, &reader) {
            reader.use_tree(&[], &mut Vec::new());
            continue;
        }
        match token {
            TokenTree::Ident(first) => found.push(Part::Path(reader.path(&first))),
            TokenTree::Punct(mark) if mark.as_char() == '#' => match reader.peek() {
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
                    let attribute = group.stream();
                    reader.next();
                    found.extend(attribute_parts(attribute));
                }
                _ => {}
            },
            // A path that begins with `::` leads to another crate.
            TokenTree::Punct(mark) if mark.as_char() == ':' && mark.spacing() == Spacing::Joint => {
                reader.next();
                if let Some(TokenTree::Ident(first)) = reader.peek().cloned() {
                    reader.next();
                    reader.path(&first);
                }
            }
            TokenTree::Group(group) => found.push(Part::Block(group.stream())),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// The paths of an attribute, also those that it has as text: `#[serde(with = "crate::bytes")]`.
fn attribute_parts(attribute: TokenStream) -> Vec<Part> {
    if matches!(attribute.clone().into_iter().next(), Some(TokenTree::Ident(first)) if first == "doc")
    {
        return Vec::new();
    }
    let mut found = parts(attribute.clone());
    quoted_paths(attribute, &mut found);
    found
}

fn quoted_paths(tokens: TokenStream, found: &mut Vec<Part>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => quoted_paths(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(quoted_path(&literal).map(Part::Path)),
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

fn quoted_path(literal: &Literal) -> Option<Path> {
    let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok()?;
    let path = text.parse::<syn::Path>().ok().filter(|path| path.leading_colon.is_none())?;
    let segments = path.segments.iter().map(|segment| name(&segment.ident)).collect();
    Some(Path { segments, line: literal.span().start().line })
}

/// Whether the token begins a `use` declaration, and not the `use<…>` of a type.
fn is_use(token: &TokenTree, reader: &Reader) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == "use")
        && !matches!(reader.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == '<')
}

struct Reader {
    tokens: Vec<TokenTree>,
    at: usize,
}

impl Reader {
    fn new(tokens: TokenStream) -> Self {
        Self { tokens: tokens.into_iter().collect(), at: 0 }
    }

    fn next(&mut self) -> Option<TokenTree> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    /// Steps over `::`, if it is next.
    fn double_colon(&mut self) -> bool {
        let colon =
            |i| matches!(self.tokens.get(i), Some(TokenTree::Punct(m)) if m.as_char() == ':');
        let found = colon(self.at) && colon(self.at + 1);
        if found {
            self.at += 2;
        }
        found
    }

    /// The path of which `first` has just been read.
    fn path(&mut self, first: &Ident) -> Path {
        let mut segments = vec![name(first)];
        while self.double_colon() {
            match self.peek() {
                Some(TokenTree::Ident(next)) => {
                    segments.push(name(next));
                    self.at += 1;
                }
                _ => break,
            }
        }
        Path { segments, line: first.span().start().line }
    }

    /// Reads one tree of a `use` declaration, up to the `,` or `;` after it.
    fn use_tree(&mut self, prefix: &[String], found: &mut Vec<Use>) {
        let mut segments = prefix.to_vec();
        let external = self.double_colon() && prefix.is_empty();
        let mut line;
        loop {
            match self.next() {
                Some(TokenTree::Ident(ident)) => {
                    line = ident.span().start().line;
                    segments.push(name(&ident));
                }
                Some(TokenTree::Group(group)) => {
                    let mut inner = Reader::new(group.stream());
                    while !external && inner.peek().is_some() {
                        inner.use_tree(&segments, found);
                    }
                    self.next();
                    return;
                }
                Some(TokenTree::Punct(mark)) if mark.as_char() == '*' => {
                    line = mark.span().start().line;
                    self.next();
                    found.push(Use { path: Path { segments, line }, binds: Binds::Everything });
                    return;
                }
                // `$crate`
                Some(TokenTree::Punct(mark)) if mark.as_char() == '$' => continue,
                _ => return,
            }
            if !self.double_colon() {
                break;
            }
        }
        if segments.last().is_some_and(|last| last == "self") && segments.len() > 1 {
            segments.pop();
        }
        let binds = self.binds(&segments);
        if !external {
            found.push(Use { path: Path { segments, line }, binds });
        }
    }

    /// Reads `as name`, if it is next, and steps over the `,` or `;` after it.
    fn binds(&mut self, segments: &[String]) -> Binds {
        let mut bound = segments.last().cloned().unwrap_or_default();
        if matches!(self.peek(), Some(TokenTree::Ident(ident)) if ident == "as") {
            self.next();
            if let Some(TokenTree::Ident(ident)) = self.next() {
                bound = name(&ident);
            }
        }
        self.next();
        if bound == "_" { Binds::Nothing } else { Binds::Name(bound) }
    }
}
