//! Instances and their secret keys, kept as hashes.

use rollbook_domain::Instance;
use rollbook_wire::Id;

use crate::{Conn, Db, Dialect, Error, Result, params, statements};

/// Tables whose rows belong to an instance and to no fork of it: nobody wants
/// the same mail from both, nor webhooks, nor a challenge that can be answered
/// twice, nor tokens that either can renew but once, nor payments from both.
const NOT_COPIED: &[&str] = &[
    "ceremonies",
    "emails",
    "import_refusals",
    "imports",
    "oauth_access_tokens",
    "oauth_connections",
    "payment_jobs",
    "stripe_customers",
    "stripe_events",
    "tickets",
    "verifications",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
    "webhook_secrets",
];

/// Tables whose rows are part of the instance as its settings are, so that a reset
/// leaves them; with the columns that a fork copies, if it does. A fork has signing
/// keys of its own: a token is good in one instance only. Nor does it take anybody's money.
const KEPT: &[(&str, Option<&str>)] = &[
    ("signing_keys", None),
    ("stripe_accounts", None),
    // It only ever grows, and so says which of two states of the users is later.
    ("user_changes", None),
    ("jwt_templates", Some("template_id, name, record, signing_key, created_at")),
];

/// Every other table whose rows belong to an instance, with the columns that a fork copies.
const TABLES: &[(&str, &str)] = &[
    (
        "users",
        "user_id, version, record, created_at, updated_at, last_active_at, last_sign_in_at, \
         banned, first_name, last_name, username, email_address, phone_number, web3_wallet, \
         names, search",
    ),
    ("identifiers", "kind, value, user_id"),
    ("user_keys", "kind, value, user_id"),
    ("access_identifiers", "list, identifier_id, entry, record, created_at"),
    ("credentials", "user_id, kind, ordinal, secret"),
    ("features", "feature_id, slug, record"),
    ("plans", "plan_id, slug, payer_type, is_default, record, created_at"),
    ("prices", "price_id, plan_id, is_default, amount, record, created_at"),
    (
        "subscription_items",
        "subscription_item_id, payer_type, owner_id, plan_id, price_id, phase, status, is_free, \
         is_free_trial, due_at, record, created_at",
    ),
    ("statements", "statement_id, payer_type, owner_id, month, currency, created_at"),
    (
        "payment_attempts",
        "payment_attempt_id, statement_id, subscription_item_id, owner_id, status, record, \
         created_at",
    ),
    ("credits", "owner_id, ordinal, idempotency_key, record"),
    (
        "sessions",
        "session_id, user_id, client_id, status, actor, last_active_organization_id, origin, \
         first_factor_at, second_factor_at, last_active_at, expire_at, abandon_at, created_at, \
         updated_at",
    ),
    ("clients", "client_id, last_authentication_strategy, created_at, updated_at"),
    (
        "organizations",
        "organization_id, record, slug, name, search, created_by, members_count, created_at, \
         last_active_at",
    ),
    (
        "organization_memberships",
        "organization_id, user_id, membership_id, role, public_metadata, private_metadata, \
         created_at, updated_at",
    ),
    (
        "organization_invitations",
        "invitation_id, organization_id, email_address, role, status, inviter_id, redirect_url, \
         ticket, public_metadata, private_metadata, expires_at, created_at, updated_at",
    ),
    ("images", "image_id, owner_id, format, created_at"),
    ("passkeys", "passkey_id, user_id, credential_id, record"),
    ("oauth_providers", "provider, record, client_secret"),
    ("organization_roles", "role_id, record"),
    ("organization_permissions", "permission_id, record"),
    (
        "invitations",
        "invitation_id, email_address, status, redirect_url, ticket, public_metadata, expires_at, \
         created_at, updated_at",
    ),
    (
        "waitlist_entries",
        "entry_id, email_address, status, invitation_id, invited_at, created_at, updated_at",
    ),
    ("redirect_urls", "redirect_url_id, url, created_at"),
    // Not pending: a fork has no endpoints, and those it gets hear of what happens in it.
    ("outbox", "event_id, type, subject_id, data, created_at, client_ip, user_agent, stream, seq"),
];

statements! {
    CATALOG_VERSION = "SELECT value FROM meta WHERE key = 'catalog_version'";

    /// Tells every other server that its copy of instances and keys is old.
    BUMP_CATALOG = "INSERT INTO meta (key, value) VALUES ('catalog_version', '1')
        ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(meta.value AS BIGINT) + 1 AS TEXT)";

    /// Only one transaction ever inserts this row.
    CLAIM_FIRST = "INSERT INTO meta (key, value) VALUES ('first_instance', 'created')
        ON CONFLICT (key) DO NOTHING";

    INSERT = "INSERT INTO instances (instance_id, record, created_at) VALUES ($1, $2, $3)";

    SAVE = "UPDATE instances SET record = $2 WHERE instance_id = $1";

    ALL_INSTANCES = "SELECT record FROM instances ORDER BY created_at, instance_id";

    LOCK = "SELECT record FROM instances WHERE instance_id = $1 {for_update}";

    HOLD = "SELECT 1 FROM instances WHERE instance_id = $1 {for_share}";

    DELETE = "DELETE FROM instances WHERE instance_id = $1";

    DELETE_KEYS = "DELETE FROM secret_keys WHERE instance_id = $1";

    ALL_KEYS = "SELECT instance_id, key_id, hash, hint, created_at, revoked_at FROM secret_keys
        ORDER BY created_at, key_id";

    /// No row comes back when the same secret is in use already.
    INSERT_KEY = "INSERT INTO secret_keys (instance_id, key_id, hash, hint, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";

    HAS_KEY = "SELECT 1 FROM secret_keys WHERE hash = $1";

    REVOKE_KEY = "UPDATE secret_keys SET revoked_at = $3
        WHERE instance_id = $1 AND key_id = $2 AND revoked_at IS NULL";
}

/// A secret key as it is kept; the secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretKey {
    /// The instance it opens.
    pub instance_id: Id,
    /// `key_…`
    pub id: Id,
    /// SHA-256 of the secret.
    pub hash: Vec<u8>,
    /// The secret's first letters and last four, for people.
    pub hint: String,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; a revoked key opens nothing.
    pub revoked_at: Option<i64>,
}

/// Grows with every change of an instance or a key.
pub fn catalog_version(conn: &mut Conn<'_>) -> Result<i64> {
    let row = conn.query_one(&CATALOG_VERSION, &[])?;
    let Some(row) = row else { return Ok(0) };
    row.text(0)?.parse().map_err(|source| Error::internal("read the catalog's version", source))
}

/// Tells every server that something it keeps in memory of instances has changed.
pub(crate) fn bump_catalog(tx: &mut Conn<'_>) -> Result<()> {
    tx.execute(&BUMP_CATALOG, &[])?;
    Ok(())
}

/// Whether the store's first instance is the caller's to create.
pub fn claim_first(tx: &mut Conn<'_>) -> Result<bool> {
    Ok(tx.execute(&CLAIM_FIRST, &[])? == 1)
}

/// Every instance and every key.
pub fn all(conn: &mut Conn<'_>) -> Result<(Vec<Instance>, Vec<SecretKey>)> {
    let instances = conn
        .query(&ALL_INSTANCES, &[])?
        .iter()
        .map(|row| read(row.text(0)?))
        .collect::<Result<_>>()?;
    let keys = conn
        .query(&ALL_KEYS, &[])?
        .iter()
        .map(|row| {
            Ok(SecretKey {
                instance_id: id(row.text(0)?)?,
                id: id(row.text(1)?)?,
                hash: row.bytes(2)?.to_vec(),
                hint: row.text(3)?.to_owned(),
                created_at: row.int(4)?,
                revoked_at: row.opt_int(5)?,
            })
        })
        .collect::<Result<_>>()?;
    Ok((instances, keys))
}

/// The instance, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id) -> Result<Option<Instance>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str()])?;
    row.map(|row| read(row.text(0)?)).transpose()
}

/// Whether the instance is still there; if so, nobody deletes, resets or copies
/// it until the transaction ends. Others may hold it at the same time.
pub fn hold(tx: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(tx.query_one(&HOLD, &params![instance.as_str()])?.is_some())
}

/// Writes a new instance.
pub fn insert(tx: &mut Conn<'_>, instance: &Instance) -> Result<()> {
    tx.execute(&BUMP_CATALOG, &[])?;
    let record = write(instance)?;
    tx.execute(&INSERT, &params![instance.id.as_str(), record, instance.created_at])?;
    Ok(())
}

/// Writes a changed instance.
pub fn save(tx: &mut Conn<'_>, instance: &Instance) -> Result<()> {
    tx.execute(&BUMP_CATALOG, &[])?;
    let record = write(instance)?;
    tx.execute(&SAVE, &params![instance.id.as_str(), record])?;
    Ok(())
}

/// Writes a new key; false if its secret is in use already.
pub fn insert_key(tx: &mut Conn<'_>, key: &SecretKey) -> Result<bool> {
    tx.execute(&BUMP_CATALOG, &[])?;
    let inserted = tx.execute(
        &INSERT_KEY,
        &params![
            key.instance_id.as_str(),
            key.id.as_str(),
            key.hash.as_slice(),
            key.hint.as_str(),
            key.created_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// Whether a secret with this SHA-256 opens an instance, or did.
pub(crate) fn has_key(conn: &mut Conn<'_>, hash: &[u8]) -> Result<bool> {
    Ok(conn.query_one(&HAS_KEY, &params![hash])?.is_some())
}

/// Revokes a key; false if it is unknown or revoked already.
pub fn revoke_key(tx: &mut Conn<'_>, instance: &Id, key: &Id, now: i64) -> Result<bool> {
    tx.execute(&BUMP_CATALOG, &[])?;
    Ok(tx.execute(&REVOKE_KEY, &params![instance.as_str(), key.as_str(), now])? == 1)
}

/// Deletes everything an instance holds but its settings and keys.
pub fn clear(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    tx.notes().many(instance);
    empty(tx, instance, TABLES.iter().map(|(table, _)| *table).chain(NOT_COPIED.iter().copied()))
}

fn empty<'a>(
    tx: &mut Conn<'_>,
    instance: &Id,
    tables: impl Iterator<Item = &'a str>,
) -> Result<()> {
    for table in tables {
        let sql = format!("DELETE FROM {table} WHERE instance_id = $1");
        tx.query_text(&sql, &params![instance.as_str()])?;
    }
    Ok(())
}

/// Deletes an instance with all that it holds.
pub fn delete(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    clear(tx, instance)?;
    tx.notes().gone(instance);
    empty(tx, instance, KEPT.iter().map(|(table, _)| *table))?;
    tx.execute(&BUMP_CATALOG, &[])?;
    tx.execute(&DELETE_KEYS, &params![instance.as_str()])?;
    tx.execute(&DELETE, &params![instance.as_str()])?;
    Ok(())
}

/// Lets PostgreSQL count what tables hold now, after very many rows came; nothing to do on SQLite.
///
/// It plans by what it counted last, and does so by itself a minute later at best. Until then it
/// takes a new instance for almost empty, and may read all of it for each row that it joins.
pub async fn gather_statistics(db: &Db) -> Result<()> {
    db.write(|tx| match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => {
            let mut tables = TABLES.iter();
            tables.try_for_each(|(table, _)| tx.execute_batch(&format!("ANALYZE {table}")))
        }
    })
    .await
}

/// Copies everything `from` holds but its settings and keys to `to`, ids included.
pub fn copy(tx: &mut Conn<'_>, from: &Id, to: &Id) -> Result<()> {
    tx.notes().many(to);
    let kept = KEPT.iter().filter_map(|(table, columns)| Some((*table, (*columns)?)));
    for (table, columns) in TABLES.iter().copied().chain(kept) {
        let sql = format!(
            "INSERT INTO {table} (instance_id, {columns}) \
             SELECT CAST($2 AS TEXT), {columns} FROM {table} WHERE instance_id = $1"
        );
        tx.query_text(&sql, &params![from.as_str(), to.as_str()])?;
    }
    Ok(())
}

fn read(record: &str) -> Result<Instance> {
    serde_json::from_str(record)
        .map_err(|source| Error::internal("read an instance's record", source))
}

fn write(instance: &Instance) -> Result<String> {
    serde_json::to_string(instance)
        .map_err(|source| Error::internal("write an instance's record", source))
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}
