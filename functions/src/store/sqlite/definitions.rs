//! Definitions of forms.

use super::Sqlite;
use super::rows::one;
use crate::form::Definition;
use crate::store::{Definitions, KnownForm, Published, StoreResult, from_text, to_text};
use rusqlite::{OptionalExtension, Row, params};

impl Definitions for Sqlite {
    async fn publish(&self, definition: &Definition) -> StoreResult<()> {
        let (form, digest) = (definition.form.name().to_owned(), definition.form.digest());
        let body = to_text(definition);
        self.run(move |t| {
            t.execute(
                "INSERT INTO definition (form, digest, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET body = excluded.body",
                params![form, digest, body],
            )?;
            t.execute(
                "INSERT OR REPLACE INTO current (form, digest, withdrawn) VALUES (?1, ?2, 0)",
                [form, digest],
            )?;
            Ok(())
        })
        .await
    }

    async fn withdraw(&self, form: &str) -> StoreResult<()> {
        let form = form.to_owned();
        self.run(move |t| {
            t.execute("UPDATE current SET withdrawn = 1 WHERE form = ?1", [form])?;
            Ok(())
        })
        .await
    }

    async fn forms(&self) -> StoreResult<Vec<KnownForm>> {
        self.run(move |t| {
            let mut statement = t.prepare("SELECT form, withdrawn FROM current ORDER BY form")?;
            let forms = statement
                .query_map([], |row| Ok(KnownForm { name: row.get(0)?, withdrawn: row.get(1)? }))?;
            Ok(forms.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn current(&self, form: &str) -> StoreResult<Option<Published>> {
        let form = form.to_owned();
        self.run(move |t| {
            let sql = "SELECT body, withdrawn FROM definition JOIN current USING (form, digest)
                 WHERE form = ?1";
            let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get(1)?));
            let Some((body, withdrawn)) = t.query_row(sql, [form], row).optional()? else {
                return Ok(None);
            };
            Ok(Some(Published { definition: from_text(&body)?, withdrawn }))
        })
        .await
    }

    async fn definition(
        &self,
        form: &str,
        digest: Option<&str>,
    ) -> StoreResult<Option<Definition>> {
        let (form, digest) = (form.to_owned(), digest.map(str::to_owned));
        self.run(move |t| {
            one(
                t,
                "SELECT body FROM definition WHERE form = ?1 AND digest =
                 coalesce(?2, (SELECT digest FROM current WHERE form = ?1))",
                params![form, digest],
            )
        })
        .await
    }
}
