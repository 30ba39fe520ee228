//! Reads the menus from `content/site.yaml`. Pure.

use std::collections::BTreeMap;

use located_yaml::{Entry, Node, Place, Problem, Reader};

use crate::key_tables;
use crate::parse::Located;

/// An item of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct MenuEntry {
    /// Its text.
    pub label: String,
    /// Its target, as written: a source's path with an optional `#anchor`, or an address.
    pub link: Located<String>,
}

pub(super) fn read(entry: &Entry, reader: &mut Reader) -> BTreeMap<String, Vec<MenuEntry>> {
    let mut menus = BTreeMap::new();
    if let located_yaml::Value::List(_) = entry.node.value {
        let error = Problem::error(entry.key_place, "this menu has no name");
        reader.push(error.help(format!("give each menu a name, like this:\n{MENU_FORM}")));
        return menus;
    }
    for menu in reader.map(entry) {
        let mut lines = Vec::new();
        match &menu.node.value {
            located_yaml::Value::List(items) => {
                lines.extend(items.iter().filter_map(|item| menu_entry(item, menu, reader)));
            }
            located_yaml::Value::Null => {}
            _ => reader.push(menu_form(&menu.key, menu.node.place)),
        }
        menus.insert(menu.key.clone(), lines);
    }
    menus
}

fn menu_form(name: &str, place: Place) -> Problem {
    Problem::error(
        place,
        format!("the menu `{name}` must be a list of items with a label and a link"),
    )
    .help(format!("write it like this, with the same indentation:\n{MENU_FORM}"))
}

const MENU_FORM: &str = "menus:\n  main:\n    - label: About\n      link: about.md";

fn menu_entry(item: &Node, menu: &Entry, reader: &mut Reader) -> Option<MenuEntry> {
    let Some(entries) = item.entries() else {
        reader.push(menu_form(&menu.key, item.place));
        return None;
    };
    let (mut label, mut link) = (None, None);
    for entry in entries {
        match entry.key.as_str() {
            "label" => label = reader.text(entry),
            "link" => link = reader.text(entry),
            _ => reader.unknown_key(entry, &key_tables::MENU_LINE),
        }
    }
    match (label, link) {
        (Some(label), Some(link)) => match crate::parse::check_link(&link.value) {
            Ok(()) => Some(MenuEntry { label: label.value, link }),
            Err((message, help)) => {
                reader.push(Problem::error(link.place, message).help(help));
                None
            }
        },
        (label, _) => {
            let missing = if label.is_none() { "label" } else { "link" };
            reader.push(
                Problem::error(item.place, format!("this menu item has no `{missing}`"))
                    .help(format!("add `{missing}: …` to it")),
            );
            None
        }
    }
}
