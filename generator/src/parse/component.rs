//! Turns a component's call in markdown into a name and literal arguments, and checks them against
//! the component's shape. Nothing is evaluated. Pure.

/// What a component takes, as the theme defines it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ComponentShape {
    /// Its arguments, in the order of the definition; without those a template passes by itself.
    pub arguments: Vec<Argument>,
    /// Whether it takes any other argument too.
    pub rest: bool,
    /// Whether it is called around a body; `None` where it may be or not.
    pub takes_body: Option<bool>,
}

/// One argument of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it may hold.
    pub kind: ArgumentKind,
    /// Whether a call must give it.
    pub required: bool,
}

/// What an argument may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentKind {
    /// Anything.
    Any,
    /// Text between quotation marks.
    String,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A number with a point.
    Float,
    /// Any number.
    Number,
    /// A list.
    Array,
    /// A group of keys.
    Map,
}
