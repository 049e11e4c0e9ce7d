//! The store: transactions as closures, snapshots, point reads.

use std::sync::Arc;

use crate::directories::{Directories, DirectoryStats};
use crate::job::{self, Jobs};
use crate::migrate::{self, MIGRATIONS, Migration};
use crate::postgres::Postgres;
use crate::settings::StoreSettings;
use crate::sqlite::Sqlite;
use crate::threads::Threads;
use crate::users;
use crate::{Conn, Dialect, Error, Param, Result, Row, Statement};

/// An open store; clones share it.
///
/// Dropping the last clone lets the threads finish what is queued;
/// [`Db::close`] also waits for them.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Engine,
    threads: Threads,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// What an operator wants to see of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DbStats {
    /// Transactions that wait for their turn.
    pub queued_writes: usize,
    /// Snapshots that wait for their turn.
    pub queued_reads: usize,
    /// Size of the write-ahead log; 0 on PostgreSQL.
    pub wal_bytes: u64,
    /// Commits of the writer since the start, each of many transactions; 0 on PostgreSQL.
    pub group_commits: u64,
}

impl Db {
    /// Opens the store and migrates it to the schema and the index rows of this release.
    ///
    /// # Errors
    ///
    /// [`Error::NewerStore`] if a later release has migrated it,
    /// [`Error::Locked`], [`Error::Corrupt`], [`Error::Unavailable`] and
    /// [`Error::Misconfigured`] as they say.
    pub async fn open(settings: &StoreSettings) -> Result<Self> {
        let db = Self::open_with(settings, MIGRATIONS).await?;
        if let Err(error) = users::rebuild(&db).await {
            db.close().await;
            return Err(error);
        }
        Ok(db)
    }

    pub(crate) async fn open_with(
        settings: &StoreSettings,
        migrations: &'static [Migration],
    ) -> Result<Self> {
        let threads = Threads::new();
        let engine = match settings {
            StoreSettings::Sqlite(settings) => Engine::Sqlite(Sqlite::open(settings, &threads)?),
            StoreSettings::Postgres(settings) => {
                Engine::Postgres(Postgres::open(settings, &threads).await?)
            }
        };
        let db = Self(Arc::new(Inner { engine, threads }));
        if let Err(error) = migrate::run(&db, migrations).await {
            // So that nothing of it is left when the operator reads why.
            db.close().await;
            return Err(error);
        }
        Ok(db)
    }

    /// The SQL that this engine speaks.
    pub fn dialect(&self) -> Dialect {
        match &self.0.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs `transaction` and commits it; answers once it is durable.
    ///
    /// An `Err` rolls back, and is itself answered only after the commit of
    /// whatever it may have seen. On PostgreSQL the closure may run several
    /// times, each in a new transaction (READ COMMITTED), until one is not
    /// undone by a concurrent one; so it must do nothing outside of `Conn` but
    /// through [`Conn::on_commit`]. It runs to its end even if the caller has
    /// gone, unless it had not begun. It must not wait for the store itself.
    ///
    /// # Errors
    ///
    /// What the closure returned; or, made with `From`, [`Error::Unavailable`]
    /// if it could not be committed (after a connection lost in the middle of
    /// a commit nobody knows) and [`Error::Internal`] if the closure panicked.
    pub async fn write<T, E, F>(&self, transaction: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        job::submit(self.0.writes(), transaction).await
    }

    /// Runs `reading` over one consistent snapshot of all that is committed.
    ///
    /// # Errors
    ///
    /// As [`Db::write`]; a statement that writes fails.
    pub async fn read<T, E, F>(&self, reading: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        job::submit(self.0.reads(), reading).await
    }

    /// As [`Db::read`], but on a thread and a connection of its own, for what takes so long
    /// that lists and counts must not wait for it.
    ///
    /// The snapshot keeps the write-ahead log of an embedded store from beginning anew.
    pub async fn read_aside<T, E, F>(&self, reading: F) -> Result<T, E>
    where
        F: FnMut(&mut Conn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let jobs = Closing(Arc::new(Jobs::new(1)));
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.start_reader(&jobs.0, &self.0.threads)?,
            Engine::Postgres(postgres) => postgres.start_reader(&jobs.0, &self.0.threads)?,
        }
        job::submit(&jobs.0, reading).await
    }

    /// The first row of a statement that finds it by a key.
    ///
    /// Sees every write that was answered before. On SQLite it runs on the
    /// calling thread, so that anything slower belongs into [`Db::read`].
    pub async fn one(&self, statement: &Statement, params: &[Param<'_>]) -> Result<Option<Row>> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => {
                // A task that only ever reads would starve the runtime's timers.
                tokio::task::coop::consume_budget().await;
                sqlite.one(statement, params)
            }
            Engine::Postgres(postgres) => postgres.one(statement, params).await,
        }
    }

    /// Whether the store answers.
    pub async fn ping(&self) -> Result<()> {
        static PING: Statement = Statement::new("PING", "SELECT value FROM meta WHERE key = $1");
        let row = self.one(&PING, &["schema_version".into()]).await?;
        row.map(drop).ok_or_else(|| Error::unavailable("the store has no schema"))
    }

    /// How busy the store is.
    pub fn stats(&self) -> DbStats {
        let (wal_bytes, group_commits) = match &self.0.engine {
            Engine::Sqlite(sqlite) => (sqlite.wal.bytes(), sqlite.wal.commits()),
            Engine::Postgres(_) => (0, 0),
        };
        DbStats {
            queued_writes: self.0.writes().len(),
            queued_reads: self.0.reads().len(),
            wal_bytes,
            group_commits,
        }
    }

    /// Keeps directories of all users in memory from now on, so that lists and counts are
    /// answered from there; on PostgreSQL, where others write too, it does nothing.
    ///
    /// They are read by a thread of their own; SQL answers until then, and for instances that
    /// do not fit into `most_bytes`.
    pub fn keep_directories(&self, most_bytes: usize) -> Result<()> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.keep_directories(most_bytes, &self.0.threads),
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// Whether lists and counts are as quick as they will be: the directories, if they are
    /// wanted, have been read.
    pub fn is_warm(&self) -> bool {
        self.directories().is_none_or(|directories| directories.is_ready())
    }

    /// How large the directories are, and how often they were of use; zeros on PostgreSQL.
    pub fn directory_stats(&self) -> DirectoryStats {
        self.directories().map(|directories| directories.stats()).unwrap_or_default()
    }

    /// The directories, if they are wanted.
    pub(crate) fn directories(&self) -> Option<&Arc<Directories>> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => sqlite.directories.is_wanted().then_some(&sqlite.directories),
            Engine::Postgres(_) => None,
        }
    }

    /// Refuses new work, finishes what is queued, checkpoints, and waits until
    /// every thread has ended. Other clones find the store closed.
    pub async fn close(self) {
        self.0.shut();
        self.0.threads.ended().await;
    }
}

/// Ends the thread of a queue, also when nobody waits for it any more.
struct Closing(Arc<Jobs>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Inner {
    fn writes(&self) -> &Jobs {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.writes,
            Engine::Postgres(postgres) => &postgres.writes,
        }
    }

    fn reads(&self) -> &Jobs {
        match &self.engine {
            Engine::Sqlite(sqlite) => &sqlite.reads,
            Engine::Postgres(postgres) => &postgres.reads,
        }
    }

    fn shut(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close(),
            Engine::Postgres(postgres) => postgres.close(),
        }
    }
}

#[cfg(test)]
mod tests;
