//! The index rows of users: written with the record, compared with it, made anew from it.

use std::fmt::Write as _;

use rollbook_domain::{Identifier, UserIndex};
use rollbook_wire::Id;

use super::rows::{self, StoredUser};
use super::{
    AFTER_ID, DELETE_IDENTIFIER, DELETE_IDENTIFIERS, DELETE_KEY, DELETE_KEYS, IDENTIFIERS_OF,
    KEYS_OF, SAVE, Taken, lock,
};
use crate::{Conn, Db, Error, Param, Result, Row, Statement, instances, meta, params, passkeys};

/// Which [`UserIndex::VERSION`] the rows of the store are of.
const VERSION: &str = "user_index_version";

/// Users indexed anew in one transaction.
const BATCH: i64 = 200;

/// Writes the rows of a new user, or says which identifiers are taken.
pub(super) fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    index: &UserIndex,
) -> Result<Result<(), Taken>> {
    // Uniqueness is decided by the table: a row that was not inserted was taken.
    let inserted = insert_rows(tx, "identifiers", instance, user, &index.identifiers)?;
    if inserted.len() < index.identifiers.len() {
        let taken = index.identifiers.iter().filter(|i| !inserted.contains(i)).cloned();
        return Ok(Err(Taken(taken.collect())));
    }
    insert_rows(tx, "user_keys", instance, user, &index.keys)?;
    Ok(Ok(()))
}

/// Changes the rows of a user, or says which identifiers are taken.
pub(super) fn change(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    old: &UserIndex,
    new: &UserIndex,
) -> Result<Result<(), Taken>> {
    for gone in old.identifiers.iter().filter(|i| !new.identifiers.contains(i)) {
        tx.execute(&DELETE_IDENTIFIER, &params![instance.as_str(), &gone.kind, &gone.value])?;
    }
    for gone in old.keys.iter().filter(|key| !new.keys.contains(key)) {
        let values = params![instance.as_str(), user.as_str(), &gone.kind, &gone.value];
        tx.execute(&DELETE_KEY, &values)?;
    }
    let added = |new: &[Identifier], old: &[Identifier]| {
        new.iter().filter(|one| !old.contains(one)).cloned().collect()
    };
    let added = UserIndex {
        columns: new.columns.clone(),
        identifiers: added(&new.identifiers, &old.identifiers),
        keys: added(&new.keys, &old.keys),
    };
    insert(tx, instance, user, &added)
}

/// Deletes the rows of a user.
pub(super) fn delete(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_IDENTIFIERS, &params![instance.as_str(), user.as_str()])?;
    tx.execute(&DELETE_KEYS, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}

/// Reads the id of a user.
pub(super) fn user_id(row: &Row) -> Result<Id> {
    row.text(0)?.parse().map_err(|source| Error::internal("read a user's id", source))
}

/// What is wrong with the index of one user, or nothing; for `doctor`.
pub fn check(conn: &mut Conn<'_>, instance: &Id, row: &Row) -> Result<Option<String>> {
    let stored = StoredUser::read(row)?;
    let index = UserIndex::of(&stored.user);
    let id = stored.user.id.as_str();
    if id != row.text(0)? {
        return Ok(Some(format!("{}: the record is another user's", row.text(0)?)));
    }
    if rows::read_columns(row)? != index.columns {
        return Ok(Some(format!("{id}: the columns differ from the record")));
    }
    if of_user(conn, &IDENTIFIERS_OF, instance, id)? != index.identifiers {
        return Ok(Some(format!("{id}: the identifiers differ from the record")));
    }
    if of_user(conn, &KEYS_OF, instance, id)? != index.keys {
        return Ok(Some(format!("{id}: the keys differ from the record")));
    }
    let mut known: Vec<_> = stored.user.passkeys.iter().map(|p| p.id.to_string()).collect();
    known.sort();
    if passkeys::ids_of_user(conn, instance, id)? != known {
        return Ok(Some(format!("{id}: the passkeys differ from the record")));
    }
    Ok(None)
}

/// Makes all rows anew if those of the store were derived by an older release.
///
/// A batch of users is one transaction. Servers that start at once, or one that
/// is killed and starts again, do part of the work twice.
pub(crate) async fn rebuild(db: &Db) -> Result<()> {
    let wanted = UserIndex::VERSION.to_string();
    let found = db.read(|conn| meta::get(conn, VERSION)).await?;
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let (instances, _) = db.read(instances::all).await?;
    let mut n_users = 0;
    for instance in instances {
        let mut after = String::new();
        loop {
            let (id, from) = (instance.id.clone(), after.clone());
            let (n, last) = db.write(move |tx| rebuild_batch(tx, &id, &from)).await?;
            n_users += n;
            let Some(last) = last else { break };
            after = last;
        }
    }
    db.write(move |tx| {
        meta::insert(tx, VERSION, &wanted)?;
        meta::set(tx, VERSION, &wanted)
    })
    .await?;
    if n_users > 0 {
        tracing::info!(n_users, "{n_users} users were indexed anew");
    }
    Ok(())
}

/// How many users behind `after` were indexed, and the last of them.
fn rebuild_batch(tx: &mut Conn<'_>, instance: &Id, after: &str) -> Result<(usize, Option<String>)> {
    let rows = tx.query(&AFTER_ID, &params![instance.as_str(), after, BATCH])?;
    tx.notes().many(instance);
    for row in &rows {
        // One that was deleted meanwhile has no rows any more.
        let Some(stored) = lock(tx, instance, &user_id(row)?)? else { continue };
        let user = &stored.user;
        let index = UserIndex::of(user);
        delete(tx, instance, &user.id)?;
        if let Err(Taken(taken)) = insert(tx, instance, &user.id, &index)? {
            let kinds: Vec<_> = taken.iter().map(|one| one.kind.as_str()).collect();
            let text = format!("{}: another user has its {}", user.id, kinds.join(", "));
            return Err(Error::internal("index users anew", text));
        }
        let record = rows::record(user)?;
        let mut values = rows::columns(instance, user, &record, &index.columns);
        values.push(stored.version.into());
        tx.execute(&SAVE, &values)?;
    }
    let last = rows.last().map(|row| row.text(0).map(ToOwned::to_owned)).transpose()?;
    Ok((rows.len(), last))
}

fn of_user(
    conn: &mut Conn<'_>,
    statement: &Statement,
    instance: &Id,
    user: &str,
) -> Result<Vec<Identifier>> {
    let rows = conn.query(statement, &params![instance.as_str(), user])?;
    let mut found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

fn read(row: &Row) -> Result<Identifier> {
    Ok(Identifier::new(row.text(0)?, row.text(1)?))
}

/// Those that were not there yet.
fn insert_rows(
    tx: &mut Conn<'_>,
    table: &str,
    instance: &Id,
    user: &Id,
    rows: &[Identifier],
) -> Result<Vec<Identifier>> {
    let mut inserted = Vec::with_capacity(rows.len());
    // In chunks, because a statement has a limited number of parameters.
    for chunk in rows.chunks(100) {
        let mut sql = format!("INSERT INTO {table} (instance_id, user_id, kind, value) VALUES ");
        let mut values: Vec<Param<'_>> = params![instance.as_str(), user.as_str()].into();
        for (n, row) in chunk.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(sql, "{comma}($1, $2, ${}, ${})", 2 * n + 3, 2 * n + 4);
            values.push(row.kind.as_str().into());
            values.push(row.value.as_str().into());
        }
        sql.push_str(" ON CONFLICT DO NOTHING RETURNING kind, value");
        for row in &tx.query_text(&sql, &values)? {
            inserted.push(read(row)?);
        }
    }
    Ok(inserted)
}
