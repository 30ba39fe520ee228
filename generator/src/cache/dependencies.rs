//! Stores the dependencies of outputs, each distinct one once.

use std::io;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{SealedPart, open, seal};
use crate::digest::Digest;
use crate::query::{Dependencies, Dependency, LocalizedQuery};

/// The dependencies of one output: the digests of its page and theme, and its queries as indices
/// among the distinct ones.
type Stored = (Digest, Digest, Vec<u32>);

/// Serializes the dependencies of outputs, in their order. All are on results of one site.
///
/// # Errors
/// Serialization failed.
pub(crate) fn seal_dependencies<'a>(
    outputs: impl Iterator<Item = &'a Dependencies>,
) -> io::Result<SealedPart> {
    let mut distinct: Vec<(&LocalizedQuery, Digest)> = Vec::new();
    // A dependency of an earlier build may be the same as one of this build.
    let mut by_query: HashMap<&LocalizedQuery, u32> = HashMap::new();
    let mut by_address: HashMap<*const Dependency, u32> = HashMap::new();
    let mut number = |dependency: &'a Arc<Dependency>| {
        *by_address.entry(Arc::as_ptr(dependency)).or_insert_with(|| {
            *by_query.entry(&dependency.question).or_insert_with(|| {
                distinct.push((&dependency.question, dependency.digest));
                u32::try_from(distinct.len() - 1).expect("fewer than 4 billion queries")
            })
        })
    };
    let stored: Vec<Stored> = outputs
        .map(|output| {
            let queries = output.queries.iter().map(&mut number).collect();
            (output.page, output.theme, queries)
        })
        .collect();
    let (distinct, stored) = rayon::join(|| seal(&distinct), || seal(&stored));
    Ok(vec![distinct?, stored?])
}

/// Deserializes the dependencies of `count` outputs; `None` if they are damaged.
pub(super) fn open_dependencies(chunks: &[Vec<u8>], count: usize) -> Option<Vec<Dependencies>> {
    let [distinct, stored] = chunks else { return None };
    let (distinct, stored) = rayon::join(
        || open::<Vec<(LocalizedQuery, Digest)>>(distinct),
        || open::<Vec<Stored>>(stored),
    );
    let distinct = distinct?.into_iter();
    let distinct: Vec<Arc<Dependency>> =
        distinct.map(|(question, digest)| Arc::new(Dependency::new(question, digest))).collect();
    let outputs = stored.filter(|stored| stored.len() == count)?.into_iter();
    outputs
        .map(|(page, theme, numbers)| {
            let query = |number: u32| distinct.get(number as usize).map(Arc::clone);
            let queries = numbers.into_iter().map(query).collect::<Option<_>>()?;
            Some(Dependencies { page, theme, queries })
        })
        .collect()
}
