//! Checkpoints beside the writer, so that no commit waits for one.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::exec::driver;
use super::open::Place;
use super::wal::Wal;
use crate::Result;
use crate::threads::Threads;

const INTERVAL: Duration = Duration::from_secs(1);

/// The log is begun anew once it has grown past this many pages of 4 KiB.
const RESTART_PAGES: i64 = 4096;

/// Few enough pages for the writer to checkpoint by itself on restart.
const SMALL_REST: i64 = 1024;

/// The writer may be faster than the checkpoints; they need not catch up.
const MOST_PASSES: usize = 4;

/// Starts the thread; it ends when the WAL is stopped.
pub(super) fn start(place: &Arc<Place>, wal: &Arc<Wal>, threads: &Threads) -> Result<()> {
    let connection = place.open_writer()?;
    let (place, wal) = (Arc::clone(place), Arc::clone(wal));
    threads.start("store-checkpoint", move || {
        let mut seen = 0;
        while wal.sleep(INTERVAL) {
            let commits = wal.commits();
            if commits == seen {
                continue;
            }
            seen = commits;
            if let Err(error) = catch_up(&connection, &wal) {
                tracing::warn!(error = &error as &dyn std::error::Error, "a checkpoint failed");
            }
        }
        drop(connection);
        drop(place);
    })
}

fn catch_up(connection: &Connection, wal: &Wal) -> Result<()> {
    let mut done_before = 0;
    for _ in 0..MOST_PASSES {
        let Checkpoint { log, done, .. } = checkpoint(connection, "PASSIVE")?;
        let rest = log - done_before;
        done_before = done;
        if rest <= SMALL_REST || done < log {
            break;
        }
    }
    // Writers reuse a log that is wholly checkpointed by themselves, unless
    // they never pause; then one of them has to finish it.
    if done_before > RESTART_PAGES {
        wal.ask_for_restart();
    }
    Ok(())
}

/// What `PRAGMA wal_checkpoint` answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checkpoint {
    /// Somebody was in the way.
    pub(super) is_blocked: bool,
    /// Pages in the log.
    pub(super) log: i64,
    /// Pages of the log that are in the database.
    pub(super) done: i64,
}

pub(super) fn checkpoint(connection: &Connection, mode: &str) -> Result<Checkpoint> {
    connection
        .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            Ok(Checkpoint {
                is_blocked: row.get::<_, i64>(0)? != 0,
                log: row.get(1)?,
                done: row.get(2)?,
            })
        })
        .map_err(driver)
}
