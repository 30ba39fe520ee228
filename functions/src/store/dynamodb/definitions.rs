//! Definitions of forms, and the list of forms.

use super::DynamoDb;
use super::error::DynamoDbError;
use super::item::{Item, body_of, text};
use super::transaction::{Condition, Transaction};
use crate::form::Definition;
use crate::store::{Definitions, KnownForm, Published, StoreResult, from_text};

/// The partition that lists the forms.
const FORMS: &str = "FORMS";
/// The prefix of a form's sort key in the list.
const LISTED: &str = "form#";
/// The sort key of the item that marks the list as complete.
const COMPLETE: &str = "complete";
/// The suffix of a form's partition key for the pointer to its current definition.
const CURRENT: &str = "#FORM#current";
/// An attribute of the pointer of a form that is no longer on the site.
const WITHDRAWN: &str = "withdrawn";

impl Definitions for DynamoDb {
    async fn publish(&self, definition: &Definition) -> StoreResult<()> {
        let (form, digest) = (definition.form.name(), definition.form.digest());
        let kept = Item::new(&definition_key(form, &digest), "definition", definition);
        let current = pointer(form, &digest, false);
        let written =
            Transaction::new(self).put(kept).put(current).put(listed(form, false)).write().await?;
        written.all_or("publish")
    }

    async fn withdraw(&self, form: &str) -> StoreResult<()> {
        let Some(before) = self.item(&current_key(form), "definition").await? else {
            return Ok(());
        };
        let body = body_of(&before)?.to_owned();
        let digest: String = from_text(&body)?;
        // If the condition fails, the form was published at this moment, and stays on the site.
        Transaction::new(self)
            .put_if(pointer(form, &digest, true), Condition::equal("body", text(&body)))
            .put(listed(form, true))
            .write()
            .await?;
        Ok(())
    }

    async fn forms(&self) -> StoreResult<Vec<KnownForm>> {
        self.query_prefix(FORMS, LISTED).await
    }

    async fn current(&self, form: &str) -> StoreResult<Option<Published>> {
        let Some(pointer) = self.item(&current_key(form), "definition").await? else {
            return Ok(None);
        };
        let digest: String = from_text(body_of(&pointer)?)?;
        let definition = self.get(&definition_key(form, &digest), "definition").await?;
        let withdrawn = pointer.contains_key(WITHDRAWN);
        Ok(definition.map(|definition| Published { definition, withdrawn }))
    }

    async fn definition(
        &self,
        form: &str,
        digest: Option<&str>,
    ) -> StoreResult<Option<Definition>> {
        let digest = match digest {
            Some(digest) => Some(digest.to_owned()),
            None => self.get(&current_key(form), "definition").await?,
        };
        match digest {
            Some(digest) => self.get(&definition_key(form, &digest), "definition").await,
            None => Ok(None),
        }
    }
}

impl DynamoDb {
    /// Adds the forms that an earlier version published, which kept no list, to the list of forms. Scans the
    /// table once, and marks the list as complete. For commands; the functions do not call this and have no
    /// right to scan.
    ///
    /// # Errors
    /// The table cannot be scanned or written to.
    pub async fn list_earlier_forms(&self) -> StoreResult<()> {
        if self.item(FORMS, COMPLETE).await?.is_some() {
            return Ok(());
        }
        let mut pointers = self
            .client
            .scan()
            .table_name(&self.table)
            .filter_expression("sk = :sk AND contains(pk, :current)")
            .projection_expression("pk")
            .expression_attribute_values(":sk", text("definition"))
            .expression_attribute_values(":current", text(CURRENT))
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pointers.next().await {
            let item = item.map_err(DynamoDbError::from)?;
            let key = item.get("pk").and_then(|key| key.as_s().ok());
            let name = key
                .and_then(|key| key.strip_suffix(CURRENT))
                .ok_or_else(|| DynamoDbError::MissingAttribute("pk".to_owned()))?;
            // An item that is in the list already is newer.
            Transaction::new(self).put_new(listed(name, false)).write().await?;
        }
        let complete = Item::new(FORMS, COMPLETE, &true);
        Transaction::new(self).put(complete).write().await?.all_or("list")
    }
}

fn definition_key(form: &str, digest: &str) -> String {
    format!("{form}#FORM#{digest}")
}

fn current_key(form: &str) -> String {
    format!("{form}{CURRENT}")
}

/// A form's pointer to its current definition.
fn pointer(form: &str, digest: &str, withdrawn: bool) -> Item {
    let item = Item::new(&current_key(form), "definition", &digest);
    if withdrawn { item.number(WITHDRAWN, 1) } else { item }
}

/// A form in the list of forms.
fn listed(form: &str, withdrawn: bool) -> Item {
    let known = KnownForm { name: form.to_owned(), withdrawn };
    Item::new(FORMS, &format!("{LISTED}{form}"), &known)
}
