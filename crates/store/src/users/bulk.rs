//! Many new users at once.

use std::collections::HashSet;

use rollbook_directory::Change;
use rollbook_domain::{Identifier, User, UserIndex};
use rollbook_wire::Id;

use super::{DELETE_IDENTIFIERS, USER_OF, rows};
use crate::many::Many;
use crate::{Conn, Result, params, statements};

statements! {
    /// Which of these users there are.
    EXISTING = "SELECT user_id FROM users WHERE instance_id = $1 AND user_id {in $2}";
}

const USERS: Many<'_> = Many {
    table: "users",
    // Up to `search` as `rows::columns` has them.
    columns: &[
        "user_id",
        "record",
        "created_at",
        "updated_at",
        "banned",
        "first_name",
        "last_name",
        "username",
        "email_address",
        "phone_number",
        "web3_wallet",
        "names",
        "search",
        "version",
        "last_active_at",
        "last_sign_in_at",
    ],
    end: "",
};

const IDENTIFIERS: Many<'_> = Many {
    table: "identifiers",
    columns: &["kind", "value", "user_id"],
    end: "ON CONFLICT DO NOTHING",
};

const KEYS: Many<'_> = Many { table: "user_keys", columns: &["kind", "value", "user_id"], end: "" };

/// A new user with all that is derived from it, ready to be written.
pub struct NewUser {
    /// The aggregate.
    pub user: User,
    /// Latest session activity.
    pub last_active_at: Option<i64>,
    /// Latest sign-in.
    pub last_sign_in_at: Option<i64>,
    index: UserIndex,
    record: String,
}

impl NewUser {
    /// Derives index rows and record.
    pub fn new(
        user: User,
        last_active_at: Option<i64>,
        last_sign_in_at: Option<i64>,
    ) -> Result<Self> {
        let index = UserIndex::of(&user);
        let record = rows::record(&user)?;
        Ok(Self { user, last_active_at, last_sign_in_at, index, record })
    }

    /// What leads to the user and to nobody else.
    pub fn identifiers(&self) -> &[Identifier] {
        &self.index.identifiers
    }
}

/// Writes those that collide with nobody, in the store or among themselves;
/// answers the places of the others, in order.
///
/// Whether one of those can be written depends on what becomes of the ones before
/// it: they are to be tried again alone, in order.
pub fn insert_many(tx: &mut Conn<'_>, instance: &Id, users: &[&NewUser]) -> Result<Vec<usize>> {
    let mut left_out = doubles(tx, instance, users)?;
    let mut wanted: Vec<(&Identifier, usize)> = (0..)
        .zip(users)
        .filter(|(n, _)| !left_out.contains(n))
        .flat_map(|(n, new)| new.index.identifiers.iter().map(move |one| (one, n)))
        .collect();
    // In the order of the index: pages are written once, and concurrent imports do not
    // wait for each other in a circle. Of equals the first user comes first.
    wanted.sort_unstable();
    let id = |n: usize| users.get(n).map_or("", |new| new.user.id.as_str());
    let mut lost = Vec::new();
    IDENTIFIERS.insert(
        tx,
        instance,
        &wanted,
        |(one, n), row| row.extend(params![one.kind.as_str(), one.value.as_str(), id(*n)]),
        |tx, chunk| {
            for (one, n) in chunk {
                let values = params![instance.as_str(), one.kind.as_str(), one.value.as_str()];
                let found = tx.query_one(&USER_OF, &values)?;
                if found.as_ref().map(|row| row.text(0)).transpose()? != Some(id(*n)) {
                    lost.push(*n);
                }
            }
            Ok(())
        },
    )?;
    lost.sort_unstable();
    lost.dedup();
    for n in &lost {
        tx.execute(&DELETE_IDENTIFIERS, &params![instance.as_str(), id(*n)])?;
    }
    left_out.extend(lost);

    let written: Vec<&NewUser> =
        (0..).zip(users).filter(|(n, _)| !left_out.contains(n)).map(|(_, new)| *new).collect();
    insert_rows(tx, instance, &written)?;
    let mut left_out: Vec<usize> = left_out.into_iter().collect();
    left_out.sort_unstable();
    Ok(left_out)
}

/// The places of users whose id another has, be it one before them.
fn doubles(tx: &mut Conn<'_>, instance: &Id, users: &[&NewUser]) -> Result<HashSet<usize>> {
    let ids: Vec<String> = users.iter().map(|new| new.user.id.to_string()).collect();
    let rows = tx.query(&EXISTING, &params![instance.as_str(), ids])?;
    let mut seen: HashSet<&str> = rows.iter().map(|row| row.text(0)).collect::<Result<_>>()?;
    let places = (0..).zip(users).filter(|(_, new)| !seen.insert(new.user.id.as_str()));
    Ok(places.map(|(n, _)| n).collect())
}

fn insert_rows(tx: &mut Conn<'_>, instance: &Id, users: &[&NewUser]) -> Result<()> {
    USERS.insert(
        tx,
        instance,
        users,
        |new, row| {
            let columns = rows::columns(instance, &new.user, &new.record, &new.index.columns);
            row.extend(columns.into_iter().skip(1));
            row.extend(params![1_i64, new.last_active_at, new.last_sign_in_at]);
        },
        |_, _| Ok(()),
    )?;
    for new in users {
        let mut person = rows::person(&new.user.id, new.index.columns.clone());
        person.last_active_at = new.last_active_at;
        person.last_sign_in_at = new.last_sign_in_at;
        tx.notes().change(instance, Change::Put(person));
    }
    let mut keys: Vec<(&Identifier, &str)> = users
        .iter()
        .flat_map(|new| new.index.keys.iter().map(|key| (key, new.user.id.as_str())))
        .collect();
    keys.sort_unstable();
    KEYS.insert(
        tx,
        instance,
        &keys,
        |(key, user), row| row.extend(params![key.kind.as_str(), key.value.as_str(), *user]),
        |_, _| Ok(()),
    )
}
