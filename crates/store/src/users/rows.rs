//! Between users and their rows.

use rollbook_directory::Person;
use rollbook_domain::{User, UserColumns};
use rollbook_wire::Id;

use crate::{Error, Param, Result, Row, params};

/// A user as a row holds it.
#[derive(Debug, Clone)]
pub struct StoredUser {
    /// The aggregate.
    pub user: User,
    /// Grows with every write of the record.
    pub version: i64,
    /// Latest session activity.
    pub last_active_at: Option<i64>,
    /// Latest sign-in.
    pub last_sign_in_at: Option<i64>,
}

impl StoredUser {
    /// A user that was just written for the first time.
    pub fn new(user: User) -> Self {
        Self { user, version: 1, last_active_at: None, last_sign_in_at: None }
    }

    /// Reads `user_id, version, record, last_active_at, last_sign_in_at`.
    pub(crate) fn read(row: &Row) -> Result<Self> {
        let user = serde_json::from_str(row.text(2)?)
            .map_err(|source| Error::internal("read a user's record", source))?;
        Ok(Self {
            user,
            version: row.int(1)?,
            last_active_at: row.opt_int(3)?,
            last_sign_in_at: row.opt_int(4)?,
        })
    }
}

pub(super) fn record(user: &User) -> Result<String> {
    serde_json::to_string(user).map_err(|source| Error::internal("write a user's record", source))
}

/// The parameters `$1` to `$14` of the statements that write a user.
pub(super) fn columns<'a>(
    instance: &'a Id,
    user: &'a User,
    record: &'a str,
    columns: &'a UserColumns,
) -> Vec<Param<'a>> {
    params![
        instance.as_str(),
        user.id.as_str(),
        record,
        columns.created_at,
        columns.updated_at,
        columns.banned,
        columns.first_name.as_deref(),
        columns.last_name.as_deref(),
        columns.username.as_deref(),
        columns.email_address.as_deref(),
        columns.phone_number.as_deref(),
        columns.web3_wallet.as_deref(),
        columns.names.as_str(),
        columns.search.as_str(),
    ]
    .into()
}

/// What the directory keeps of a user; its activity is known there already.
pub(super) fn person(id: &Id, columns: UserColumns) -> Person<String> {
    Person {
        id: id.to_string(),
        created_at: columns.created_at,
        updated_at: columns.updated_at,
        last_active_at: None,
        last_sign_in_at: None,
        banned: columns.banned,
        first_name: columns.first_name,
        last_name: columns.last_name,
        username: columns.username,
        email_address: columns.email_address,
        phone_number: columns.phone_number,
        web3_wallet: columns.web3_wallet,
        search: columns.search,
    }
}

/// Reads the columns of `AFTER_ID` that are derived from the record.
pub(super) fn read_columns(row: &Row) -> Result<UserColumns> {
    let text = |i| row.opt_text(i).map(|text| text.map(ToOwned::to_owned));
    Ok(UserColumns {
        created_at: row.int(5)?,
        updated_at: row.int(6)?,
        banned: row.bool(7)?,
        first_name: text(8)?,
        last_name: text(9)?,
        username: text(10)?,
        email_address: text(11)?,
        phone_number: text(12)?,
        web3_wallet: text(13)?,
        names: row.text(14)?.to_owned(),
        search: row.text(15)?.to_owned(),
    })
}
