//! Bulk imports: how far each has come, and the rows that it refused.

use rollbook_domain::{Import, ImportRefusal};
use rollbook_wire::Id;

use crate::many::Many;
use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    INSERT_IMPORT = "INSERT INTO imports (instance_id, import_id, source, status, version, record,
            created_at)
        VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT DO NOTHING";

    IMPORT = "SELECT version, record FROM imports WHERE instance_id = $1 AND import_id = $2";

    IMPORT_OF = "SELECT version, record FROM imports WHERE instance_id = $1 AND source = $2";

    /// No row is changed if somebody else has changed it meanwhile.
    SAVE_IMPORT = "UPDATE imports SET status = $3, version = version + 1, record = $4
        WHERE instance_id = $1 AND import_id = $2 AND version = $5";

    DELETE_IMPORT = "DELETE FROM imports WHERE instance_id = $1 AND import_id = $2";

    IMPORT_PAGE = "SELECT version, record FROM imports WHERE instance_id = $1
        ORDER BY created_at DESC, import_id DESC LIMIT $2 OFFSET $3";

    COUNT_IMPORTS = "SELECT COUNT(*) FROM imports WHERE instance_id = $1";

    DELETE_REFUSALS = "DELETE FROM import_refusals WHERE instance_id = $1 AND import_id = $2";

    REFUSALS = "SELECT record FROM import_refusals WHERE instance_id = $1 AND import_id = $2
            AND ordinal > $3 ORDER BY ordinal LIMIT $4";
}

const REFUSED: Many<'_> =
    Many { table: "import_refusals", columns: &["import_id", "ordinal", "record"], end: "" };

/// An import as a row holds it.
#[derive(Debug, Clone)]
pub struct StoredImport {
    /// How far it has come.
    pub import: Import,
    /// Grows with every write.
    pub version: i64,
}

/// Writes a new import; false if its source has one.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, import: &Import) -> Result<bool> {
    let values = params![
        instance.as_str(),
        import.id.as_str(),
        import.source.as_str(),
        import.status.as_str(),
        write(import)?,
        import.created_at,
    ];
    Ok(tx.execute(&INSERT_IMPORT, &values)? == 1)
}

/// The import with this id.
pub fn find(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredImport>> {
    let row = conn.query_one(&IMPORT, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The import of this source.
pub fn of_source(conn: &mut Conn<'_>, instance: &Id, source: &str) -> Result<Option<StoredImport>> {
    let row = conn.query_one(&IMPORT_OF, &params![instance.as_str(), source])?;
    row.as_ref().map(read).transpose()
}

/// Writes a changed import; false if somebody else has changed it since `version`.
pub fn save(tx: &mut Conn<'_>, instance: &Id, version: i64, import: &Import) -> Result<bool> {
    let values = params![
        instance.as_str(),
        import.id.as_str(),
        import.status.as_str(),
        write(import)?,
        version,
    ];
    Ok(tx.execute(&SAVE_IMPORT, &values)? == 1)
}

/// Forgets an import and what it refused; the users stay.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<()> {
    let values = params![instance.as_str(), id.as_str()];
    tx.execute(&DELETE_REFUSALS, &values)?;
    tx.execute(&DELETE_IMPORT, &values)?;
    Ok(())
}

/// `limit` imports after the newest `offset`.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<StoredImport>> {
    conn.query(&IMPORT_PAGE, &params![instance.as_str(), limit, offset])?.iter().map(read).collect()
}

/// How many imports the instance has had.
pub fn count(conn: &mut Conn<'_>, instance: &Id) -> Result<i64> {
    conn.query_one(&COUNT_IMPORTS, &params![instance.as_str()])?.map_or(Ok(0), |row| row.int(0))
}

/// Adds refused rows after the `n_before` that the import has.
pub fn refuse(
    tx: &mut Conn<'_>,
    instance: &Id,
    import: &Id,
    n_before: i64,
    refusals: &[ImportRefusal],
) -> Result<()> {
    let rows: Vec<(i64, String)> = (n_before + 1..)
        .zip(refusals)
        .map(|(ordinal, refusal)| {
            let record = serde_json::to_string(refusal)
                .map_err(|source| Error::internal("write a refused row", source))?;
            Ok((ordinal, record))
        })
        .collect::<Result<_>>()?;
    REFUSED.insert(
        tx,
        instance,
        &rows,
        |(ordinal, record), row| row.extend(params![import.as_str(), *ordinal, record.as_str()]),
        |_, _| Ok(()),
    )
}

/// Up to `limit` refused rows behind the first `offset`, in the order of the source.
pub fn refusals(
    conn: &mut Conn<'_>,
    instance: &Id,
    import: &Id,
    limit: i64,
    offset: i64,
) -> Result<Vec<ImportRefusal>> {
    let values = params![instance.as_str(), import.as_str(), offset, limit];
    conn.query(&REFUSALS, &values)?
        .iter()
        .map(|row| {
            serde_json::from_str(row.text(0)?)
                .map_err(|source| Error::internal("read a refused row", source))
        })
        .collect()
}

fn read(row: &Row) -> Result<StoredImport> {
    let import = serde_json::from_str(row.text(1)?)
        .map_err(|source| Error::internal("read an import", source))?;
    Ok(StoredImport { import, version: row.int(0)? })
}

fn write(import: &Import) -> Result<String> {
    serde_json::to_string(import).map_err(|source| Error::internal("write an import", source))
}
