//! Resolves the paths of each module to the modules that they lead to.

use std::path::PathBuf;

use proc_macro2::TokenStream;

use crate::modules::Crate;
use crate::tokens::{self, Binds, Part, Path, Use};

/// One place where a module names another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The module that imports, `a::b`; empty for the crate's root.
    pub from: String,
    /// The module that is imported.
    pub to: String,
    /// Below `src/`.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
}

/// How far a name is followed through `use` declarations, some of which may go in a circle.
const MAX_STEPS: usize = 16;

impl Crate {
    /// All imports between modules of the crate.
    #[must_use]
    pub fn imports(&self) -> Vec<Import> {
        let mut found = Vec::new();
        for (from, module) in &self.modules {
            self.block(from, module.tokens.clone(), &mut Vec::new(), &mut found);
        }
        found.sort();
        found.dedup();
        found
    }

    /// Adds the imports of what is between two brackets, or of a whole module. `scopes` holds the `use` declarations of
    /// the blocks around it, the outermost first.
    fn block(
        &self,
        from: &str,
        tokens: TokenStream,
        scopes: &mut Vec<Vec<Use>>,
        found: &mut Vec<Import>,
    ) {
        let declared = tokens::uses(tokens.clone());
        scopes.push(declared.clone());
        for declaration in &declared {
            self.import(from, scopes, &declaration.path, found);
        }
        for part in tokens::parts(tokens) {
            match part {
                Part::Path(path) if path.segments.len() > 1 => {
                    self.import(from, scopes, &path, found);
                }
                Part::Path(_) => {}
                Part::Block(inner) => self.block(from, inner, scopes, found),
            }
        }
        scopes.pop();
    }

    fn import(&self, from: &str, scopes: &[Vec<Use>], path: &Path, found: &mut Vec<Import>) {
        let Some(target) = self.resolve(from, scopes, &path.segments, MAX_STEPS) else { return };
        let to = self.module_of(&target);
        if to != from && !to.is_empty() {
            let file = self.modules[from].file.clone();
            found.push(Import { from: from.to_owned(), to, file, line: path.line });
        }
    }

    /// The longest beginning of a path that is a module. An item that the root re-exports is followed, since the root
    /// has no layer of its own.
    fn module_of(&self, path: &[String]) -> String {
        let is_module = |length: &usize| self.modules.contains_key(&path[..*length].join("::"));
        let length = (0..=path.len()).rev().find(is_module).unwrap_or(0);
        if length == 0 && !path.is_empty() {
            let exported = self.declared("", &self.modules[""].uses, &path[0], MAX_STEPS);
            return exported.map_or_else(String::new, |found| {
                if found == path { String::new() } else { self.module_of(&found) }
            });
        }
        path[..length].join("::")
    }

    /// A path from the crate's root, for one that is written in the module `at`. `None` for those of other crates.
    fn resolve(
        &self,
        at: &str,
        scopes: &[Vec<Use>],
        segments: &[String],
        steps: usize,
    ) -> Option<Vec<String>> {
        let steps = steps.checked_sub(1)?;
        let here: Vec<String> =
            at.split("::").filter(|s| !s.is_empty()).map(String::from).collect();
        let (first, mut rest) = segments.split_first()?;
        let mut base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => here,
            "super" => here[..here.len().checked_sub(1)?].to_vec(),
            name => self.name(at, scopes, name, steps)?,
        };
        while let Some((_, after)) = rest.split_first().filter(|(next, _)| *next == "super") {
            base.pop()?;
            rest = after;
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// What a name stands for in the module `at`: from a block around it, a child, or a declaration of the module.
    fn name(&self, at: &str, scopes: &[Vec<Use>], name: &str, steps: usize) -> Option<Vec<String>> {
        for declared in scopes.iter().skip(1).rev() {
            if let Some(found) = self.declared(at, declared, name, steps) {
                return Some(found);
            }
        }
        let module = self.modules.get(at)?;
        if module.children.contains(name) {
            return Some(
                at.split("::").filter(|s| !s.is_empty()).chain([name]).map(String::from).collect(),
            );
        }
        self.declared(at, &module.uses, name, steps)
    }

    fn declared(&self, at: &str, uses: &[Use], name: &str, steps: usize) -> Option<Vec<String>> {
        let named = |binds: &Binds| matches!(binds, Binds::Name(bound) if bound == name);
        let steps = steps.checked_sub(1)?;
        for declaration in uses.iter().filter(|declaration| named(&declaration.binds)) {
            // `use serde;` binds the crate's own name again.
            if declaration.path.segments != [name] {
                return self.resolve(at, &[], &declaration.path.segments, steps);
            }
        }
        for declaration in uses.iter().filter(|declaration| declaration.binds == Binds::Everything)
        {
            let Some(target) = self.resolve(at, &[], &declaration.path.segments, steps) else {
                continue;
            };
            let target = target.join("::");
            if target != at
                && self.modules.contains_key(&target)
                && let Some(found) = self.name(&target, &[], name, steps)
            {
                return Some(found);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use super::*;

    /// Which modules `a::b` imports if it has this text, in a crate with some others.
    fn imports_of(text: &str) -> Vec<String> {
        let files = [
            (
                "lib.rs",
                "pub mod a; pub mod c; pub mod d; pub use d::Exported; pub use c as renamed;",
            ),
            (
                "a.rs",
                "pub mod b; pub mod sibling; use crate::c::deep; pub(crate) use crate::d as through;",
            ),
            ("a/b.rs", text),
            ("a/sibling.rs", "pub struct Sibling;"),
            ("c.rs", "pub mod deep; pub struct C; pub const fn c() {}"),
            ("c/deep/mod.rs", "pub struct Deep; pub mod deeper;"),
            ("c/deep/deeper.rs", "pub struct Deeper;"),
            ("d.rs", "pub struct Exported;"),
        ];
        let sources: BTreeMap<_, _> =
            files.map(|(file, text)| (PathBuf::from(file), text.to_owned())).into();
        let all = Crate::parse(&sources).unwrap().imports();
        let mut found: Vec<_> = all
            .into_iter()
            .filter(|import| import.from == "a::b")
            .map(|import| import.to)
            .collect();
        found.dedup();
        found
    }

    #[test]
    fn every_way_of_writing_a_path_is_seen() {
        let cases: &[(&str, &[&str])] = &[
            // Declarations.
            ("use crate::c::C;", &["c"]),
            ("use crate::c;", &["c"]),
            ("use crate::c as other;", &["c"]),
            ("use crate::c::deep::Deep as _;", &["c::deep"]),
            ("use crate::c::*;", &["c"]),
            ("use crate::{c::{self, deep::Deep}, d};", &["c", "c::deep", "d"]),
            ("use {crate::c::C, crate::d::Exported as E};", &["c", "d"]),
            ("use super::super::c::C;", &["c"]),
            ("use super::sibling::Sibling;", &["a::sibling"]),
            ("use super::{sibling, through::Exported};", &["a", "a::sibling"]),
            ("use crate::r#c::C;", &["c"]),
            ("use crate::Exported;", &["d"]),
            ("use crate::renamed::C;", &["c"]),
            // Re-exports.
            ("pub use crate::c::C;", &["c"]),
            ("pub(crate) use crate::d;", &["d"]),
            ("pub(in crate::a) use crate::d;", &["a", "d"]),
            // Names that a declaration brought in.
            ("use crate::c::deep as x; fn f() { x::deeper::g() }", &["c::deep", "c::deep::deeper"]),
            ("use crate as root; type T = root::d::Exported;", &["d"]),
            ("use super::super as up; type T = up::d::Exported;", &["d"]),
            ("use super::*; type T = deep::Deep;", &["a", "c::deep"]),
            ("use crate::*; type T = d::Exported;", &["d"]),
            ("fn f() { use crate::c; c::deep::g(); }", &["c", "c::deep"]),
            ("fn f() { { use crate::c::deep as c; } } fn g() { c::h() }", &["c::deep"]),
            // Paths in place.
            ("fn f() { crate::c::c(); }", &["c"]),
            ("fn f(x: &crate::c::C) -> Option<super::super::d::Exported> { None }", &["c", "d"]),
            (
                "fn f(x: u8) { match x { crate::c::X => {}, _ => crate::d::Exported::g::<u8>() } }",
                &["c", "d"],
            ),
            ("struct S<T: crate::c::Trait>(Vec<crate::d::Exported>, T);", &["c", "d"]),
            ("impl crate::c::Trait for S { type A = crate::d::Exported; }", &["c", "d"]),
            ("fn f() { <crate::c::C as crate::d::Trait>::g() }", &["c", "d"]),
            ("const X: [u8; crate::c::N] = [0; crate::d::N];", &["c", "d"]),
            ("fn f() { async { crate::c::g().await }; || crate::d::g(); }", &["c", "d"]),
            ("static S: fn() = self::super::sibling::f;", &["a::sibling"]),
            // Macros.
            ("fn f() { println!(\"{}\", crate::c::g()); }", &["c"]),
            ("fn f() { assert!(matches!(x, Some(crate::c::C { .. }))); }", &["c"]),
            ("crate::c::made! { use super::super::d::Exported; }", &["c", "d"]),
            (
                "macro_rules! m { () => { $crate::c::g(); use $crate::{d::Exported}; } }",
                &["c", "d"],
            ),
            ("thread_local! { static X: crate::c::C = const { crate::d::new() }; }", &["c", "d"]),
            // Attributes.
            ("#[derive(crate::c::Derive)] struct S;", &["c"]),
            ("struct S { #[serde(with = \"crate::c::deep\")] x: u8 }", &["c::deep"]),
            ("#[cfg_attr(unix, serde(default = \"crate::d::new\"))] struct S;", &["d"]),
            // Modules within the file.
            ("mod inner { pub fn f() { crate::c::g() } } fn f() { inner::f() }", &["a::b::inner"]),
            ("#[cfg(feature = \"x\")] use crate::c::C;", &["c"]),
            ("#[cfg(not(test))] use crate::c::C;", &["c"]),
            ("#[cfg(any(test, unix))] use crate::c::C;", &["c"]),
            // No imports of other modules.
            ("use std::c::C; use ::c::C; fn f() -> impl Sized + use<> {}", &[]),
            ("fn f() { ::c::deep::g(); c::deep::h(); Self::x::y(); T::c(); }", &[]),
            ("/// [`crate::c::C`]\n//  crate::d\nfn f() { \"crate::c::C\"; }", &[]),
            ("#[cfg(test)] mod tests { use crate::c::C; }", &[]),
            ("#[cfg(test)] use crate::c::C; #[cfg(all(test, unix))] fn f() { crate::d::g() }", &[]),
            ("struct S; impl S { #[cfg(test)] fn f() { crate::c::g() } }", &[]),
            ("#![cfg(test)] use crate::c::C;", &[]),
            ("use self::Kind::*; enum Kind { A }", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(imports_of(text), *expected, "{text}");
        }
    }

    #[test]
    fn an_import_has_its_line() {
        let sources = [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a.rs", "\nuse crate::{\n    b,\n};\nfn f() {\n    vec![crate::b::X];\n}\n"),
            ("b.rs", ""),
        ];
        let sources = sources.map(|(file, text)| (PathBuf::from(file), text.to_owned())).into();
        let lines: Vec<_> = Crate::parse(&sources)
            .unwrap()
            .imports()
            .into_iter()
            .map(|import| import.line)
            .collect();
        assert_eq!(lines, [3, 6]);
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let sources = [(PathBuf::from("lib.rs"), "mod a;".to_owned())].into();
        let fault = Crate::parse(&sources).unwrap_err().to_string();
        assert_eq!(fault, "a.rs: no such file");
    }
}
