//! The waitlist: one entry for each address.

use rollbook_domain::{Slice, WaitlistEntry, WaitlistStatus};
use rollbook_wire::Id;

use crate::filter::{Where, direction};
use crate::{Conn, Error, Param, Result, Row, opt_id, params, read_id, statements};

/// The columns of [`read`], of an entry that is called `w`.
const COLUMNS: &str = "w.entry_id, w.email_address, w.status, w.invitation_id, w.invited_at, \
    w.created_at, w.updated_at";

const TABLE: &str = "waitlist_entries AS w";

statements! {
    ENTRY = "SELECT w.entry_id, w.email_address, w.status, w.invitation_id, w.invited_at,
            w.created_at, w.updated_at
        FROM waitlist_entries AS w WHERE w.instance_id = $1 AND w.entry_id = $2 {for_update}";

    ENTRY_OF = "SELECT w.entry_id, w.email_address, w.status, w.invitation_id, w.invited_at,
            w.created_at, w.updated_at
        FROM waitlist_entries AS w WHERE w.instance_id = $1 AND w.email_address = $2 {for_update}";

    ANY_ENTRY = "SELECT 1 FROM waitlist_entries AS w WHERE w.instance_id = $1 LIMIT 1";

    /// No row comes back when the address is on the list already.
    INSERT_ENTRY = "INSERT INTO waitlist_entries (instance_id, entry_id, email_address, status,
            invitation_id, invited_at, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

    SAVE_ENTRY = "UPDATE waitlist_entries SET status = $3, invitation_id = $4, invited_at = $5,
            updated_at = $6
        WHERE instance_id = $1 AND entry_id = $2";

    DELETE_ENTRY = "DELETE FROM waitlist_entries WHERE instance_id = $1 AND entry_id = $2";

    /// For `doctor`: entries whose invitation is gone.
    ORPHANED_ENTRIES = "SELECT w.entry_id FROM waitlist_entries AS w
        WHERE w.instance_id = $1 AND w.invitation_id IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM invitations AS v
             WHERE v.instance_id = w.instance_id AND v.invitation_id = w.invitation_id)
        LIMIT $2";
}

/// A choice of entries; all conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// With this status.
    pub status: Option<WaitlistStatus>,
    /// An id, or folded text somewhere in the address.
    pub query: Option<(String, String)>,
}

/// What entries are sorted by; ties are broken by id, and those never invited come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `created_at`
    CreatedAt,
    /// `email_address`
    EmailAddress,
    /// `invited_at`
    InvitedAt,
}

impl Order {
    /// The order as `order_by` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "created_at" => Self::CreatedAt,
            "email_address" => Self::EmailAddress,
            "invited_at" => Self::InvitedAt,
            _ => return None,
        })
    }
}

/// The entry with this id, held until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<WaitlistEntry>> {
    let row = tx.query_one(&ENTRY, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(read).transpose()
}

/// The entry of this address, held until the transaction ends.
pub fn lock_of(
    tx: &mut Conn<'_>,
    instance: &Id,
    email_address: &str,
) -> Result<Option<WaitlistEntry>> {
    let row = tx.query_one(&ENTRY_OF, &params![instance.as_str(), email_address])?;
    row.as_ref().map(read).transpose()
}

/// Whether the instance has had any.
pub fn any(conn: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(conn.query_one(&ANY_ENTRY, &params![instance.as_str()])?.is_some())
}

/// Writes a new entry; false if the address has one.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, entry: &WaitlistEntry) -> Result<bool> {
    let inserted = tx.execute(
        &INSERT_ENTRY,
        &params![
            instance.as_str(),
            entry.id.as_str(),
            entry.email_address.as_str(),
            entry.status.as_str(),
            entry.invitation_id.as_ref().map(Id::as_str),
            entry.invited_at,
            entry.created_at,
            entry.updated_at,
        ],
    )?;
    Ok(inserted == 1)
}

/// Writes a changed entry that the transaction holds.
pub fn save(tx: &mut Conn<'_>, instance: &Id, entry: &WaitlistEntry) -> Result<()> {
    tx.execute(
        &SAVE_ENTRY,
        &params![
            instance.as_str(),
            entry.id.as_str(),
            entry.status.as_str(),
            entry.invitation_id.as_ref().map(Id::as_str),
            entry.invited_at,
            entry.updated_at,
        ],
    )?;
    Ok(())
}

/// Deletes an entry.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<()> {
    tx.execute(&DELETE_ENTRY, &params![instance.as_str(), id.as_str()])?;
    Ok(())
}

/// A part of the entries that `filter` admits.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &Filter,
    slice: Slice<Order>,
) -> Result<Vec<WaitlistEntry>> {
    let sql = conditions(instance, filter);
    let direction = direction(slice.descending);
    let order = match slice.key {
        Order::CreatedAt => format!("w.created_at {direction}"),
        Order::EmailAddress => format!("w.email_address {direction}"),
        Order::InvitedAt => format!("w.invited_at {direction} NULLS LAST"),
    };
    let condition = sql.text.clone();
    let text = |limits: &str| {
        format!(
            "SELECT {COLUMNS} FROM {TABLE} WHERE {condition} \
             ORDER BY {order}, w.entry_id {direction} {limits}"
        )
    };
    let rows = sql.page(conn, text, (slice.limit, slice.offset))?;
    rows.iter().map(read).collect()
}

/// How many entries `filter` admits, exactly.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &Filter) -> Result<i64> {
    conditions(instance, filter).count(conn, TABLE)
}

/// Entries that speak of an invitation that does not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED_ENTRIES, &params![instance.as_str(), limit])?;
    rows.iter().map(|row| Ok(format!("{}: its invitation is missing", row.text(0)?))).collect()
}

fn conditions(instance: &Id, filter: &Filter) -> Where {
    let mut sql = Where::of("w", instance);
    if let Some((id, text)) = &filter.query {
        let (id, text) = (sql.bind(id.clone()), sql.bind(Param::Contains(text.clone())));
        sql.and(&format!("(w.entry_id = {id} OR {{contains w.email_address {text}}})"));
    }
    if let Some(status) = filter.status {
        let status = sql.bind(status.as_str().to_owned());
        sql.and(&format!("w.status = {status}"));
    }
    sql
}

fn read(row: &Row) -> Result<WaitlistEntry> {
    let status = WaitlistStatus::from_name(row.text(2)?)
        .ok_or_else(|| Error::internal("read a waitlist entry", "its status is unknown"))?;
    Ok(WaitlistEntry {
        id: read_id(row, 0)?,
        email_address: row.text(1)?.to_owned(),
        status,
        invitation_id: opt_id(row, 3)?,
        invited_at: row.opt_int(4)?,
        created_at: row.int(5)?,
        updated_at: row.int(6)?,
    })
}
