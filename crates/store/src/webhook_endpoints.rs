//! Endpoints of webhooks and the secrets that sign for them.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row, params, statements};

statements! {
    INSERT_ENDPOINT = "INSERT INTO webhook_endpoints (instance_id, endpoint_id, url, description,
            events, enabled, disabled_reason, failing_since, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

    SAVE_ENDPOINT = "UPDATE webhook_endpoints SET url = $3, description = $4, events = $5,
            enabled = $6, disabled_reason = $7, failing_since = $8, updated_at = $9
        WHERE instance_id = $1 AND endpoint_id = $2";

    DELETE_ENDPOINT = "DELETE FROM webhook_endpoints WHERE instance_id = $1 AND endpoint_id = $2";

    DELETE_SECRETS = "DELETE FROM webhook_secrets WHERE instance_id = $1 AND endpoint_id = $2";

    DELETE_DELIVERIES = "DELETE FROM webhook_deliveries
        WHERE instance_id = $1 AND endpoint_id = $2";

    DELETE_ATTEMPTS = "DELETE FROM webhook_attempts WHERE instance_id = $1 AND endpoint_id = $2";

    ENDPOINT_BY_ID = "SELECT endpoint_id, url, description, events, enabled, disabled_reason,
            failing_since, created_at, updated_at
        FROM webhook_endpoints WHERE instance_id = $1 AND endpoint_id = $2";

    LOCK_ENDPOINT = "SELECT endpoint_id, url, description, events, enabled, disabled_reason,
            failing_since, created_at, updated_at
        FROM webhook_endpoints WHERE instance_id = $1 AND endpoint_id = $2 {for_update}";

    ENDPOINTS_OF = "SELECT endpoint_id, url, description, events, enabled, disabled_reason,
            failing_since, created_at, updated_at
        FROM webhook_endpoints WHERE instance_id = $1 ORDER BY endpoint_id";

    LOCK_ENABLED = "SELECT endpoint_id, url, description, events, enabled, disabled_reason,
            failing_since, created_at, updated_at
        FROM webhook_endpoints WHERE instance_id = $1 AND enabled = 1
        ORDER BY endpoint_id {for_update}";

    ANY_ENABLED = "SELECT 1 FROM webhook_endpoints WHERE enabled = 1 LIMIT 1";

    INSERT_SECRET = "INSERT INTO webhook_secrets (instance_id, endpoint_id, secret_id, secret,
            created_at) VALUES ($1, $2, $3, $4, $5)";

    /// What expires earlier already stays so.
    EXPIRE_SECRETS = "UPDATE webhook_secrets SET expires_at = $3
        WHERE instance_id = $1 AND endpoint_id = $2 AND expires_at IS NULL";

    DELETE_EXPIRED = "DELETE FROM webhook_secrets
        WHERE instance_id = $1 AND endpoint_id = $2 AND expires_at <= $3";

    SECRETS_OF = "SELECT secret_id, secret, created_at, expires_at FROM webhook_secrets
        WHERE instance_id = $1 AND endpoint_id = $2 AND (expires_at IS NULL OR expires_at > $3)
        ORDER BY COALESCE(expires_at, 9223372036854775807) DESC, created_at DESC, secret_id DESC";

    /// For `doctor`: secrets, messages and attempts whose endpoint is gone.
    ORPHANED_SECRETS = "SELECT s.secret_id FROM webhook_secrets AS s WHERE s.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM webhook_endpoints AS e
            WHERE e.instance_id = s.instance_id AND e.endpoint_id = s.endpoint_id) LIMIT $2";

    ORPHANED_DELIVERIES = "SELECT d.event_id FROM webhook_deliveries AS d WHERE d.instance_id = $1
        AND (NOT EXISTS (SELECT 1 FROM webhook_endpoints AS e
                WHERE e.instance_id = d.instance_id AND e.endpoint_id = d.endpoint_id)
            OR NOT EXISTS (SELECT 1 FROM outbox AS o
                WHERE o.instance_id = d.instance_id AND o.event_id = d.event_id)) LIMIT $2";

    ORPHANED_ATTEMPTS = "SELECT a.attempt_id FROM webhook_attempts AS a WHERE a.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM webhook_endpoints AS e
            WHERE e.instance_id = a.instance_id AND e.endpoint_id = a.endpoint_id) LIMIT $2";
}

/// Somebody who wants to hear of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `ep_…`
    pub id: Id,
    /// Where messages are sent.
    pub url: String,
    /// For people; may be empty.
    pub description: String,
    /// The types of events it hears of; none for all.
    pub events: Vec<String>,
    /// Whether messages are sent.
    pub enabled: bool,
    /// Why they are not, unless an operator said so.
    pub disabled_reason: Option<String>,
    /// Milliseconds: the first of the failures since the last success.
    pub failing_since: Option<i64>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
}

impl Endpoint {
    /// Whether it wants to hear of events of this type.
    pub fn hears(&self, kind: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|wanted| wanted == kind)
    }
}

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// `whsk_…`
    pub id: Id,
    /// Sealed by the vault.
    pub sealed: Vec<u8>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds: it signs until then.
    pub expires_at: Option<i64>,
}

/// Writes a new endpoint.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, endpoint: &Endpoint) -> Result<()> {
    tx.execute(
        &INSERT_ENDPOINT,
        &params![
            instance.as_str(),
            endpoint.id.as_str(),
            endpoint.url.as_str(),
            endpoint.description.as_str(),
            events(endpoint)?,
            endpoint.enabled,
            &endpoint.disabled_reason,
            endpoint.failing_since,
            endpoint.created_at,
            endpoint.updated_at,
        ],
    )?;
    Ok(())
}

/// Writes a changed endpoint, which the transaction holds.
pub fn save(tx: &mut Conn<'_>, instance: &Id, endpoint: &Endpoint) -> Result<()> {
    tx.execute(
        &SAVE_ENDPOINT,
        &params![
            instance.as_str(),
            endpoint.id.as_str(),
            endpoint.url.as_str(),
            endpoint.description.as_str(),
            events(endpoint)?,
            endpoint.enabled,
            &endpoint.disabled_reason,
            endpoint.failing_since,
            endpoint.updated_at,
        ],
    )?;
    Ok(())
}

/// Deletes an endpoint with its secrets, messages and log.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, endpoint: &Id) -> Result<()> {
    for statement in [&DELETE_ATTEMPTS, &DELETE_DELIVERIES, &DELETE_SECRETS, &DELETE_ENDPOINT] {
        tx.execute(statement, &params![instance.as_str(), endpoint.as_str()])?;
    }
    Ok(())
}

/// The endpoint with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, endpoint: &Id) -> Result<Option<Endpoint>> {
    let row = conn.query_one(&ENDPOINT_BY_ID, &params![instance.as_str(), endpoint.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The endpoint with this id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, endpoint: &Id) -> Result<Option<Endpoint>> {
    let row = tx.query_one(&LOCK_ENDPOINT, &params![instance.as_str(), endpoint.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// All endpoints of an instance.
pub fn all_of(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Endpoint>> {
    conn.query(&ENDPOINTS_OF, &params![instance.as_str()])?.iter().map(read).collect()
}

/// The enabled endpoints of an instance, held like [`lock`].
pub fn lock_enabled(tx: &mut Conn<'_>, instance: &Id) -> Result<Vec<Endpoint>> {
    tx.query(&LOCK_ENABLED, &params![instance.as_str()])?.iter().map(read).collect()
}

/// Whether any instance has an endpoint that is enabled.
pub fn any_enabled(conn: &mut Conn<'_>) -> Result<bool> {
    Ok(conn.query_one(&ANY_ENABLED, &[])?.is_some())
}

/// Writes a new secret.
pub fn insert_secret(
    tx: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    secret: &SealedSecret,
) -> Result<()> {
    tx.execute(
        &INSERT_SECRET,
        &params![
            instance.as_str(),
            endpoint.as_str(),
            secret.id.as_str(),
            &secret.sealed,
            secret.created_at,
        ],
    )?;
    Ok(())
}

/// Lets every secret of an endpoint end at `at`, and forgets those that have ended at `now`.
pub fn expire_secrets(
    tx: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    at: i64,
    now: i64,
) -> Result<()> {
    tx.execute(&EXPIRE_SECRETS, &params![instance.as_str(), endpoint.as_str(), at])?;
    tx.execute(&DELETE_EXPIRED, &params![instance.as_str(), endpoint.as_str(), now])?;
    Ok(())
}

/// The secrets of an endpoint that sign at `now`, newest first.
pub fn secrets_of(
    conn: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    now: i64,
) -> Result<Vec<SealedSecret>> {
    let rows = conn.query(&SECRETS_OF, &params![instance.as_str(), endpoint.as_str(), now])?;
    rows.iter()
        .map(|row| {
            Ok(SealedSecret {
                id: id(row.text(0)?)?,
                sealed: row.bytes(1)?.to_vec(),
                created_at: row.int(2)?,
                expires_at: row.opt_int(3)?,
            })
        })
        .collect()
}

/// Up to `limit` of each kind of row that belongs to nothing, for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (what, statement) in [
        ("secret", &ORPHANED_SECRETS),
        ("message", &ORPHANED_DELIVERIES),
        ("attempt", &ORPHANED_ATTEMPTS),
    ] {
        for row in conn.query(statement, &params![instance.as_str(), limit])? {
            found.push(format!("webhook {what} {} belongs to nothing", row.text(0)?));
        }
    }
    Ok(found)
}

fn events(endpoint: &Endpoint) -> Result<String> {
    serde_json::to_string(&endpoint.events)
        .map_err(|source| Error::internal("write an endpoint's filter", source))
}

fn read(row: &Row) -> Result<Endpoint> {
    Ok(Endpoint {
        id: id(row.text(0)?)?,
        url: row.text(1)?.to_owned(),
        description: row.text(2)?.to_owned(),
        events: serde_json::from_str(row.text(3)?)
            .map_err(|source| Error::internal("read an endpoint's filter", source))?,
        enabled: row.int(4)? != 0,
        disabled_reason: row.opt_text(5)?.map(ToOwned::to_owned),
        failing_since: row.opt_int(6)?,
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
    })
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}

/// What a secret is sealed for, so that a row put in another's place does not open.
pub fn secret_context(instance: &str, endpoint: &str, secret: &str) -> Vec<u8> {
    format!("webhook secret\0{instance}\0{endpoint}\0{secret}").into_bytes()
}
