//! Point reads, inline on the calling thread.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use rusqlite::Connection;

use super::exec;
use super::open::Place;
use crate::{Param, Result, Row};

/// As many read-only connections as there are workers, opened when first used.
///
/// Each thread has a number and by it a connection of its own, so that the
/// lock is free unless there are more threads than connections. The store owns
/// them, so that they close with it, whichever threads live on.
pub(super) struct PointReads {
    place: Arc<Place>,
    slots: Box<[Mutex<Option<Connection>>]>,
}

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static NUMBER: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
}

impl PointReads {
    pub(super) fn new(place: Arc<Place>, connections: usize) -> Self {
        let slots = (0..connections.max(1)).map(|_| Mutex::new(None)).collect();
        Self { place, slots }
    }

    pub(super) fn one(&self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        let Some(mut slot) = self.slot() else { return Ok(None) };
        let connection = match &mut *slot {
            Some(connection) => connection,
            empty => empty.insert(self.place.open_reader()?),
        };
        exec::query_one(connection, sql, params)
    }

    /// This thread's slot, else any that is free, else a wait for this thread's.
    fn slot(&self) -> Option<MutexGuard<'_, Option<Connection>>> {
        let number = NUMBER.with(Cell::get) % self.slots.len();
        let (before, from) = self.slots.split_at(number);
        let free = from.iter().chain(before).find_map(Mutex::try_lock);
        free.or_else(|| from.first().map(Mutex::lock))
    }
}
