//! Templates of tokens, found by id or by name; keys of their own sealed.

use rollbook_domain::JwtTemplate;
use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row, Vault, params, statements};

statements! {
    TEMPLATE_PAGE = "SELECT record, signing_key
        FROM jwt_templates WHERE instance_id = $1
        ORDER BY created_at DESC, template_id DESC LIMIT $2 OFFSET $3";

    COUNT_TEMPLATES = "SELECT COUNT(*) FROM jwt_templates WHERE instance_id = $1";

    TEMPLATE_BY_ID = "SELECT record, signing_key
        FROM jwt_templates WHERE instance_id = $1 AND template_id = $2";

    LOCK_TEMPLATE = "SELECT record, signing_key
        FROM jwt_templates WHERE instance_id = $1 AND template_id = $2 {for_update}";

    TEMPLATE_BY_NAME = "SELECT record, signing_key
        FROM jwt_templates WHERE instance_id = $1 AND name = $2";

    /// No row is written when the name is taken.
    INSERT_TEMPLATE = "INSERT INTO jwt_templates (instance_id, template_id, name, record, signing_key,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

    DELETE_TEMPLATE = "DELETE FROM jwt_templates WHERE instance_id = $1 AND template_id = $2";
}

/// A template as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTemplate {
    /// What it says.
    pub template: JwtTemplate,
    /// Its own key, sealed.
    pub signing_key: Option<Vec<u8>>,
}

impl StoredTemplate {
    /// Its own key, opened.
    pub fn open_key(&self, vault: &Vault) -> Result<Option<Vec<u8>>> {
        let open = |sealed: &Vec<u8>| vault.open(&context(self.template.id.as_str()), sealed);
        self.signing_key.as_ref().map(open).transpose()
    }

    /// Gives it a key of its own.
    pub fn seal_key(&mut self, vault: &Vault, key: &[u8]) -> Result<()> {
        self.signing_key = Some(vault.seal(&context(self.template.id.as_str()), key)?);
        Ok(())
    }
}

/// Not the instance: a fork copies rows as they are.
pub(crate) fn context(id: &str) -> Vec<u8> {
    format!("{id}/jwt_template_key").into_bytes()
}

/// `limit` templates after the newest `offset`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<StoredTemplate>> {
    let rows = conn.query(&TEMPLATE_PAGE, &params![instance.as_str(), limit, offset])?;
    rows.iter().map(read).collect()
}

/// How many templates the instance has.
pub fn count(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    let row = conn.query_one(&COUNT_TEMPLATES, &params![instance.as_str()])?;
    row.map_or(Ok(0), |row| row.int(0))
}

/// The template with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredTemplate>> {
    let row = conn.query_one(&TEMPLATE_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The template with this id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredTemplate>> {
    let row = tx.query_one(&LOCK_TEMPLATE, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The template with this name.
pub fn by_name(conn: &mut Conn<'_>, instance: &Id, name: &str) -> Result<Option<StoredTemplate>> {
    let row = conn.query_one(&TEMPLATE_BY_NAME, &params![instance.as_str(), name])?;
    row.as_ref().map(read).transpose()
}

/// Writes a new template; false if its name is taken.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, stored: &StoredTemplate) -> Result<bool> {
    let StoredTemplate { template, signing_key } = stored;
    let record = serde_json::to_string(template)
        .map_err(|source| Error::internal("write a template", source))?;
    let values = params![
        instance.as_str(),
        template.id.as_str(),
        &template.name,
        record,
        signing_key.as_deref(),
        template.created_at,
    ];
    Ok(tx.execute(&INSERT_TEMPLATE, &values)? == 1)
}

/// Writes a changed template that the transaction holds; false if its new name is taken.
///
/// When it answers false the transaction must not be committed.
pub fn save(tx: &mut Conn<'_>, instance: &Id, stored: &StoredTemplate) -> Result<bool> {
    delete(tx, instance, &stored.template.id)?;
    insert(tx, instance, stored)
}

/// Deletes a template; false if there is none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<bool> {
    Ok(tx.execute(&DELETE_TEMPLATE, &params![instance.as_str(), id.as_str()])? == 1)
}

fn read(row: &Row) -> Result<StoredTemplate> {
    let template = serde_json::from_str(row.text(0)?)
        .map_err(|source| Error::internal("read a template", source))?;
    Ok(StoredTemplate { template, signing_key: row.opt_bytes(1)?.map(<[u8]>::to_vec) })
}
