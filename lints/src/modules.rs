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
        if is_left_out(&parsed.attrs, without_tests) {
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
        for item in items.into_iter().filter(|item| !is_left_out(attributes(item), without_tests)) {
            if let Item::Mod(module) = item {
                let name = tokens::name(&module.ident);
                let child = if path.is_empty() { name.clone() } else { format!("{path}::{name}") };
                self.add_child(sources, child, file, module)?;
                children.insert(name);
            } else {
                without(item, without_tests).to_tokens(&mut tokens);
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

/// What is known of a part of a `cfg` predicate; `None` if it depends on the build.
pub(crate) type Known = fn(&Meta) -> Option<bool>;

fn without_tests(part: &Meta) -> Option<bool> {
    part.path().is_ident("test").then_some(false)
}

/// The item without the parts of an `impl` and the variants that are never compiled.
pub(crate) fn without(mut item: Item, known: Known) -> Item {
    if let Item::Impl(block) = &mut item {
        block.items.retain(|part| {
            let attributes: &[Attribute] = match part {
                ImplItem::Const(part) => &part.attrs,
                ImplItem::Fn(part) => &part.attrs,
                ImplItem::Type(part) => &part.attrs,
                ImplItem::Macro(part) => &part.attrs,
                _ => &[],
            };
            !is_left_out(attributes, known)
        });
    }
    if let Item::Enum(item) = &mut item {
        let variants = std::mem::take(&mut item.variants).into_iter();
        item.variants = variants.filter(|variant| !is_left_out(&variant.attrs, known)).collect();
    }
    item
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
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

/// Whether the attributes leave something out of every build of which this much is known.
pub(crate) fn is_left_out(attributes: &[Attribute], known: Known) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            list.parse_args::<Meta>().is_ok_and(|predicate| value(&predicate, known) == Some(false))
        }
        _ => false,
    })
}

/// The value of a `cfg` predicate, if it follows from what is known.
fn value(predicate: &Meta, known: Known) -> Option<bool> {
    let Meta::List(list) = predicate else { return known(predicate) };
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    let parts: Vec<_> = parts.iter().map(|part| value(part, known)).collect();
    if list.path.is_ident("not") {
        return parts.first()?.map(|value| !value);
    }
    // `any` is true by one part and false by all of them; `all` is the other way round.
    let by_one = list.path.is_ident("any");
    if parts.contains(&Some(by_one)) {
        return Some(by_one);
    }
    parts.iter().all(|part| *part == Some(!by_one)).then_some(!by_one)
}
