//! The embedded engine: one writer with group commit, readers beside it, a
//! thread for checkpoints.

mod checkpoint;
mod exec;
mod open;
mod points;
mod readers;
mod user_reader;
mod wal;
mod writer;

use std::sync::Arc;

pub(crate) use self::exec::{execute, execute_batch, execute_each, query};
use self::open::Place;
use self::points::PointReads;
pub(crate) use self::user_reader::UserReader;
use self::wal::Wal;
use crate::directories::{Directories, Upkeep};
use crate::job::Jobs;
use crate::settings::SqliteSettings;
use crate::threads::Threads;
use crate::{Dialect, Param, Result, Row, Statement};

/// How many jobs may wait before their callers do.
const QUEUE_LENGTH: usize = 1024;

/// The threads and connections of one open store.
pub(crate) struct Sqlite {
    pub(crate) writes: Arc<Jobs>,
    pub(crate) reads: Arc<Jobs>,
    pub(crate) wal: Arc<Wal>,
    pub(crate) directories: Arc<Directories>,
    points: PointReads,
    place: Arc<Place>,
}

impl Sqlite {
    /// Opens the file and starts the threads; does not migrate.
    pub(crate) fn open(settings: &SqliteSettings, threads: &Threads) -> Result<Self> {
        let place = Arc::new(Place::prepare(settings)?);
        // The writer comes first: it makes the file and turns the WAL on.
        let writer = place.open_writer()?;
        let wal = Arc::new(Wal::of(place.path()));
        let engine = Self {
            writes: Arc::new(Jobs::new(QUEUE_LENGTH)),
            reads: Arc::new(Jobs::new(QUEUE_LENGTH)),
            wal: Arc::clone(&wal),
            directories: Arc::default(),
            points: PointReads::new(Arc::clone(&place), settings.readers),
            place: Arc::clone(&place),
        };
        checkpoint::start(&place, &wal, threads)?;
        readers::start(settings.readers.max(1), &place, &engine.reads, threads)?;
        let directories = Arc::clone(&engine.directories);
        writer::start(writer, place, &engine.writes, wal, directories, threads)?;
        Ok(engine)
    }

    /// Starts one more reader, which ends when its queue is closed.
    pub(crate) fn start_reader(&self, jobs: &Arc<Jobs>, threads: &Threads) -> Result<()> {
        readers::start(1, &self.place, jobs, threads)
    }

    /// The first row of a statement, read on the calling thread.
    pub(crate) fn one(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Option<Row>> {
        self.points.one(statement.sql(Dialect::Sqlite)?, params)
    }

    /// Starts the thread that keeps directories of users, in so much memory at most.
    pub(crate) fn keep_directories(&self, most_bytes: usize, threads: &Threads) -> Result<()> {
        let directories = Arc::clone(&self.directories);
        let reader = UserReader::new(Arc::clone(&self.place));
        directories.begin();
        let upkeep = Upkeep { directories, reader, most_bytes };
        threads.start("store-directory", move || upkeep.run())
    }

    /// Lets the threads finish what is queued, and stop.
    pub(crate) fn close(&self) {
        self.directories.close();
        self.writes.close();
        self.reads.close();
        self.wal.stop();
    }
}

/// Also when opening fails half-way.
impl Drop for Sqlite {
    fn drop(&mut self) {
        self.close();
    }
}
