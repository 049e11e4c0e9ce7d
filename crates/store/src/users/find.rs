//! Lists and counts: from the directory where there is one, else from SQL.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use rollbook_directory::{Directory, Miss, Sets};
use rollbook_domain::{Page, Signed, UserFilter};
use rollbook_wire::Id;

use super::rows::StoredUser;
use super::{BY_IDS, IDENTIFIED, MEMBERS, list, texts};
use crate::directories::{Directories, USER_VERSION};
use crate::{Conn, Db, Error, Result, Statement, params};

/// Snapshots that are given up because the directory is ahead of them.
const MOST_TRIES: usize = 4;

/// How long the directory may lag behind a commit that a snapshot sees already.
const MOST_LAG: u32 = 100;
const LAG: Duration = Duration::from_micros(50);

/// One page of the users that `filter` admits; `None` if `starting_after` is unknown.
///
/// With a directory its cost hardly depends on the filter, the order and the offset.
pub async fn page(
    db: &Db,
    instance: &Id,
    filter: &UserFilter,
    page: &Page,
) -> Result<Option<Vec<StoredUser>>> {
    let of = Arc::new((instance.clone(), filter.clone(), page.clone()));
    let ask = |directory: &Directory, version: i64, sets: &Sets, (_, filter, page): &Query| {
        directory.page(version, filter, sets, page)
    };
    let fetch = |conn: &mut Conn<'_>, query: &Query, ids: Option<Vec<String>>| match ids {
        Some(ids) => fetch(conn, &query.0, &ids).map(|users| users.map(Some)),
        None => Ok(Some(None)),
    };
    let by_sql =
        |conn: &mut Conn<'_>, (id, filter, page): &Query| list::page(conn, id, filter, page);
    find(db, of, ask, fetch, by_sql).await
}

/// How many users `filter` admits, exactly.
pub async fn count(db: &Db, instance: &Id, filter: &UserFilter) -> Result<i64> {
    let page =
        Page { order: rollbook_domain::Order::NEWEST, limit: 0, offset: 0, starting_after: None };
    let of = Arc::new((instance.clone(), filter.clone(), page));
    let ask = |directory: &Directory, version: i64, sets: &Sets, (_, filter, _): &Query| {
        directory.count(version, filter, sets)
    };
    let fetch =
        |_: &mut Conn<'_>, _: &Query, n: usize| Ok(Some(i64::try_from(n).unwrap_or(i64::MAX)));
    let by_sql = |conn: &mut Conn<'_>, (id, filter, _): &Query| list::count(conn, id, filter);
    find(db, of, ask, fetch, by_sql).await
}

/// Whose users, which of them, and what part.
type Query = (Id, UserFilter, Page);

/// What became of asking the directory.
enum Asked<T> {
    Answer(T),
    /// It is ahead of this snapshot: another one is to be taken.
    Ahead,
    /// There is none that could say.
    Nobody,
}

/// Asks the directory and fetches what it names, all as of one snapshot; else asks SQL.
async fn find<A: 'static, T: Send + 'static>(
    db: &Db,
    query: Arc<Query>,
    ask: fn(&Directory, i64, &Sets, &Query) -> Result<A, Miss>,
    fetch: fn(&mut Conn<'_>, &Query, A) -> Result<Option<T>>,
    by_sql: fn(&mut Conn<'_>, &Query) -> Result<T>,
) -> Result<T> {
    let directories = db.directories().cloned();
    for tried in 1..=MOST_TRIES {
        let (directories, query) = (directories.clone(), Arc::clone(&query));
        let found = db
            .read(move |conn| {
                let Some(directories) = &directories else { return by_sql(conn, &query).map(Some) };
                let asked = match asked(conn, directories, &query, ask)? {
                    Asked::Answer(answer) => match fetch(conn, &query, answer)? {
                        Some(found) => Asked::Answer(found),
                        None => Asked::Nobody,
                    },
                    Asked::Ahead => Asked::Ahead,
                    Asked::Nobody => Asked::Nobody,
                };
                match asked {
                    Asked::Ahead if tried < MOST_TRIES => Ok(None),
                    Asked::Answer(found) => {
                        directories.note_answer(true);
                        Ok(Some(found))
                    }
                    Asked::Ahead | Asked::Nobody => {
                        directories.note_answer(false);
                        by_sql(conn, &query).map(Some)
                    }
                }
            })
            .await?;
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(Error::internal("list users", "the last try was given up"))
}

fn asked<A>(
    conn: &mut Conn<'_>,
    directories: &Directories,
    query: &Query,
    ask: fn(&Directory, i64, &Sets, &Query) -> Result<A, Miss>,
) -> Result<Asked<A>> {
    let (instance, filter, _) = query;
    let Some(directory) = directories.get(instance) else { return Ok(Asked::Nobody) };
    let version = match conn.query_one(&USER_VERSION, &params![instance.as_str()])? {
        Some(row) => row.int(0)?,
        None => 0,
    };
    let mut lag = 0;
    while directory.version() < version {
        // A commit is seen a moment before the directory hears of it.
        if lag == MOST_LAG {
            directories.doubt(instance, version);
            return Ok(Asked::Nobody);
        }
        lag += 1;
        sleep(LAG);
    }
    if directory.version() > version {
        return Ok(Asked::Ahead);
    }
    let sets = sets(conn, instance, filter)?;
    Ok(match ask(&directory, version, &sets, query) {
        Ok(answer) => Asked::Answer(answer),
        Err(Miss::Version(_)) => Asked::Ahead,
        Err(Miss::Unsorted) => Asked::Nobody,
    })
}

/// Whom the exact values of a filter admit.
fn sets(conn: &mut Conn<'_>, instance: &Id, filter: &UserFilter) -> Result<Sets> {
    let mut sets = Sets::default();
    for (kind, values) in [
        ("email_address", &filter.email_address),
        ("phone_number", &filter.phone_number),
        ("username", &filter.username),
        ("web3_wallet", &filter.web3_wallet),
    ] {
        if let Some(values) = values {
            sets.only(identified(conn, instance, kind, values)?);
        }
    }
    if let Some((provider, ids)) = &filter.provider {
        sets.only(identified(conn, instance, provider, ids)?);
    }
    signed(&mut sets, &filter.external_id, |ids| identified(conn, instance, "external_id", ids))?;
    signed(&mut sets, &filter.user_id, |ids| Ok(ids.to_vec()))?;
    signed(&mut sets, &filter.organization_id, |ids| {
        users(conn, &MEMBERS, &params![instance.as_str(), texts(ids)])
    })?;
    Ok(sets)
}

fn signed(
    sets: &mut Sets,
    signed: &Signed,
    mut users: impl FnMut(&[String]) -> Result<Vec<String>>,
) -> Result<()> {
    if !signed.include.is_empty() {
        sets.only(users(&signed.include)?);
    }
    if !signed.exclude.is_empty() {
        sets.except(users(&signed.exclude)?);
    }
    Ok(())
}

fn identified(
    conn: &mut Conn<'_>,
    instance: &Id,
    kind: &str,
    values: &[String],
) -> Result<Vec<String>> {
    users(conn, &IDENTIFIED, &params![instance.as_str(), kind, texts(values)])
}

fn users(
    conn: &mut Conn<'_>,
    statement: &Statement,
    params: &[crate::Param<'_>],
) -> Result<Vec<String>> {
    let rows = conn.query(statement, params)?;
    rows.iter().map(|row| row.text(0).map(ToOwned::to_owned)).collect()
}

/// The rows of these users in this order; `None` if one is missing.
fn fetch(conn: &mut Conn<'_>, instance: &Id, ids: &[String]) -> Result<Option<Vec<StoredUser>>> {
    let rows = conn.query(&BY_IDS, &params![instance.as_str(), texts(ids)])?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        found.insert(row.text(0)?.to_owned(), StoredUser::read(row)?);
    }
    Ok(ids.iter().map(|id| found.remove(id)).collect())
}
