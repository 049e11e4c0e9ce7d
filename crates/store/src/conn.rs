//! What a transaction's closure gets: statements, on whichever engine.

use std::sync::Arc;

use crate::directories::Notes;
use crate::job::Hook;
use crate::postgres::Session;
use crate::statement::render;
use crate::{Dialect, Error, Origin, Param, Result, Row, Statement, sqlite};

/// One transaction, or one snapshot, while its closure runs.
///
/// Once a statement has failed nothing of the transaction is committed, even
/// if the closure goes on and returns `Ok`: PostgreSQL would refuse to, and
/// SQLite is made to behave alike.
pub struct Conn<'a> {
    engine: Engine<'a>,
    failure: Option<Failure>,
    hooks: Vec<Hook>,
    origin: Option<Arc<Origin>>,
    notes: Notes,
}

enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Session),
}

/// Why a statement failed, and whether its transaction is worth another run.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) retry: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, retry: false }
    }
}

impl<'a> Conn<'a> {
    pub(crate) fn sqlite(connection: &'a rusqlite::Connection) -> Self {
        Self::new(Engine::Sqlite(connection))
    }

    pub(crate) fn postgres(session: &'a mut Session) -> Self {
        Self::new(Engine::Postgres(session))
    }

    fn new(engine: Engine<'a>) -> Self {
        Self { engine, failure: None, hooks: Vec::new(), origin: None, notes: Notes::default() }
    }

    /// The SQL that this engine speaks.
    pub const fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(_) => Dialect::Sqlite,
            Engine::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows of a statement.
    pub fn query(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let sql = statement.sql(self.dialect())?;
        self.rows(sql, params)
    }

    /// The first row of a statement, if there is any.
    pub fn query_one(
        &mut self,
        statement: &Statement,
        params: &[Param<'_>],
    ) -> Result<Option<Row>> {
        Ok(self.query(statement, params)?.into_iter().next())
    }

    /// Runs a statement that returns no rows; says how many it changed.
    pub fn execute(&mut self, statement: &Statement, params: &[Param<'_>]) -> Result<u64> {
        self.run(statement.sql(self.dialect())?, params)
    }

    /// All rows of a text made at run time, tokens included; prepared and kept like a statement.
    ///
    /// Values go into `params`, never into the text.
    pub fn query_text(&mut self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let sql = render(text, self.dialect())?;
        self.rows(&sql, params)
    }

    /// Runs a text made at run time that returns no rows; says how many it changed.
    pub fn execute_text(&mut self, text: &str, params: &[Param<'_>]) -> Result<u64> {
        let sql = render(text, self.dialect())?;
        self.run(&sql, params)
    }

    /// Runs a text made at run time that returns no rows once for each of `all`; says how
    /// many rows each changed.
    ///
    /// Values go into `all`, never into the text.
    pub(crate) fn execute_each<'p>(
        &mut self,
        text: &str,
        all: impl Iterator<Item = Vec<Param<'p>>>,
    ) -> Result<Vec<u64>> {
        let sql = render(text, self.dialect())?;
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite::execute_each(connection, &sql, all).map_err(Failure::from)
            }
            Engine::Postgres(session) => all.map(|params| session.execute(&sql, &params)).collect(),
        };
        self.note(done)
    }

    /// Runs statements without parameters, tokens included; for definitions of tables.
    pub fn execute_batch(&mut self, text: &str) -> Result<()> {
        let sql = render(text, self.dialect())?;
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite::execute_batch(connection, &sql).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.execute_batch(&sql),
        };
        self.note(done)
    }

    /// Runs `hook` once the transaction is committed and before its caller is answered.
    ///
    /// It runs even if nobody waits for the answer any more, so that caches can
    /// rely on it; never if the transaction is not committed. It must be quick
    /// and must not wait for the store.
    pub fn on_commit(&mut self, hook: impl FnOnce() + Send + 'static) {
        self.hooks.push(Box::new(hook));
    }

    /// Says that a concurrent change won: the transaction is rolled back and,
    /// where one can have happened, the closure runs again.
    pub fn conflict(&mut self) -> Error {
        self.failure.get_or_insert(Failure { error: Error::Conflict, retry: true }).error.clone()
    }

    /// The request that the transaction runs for, if it is one's.
    pub(crate) fn origin(&self) -> Option<&Arc<Origin>> {
        self.origin.as_ref()
    }

    pub(crate) fn set_origin(&mut self, origin: Option<Arc<Origin>>) {
        self.origin = origin;
    }

    /// Where to note which users a statement changes; on PostgreSQL nobody asks.
    pub(crate) fn notes(&mut self) -> &mut Notes {
        &mut self.notes
    }

    pub(crate) fn take_notes(&mut self) -> Notes {
        std::mem::take(&mut self.notes)
    }

    /// Has the engine check a statement against the schema.
    #[cfg(test)]
    pub(crate) fn prepare(&mut self, statement: &Statement) -> Result<()> {
        let sql = statement.sql(self.dialect())?;
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => connection
                .prepare(sql)
                .map(drop)
                .map_err(|source| Error::internal("prepare a statement", source).into()),
            Engine::Postgres(session) => session.prepare(sql).map(drop),
        };
        self.note(done)
    }

    pub(crate) const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    pub(crate) fn take_hooks(&mut self) -> Vec<Hook> {
        std::mem::take(&mut self.hooks)
    }

    fn run(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64> {
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite::execute(connection, sql, params).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.execute(sql, params),
        };
        self.note(done)
    }

    fn rows(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
        let done = match &mut self.engine {
            Engine::Sqlite(connection) => {
                sqlite::query(connection, sql, params).map_err(Failure::from)
            }
            Engine::Postgres(session) => session.query(sql, params),
        };
        self.note(done)
    }

    fn note<T>(&mut self, done: Result<T, Failure>) -> Result<T> {
        done.map_err(|failure| {
            let error = failure.error.clone();
            self.failure.get_or_insert(failure);
            error
        })
    }
}
