//! Point reads: many callers share a few connections, their statements in flight at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;
use tokio_postgres::{Client, Statement};

use super::connect::Connector;
use super::error::sort;
use super::rows;
use crate::conn::Failure;
use crate::{Error, Param, Result, Row};

/// A read is tried on a lost connection and on the new one.
const MOST_TRIES: usize = 2;

pub(super) struct PointReads {
    connector: Arc<Connector>,
    lines: Box<[Line]>,
    next: AtomicUsize,
}

/// One shared connection, or the place of one that was lost.
#[derive(Default)]
struct Line {
    link: RwLock<Option<Arc<Link>>>,
    connecting: tokio::sync::Mutex<()>,
}

struct Link {
    client: Client,
    statements: RwLock<HashMap<String, Statement>>,
}

impl PointReads {
    pub(super) fn new(connector: Arc<Connector>, connections: usize) -> Self {
        let lines = (0..connections.max(1)).map(|_| Line::default()).collect();
        Self { connector, lines, next: AtomicUsize::new(0) }
    }

    pub(super) async fn one(&self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.lines.len();
        let Some(line) = self.lines.get(turn) else { return Ok(None) };
        let mut last = None;
        for _ in 0..MOST_TRIES {
            let shared = line.link(&self.connector).await?;
            match shared.one(sql, params).await {
                Ok(row) => return Ok(row),
                Err((failure, is_lost)) => {
                    if is_lost {
                        line.forget(&shared);
                    }
                    if !failure.retry {
                        return Err(failure.error);
                    }
                    last = Some(failure.error);
                }
            }
        }
        Err(last.unwrap_or_else(Error::closed))
    }
}

impl Line {
    async fn link(&self, connector: &Connector) -> Result<Arc<Link>> {
        if let Some(link) = self.live() {
            return Ok(link);
        }
        // One caller connects, the others wait for it.
        let _connecting = self.connecting.lock().await;
        if let Some(link) = self.live() {
            return Ok(link);
        }
        let client = connector.connect().await?;
        let link = Arc::new(Link { client, statements: RwLock::default() });
        *self.link.write() = Some(Arc::clone(&link));
        Ok(link)
    }

    fn live(&self) -> Option<Arc<Link>> {
        self.link.read().as_ref().filter(|link| !link.client.is_closed()).cloned()
    }

    fn forget(&self, lost: &Arc<Link>) {
        let mut link = self.link.write();
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, lost)) {
            *link = None;
        }
    }
}

impl Link {
    async fn one(&self, sql: &str, params: &[Param<'_>]) -> Result<Option<Row>, (Failure, bool)> {
        let sorted = |error| {
            let sorted = sort(error);
            (sorted.failure, sorted.is_lost)
        };
        let statement = self.prepare(sql).await.map_err(sorted)?;
        let params = rows::bind(params);
        let found = self.client.query(&statement, &params).await.map_err(sorted)?;
        let row = found.first().map(rows::read).transpose();
        row.map_err(|error| (Failure::from(error), false))
    }

    /// Point reads are fixed texts, so that this map cannot grow.
    async fn prepare(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.read().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.write().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}
