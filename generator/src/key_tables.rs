//! Every key that editors and theme authors may write, with its type and description.
//!
//! Used by readers, suggestions for misspelled keys, `daisy schema` and `docs/reference/`.

use located_yaml::{FieldType, Key, keys};

const fn key(name: &'static str, field_type: FieldType, description: &'static str) -> Key {
    Key { name, field_type, description }
}

/// Front matter of every page.
pub const PAGE: [Key; 20] = [
    key("title", FieldType::Text, "Title of the page, shown as its main heading"),
    key("summary", FieldType::Text, "One or two sentences for lists, feeds and search results"),
    key(
        "preheader",
        FieldType::Text,
        "Preview text of a newsletter, which email programs show after the subject [default: `summary`]",
    ),
    key("date", FieldType::Date, "Date it was written"),
    key("updated", FieldType::Date, "Date of the last change"),
    key("author", FieldType::Text, "Name of the author"),
    key("draft", FieldType::Bool, "Whether it is unfinished, and not published yet"),
    key("publish_on", FieldType::Date, "When it is published; before that, it is not on the site"),
    key("expires_on", FieldType::Date, "When it expires; from then on, it is not on the site"),
    key("slug", FieldType::Text, "Last part of its address [default: the file name]"),
    key(
        "path",
        FieldType::Text,
        "Full address within the site, instead of the one from its folder \
                                  and file name",
    ),
    key("aliases", FieldType::Texts, "Previous addresses, which redirect to this page"),
    key("template", FieldType::Text, "Template that renders it"),
    key(
        "weight",
        FieldType::WholeNumber,
        "Position in sections that sort by weight; the lowest comes first",
    ),
    key("image", FieldType::Map(&IMAGE), "Image of the page"),
    key("menu", FieldType::Texts, "Menus that list it"),
    key("search", FieldType::Bool, "Whether search engines and the sitemap list it"),
    key("unreviewed", FieldType::Bool, "Whether it is a translation that no one has reviewed yet"),
    key(
        "consent",
        FieldType::Map(&CONSENT),
        "Record of the consent of the person whom the page is about; not published",
    ),
    key("extra", FieldType::Any, "Other values for the theme"),
];

/// Under `consent`.
pub const CONSENT: [Key; 6] = [
    key("by", FieldType::Text, "Who consented (required); not published"),
    key("on", FieldType::Date, "When they consented (required)"),
    key(
        "covers",
        FieldType::Words(&COVERED),
        "What they consented to publish: their words, their name, the images on the page \
         [default: `words`]",
    ),
    key("where", FieldType::Words(&CHANNELS), "Where it may be published [default: `site`]"),
    key("until", FieldType::Date, "When the consent ends; from then on, the page is not published"),
    key(
        "withdrawn",
        FieldType::Date,
        "When they withdrew it; from then on, the page's address says that it was removed",
    ),
];

/// The values of `covers`.
pub const COVERED: [&str; 3] = ["words", "name", "photo"];

/// The values of `where`.
pub const CHANNELS: [&str; 2] = ["site", "newsletter"];

/// Whether every page may have the key.
pub(crate) fn is_page_key(key: &str) -> bool {
    keys::has(&PAGE, key)
}

/// Under `image`.
pub const IMAGE: [Key; 3] = [
    key("src", FieldType::Text, "File, relative to the page (required)"),
    key(
        "alt",
        FieldType::Text,
        "Text alternative for people who cannot see it; empty for a decorative image (required)",
    ),
    key("credit", FieldType::Text, "Who made it"),
];

/// Front matter of an `_index.md`, in addition to that of every page.
pub const SECTION: [Key; 10] = [
    key(
        "sort_by",
        FieldType::Word(&ORDERS),
        "Order of its pages: newest first, last changed first, alphabetical, or lowest weight \
         first",
    ),
    key("reverse", FieldType::Bool, "Whether to reverse the order"),
    key(
        "paginate_by",
        FieldType::WholeNumber,
        "How many pages each page of its list shows [default: all]",
    ),
    key("page_template", FieldType::Text, "Template for its pages, unless they name their own"),
    key(
        "feed",
        FieldType::Bool,
        "Whether it has a feed; on the home page, `false` removes the feed of the site",
    ),
    key(
        "future_dates",
        FieldType::Bool,
        "Whether its pages, and those of subfolders, may have a future `date`, such as that of an \
         event",
    ),
    key(
        "archetype",
        FieldType::Text,
        "File that `daisy new` copies for a new page, relative to the site's folder",
    ),
    key(
        "raw_html",
        FieldType::Word(&RAW_HTML),
        "Whether HTML in its pages, and in those of subfolders, is kept or shown as text",
    ),
    key(
        "require_consent",
        FieldType::Bool,
        "Whether its pages, and those of subfolders, are published only with a record of consent",
    ),
    key(
        "schema",
        FieldType::NamedMaps(&FIELD),
        "Requirements for the front matter of its pages and of subfolders, by key",
    ),
];

/// The values of `sort_by`.
pub const ORDERS: [&str; 4] = ["date", "updated", "title", "weight"];

/// The values of `raw_html`.
pub const RAW_HTML: [&str; 2] = ["allow", "show"];

/// Under each key of `schema`.
pub const FIELD: [Key; 5] = [
    key("required", FieldType::Bool, "Whether every page must have it"),
    key("type", FieldType::Word(&TYPES), "Type of a custom key, such as `extra.street`"),
    key("values", FieldType::Texts, "Allowed values"),
    key(
        "pattern",
        FieldType::Text,
        "Pattern that values must match: `*` is any text, `?` one character, `#` one digit",
    ),
    key("help", FieldType::Text, "Advice for people who write a page"),
];

/// The values of `type`.
pub const TYPES: [&str; 5] = ["text", "number", "flag", "date", "list"];

/// In `content/site.yaml`.
pub const SITE: [Key; 17] = [
    key("title", FieldType::Text, "Name of the site (required)"),
    key("description", FieldType::Text, "One or two sentences about the site"),
    key("base_url", FieldType::Text, "Address where the site is published"),
    key(
        "forms_url",
        FieldType::Text,
        "Address of the host that answers the forms, if it is not \
                                       the site's own",
    ),
    key(
        "image",
        FieldType::Map(&IMAGE),
        "Image shown with links to pages without an image of their own, such as in social media",
    ),
    key("icon", FieldType::Text, "Image for the site's icons: square, at least 512 by 512 pixels"),
    key("language", FieldType::Text, "Language code of the original pages [default: `en-GB`]"),
    key(
        "languages",
        FieldType::NamedMaps(&LANGUAGE),
        "Languages of the site by code, including the original one",
    ),
    key("theme", FieldType::Text, "Folder of the theme, in `themes` [default: `daisy`]"),
    key("time_zone", FieldType::Text, "Time zone of dates without one [default: `Europe/London`]"),
    key(
        "organisation",
        FieldType::Map(&ORGANISATION),
        "Organisation that runs the site, and its \
                                                        contact details",
    ),
    key("taxonomies", FieldType::List(&TAXONOMY), "Ways to group pages by terms, such as `tags`"),
    key("menus", FieldType::NamedLists(&MENU_LINE), "Menus by name, each a list of links"),
    key(
        "smart_punctuation",
        FieldType::Bool,
        "Whether to replace straight quotation marks and double hyphens with typographic ones",
    ),
    key(
        "git_dates",
        FieldType::Bool,
        "Whether pages without `updated` take the date of their last commit in Git",
    ),
    key(
        "budgets",
        FieldType::Map(&BUDGETS),
        "Size limits for each page, which `daisy check` enforces",
    ),
    key("extra", FieldType::Any, "Other values for the theme"),
];

/// Under `organisation`.
pub const ORGANISATION: [Key; 9] = [
    key("name", FieldType::Text, "Name"),
    key("phone", FieldType::Text, "Phone number"),
    key("phone_hours", FieldType::Text, "When the phone is answered"),
    key("email", FieldType::Text, "Email address"),
    key("address", FieldType::Text, "Postal address"),
    key("url", FieldType::Text, "Address of its own website, if it has another one"),
    key("logo", FieldType::Text, "Logo: the path of an image, from `content`"),
    key("charity_number", FieldType::Text, "Charity registration number"),
    key("social", FieldType::Texts, "Addresses of its social media profiles"),
];

/// Under each language of `languages`. Only the first two are allowed for the original language.
pub const LANGUAGE: [Key; 9] = [
    key(
        "name",
        FieldType::Text,
        "Name of the language in that language, such as `Polski` \
                                  (required)",
    ),
    key("direction", FieldType::Word(&DIRECTIONS), "Text direction [default: from the language]"),
    key("prefix", FieldType::Text, "First part of the addresses of its pages [default: the code]"),
    key("title", FieldType::Text, "Translated name of the site"),
    key("description", FieldType::Text, "Translated description of the site"),
    key("menus", FieldType::NamedLists(&MENU_LINE), "Menus that replace those of the site"),
    key("organisation", FieldType::Map(&ORGANISATION), "Translated values, by key"),
    key("taxonomies", FieldType::Any, "Translated titles of the taxonomies, by name"),
    key("extra", FieldType::Any, "Translated values for the theme, by key"),
];

/// The values of `direction`.
pub const DIRECTIONS: [&str; 2] = ["ltr", "rtl"];

/// Under each of `taxonomies`; a name alone is enough.
pub const TAXONOMY: [Key; 4] = [
    key(
        "name",
        FieldType::Text,
        "Key in the front matter of pages, and first part of the addresses of its lists (required)",
    ),
    key("title", FieldType::Text, "Title shown to visitors"),
    key(
        "paginate_by",
        FieldType::WholeNumber,
        "How many pages each page of a term's list shows [default: all]",
    ),
    key("feed", FieldType::Bool, "Whether each term has a feed"),
];

/// Each item of a menu.
pub const MENU_LINE: [Key; 2] = [
    key("label", FieldType::Text, "Link text (required)"),
    key("link", FieldType::Text, "File of a page, or an address (required)"),
];

/// Under `budgets`.
pub const BUDGETS: [Key; 3] = [
    key("page", FieldType::WholeNumber, "Maximum size of a page's HTML, in bytes"),
    key("styles", FieldType::WholeNumber, "Maximum total size of its style sheets, in bytes"),
    key("scripts", FieldType::WholeNumber, "Maximum total size of its scripts, in bytes"),
];

/// In a theme's `theme.yaml`.
pub const THEME: [Key; 5] = [
    key("name", FieldType::Text, "Name of the theme"),
    key("description", FieldType::Text, "Description of the theme"),
    key("extends", FieldType::Text, "Theme that it extends"),
    key("images", FieldType::Map(&THEME_IMAGES), "How images are resized"),
    key("strings", FieldType::Any, "Texts of the theme, by name"),
];

/// Under `images` of a theme.
pub const THEME_IMAGES: [Key; 3] = [
    key("widths", FieldType::WholeNumbers, "Image widths to generate, in pixels"),
    key(
        "sizes",
        FieldType::Text,
        "Width at which images are shown, as in the HTML attribute \
                                   `sizes`",
    ),
    key("quality", FieldType::WholeNumber, "Image quality, from 1 to 100 [default: 78]"),
];
