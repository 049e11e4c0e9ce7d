//! All users as directories want them, read by several threads from one snapshot.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rollbook_directory::{Person, Run};
use rollbook_wire::Id;
use rusqlite::{Connection, Params, Row, Rows};

use super::exec::driver;
use super::open::Place;
use crate::settings::cores;
use crate::{Error, Result};

/// Fewer rows than this are not worth a second thread.
const ROWS_PER_THREAD: i64 = 20_000;

/// Rows between two looks at how much memory is taken.
const ROWS_PER_LOOK: usize = 4096;

/// The columns of a [`Person`], without the record.
const COLUMNS: &str = "instance_id, user_id, created_at, updated_at, last_active_at, \
    last_sign_in_at, banned, first_name, last_name, username, email_address, phone_number, \
    web3_wallet, search";

/// Reads users past everything else that reads.
pub(crate) struct UserReader {
    place: Arc<Place>,
}

/// Users as they were read.
#[derive(Default)]
pub(crate) struct Read {
    /// In any number of runs per instance.
    pub(crate) users: Vec<(Id, Run)>,
    /// They would have taken more memory than there is for them.
    pub(crate) is_cut_off: bool,
}

/// The number of the latest change of each instance.
type Versions = HashMap<Id, i64>;

impl UserReader {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self { place }
    }

    /// Every user of every instance, in `most_bytes` at most.
    pub(crate) fn all(&self, most_bytes: usize) -> Result<(Versions, Read)> {
        let (versions, connections, last) = self.snapshots()?;
        let taken = AtomicUsize::new(0);
        let n = i64::try_from(connections.len()).unwrap_or(1);
        let parts: Vec<Result<Read>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..n)
                .zip(connections)
                .map(|(nth, connection)| {
                    let (rows, taken) = (last * nth / n..last * (nth + 1) / n, &taken);
                    scope.spawn(move || part(&connection, &rows, most_bytes, taken))
                })
                .collect();
            let failed = || Error::internal("read all users", "a thread panicked");
            threads.into_iter().map(|one| one.join().map_err(|_| failed())?).collect()
        });
        let mut all = Read::default();
        for part in parts {
            let part = part?;
            all.users.extend(part.users);
            all.is_cut_off |= part.is_cut_off;
        }
        if all.is_cut_off {
            all.users = Vec::new();
        }
        Ok((versions, all))
    }

    /// The users of one instance.
    pub(crate) fn one(&self, instance: &Id, most_bytes: usize) -> Result<(i64, Read)> {
        let connection = self.snapshot()?;
        let version = versions(&connection)?.get(instance).copied().unwrap_or_default();
        let sql = format!(
            "SELECT {COLUMNS} FROM users WHERE instance_id = ?1 ORDER BY created_at, user_id"
        );
        let taken = AtomicUsize::new(0);
        Ok((version, query(&connection, &sql, [instance.as_str()], most_bytes, &taken)?))
    }

    /// Connections that see the same state, and the last row there is.
    fn snapshots(&self) -> Result<(Versions, Vec<Connection>, i64)> {
        loop {
            let first = self.snapshot()?;
            let found = versions(&first)?;
            let last: Option<i64> = first
                .query_row("SELECT MAX(rowid) FROM users", [], |row| row.get(0))
                .map_err(driver)?;
            let last = last.unwrap_or_default();
            let most = i64::try_from(cores()).unwrap_or(1);
            let mut connections = vec![first];
            for _ in 1..(last / ROWS_PER_THREAD).clamp(1, most) {
                connections.push(self.snapshot()?);
            }
            let mut agree = true;
            for connection in connections.iter().skip(1) {
                agree &= versions(connection)? == found;
            }
            // Otherwise somebody has written between two of them.
            if agree {
                return Ok((found, connections, last));
            }
        }
    }

    fn snapshot(&self) -> Result<Connection> {
        let connection = self.place.open_reader()?;
        connection.execute_batch("BEGIN DEFERRED").map_err(driver)?;
        Ok(connection)
    }
}

fn versions(connection: &Connection) -> Result<Versions> {
    let sql = "SELECT instance_id, version FROM user_changes";
    let mut statement = connection.prepare(sql).map_err(driver)?;
    let mut rows = statement.query([]).map_err(driver)?;
    let mut versions = HashMap::new();
    while let Some(row) = rows.next().map_err(driver)? {
        versions.insert(id(text(row, 0)?)?, row.get(1).map_err(driver)?);
    }
    Ok(versions)
}

fn part(
    connection: &Connection,
    rows: &Range<i64>,
    most_bytes: usize,
    taken: &AtomicUsize,
) -> Result<Read> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE rowid > ?1 AND rowid <= ?2");
    query(connection, &sql, [rows.start, rows.end], most_bytes, taken)
}

fn query(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    most_bytes: usize,
    taken: &AtomicUsize,
) -> Result<Read> {
    let mut statement = connection.prepare(sql).map_err(driver)?;
    let mut rows = statement.query(params).map_err(driver)?;
    let mut read = Reading::default();
    let mut own = 0;
    loop {
        let is_more = read.take(&mut rows)?;
        let bytes = read.bytes();
        let more = bytes.saturating_sub(own);
        own = own.max(bytes);
        if taken.fetch_add(more, Ordering::Relaxed) + more > most_bytes {
            return Ok(Read { users: Vec::new(), is_cut_off: true });
        }
        if !is_more {
            let runs = read.runs.into_iter();
            let users = runs.map(|(instance, run)| Ok((id(&instance)?, run)));
            return Ok(Read { users: users.collect::<Result<_>>()?, is_cut_off: false });
        }
    }
}

/// Rows on their way into runs.
#[derive(Default)]
struct Reading {
    /// By instance.
    runs: HashMap<String, Run>,
}

impl Reading {
    /// Takes some rows; false if there are no more.
    fn take(&mut self, rows: &mut Rows<'_>) -> Result<bool> {
        for _ in 0..ROWS_PER_LOOK {
            let Some(row) = rows.next().map_err(driver)? else { return Ok(false) };
            let person = person(row)?;
            let instance = text(row, 0)?;
            if let Some(run) = self.runs.get_mut(instance) {
                run.push(&person);
            } else {
                self.runs.entry(instance.to_owned()).or_default().push(&person);
            }
        }
        Ok(true)
    }

    fn bytes(&self) -> usize {
        self.runs.values().map(Run::bytes).sum()
    }
}

fn person<'a>(row: &'a Row<'_>) -> Result<Person<&'a str>> {
    let int = |column: usize| row.get::<_, i64>(column).map_err(driver);
    let time = |column: usize| row.get::<_, Option<i64>>(column).map_err(driver);
    Ok(Person {
        id: text(row, 1)?,
        created_at: int(2)?,
        updated_at: int(3)?,
        last_active_at: time(4)?,
        last_sign_in_at: time(5)?,
        banned: int(6)? != 0,
        first_name: opt_text(row, 7)?,
        last_name: opt_text(row, 8)?,
        username: opt_text(row, 9)?,
        email_address: opt_text(row, 10)?,
        phone_number: opt_text(row, 11)?,
        web3_wallet: opt_text(row, 12)?,
        search: text(row, 13)?,
    })
}

fn opt_text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>> {
    let value = row.get_ref(column).map_err(driver)?;
    value.as_str_or_null().map_err(|source| Error::internal("read a user's columns", source))
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str> {
    Ok(opt_text(row, column)?.unwrap_or_default())
}

fn id(text: &str) -> Result<Id> {
    text.parse().map_err(|source| Error::internal("read an id", source))
}
