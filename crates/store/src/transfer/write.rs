//! Writing an instance that is not there yet, in batches, so that nobody sees it before it is whole.
//!
//! [`begin`] claims the id, [`discard`] removes what an import that was cut short has
//! left, [`insert`] writes rows, and [`publish`] writes the last of them, the
//! instance's own among them, in one transaction. Every transaction first looks
//! whether the claim is still the caller's: of two imports of one instance the later
//! one goes on.

use std::collections::BTreeMap;

use rollbook_domain::{Instance, User, UserIndex};
use rollbook_wire::Id;

use super::line::{BadLine, Cell, Line};
use super::sealing;
use super::tables::{DERIVED, TABLES};
use crate::many::Many;
use crate::value::Value;
use crate::{Conn, Param, Result, Vault, instances, meta, params};

/// What keys of claims begin with, and the first key behind them all.
const CLAIMS: (&str, &str) = ("import/", "import0");

/// An import under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The instance that it brings.
    pub instance: Id,
    /// Tells it from others of the same instance.
    pub token: String,
}

/// Whether an import may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// The id is the caller's.
    Yes,
    /// There is an instance with this id.
    Exists,
    /// One of its secret keys opens another instance.
    KeyTaken,
}

/// A row ready to be written, with those that are derived from it.
pub struct Prepared(Vec<(Shape, Vec<Value>)>);

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(shape, _)| shape.table)).finish()
    }
}

/// What one statement can write.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    table: &'static str,
    columns: Vec<&'static str>,
}

impl Claim {
    fn name(&self) -> String {
        format!("{}{}", CLAIMS.0, self.instance)
    }

    /// Holds the claim until the transaction ends; false if another import has it.
    fn hold(&self, tx: &mut Conn<'_>) -> Result<bool> {
        Ok(meta::lock(tx, &self.name())?.as_ref() == Some(&self.token))
    }
}

/// Claims the instance's id for an import, from whoever has claimed it before.
///
/// `keys` are the hashes of its secret keys.
pub fn begin(tx: &mut Conn<'_>, claim: &Claim, keys: &[Vec<u8>]) -> Result<Begun> {
    if instances::hold(tx, &claim.instance)? {
        return Ok(Begun::Exists);
    }
    for key in keys {
        if instances::has_key(tx, key)? {
            return Ok(Begun::KeyTaken);
        }
    }
    meta::insert(tx, &claim.name(), &claim.token)?;
    meta::set(tx, &claim.name(), &claim.token)?;
    Ok(Begun::Yes)
}

/// Takes over from an import of the instance; false if there is none, nor any that was cut short.
pub fn take_over(tx: &mut Conn<'_>, claim: &Claim) -> Result<bool> {
    let is_there = meta::lock(tx, &claim.name())?.is_some();
    if is_there {
        meta::set(tx, &claim.name(), &claim.token)?;
    }
    Ok(is_there)
}

/// Instances of which an import is under way or was cut short; for `doctor`.
pub fn unfinished(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    let (first, end) = CLAIMS;
    let keys = meta::between(conn, first, end)?;
    Ok(keys.iter().map(|key| key.trim_start_matches(first).to_owned()).collect())
}

/// Deletes up to about `limit` rows that an earlier import has left, or this one; 0 when
/// there are none. `None` if another import has begun.
pub fn discard(tx: &mut Conn<'_>, claim: &Claim, limit: i64) -> Result<Option<u64>> {
    if !claim.hold(tx)? {
        return Ok(None);
    }
    let tables = TABLES.iter().map(|table| (table.name, table.key)).chain(DERIVED.iter().copied());
    // Those with one row for each instance come in with it, and not before.
    for (table, key) in tables.filter(|(_, key)| !key.is_empty()) {
        let key = key.join(", ");
        let sql = format!(
            "DELETE FROM {table} WHERE instance_id = $1 AND ({key}) IN \
             (SELECT {key} FROM {table} WHERE instance_id = $1 ORDER BY {key} LIMIT $2)"
        );
        let n_deleted = tx.execute_text(&sql, &params![claim.instance.as_str(), limit])?;
        if n_deleted > 0 {
            return Ok(Some(n_deleted));
        }
    }
    Ok(Some(0))
}

/// Gives the claim up, if it is still the caller's.
pub fn release(tx: &mut Conn<'_>, claim: &Claim) -> Result<()> {
    if claim.hold(tx)? {
        meta::delete(tx, &claim.name())?;
        tx.notes().gone(&claim.instance);
    }
    Ok(())
}

/// Makes a row of another store one of this store: its secrets sealed, what is derived from it
/// derived anew.
pub fn prepare(
    vault: &Vault,
    instance: &Id,
    mut line: Line,
) -> Result<std::result::Result<Prepared, BadLine>> {
    let table = line.table;
    if table.name == "users" {
        return user(&line).map(Ok).or_else(|bad| Ok(Err(bad)));
    }
    if table.name == "instances" {
        let record: Option<Instance> = serde_json::from_str(line.text("record")).ok();
        if record.is_none_or(|record| record.id != *instance) {
            return Ok(Err(BadLine::BadValue("instances", "record")));
        }
    }
    sealing::seal(vault, instance.as_str(), &mut line)?;
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for ((name, _), cell) in table.columns.iter().zip(line.cells) {
        let Some(cell) = cell else { continue };
        columns.push(*name);
        values.push(match cell {
            Cell::Null => Value::Null,
            Cell::Int(int) => Value::Int(int),
            Cell::Text(text) => Value::Text(text),
            Cell::Json(json) => Value::Text(json.get().to_owned()),
            Cell::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        });
    }
    Ok(Ok(Prepared(vec![(Shape { table: table.name, columns }, values)])))
}

/// The row of a user with its index, derived by this release.
fn user(line: &Line) -> std::result::Result<Prepared, BadLine> {
    let record = line.text("record");
    let bad = |column| BadLine::BadValue("users", column);
    let user: User = serde_json::from_str(record).map_err(|_| bad("record"))?;
    let id = user.id.as_str();
    if id != line.text("user_id") {
        return Err(bad("user_id"));
    }
    let index = UserIndex::of(&user);
    let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    let int = |int: Option<i64>| int.map_or(Value::Null, Value::Int);
    let columns = index.columns;
    let row = [
        ("user_id", Value::Text(id.to_owned())),
        ("version", Value::Int(line.int("version").ok_or(bad("version"))?)),
        ("record", Value::Text(record.to_owned())),
        ("last_active_at", int(line.int("last_active_at"))),
        ("last_sign_in_at", int(line.int("last_sign_in_at"))),
        ("created_at", Value::Int(columns.created_at)),
        ("updated_at", Value::Int(columns.updated_at)),
        ("banned", Value::Int(columns.banned.into())),
        ("first_name", text(columns.first_name)),
        ("last_name", text(columns.last_name)),
        ("username", text(columns.username)),
        ("email_address", text(columns.email_address)),
        ("phone_number", text(columns.phone_number)),
        ("web3_wallet", text(columns.web3_wallet)),
        ("names", Value::Text(columns.names)),
        ("search", Value::Text(columns.search)),
    ];
    let (names, values): (Vec<_>, Vec<_>) = row.into_iter().unzip();
    let mut rows = vec![(Shape { table: "users", columns: names }, values)];
    for (table, keys) in [("identifiers", index.identifiers), ("user_keys", index.keys)] {
        rows.extend(keys.into_iter().map(|key| {
            let columns = vec!["kind", "value", "user_id"];
            let values = [key.kind, key.value, id.to_owned()].map(Value::Text);
            (Shape { table, columns }, values.into())
        }));
    }
    Ok(Prepared(rows))
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is in the store.
    Yes,
    /// Two rows of this table are the same, or claim the same; nothing may be committed.
    Twice(&'static str),
    /// Another import of the instance has begun; nothing may be committed.
    Superseded,
}

/// Writes a batch.
pub fn insert(tx: &mut Conn<'_>, claim: &Claim, batch: &[Prepared]) -> Result<Written> {
    if !claim.hold(tx)? {
        return Ok(Written::Superseded);
    }
    Ok(match write(tx, &claim.instance, batch)? {
        None => Written::Yes,
        Some(table) => Written::Twice(table),
    })
}

/// Writes the last rows, those that are held, and lets everybody see the instance.
pub fn publish(tx: &mut Conn<'_>, claim: &Claim, held: &[Prepared]) -> Result<Written> {
    let written = insert(tx, claim, held)?;
    meta::delete(tx, &claim.name())?;
    instances::bump_catalog(tx)?;
    // The batches before said nothing: lists of an instance that is not there are of no use.
    tx.notes().many(&claim.instance);
    Ok(written)
}

/// The table of a row that was there already, if any was.
fn write(tx: &mut Conn<'_>, instance: &Id, batch: &[Prepared]) -> Result<Option<&'static str>> {
    let mut of_shape: BTreeMap<&Shape, Vec<&[Value]>> = BTreeMap::new();
    for (shape, values) in batch.iter().flat_map(|prepared| &prepared.0) {
        of_shape.entry(shape).or_default().push(values);
    }
    for (shape, rows) in of_shape {
        let many =
            Many { table: shape.table, columns: &shape.columns, end: "ON CONFLICT DO NOTHING" };
        let mut is_twice = false;
        many.insert(
            tx,
            instance,
            &rows,
            |values, row| row.extend(values.iter().map(Param::from)),
            |_, _| {
                is_twice = true;
                Ok(())
            },
        )?;
        if is_twice {
            return Ok(Some(shape.table));
        }
    }
    Ok(None)
}
