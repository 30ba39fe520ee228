//! Every key that editors and theme authors may write, with its type and description.
//!
//! Used by readers, suggestions for misspelled keys, `daisy schema` and `docs/reference/`.

use located_yaml::{FieldType, Key, keys};

const fn key(name: &'static str, field_type: FieldType, description: &'static str) -> Key {
    Key { name, field_type, description }
}

/// Front matter of every page.
pub const PAGE: [Key; 18] = [
    key("title", FieldType::Text, "The heading of the page"),
    key("summary", FieldType::Text, "One or two sentences for lists, feeds and search engines"),
    key("date", FieldType::Date, "The day it was written"),
    key("updated", FieldType::Date, "The day it was last changed"),
    key("author", FieldType::Text, "Who wrote it"),
    key("draft", FieldType::Bool, "Not to be published yet"),
    key("publish_on", FieldType::Date, "Not to be published before this moment"),
    key("expires_on", FieldType::Date, "Not to be published from this moment on"),
    key("slug", FieldType::Text, "The last part of its address, in place of the file's name"),
    key("path", FieldType::Text, "Its whole address within the site, in place of its folder's"),
    key("aliases", FieldType::Texts, "Addresses it had before, which lead here"),
    key("template", FieldType::Text, "The template it is shown with"),
    key(
        "weight",
        FieldType::WholeNumber,
        "Its rank where a section sorts by weight; the least comes first",
    ),
    key("image", FieldType::Map(&IMAGE), "Its picture"),
    key("menu", FieldType::Texts, "The menus it is listed in"),
    key("search", FieldType::Bool, "Whether search finds it"),
    key("unreviewed", FieldType::Bool, "A translation that nobody has read yet"),
    key("extra", FieldType::Any, "Whatever else the theme reads"),
];

/// Whether every page may have the key.
pub(crate) fn is_page_key(key: &str) -> bool {
    keys::has(&PAGE, key)
}

/// Under `image`.
pub const IMAGE: [Key; 3] = [
    key("src", FieldType::Text, "Its file, as seen from the page; it must be there"),
    key(
        "alt",
        FieldType::Text,
        "What it shows, in words; empty for a decoration; it must be there",
    ),
    key("credit", FieldType::Text, "Who made it"),
];

/// Front matter of an `_index.md`, in addition to that of every page.
pub const SECTION: [Key; 9] = [
    key(
        "sort_by",
        FieldType::Word(&ORDERS),
        "The order of its pages: the newest, the last changed, by the alphabet, the least first",
    ),
    key("reverse", FieldType::Bool, "The other way round"),
    key(
        "paginate_by",
        FieldType::WholeNumber,
        "How many pages a part of its list shows; all where nothing is said",
    ),
    key("page_template", FieldType::Text, "The template of its pages that name none"),
    key(
        "feed",
        FieldType::Bool,
        "Whether it has a feed; `false` on the home page takes the site's away",
    ),
    key(
        "future_dates",
        FieldType::Bool,
        "Whether the `date` of its pages, and of those below, may be in the future, as of events",
    ),
    key(
        "archetype",
        FieldType::Text,
        "The file that `daisy new` begins a page of it with, from the site's folder on",
    ),
    key(
        "raw_html",
        FieldType::Word(&RAW_HTML),
        "Whether HTML in its pages, and in those of folders below, is HTML on the page or shown as text",
    ),
    key(
        "schema",
        FieldType::NamedMaps(&FIELD),
        "What it asks of its pages, and of those below: for each key, what follows",
    ),
];

/// The values of `sort_by`.
pub const ORDERS: [&str; 4] = ["date", "updated", "title", "weight"];

/// The values of `raw_html`.
pub const RAW_HTML: [&str; 2] = ["allow", "show"];

/// Under each key of `schema`.
pub const FIELD: [Key; 5] = [
    key("required", FieldType::Bool, "Whether every page must have it"),
    key("type", FieldType::Word(&TYPES), "What a key of your own, `extra.street`, holds"),
    key("values", FieldType::Texts, "The only texts it may hold"),
    key(
        "pattern",
        FieldType::Text,
        "The form of its texts: `*` is anything, `?` one character, `#` one digit",
    ),
    key("help", FieldType::Text, "A sentence for whoever writes a page"),
];

/// The values of `type`.
pub const TYPES: [&str; 5] = ["text", "number", "flag", "date", "list"];

/// In `content/site.yaml`.
pub const SITE: [Key; 17] = [
    key("title", FieldType::Text, "The site's name; it must be there"),
    key("description", FieldType::Text, "One or two sentences about it"),
    key("base_url", FieldType::Text, "The address it is published at"),
    key("forms_url", FieldType::Text, "The host that answers its forms, where another one does"),
    key(
        "image",
        FieldType::Map(&IMAGE),
        "The picture that other sites show beside a link to a page that has none",
    ),
    key(
        "icon",
        FieldType::Text,
        "The picture that its icons are made of: square, at least 512 by 512 pixels",
    ),
    key(
        "language",
        FieldType::Text,
        "The code of the language it is written in; `en-GB` where nothing is said",
    ),
    key(
        "languages",
        FieldType::NamedMaps(&LANGUAGE),
        "Its languages by their codes, the one it is written in among them",
    ),
    key(
        "theme",
        FieldType::Text,
        "The folder of `themes` that it is shown with; `daisy` where nothing is said",
    ),
    key(
        "time_zone",
        FieldType::Text,
        "The time zone of dates that name none; `Europe/London` where nothing is said",
    ),
    key("organisation", FieldType::Map(&ORGANISATION), "Who speaks here, and how to reach them"),
    key(
        "taxonomies",
        FieldType::List(&TAXONOMY),
        "The ways in which pages are sorted by terms, such as `tags`",
    ),
    key(
        "menus",
        FieldType::NamedLists(&MENU_LINE),
        "Its menus by their names, each a list of lines",
    ),
    key(
        "smart_punctuation",
        FieldType::Bool,
        "Whether straight quotation marks and double hyphens become typographic ones",
    ),
    key(
        "git_dates",
        FieldType::Bool,
        "Whether a page that does not say when it was changed was so by its last commit",
    ),
    key(
        "budgets",
        FieldType::Map(&BUDGETS),
        "How many bytes a page may bring; `daisy check` holds pages to it",
    ),
    key("extra", FieldType::Any, "Whatever else the theme reads"),
];

/// Under `organisation`.
pub const ORGANISATION: [Key; 9] = [
    key("name", FieldType::Text, "Its name"),
    key("phone", FieldType::Text, "Its phone number"),
    key("phone_hours", FieldType::Text, "When somebody answers it"),
    key("email", FieldType::Text, "Its email address"),
    key("address", FieldType::Text, "Its postal address"),
    key("url", FieldType::Text, "Its own site, where that is another"),
    key("logo", FieldType::Text, "A picture of its sign: a path below `content`"),
    key("charity_number", FieldType::Text, "Its number in the register of charities"),
    key("social", FieldType::Texts, "Its pages elsewhere"),
];

/// Under each language of `languages`. Only the first two are allowed for the original language.
pub const LANGUAGE: [Key; 9] = [
    key("name", FieldType::Text, "Its name in itself, such as `Polski`; it must be there"),
    key(
        "direction",
        FieldType::Word(&DIRECTIONS),
        "Where its words run; right for the language where nothing is said",
    ),
    key(
        "prefix",
        FieldType::Text,
        "The first part of its addresses; the code where nothing is said",
    ),
    key("title", FieldType::Text, "The site's name in it"),
    key("description", FieldType::Text, "What the site is about, in it"),
    key("menus", FieldType::NamedLists(&MENU_LINE), "Menus that take the place of the site's"),
    key("organisation", FieldType::Map(&ORGANISATION), "What differs from the site's, key by key"),
    key("taxonomies", FieldType::Any, "What taxonomies are called in it, by their names"),
    key("extra", FieldType::Any, "What differs from the site's, key by key"),
];

/// The values of `direction`.
pub const DIRECTIONS: [&str; 2] = ["ltr", "rtl"];

/// Under each of `taxonomies`; a name alone is enough.
pub const TAXONOMY: [Key; 4] = [
    key(
        "name",
        FieldType::Text,
        "A key between the dashes of pages, and the first part of addresses; it must be there",
    ),
    key("title", FieldType::Text, "What readers see it called"),
    key(
        "paginate_by",
        FieldType::WholeNumber,
        "How many pages a part of a term's list shows; all where nothing is said",
    ),
    key("feed", FieldType::Bool, "Whether each of its terms has a feed"),
];

/// Each item of a menu.
pub const MENU_LINE: [Key; 2] = [
    key("label", FieldType::Text, "Its words; they must be there"),
    key("link", FieldType::Text, "Where it goes: a page's file, or an address; it must be there"),
];

/// Under `budgets`.
pub const BUDGETS: [Key; 3] = [
    key("page", FieldType::WholeNumber, "Bytes of a page's HTML"),
    key("styles", FieldType::WholeNumber, "Bytes of its style sheets"),
    key("scripts", FieldType::WholeNumber, "Bytes of its scripts"),
];

/// In a theme's `theme.yaml`.
pub const THEME: [Key; 5] = [
    key("name", FieldType::Text, "The theme's name, for people"),
    key("description", FieldType::Text, "What it looks like"),
    key("extends", FieldType::Text, "The theme that it differs from"),
    key("images", FieldType::Map(&THEME_IMAGES), "How pictures are made"),
    key("strings", FieldType::Any, "The words that the theme itself says, by their names"),
];

/// Under `images` of a theme.
pub const THEME_IMAGES: [Key; 3] = [
    key("widths", FieldType::WholeNumbers, "The widths to make, in pixels"),
    key("sizes", FieldType::Text, "How wide a picture is shown, as HTML's `sizes` says it"),
    key("quality", FieldType::WholeNumber, "From 1 to 100; 78 where nothing is said"),
];
