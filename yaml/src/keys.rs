//! Tables of the keys that a map may have. Readers, suggestions, schemas and reference documentation use the same table.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub field_type: FieldType,
    /// What it is for, for whoever writes it.
    pub description: &'static str,
}

/// What a key takes, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text; a whole number is taken as text too.
    Text,
    /// A list of texts, or one text.
    Texts,
    /// A day, with a time where one is meant.
    Date,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    WholeNumber,
    /// A list of whole numbers.
    WholeNumbers,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words, or one of them.
    Words(&'static [&'static str]),
    /// A map of these keys.
    Map(&'static [Key]),
    /// A map of names that its writer chooses, each a map of these keys.
    NamedMaps(&'static [Key]),
    /// A list of names, or of maps of these keys.
    List(&'static [Key]),
    /// A map of names that its writer chooses, each a list of maps of these keys.
    NamedLists(&'static [Key]),
    /// A map of names and values that its writer chooses.
    Any,
}

/// The names of keys, in their order.
pub fn names(keys: &[Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().map(|key| key.name)
}

/// Whether a key of this name is among them.
pub fn has(keys: &[Key], name: &str) -> bool {
    keys.iter().any(|key| key.name == name)
}
