//! The reference of `create`: one thread that inserts the same rows, many users to a commit.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// As often as the server.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// The tables that a new user has rows in, and the column that says whose they are.
const TABLES: [(&str, &str); 4] = [
    ("identifiers", "user_id"),
    ("user_keys", "user_id"),
    ("users", "user_id"),
    ("outbox", "subject_id"),
];

type Row = Vec<Value>;

/// The rows of all users of a store, user by user in the order of creation.
#[derive(Debug)]
pub(crate) struct Users {
    inserts: Vec<String>,
    /// Per user the rows, each with the number of its statement.
    rows: Vec<Vec<(usize, Row)>>,
}

/// Reads what the server has written.
pub(crate) fn users(database: &Path) -> Result<Users> {
    let connection = Connection::open(database)?;
    let mut order = connection.prepare("SELECT user_id FROM users ORDER BY rowid")?;
    let order: Vec<String> = order.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let place: HashMap<&str, usize> =
        order.iter().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
    let mut inserts = Vec::new();
    let mut rows = vec![Vec::new(); order.len()];
    for (number, (table, owner)) in TABLES.into_iter().enumerate() {
        let mut select = connection.prepare(&format!("SELECT {owner}, * FROM {table}"))?;
        let columns = select.column_count();
        let marks: Vec<String> = (1..columns).map(|n| format!("?{n}")).collect();
        inserts.push(format!("INSERT INTO {table} VALUES ({})", marks.join(", ")));
        let mut found = select.query([])?;
        while let Some(row) = found.next()? {
            let owner: String = row.get(0)?;
            let values = (1..columns).map(|n| row.get(n)).collect::<Result<Row, _>>()?;
            let of_user = place.get(owner.as_str()).and_then(|n| rows.get_mut(*n));
            of_user.context("a row of nobody")?.push((number, values));
        }
    }
    Ok(Users { inserts, rows })
}

/// Inserts them, on average `group` users to a commit; answers users per second.
pub(crate) fn insert(database: &Path, users: &Users, group: f64) -> Result<f64> {
    let connection = open(database)?;
    let is_done = Arc::new(AtomicBool::new(false));
    let checkpoints = checkpoints(database, Arc::clone(&is_done))?;
    let started = Instant::now();
    let mut done = 0;
    let mut rest = users.rows.as_slice();
    for n in 1_u32.. {
        if rest.is_empty() {
            break;
        }
        let upto = (f64::from(n) * group).round();
        let mut count = 0;
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        while let Some((user, others)) = rest.split_first()
            && (count == 0 || f64::from(done) < upto)
        {
            connection.prepare_cached("SAVEPOINT job")?.execute([])?;
            for (number, row) in user {
                let sql = users.inserts.get(*number).context("no statement")?;
                connection.prepare_cached(sql)?.execute(params_from_iter(row))?;
            }
            connection.prepare_cached("RELEASE job")?.execute([])?;
            rest = others;
            count += 1;
            done += 1;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
    }
    let seconds = started.elapsed().as_secs_f64();
    is_done.store(true, Ordering::Relaxed);
    // It ends with its next look; only a panic of its own makes this fail.
    let _ = checkpoints.join();
    Ok(users.rows.len() as f64 / seconds)
}

/// Set up as the server's writer is.
fn open(database: &Path) -> Result<Connection> {
    let connection = Connection::open(database)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -32 * 1024)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn checkpoints(
    database: &Path,
    is_done: Arc<AtomicBool>,
) -> Result<std::thread::JoinHandle<rusqlite::Result<()>>> {
    let connection = open(database)?;
    Ok(std::thread::spawn(move || {
        let mut last = Instant::now();
        while !is_done.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(20));
            if last.elapsed() >= CHECKPOINT_EVERY {
                connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
                last = Instant::now();
            }
        }
        Ok(())
    }))
}
