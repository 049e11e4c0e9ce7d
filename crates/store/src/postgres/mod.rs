//! PostgreSQL: threads with a connection each for transactions, and a few
//! shared connections for point reads.

mod connect;
mod error;
mod points;
mod rows;
mod session;
mod tls;
mod workers;

use std::sync::Arc;

use self::connect::Connector;
use self::points::PointReads;
use self::session::Mode;
pub(crate) use self::session::Session;
use crate::job::Jobs;
use crate::settings::PostgresSettings;
use crate::threads::Threads;
use crate::{Dialect, Param, Result, Row, Statement};

/// How many jobs may wait before their callers do.
const QUEUE_LENGTH: usize = 1024;

/// The threads and connections of one open store.
pub(crate) struct Postgres {
    pub(crate) writes: Arc<Jobs>,
    pub(crate) reads: Arc<Jobs>,
    points: PointReads,
    connector: Arc<Connector>,
}

impl Postgres {
    /// Connects once, to learn early of a wrong address, and starts the
    /// threads; does not migrate.
    pub(crate) async fn open(settings: &PostgresSettings, threads: &Threads) -> Result<Self> {
        let connector = Arc::new(Connector::new(settings)?);
        drop(connector.connect().await?);
        let engine = Self {
            writes: Arc::new(Jobs::new(QUEUE_LENGTH)),
            reads: Arc::new(Jobs::new(QUEUE_LENGTH)),
            points: PointReads::new(Arc::clone(&connector), settings.point_connections),
            connector: Arc::clone(&connector),
        };
        let writers = settings.write_connections.max(1);
        workers::start(writers, Mode::Write, &connector, &engine.writes, threads)?;
        let readers = settings.read_connections.max(1);
        workers::start(readers, Mode::Read, &connector, &engine.reads, threads)?;
        Ok(engine)
    }

    /// Starts one more reader, which ends when its queue is closed.
    pub(crate) fn start_reader(&self, jobs: &Arc<Jobs>, threads: &Threads) -> Result<()> {
        workers::start(1, Mode::Read, &self.connector, jobs, threads)
    }

    /// The first row of a statement, pipelined with those of other callers.
    pub(crate) async fn one(
        &self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>> {
        self.points.one(statement.sql(Dialect::Postgres)?, params).await
    }

    /// Lets the threads finish what is queued, and stop.
    pub(crate) fn close(&self) {
        self.writes.close();
        self.reads.close();
    }
}

/// Also when opening fails half-way.
impl Drop for Postgres {
    fn drop(&mut self) {
        self.close();
    }
}
