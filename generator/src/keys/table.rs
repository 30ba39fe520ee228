//! Every key that an editor or a theme's maker may write, with what it takes and a sentence that says what for. Pure.
//!
//! The readers know the names from here; what a misspelt key is compared with, `daisy schema` and `docs/reference/` come
//! from here too, so that none of them can know a key that another does not.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, as written before the colon.
    pub name: &'static str,
    /// What stands behind the colon, or beneath it.
    pub takes: Takes,
    /// What it is for, in the words of who writes it.
    pub words: &'static str,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Text; a whole number is taken as text too.
    Text,
    /// A list of texts, or one text alone.
    Texts,
    /// A day, with a time where one is meant.
    Date,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// A list of whole numbers.
    Wholes,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A group of these keys.
    Group(&'static [Key]),
    /// A group of names that its writer chooses, each a group of these keys.
    Named(&'static [Key]),
    /// A list of names, or of groups of these keys.
    List(&'static [Key]),
    /// A group of names that its writer chooses, each a list of groups of these keys.
    NamedLists(&'static [Key]),
    /// A group of names and texts that its writer chooses.
    Anything,
}

const fn key(name: &'static str, takes: Takes, words: &'static str) -> Key {
    Key { name, takes, words }
}

/// The names of keys, in their order.
pub fn names(keys: &[Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().map(|key| key.name)
}

/// Whether a key of this name is among them.
pub fn has(keys: &[Key], name: &str) -> bool {
    keys.iter().any(|key| key.name == name)
}

/// Between the dashes of every page.
pub const PAGE: [Key; 18] = [
    key("title", Takes::Text, "The heading of the page"),
    key("summary", Takes::Text, "One or two sentences for lists, feeds and search engines"),
    key("date", Takes::Date, "The day it was written"),
    key("updated", Takes::Date, "The day it was last changed"),
    key("author", Takes::Text, "Who wrote it"),
    key("draft", Takes::Flag, "Not to be published yet"),
    key("publish_on", Takes::Date, "Not to be published before this moment"),
    key("expires_on", Takes::Date, "Not to be published from this moment on"),
    key("slug", Takes::Text, "The last part of its address, in place of the file's name"),
    key("path", Takes::Text, "Its whole address within the site, in place of its folder's"),
    key("aliases", Takes::Texts, "Addresses it had before, which lead here"),
    key("template", Takes::Text, "The template it is shown with"),
    key("weight", Takes::Whole, "Its rank where a section sorts by weight; the least comes first"),
    key("image", Takes::Group(&IMAGE), "Its picture"),
    key("menu", Takes::Texts, "The menus it is listed in"),
    key("search", Takes::Flag, "Whether search finds it"),
    key("unreviewed", Takes::Flag, "A translation that nobody has read yet"),
    key("extra", Takes::Anything, "Whatever else the theme reads"),
];

/// Beneath `image`.
pub const IMAGE: [Key; 3] = [
    key("src", Takes::Text, "Its file, as seen from the page; it must be there"),
    key("alt", Takes::Text, "What it shows, in words; empty for a decoration; it must be there"),
    key("credit", Takes::Text, "Who made it"),
];

/// Between the dashes of an `_index.md`, besides those of every page.
pub const SECTION: [Key; 9] = [
    key(
        "sort_by",
        Takes::Word(&ORDERS),
        "The order of its pages: the newest, the last changed, by the alphabet, the least first",
    ),
    key("reverse", Takes::Flag, "The other way round"),
    key(
        "paginate_by",
        Takes::Whole,
        "How many pages a part of its list shows; all where nothing is said",
    ),
    key("page_template", Takes::Text, "The template of its pages that name none"),
    key(
        "feed",
        Takes::Flag,
        "Whether it has a feed; `false` on the home page takes the site's away",
    ),
    key(
        "future_dates",
        Takes::Flag,
        "Whether the `date` of its pages, and of those below, may be in the future, as of events",
    ),
    key(
        "archetype",
        Takes::Text,
        "The file that `daisy new` begins a page of it with, from the site's folder on",
    ),
    key(
        "raw_html",
        Takes::Word(&RAW_HTML),
        "Whether HTML in its pages, and in those of folders below, is HTML on the page or shown as text",
    ),
    key(
        "schema",
        Takes::Named(&FIELD),
        "What it asks of its pages, and of those below: for each key, what follows",
    ),
];

/// The words of `sort_by`.
pub const ORDERS: [&str; 4] = ["date", "updated", "title", "weight"];

/// The words of `raw_html`.
pub const RAW_HTML: [&str; 2] = ["allow", "show"];

/// Beneath each key of `schema`.
pub const FIELD: [Key; 5] = [
    key("required", Takes::Flag, "Whether every page must have it"),
    key("type", Takes::Word(&TYPES), "What a key of your own, `extra.street`, holds"),
    key("values", Takes::Texts, "The only texts it may hold"),
    key(
        "pattern",
        Takes::Text,
        "The form of its texts: `*` is anything, `?` one character, `#` one digit",
    ),
    key("help", Takes::Text, "A sentence for whoever writes a page"),
];

/// The words of `type`.
pub const TYPES: [&str; 5] = ["text", "number", "flag", "date", "list"];

/// In `content/site.yaml`.
pub const SITE: [Key; 17] = [
    key("title", Takes::Text, "The site's name; it must be there"),
    key("description", Takes::Text, "One or two sentences about it"),
    key("base_url", Takes::Text, "The address it is published at"),
    key("forms_url", Takes::Text, "The host that answers its forms, where another one does"),
    key(
        "image",
        Takes::Group(&IMAGE),
        "The picture that other sites show beside a link to a page that has none",
    ),
    key(
        "icon",
        Takes::Text,
        "The picture that its icons are made of: square, at least 512 by 512 pixels",
    ),
    key(
        "language",
        Takes::Text,
        "The code of the language it is written in; `en-GB` where nothing is said",
    ),
    key(
        "languages",
        Takes::Named(&LANGUAGE),
        "Its languages by their codes, the one it is written in among them",
    ),
    key(
        "theme",
        Takes::Text,
        "The folder of `themes` that it is shown with; `daisy` where nothing is said",
    ),
    key(
        "time_zone",
        Takes::Text,
        "The time zone of dates that name none; `Europe/London` where nothing is said",
    ),
    key("organisation", Takes::Group(&ORGANISATION), "Who speaks here, and how to reach them"),
    key(
        "taxonomies",
        Takes::List(&TAXONOMY),
        "The ways in which pages are sorted by terms, such as `tags`",
    ),
    key("menus", Takes::NamedLists(&MENU_LINE), "Its menus by their names, each a list of lines"),
    key(
        "smart_punctuation",
        Takes::Flag,
        "Whether straight quotation marks and double hyphens become typographic ones",
    ),
    key(
        "git_dates",
        Takes::Flag,
        "Whether a page that does not say when it was changed was so by its last commit",
    ),
    key(
        "budgets",
        Takes::Group(&BUDGETS),
        "How many bytes a page may bring; `daisy check` holds pages to it",
    ),
    key("extra", Takes::Anything, "Whatever else the theme reads"),
];

/// Beneath `organisation`.
pub const ORGANISATION: [Key; 9] = [
    key("name", Takes::Text, "Its name"),
    key("phone", Takes::Text, "Its phone number"),
    key("phone_hours", Takes::Text, "When somebody answers it"),
    key("email", Takes::Text, "Its email address"),
    key("address", Takes::Text, "Its postal address"),
    key("url", Takes::Text, "Its own site, where that is another"),
    key("logo", Takes::Text, "A picture of its sign: a path below `content`"),
    key("charity_number", Takes::Text, "Its number in the register of charities"),
    key("social", Takes::Texts, "Its pages elsewhere"),
];

/// Beneath each language of `languages`. The first two are all that the site's own language takes.
pub const LANGUAGE: [Key; 9] = [
    key("name", Takes::Text, "Its name in itself, such as `Polski`; it must be there"),
    key(
        "direction",
        Takes::Word(&DIRECTIONS),
        "Where its words run; right for the language where nothing is said",
    ),
    key("prefix", Takes::Text, "The first part of its addresses; the code where nothing is said"),
    key("title", Takes::Text, "The site's name in it"),
    key("description", Takes::Text, "What the site is about, in it"),
    key("menus", Takes::NamedLists(&MENU_LINE), "Menus that take the place of the site's"),
    key("organisation", Takes::Group(&ORGANISATION), "What differs from the site's, key by key"),
    key("taxonomies", Takes::Anything, "What taxonomies are called in it, by their names"),
    key("extra", Takes::Anything, "What differs from the site's, key by key"),
];

/// The words of `direction`.
pub const DIRECTIONS: [&str; 2] = ["ltr", "rtl"];

/// Beneath each of `taxonomies`; a name alone will do.
pub const TAXONOMY: [Key; 4] = [
    key(
        "name",
        Takes::Text,
        "A key between the dashes of pages, and the first part of addresses; it must be there",
    ),
    key("title", Takes::Text, "What readers see it called"),
    key(
        "paginate_by",
        Takes::Whole,
        "How many pages a part of a term's list shows; all where nothing is said",
    ),
    key("feed", Takes::Flag, "Whether each of its terms has a feed"),
];

/// Each line of a menu.
pub const MENU_LINE: [Key; 2] = [
    key("label", Takes::Text, "Its words; they must be there"),
    key("link", Takes::Text, "Where it goes: a page's file, or an address; it must be there"),
];

/// Beneath `budgets`.
pub const BUDGETS: [Key; 3] = [
    key("page", Takes::Whole, "Bytes of a page's HTML"),
    key("styles", Takes::Whole, "Bytes of its style sheets"),
    key("scripts", Takes::Whole, "Bytes of its scripts"),
];

/// In a theme's `theme.yaml`.
pub const THEME: [Key; 5] = [
    key("name", Takes::Text, "The theme's name, for people"),
    key("description", Takes::Text, "What it looks like"),
    key("extends", Takes::Text, "The theme that it differs from"),
    key("images", Takes::Group(&THEME_IMAGES), "How pictures are made"),
    key("strings", Takes::Anything, "The words that the theme itself says, by their names"),
];

/// Beneath `images` of a theme.
pub const THEME_IMAGES: [Key; 3] = [
    key("widths", Takes::Wholes, "The widths to make, in pixels"),
    key("sizes", Takes::Text, "How wide a picture is shown, as HTML's `sizes` says it"),
    key("quality", Takes::Whole, "From 1 to 100; 78 where nothing is said"),
];
