//! A connection that one thread owns, for transactions in plain, blocking code.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Statement};

use super::connect::Connector;
use super::error::{Sorted, sort};
use super::rows;
use crate::conn::Failure;
use crate::{Error, Param, Result, Row};

/// Past this the statements made at run time have too many shapes to keep.
const MOST_STATEMENTS: usize = 512;

/// What the transactions of a thread may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Write,
    Read,
}

/// What became of a commit.
pub(super) enum Committed {
    Yes,
    /// Nothing was applied.
    No(Failure),
    /// The connection was lost on the way; nobody knows.
    Unknown(Error),
}

/// One connection, made when needed, with its prepared statements.
///
/// The runtime is the thread's own, so that a statement costs no hop to
/// another thread; the connection is driven whenever the session waits for it.
pub(crate) struct Session {
    runtime: Runtime,
    connector: Arc<Connector>,
    connection: Option<Connection>,
}

struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Session {
    pub(super) fn new(connector: Arc<Connector>) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Error::unavailable)?;
        Ok(Self { runtime, connector, connection: None })
    }

    /// Begins a transaction, connecting first if need be.
    pub(super) fn begin(&mut self, mode: Mode) -> Result<(), Failure> {
        // Lets the runtime notice that the server has hung up since the last use.
        self.runtime.block_on(tokio::task::yield_now());
        if self.connection.as_ref().is_none_or(|connection| connection.client.is_closed()) {
            self.connection = None;
            let connected = self.runtime.block_on(self.connector.connect());
            let client = connected.map_err(|error| Failure { error, retry: true })?;
            self.connection = Some(Connection { client, statements: HashMap::new() });
        }
        self.execute_batch(match mode {
            Mode::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        })
    }

    pub(super) fn commit(&mut self) -> Committed {
        let Some(connection) = &self.connection else { return Committed::No(lost()) };
        if connection.client.is_closed() {
            self.connection = None;
            return Committed::No(lost());
        }
        let Err(error) = self.runtime.block_on(connection.client.batch_execute("COMMIT")) else {
            return Committed::Yes;
        };
        // An answer of the server is a "no", save when it says that it cannot tell.
        let is_answered = error.code().is_some_and(|code| {
            *code != tokio_postgres::error::SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN
                && !code.code().starts_with("57P")
                && !code.code().starts_with("08")
        });
        let failure = self.sorted(sort(error));
        if is_answered {
            return Committed::No(failure);
        }
        self.connection = None;
        Committed::Unknown(Error::unavailable(failure.error))
    }

    /// Rolls back; a connection that cannot is dropped, which does the same.
    pub(super) fn rollback(&mut self) {
        if self.connection.is_some() && self.execute_batch("ROLLBACK").is_err() {
            self.connection = None;
        }
    }

    pub(crate) fn query(&mut self, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        let statement = self.prepare(sql)?;
        let Some(connection) = &self.connection else { return Err(lost()) };
        let params = rows::bind(params);
        match self.runtime.block_on(connection.client.query(&statement, &params)) {
            Ok(found) => found.iter().map(rows::read).collect::<Result<_>>().map_err(Failure::from),
            Err(error) => Err(self.sorted(sort(error))),
        }
    }

    pub(crate) fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<u64, Failure> {
        let statement = self.prepare(sql)?;
        let Some(connection) = &self.connection else { return Err(lost()) };
        let params = rows::bind(params);
        let changed = self.runtime.block_on(connection.client.execute(&statement, &params));
        changed.map_err(|error| self.sorted(sort(error)))
    }

    pub(crate) fn execute_batch(&mut self, sql: &str) -> Result<(), Failure> {
        let Some(connection) = &self.connection else { return Err(lost()) };
        let done = self.runtime.block_on(connection.client.batch_execute(sql));
        done.map_err(|error| self.sorted(sort(error)))
    }

    pub(crate) fn prepare(&mut self, sql: &str) -> Result<Statement, Failure> {
        let Some(connection) = &mut self.connection else { return Err(lost()) };
        if let Some(statement) = connection.statements.get(sql) {
            return Ok(statement.clone());
        }
        match self.runtime.block_on(connection.client.prepare(sql)) {
            Ok(statement) => {
                if connection.statements.len() >= MOST_STATEMENTS {
                    connection.statements.clear();
                }
                connection.statements.insert(sql.to_owned(), statement.clone());
                Ok(statement)
            }
            Err(error) => Err(self.sorted(sort(error))),
        }
    }

    fn sorted(&mut self, sorted: Sorted) -> Failure {
        if sorted.is_lost {
            self.connection = None;
        }
        sorted.failure
    }
}

fn lost() -> Failure {
    Failure { error: Error::unavailable("the connection is lost"), retry: true }
}
