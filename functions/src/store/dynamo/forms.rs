//! Lists the forms of a table, and marks those that are no longer on the site.

use super::item::{Item, body_of, failure};
use super::transaction::Transaction;
use super::{Dynamo, FORMS, KnownForm, Published, StoreError, Stored, from_text};
use aws_sdk_dynamodb::types::AttributeValue;

/// The beginning of the sort key of each form in the list.
pub(super) const LISTED: &str = "form#";
/// The sort key of the note that the list is complete.
const COMPLETE: &str = "complete";
/// The end of the partition key of a form's pointer to its current definition.
const CURRENT: &str = "#FORM#current";
/// Present on the pointer of a form that is no longer on the site.
const WITHDRAWN: &str = "withdrawn";

/// A form's pointer to its current definition.
pub(super) fn pointer(form: &str, digest: &str, withdrawn: bool) -> Item {
    let item = Item::new(&format!("{form}{CURRENT}"), "definition", &digest);
    if withdrawn { item.number(WITHDRAWN, 1) } else { item }
}

/// A form in the list of forms.
pub(super) fn listed(form: &str, withdrawn: bool) -> Item {
    let known = KnownForm { name: form.to_owned(), withdrawn };
    Item::new(FORMS, &format!("{LISTED}{form}"), &known)
}

impl Dynamo {
    pub(super) async fn current_of(&self, form: &str) -> Stored<Option<Published>> {
        let Some(pointer) = self.item(&format!("{form}{CURRENT}"), "definition").await? else {
            return Ok(None);
        };
        let digest: String = from_text(body_of(&pointer)?)?;
        let definition = self.get(&format!("{form}#FORM#{digest}"), "definition").await?;
        let withdrawn = pointer.contains_key(WITHDRAWN);
        Ok(definition.map(|definition| Published { definition, withdrawn }))
    }

    pub(super) async fn withdraw_form(&self, form: &str) -> Stored<()> {
        let Some(before) = self.item(&format!("{form}{CURRENT}"), "definition").await? else {
            return Ok(());
        };
        let body = body_of(&before)?.to_owned();
        let digest: String = from_text(&body)?;
        let written = Transaction::new(self)
            .put_if(pointer(form, &digest, true), "#it = :it", "body", AttributeValue::S(body))
            .put(listed(form, true))
            .write()
            .await?;
        // A form that is published at this moment stays on the site.
        drop(written);
        Ok(())
    }

    /// Adds to the list of forms those that an earlier version published, which kept no list. Scans
    /// the table, once in its life: a note says that it was done. For a person at a terminal; the
    /// functions neither need this nor may do it.
    ///
    /// # Errors
    /// The table cannot be scanned, or not be written to.
    pub async fn list_earlier_forms(&self) -> Stored<()> {
        if self.item(FORMS, COMPLETE).await?.is_some() {
            return Ok(());
        }
        let mut pointers = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("sk = :sk AND contains(pk, :current)")
            .projection_expression("pk")
            .expression_attribute_values(":sk", AttributeValue::S("definition".to_owned()))
            .expression_attribute_values(":current", AttributeValue::S(CURRENT.to_owned()))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pointers.next().await {
            let item = item.map_err(failure)?;
            let key = item.get("pk").and_then(|key| key.as_s().ok());
            let name = key
                .and_then(|key| key.strip_suffix(CURRENT))
                .ok_or_else(|| StoreError("dynamodb: a form without a name".to_owned()))?;
            // Where it is in the list already, that entry is the newer one.
            Transaction::new(self).put_new(listed(name, false)).write().await?;
        }
        let complete = Item::new(FORMS, COMPLETE, &true);
        Transaction::new(self).put(complete).write().await?.all_or("list")
    }
}
