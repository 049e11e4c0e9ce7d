//! Forward-only migrations, one text for both engines.

use std::num::ParseIntError;
use std::time::Duration;

use crate::statement::trigram_indexes;
use crate::{Conn, Db, Dialect, Error, Result, meta, params};

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// SQL with the tokens of [`Statement`](crate::Statement).
    pub(crate) text: &'static str,
    /// The text for SQLite, where one text cannot serve both.
    pub(crate) sqlite: Option<&'static str>,
}

/// Every step, in order; the version of a store is how many it has had.
///
/// A released step is never changed. A step must leave the schema usable by
/// the release before: expand in one release, contract in a later one.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { text: include_str!("../migrations/0001_initial.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0002_mail.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0003_passkeys.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0004_organizations.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0005_invitations.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0006_restrictions.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0007_sessions.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0008_webhooks.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0009_external_accounts.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0010_billing.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0011_payments.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0012_directory.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0013_billing_backoff.sql"), sqlite: None },
    Migration { text: include_str!("../migrations/0014_imports.sql"), sqlite: None },
];

const VERSION: &str = "schema_version";

/// The version of the schema that this release brings every store to.
pub fn schema_version() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Servers that start at once may trip over each other's `CREATE TABLE`.
const MOST_TRIES: usize = 5;

/// Brings the store to the newest of `migrations`.
pub(crate) async fn run(db: &Db, migrations: &'static [Migration]) -> Result<()> {
    prepare(db).await?;
    while db.write(move |tx| steps(tx, migrations)).await? {}
    if db.dialect() == Dialect::Postgres
        && let Err(error) = index_trigrams(db, migrations).await
    {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "going on without trigram indexes, so that searching many users is slow: \
             have an administrator run CREATE EXTENSION pg_trgm in this database, then restart"
        );
    }
    Ok(())
}

/// Makes the table of the version.
///
/// On PostgreSQL `CREATE TABLE IF NOT EXISTS` fails when another server makes
/// the table at the same moment; the next try finds it.
async fn prepare(db: &Db) -> Result<()> {
    let mut tried = 1;
    loop {
        let made: Result<()> = db
            .write(|tx| {
                if !has_meta(tx)? {
                    tx.execute_batch(meta::TABLE)?;
                }
                // Only written when missing: a store that is up to date may be read-only.
                if meta::get(tx, VERSION)?.is_none() {
                    meta::insert(tx, VERSION, "0")?;
                }
                Ok(())
            })
            .await;
        match made {
            Err(Error::Internal { .. }) if tried < MOST_TRIES => {
                tried += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            made => return made,
        }
    }
}

/// Asked first, since a role that owns no schema may not even try to create.
fn has_meta(conn: &mut Conn<'_>) -> Result<bool> {
    let found = match conn.dialect() {
        Dialect::Sqlite => "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
        Dialect::Postgres => "SELECT 1 WHERE to_regclass('meta') IS NOT NULL",
    };
    Ok(!conn.query_text(found, &[])?.is_empty())
}

/// Takes the next step, or all of them where nothing is stored yet: a commit of its own for
/// each would be most of a new store's start. False when there is none.
fn steps(tx: &mut Conn<'_>, migrations: &[Migration]) -> Result<bool> {
    let is_new = read_version(meta::get(tx, VERSION)?)? == 0;
    let mut taken = step(tx, migrations)?;
    while is_new && taken {
        taken = step(tx, migrations)?;
    }
    Ok(taken)
}

/// False when there is none.
fn step(tx: &mut Conn<'_>, migrations: &[Migration]) -> Result<bool> {
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    let found = read_version(meta::get(tx, VERSION)?)?;
    if found > known {
        return Err(Error::NewerStore { found, known });
    }
    if found == known {
        return Ok(false);
    }
    let found = read_version(meta::lock(tx, VERSION)?)?;
    let next = usize::try_from(found).ok().and_then(|found| migrations.get(found));
    let Some(migration) = next else {
        // Another server has gone on while this one waited.
        return Ok(true);
    };
    forbid_timeout(tx)?;
    let text = match (tx.dialect(), migration.sqlite) {
        (Dialect::Sqlite, Some(text)) => text,
        (Dialect::Sqlite, None) | (Dialect::Postgres, _) => migration.text,
    };
    tx.execute_batch(text)?;
    meta::set(tx, VERSION, &(found + 1).to_string())?;
    tracing::info!(version = found + 1, "the store was migrated to schema version {}", found + 1);
    Ok(true)
}

fn read_version(value: Option<String>) -> Result<i64> {
    let value = value.ok_or_else(|| Error::internal("read the schema version", "there is none"))?;
    value.parse().map_err(|error: ParseIntError| Error::internal("read the schema version", error))
}

/// Steps and indexes over many rows may take their time.
fn forbid_timeout(tx: &mut Conn<'_>) -> Result<()> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.execute_batch("SET LOCAL statement_timeout = 0"),
    }
}

/// Makes the indexes that `{trigram table column}` declares, where they are
/// missing; tried at every start, since the extension may come later.
async fn index_trigrams(db: &Db, migrations: &'static [Migration]) -> Result<()> {
    let indexes: Vec<_> = migrations.iter().flat_map(|m| trigram_indexes(m.text)).collect();
    if indexes.is_empty() {
        return Ok(());
    }
    db.write(move |tx| {
        let installed = "SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'";
        if tx.query_text(installed, &[])?.is_empty() {
            tx.execute_batch("CREATE EXTENSION IF NOT EXISTS pg_trgm")?;
        }
        forbid_timeout(tx)?;
        for index in &indexes {
            let name = format!("{}_{}_trigrams", index.table, index.column);
            let missing = "SELECT 1 WHERE to_regclass(CAST($1 AS TEXT)) IS NULL";
            if !tx.query_text(missing, &params![name.as_str()])?.is_empty() {
                tx.execute_batch(&format!(
                    "CREATE INDEX IF NOT EXISTS {name} ON {} USING gin ({} gin_trgm_ops)",
                    index.table, index.column
                ))?;
            }
        }
        Ok(())
    })
    .await
}
