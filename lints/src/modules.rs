//! Builds the tree of a crate's modules from its source files.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ImplItem, Item, ItemMod, Meta, Token, punctuated::Punctuated};

use crate::tokens::{self, Use};

/// The modules of one crate, without what is compiled for tests only.
#[derive(Debug)]
pub struct Crate {
    /// By path below the crate, `a::b`; the crate's root is the empty path.
    pub(crate) modules: BTreeMap<String, Module>,
}

/// One module: a file, or a `mod { … }` within one.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) children: BTreeSet<String>,
    /// The `use` declarations at the top of the module.
    pub(crate) uses: Vec<Use>,
    /// All items except other modules.
    pub(crate) tokens: TokenStream,
}

/// A source file that is missing or is not valid Rust.
#[derive(Debug)]
pub struct ParseError {
    file: PathBuf,
    reason: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.reason)
    }
}

impl Error for ParseError {}

impl Crate {
    /// Reads the modules that `lib.rs` leads to. `sources` holds the text of each file by its path below `src/`.
    ///
    /// # Errors
    ///
    /// A declared module has no file, or a file is not valid Rust.
    pub fn parse(sources: &BTreeMap<PathBuf, String>) -> Result<Self, ParseError> {
        let mut found = Self { modules: BTreeMap::new() };
        found.add_file(sources, String::new(), Path::new("lib.rs"))?;
        Ok(found)
    }

    fn add_file(
        &mut self,
        sources: &BTreeMap<PathBuf, String>,
        path: String,
        file: &Path,
    ) -> Result<(), ParseError> {
        let fault = |reason| ParseError { file: file.to_owned(), reason };
        let text = sources.get(file).ok_or_else(|| fault("no such file".into()))?;
        let parsed = syn::parse_file(text).map_err(|e| {
            let line = e.span().start().line;
            fault(format!("line {line}: {e}"))
        })?;
        if is_test_only(&parsed.attrs) {
            return Ok(());
        }
        self.add_module(sources, path, file, parsed.items)
    }

    fn add_module(
        &mut self,
        sources: &BTreeMap<PathBuf, String>,
        path: String,
        file: &Path,
        items: Vec<Item>,
    ) -> Result<(), ParseError> {
        let mut children = BTreeSet::new();
        let mut tokens = TokenStream::new();
        for item in items.into_iter().filter(|item| !is_test_only(attributes(item))) {
            if let Item::Mod(module) = item {
                let name = tokens::name(&module.ident);
                let child = if path.is_empty() { name.clone() } else { format!("{path}::{name}") };
                self.add_child(sources, child, file, module)?;
                children.insert(name);
            } else {
                without_tests(item).to_tokens(&mut tokens);
            }
        }
        let uses = tokens::uses(tokens.clone());
        self.modules.insert(path, Module { file: file.to_owned(), children, uses, tokens });
        Ok(())
    }

    fn add_child(
        &mut self,
        sources: &BTreeMap<PathBuf, String>,
        path: String,
        file: &Path,
        module: ItemMod,
    ) -> Result<(), ParseError> {
        if let Some((_, items)) = module.content {
            return self.add_module(sources, path, file, items);
        }
        let below = PathBuf::from(path.replace("::", "/"));
        let (short, long) = (below.with_extension("rs"), below.join("mod.rs"));
        let child = if sources.contains_key(&long) { long } else { short };
        self.add_file(sources, path, &child)
    }
}

/// The item without the parts of an `impl` that are compiled for tests only.
fn without_tests(mut item: Item) -> Item {
    if let Item::Impl(block) = &mut item {
        block.items.retain(|part| {
            !is_test_only(match part {
                ImplItem::Const(part) => &part.attrs,
                ImplItem::Fn(part) => &part.attrs,
                ImplItem::Type(part) => &part.attrs,
                ImplItem::Macro(part) => &part.attrs,
                _ => &[],
            })
        });
    }
    item
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether the attributes leave something out of every build that is not for tests.
fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|predicate| without_test(&predicate) == Some(false))
        }
        _ => false,
    })
}

/// What a `cfg` predicate evaluates to without `test`, if that depends on nothing else.
fn without_test(predicate: &Meta) -> Option<bool> {
    let Meta::List(list) = predicate else {
        return predicate.path().is_ident("test").then_some(false);
    };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let mut parts = parts.iter().map(without_test);
    if list.path.is_ident("not") {
        return parts.next()?.map(|value| !value);
    }
    if list.path.is_ident("any") {
        return parts.all(|value| value == Some(false)).then_some(false);
    }
    parts.any(|value| value == Some(false)).then_some(false)
}
