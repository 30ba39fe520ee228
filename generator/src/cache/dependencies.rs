//! Stores the dependencies of outputs, each distinct one once.

use std::io;
use std::sync::Arc;

use hashbrown::HashMap;

use super::{Lists, Part, open, seal};
use crate::digest::Digest;
use crate::query::{Dependencies, Dependency, LocalizedQuery};

/// The parts of [`Dependencies`] that belong to one output: the digests of its page and theme.
type Own = Vec<(Digest, Digest)>;

/// Serializes the dependencies of outputs, in their order. All are on results of one site.
///
/// # Errors
/// Serialization failed.
pub fn seal_dependencies<'a>(outputs: impl Iterator<Item = &'a Dependencies>) -> io::Result<Part> {
    let mut distinct: Vec<(&LocalizedQuery, Digest)> = Vec::new();
    // A dependency of an earlier build may be the same as one of this build.
    let mut by_query: HashMap<&LocalizedQuery, u32> = HashMap::new();
    let mut by_address: HashMap<*const Dependency, u32> = HashMap::new();
    let (mut own, mut numbers) = (Own::new(), Lists::default());
    for output in outputs {
        own.push((output.page, output.theme));
        let number = |dependency: &'a Arc<Dependency>| {
            *by_address.entry(Arc::as_ptr(dependency)).or_insert_with(|| {
                *by_query.entry(&dependency.question).or_insert_with(|| {
                    distinct.push((&dependency.question, dependency.digest));
                    u32::try_from(distinct.len() - 1).expect("fewer than 4 billion queries")
                })
            })
        };
        numbers.push(output.queries.iter().map(number));
    }
    let (distinct, rest) = rayon::join(|| seal(&distinct), || Ok([seal(&own)?, seal(&numbers)?]));
    let [own, numbers] = rest.map_err(|error: io::Error| error)?;
    Ok(vec![distinct?, own, numbers])
}

/// Deserializes the dependencies of `count` outputs; `None` if they are damaged.
pub(super) fn open_dependencies(chunks: &[Vec<u8>], count: usize) -> Option<Vec<Dependencies>> {
    let [distinct, own, numbers] = chunks else { return None };
    let (distinct, rest) = rayon::join(
        || open::<Vec<(LocalizedQuery, Digest)>>(distinct),
        || Some((open::<Own>(own)?, open::<Lists<u32>>(numbers).filter(Lists::is_sound)?)),
    );
    let distinct = distinct?.into_iter();
    let distinct: Vec<Arc<Dependency>> =
        distinct.map(|(question, digest)| Arc::new(Dependency::new(question, digest))).collect();
    let (own, numbers) = rest?;
    if own.len() != count || numbers.len() != count {
        return None;
    }
    let outputs = own.into_iter().zip(numbers.iter());
    outputs
        .map(|((page, theme), numbers)| {
            let query = |number: &u32| distinct.get(*number as usize).map(Arc::clone);
            let queries = numbers.iter().map(query).collect::<Option<_>>()?;
            Some(Dependencies { page, theme, queries })
        })
        .collect()
}
