//! Users: one row each, whose record is the whole aggregate.

mod bulk;
mod find;
mod index;
mod list;
mod rows;

use rollbook_directory::Change;
use rollbook_domain::{Identifier, User, UserIndex};
use rollbook_wire::Id;

#[cfg(test)]
pub(crate) use self::bulk::ALL as BULK_ALL;
pub use self::bulk::{NewUser, insert_many};
pub use self::find::{count, page};
pub use self::index::check as check_index;
pub(crate) use self::index::rebuild;
pub use self::list::{count as count_by_sql, page as page_by_sql};
pub use self::rows::StoredUser;
use crate::{
    Conn, Db, Param, Result, Row, billing, oauth_access_tokens, params, passkeys, sessions,
    statements, tickets, verifications,
};

statements! {
    /// The hot read: one row.
    BY_ID = "SELECT user_id, version, record, last_active_at, last_sign_in_at
        FROM users WHERE instance_id = $1 AND user_id = $2";

    /// The same, and nobody else changes the user until the transaction ends.
    LOCK = "SELECT user_id, version, record, last_active_at, last_sign_in_at
        FROM users WHERE instance_id = $1 AND user_id = $2 {for_update}";

    ACTIVITY = "SELECT last_active_at, last_sign_in_at FROM users
        WHERE instance_id = $1 AND user_id = $2";

    LOCK_MANY = "SELECT user_id, version, record, last_active_at, last_sign_in_at
        FROM users WHERE instance_id = $1 AND user_id {in $2} ORDER BY user_id {for_update}";

    INSERT = "INSERT INTO users (instance_id, user_id, version, record, created_at, updated_at,
            banned, first_name, last_name, username, email_address, phone_number, web3_wallet,
            names, search)
        VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

    /// Refuses to overwrite a row that someone else has changed since it was read.
    SAVE = "UPDATE users SET version = version + 1, record = $3, created_at = $4, updated_at = $5,
            banned = $6, first_name = $7, last_name = $8, username = $9, email_address = $10,
            phone_number = $11, web3_wallet = $12, names = $13, search = $14
        WHERE instance_id = $1 AND user_id = $2 AND version = $15";

    DELETE = "DELETE FROM users WHERE instance_id = $1 AND user_id = $2";

    /// Reads one more than `limit` would need: is the instance full?
    COUNT_UP_TO = "SELECT COUNT(*) FROM
        (SELECT 1 FROM users WHERE instance_id = $1 LIMIT $2) AS some_users";

    USER_OF = "SELECT user_id FROM identifiers
        WHERE instance_id = $1 AND kind = $2 AND value = $3";

    DELETE_IDENTIFIER = "DELETE FROM identifiers
        WHERE instance_id = $1 AND kind = $2 AND value = $3";

    DELETE_IDENTIFIERS = "DELETE FROM identifiers WHERE instance_id = $1 AND user_id = $2";

    DELETE_KEY = "DELETE FROM user_keys
        WHERE instance_id = $1 AND user_id = $2 AND kind = $3 AND value = $4";

    DELETE_KEYS = "DELETE FROM user_keys WHERE instance_id = $1 AND user_id = $2";

    KEYS_OF = "SELECT kind, value FROM user_keys
        WHERE instance_id = $1 AND user_id = $2 ORDER BY kind, value";

    /// An id of an identification leads to one user.
    OWNER = "SELECT user_id FROM user_keys
        WHERE instance_id = $1 AND kind = 'identification' AND value = $2";

    /// An address itself, or one that has this form.
    SIMILAR_EMAIL = "SELECT user_id FROM identifiers WHERE instance_id = $1
            AND kind = 'email_address' AND value = $3 AND user_id <> $4
        UNION ALL SELECT user_id FROM user_keys WHERE instance_id = $1
            AND kind = $2 AND value = $3 AND user_id <> $4
        LIMIT 1";

    IDENTIFIERS_OF = "SELECT kind, value FROM identifiers
        WHERE instance_id = $1 AND user_id = $2 ORDER BY kind, value";

    BY_IDS = "SELECT user_id, version, record, last_active_at, last_sign_in_at
        FROM users WHERE instance_id = $1 AND user_id {in $2}";

    IDENTIFIED = "SELECT user_id FROM identifiers
        WHERE instance_id = $1 AND kind = $2 AND value {in $3}";

    MEMBERS = "SELECT user_id FROM organization_memberships
        WHERE instance_id = $1 AND organization_id {in $2}";

    /// For `doctor`: the users of an instance in the order of their ids.
    AFTER_ID = "SELECT user_id, version, record, last_active_at, last_sign_in_at, created_at,
            updated_at, banned, first_name, last_name, username, email_address, phone_number,
            web3_wallet, names, search
        FROM users WHERE instance_id = $1 AND user_id > $2 ORDER BY user_id LIMIT $3";

    /// For `doctor`: users of instances that are gone, and are not on their way in.
    STRAYS = "SELECT user_id, instance_id FROM users WHERE instance_id NOT IN
        (SELECT instance_id FROM instances) AND 'import/' || instance_id NOT IN
        (SELECT key FROM meta) LIMIT $1";

    /// For `doctor`: identifiers that lead nowhere.
    ORPHANED_IDENTIFIERS = "SELECT kind, user_id FROM identifiers AS i WHERE i.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = i.instance_id AND u.user_id = i.user_id) LIMIT $2";

    ORPHANED_KEYS = "SELECT kind, user_id FROM user_keys AS k WHERE k.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = k.instance_id AND u.user_id = k.user_id) LIMIT $2";
}

/// The user with this id.
pub async fn by_id(db: &Db, instance: &Id, id: &Id) -> Result<Option<StoredUser>> {
    let row = db.one(&BY_ID, &params![instance.as_str(), id.as_str()]).await?;
    row.as_ref().map(StoredUser::read).transpose()
}

/// The user that an identifier leads to.
pub fn led_to(conn: &mut Conn<'_>, instance: &Id, of: &Identifier) -> Result<Option<Id>> {
    let values = params![instance.as_str(), of.kind.as_str(), of.value.as_str()];
    conn.query_one(&USER_OF, &values)?.map(|row| crate::read_id(&row, 0)).transpose()
}

/// The same within a transaction or a snapshot.
pub fn find(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredUser>> {
    let row = conn.query_one(&BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(StoredUser::read).transpose()
}

/// The user with this id, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<StoredUser>> {
    let row = tx.query_one(&LOCK, &params![instance.as_str(), id.as_str()])?;
    row.as_ref().map(StoredUser::read).transpose()
}

/// When the user was last active, and when it last signed in.
pub fn activity(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<(Option<i64>, Option<i64>)> {
    let row = conn.query_one(&ACTIVITY, &params![instance.as_str(), id.as_str()])?;
    row.map_or(Ok((None, None)), |row| Ok((row.opt_int(0)?, row.opt_int(1)?)))
}

/// Those of `ids` that exist, in the order of their ids, held like [`lock`].
pub fn lock_many(tx: &mut Conn<'_>, instance: &Id, ids: &[Id]) -> Result<Vec<StoredUser>> {
    let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
    tx.query(&LOCK_MANY, &params![instance.as_str(), ids])?.iter().map(StoredUser::read).collect()
}

/// Identifiers that another user of the instance has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken(pub Vec<Identifier>);

/// Writes a new user with its index rows, or says which identifiers are taken.
///
/// When it answers [`Taken`] the transaction must not be committed.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, user: &User) -> Result<Result<(), Taken>> {
    let index = UserIndex::of(user);
    if let Err(taken) = index::insert(tx, instance, &user.id, &index)? {
        return Ok(Err(taken));
    }
    let record = rows::record(user)?;
    tx.execute(&INSERT, &rows::columns(instance, user, &record, &index.columns))?;
    tx.notes().change(instance, Change::Put(rows::person(&user.id, index.columns)));
    Ok(Ok(()))
}

/// Writes a changed user with its index rows, or says which identifiers are taken.
///
/// # Errors
///
/// [`Error::Conflict`](crate::Error::Conflict) if the user was changed
/// since `before` was read; the transaction runs again.
pub fn save(
    tx: &mut Conn<'_>,
    instance: &Id,
    before: &StoredUser,
    user: &User,
) -> Result<Result<(), Taken>> {
    let old = UserIndex::of(&before.user);
    let new = UserIndex::of(user);
    if let Err(taken) = index::change(tx, instance, &user.id, &old, &new)? {
        return Ok(Err(taken));
    }
    let record = rows::record(user)?;
    let mut values = rows::columns(instance, user, &record, &new.columns);
    values.push(before.version.into());
    if tx.execute(&SAVE, &values)? == 0 {
        return Err(tx.conflict());
    }
    drop(values);
    tx.notes().change(instance, Change::Put(rows::person(&user.id, new.columns)));
    Ok(Ok(()))
}

/// The user that an identification's id leads to.
pub async fn owner(db: &Db, instance: &Id, identification: &Id) -> Result<Option<Id>> {
    let row = db.one(&OWNER, &params![instance.as_str(), identification.as_str()]).await?;
    row.as_ref().map(index::user_id).transpose()
}

/// The same within a transaction; who the owner is must be asked again once it is held.
pub fn owner_in(tx: &mut Conn<'_>, instance: &Id, identification: &Id) -> Result<Option<Id>> {
    let row = tx.query_one(&OWNER, &params![instance.as_str(), identification.as_str()])?;
    row.as_ref().map(index::user_id).transpose()
}

/// Whether another user has an address of this form; `kind` says which form.
pub fn has_similar_email(
    conn: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    kind: &str,
    form: &str,
) -> Result<bool> {
    let values = params![instance.as_str(), kind, form, user.as_str()];
    Ok(conn.query_one(&SIMILAR_EMAIL, &values)?.is_some())
}

/// Which of these identifiers lead to a user already.
pub fn taken(
    conn: &mut Conn<'_>,
    instance: &Id,
    identifiers: &[Identifier],
) -> Result<Vec<Identifier>> {
    let mut taken = Vec::new();
    for identifier in identifiers {
        let found = conn.query_one(
            &USER_OF,
            &params![instance.as_str(), identifier.kind.as_str(), identifier.value.as_str()],
        )?;
        if found.is_some() {
            taken.push(identifier.clone());
        }
    }
    Ok(taken)
}

/// Deletes a user with its index rows; what else hangs on it is deleted by its own table.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<()> {
    index::delete(tx, instance, id)?;
    tx.execute(&DELETE, &params![instance.as_str(), id.as_str()])?;
    tx.notes().change(instance, Change::Delete(id.to_string()));
    Ok(())
}

/// How many users the instance has, or `limit` if there are more.
pub fn count_up_to(tx: &mut Conn<'_>, instance: &Id, limit: u32) -> Result<i64> {
    let row = tx.query_one(&COUNT_UP_TO, &params![instance.as_str(), i64::from(limit)])?;
    row.as_ref().map_or(Ok(0), |row| row.int(0))
}

/// One step of `doctor`: the rows of up to `limit` users behind `after`.
pub fn rows_after(conn: &mut Conn<'_>, instance: &Id, after: &str, limit: i64) -> Result<Vec<Row>> {
    conn.query(&AFTER_ID, &params![instance.as_str(), after, limit])
}

/// Users of instances that do not exist; for `doctor`.
pub fn strays(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&STRAYS, &params![limit])?;
    rows.iter()
        .map(|row| Ok(format!("{}: its instance {} is missing", row.text(0)?, row.text(1)?)))
        .collect()
}

/// Users that index rows, passkeys, tokens, sessions or verifications lead to although they do
/// not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let mut rows = conn.query(&ORPHANED_IDENTIFIERS, &params![instance.as_str(), limit])?;
    rows.extend(conn.query(&ORPHANED_KEYS, &params![instance.as_str(), limit])?);
    let mut found = passkeys::orphans(conn, instance, limit)?;
    found.extend(billing::orphans::find(conn, instance, limit)?);
    found.extend(oauth_access_tokens::orphans(conn, instance, limit)?);
    found.extend(verifications::orphans(conn, instance, limit)?);
    found.extend(sessions::orphans(conn, instance, limit)?);
    found.extend(tickets::orphans(conn, instance, limit)?);
    for row in &rows {
        found.push(format!("{}: a {} leads to this missing user", row.text(1)?, row.text(0)?));
    }
    Ok(found)
}

/// The values of a list parameter.
fn texts(values: &[String]) -> Param<'static> {
    Param::List(values.to_vec())
}
