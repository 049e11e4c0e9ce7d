//! From portions of rows to users: prepared beside each other, written one after the other.

use std::sync::Arc;
use std::thread::Builder;

use rollbook_domain::{Import, ImportRefusal, ImportStatus, Problem};
use rollbook_import::{Batch, ReadError};
use rollbook_store::imports::{self, StoredImport};
use rollbook_store::{Conn, Db};
use rollbook_wire::Code;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::ImportOptions;
use super::dry_run::refuse_taken;
use super::prepare::{Prepared, prepare};
use super::write::{Portion, Written};
use crate::instances::gather_statistics;
use crate::{Ctx, Error, Result, Tenant};

/// Portions being prepared or waiting to be written, beside the one that is.
const AHEAD: usize = 2;

/// So many new users change how the store had better look them up.
const MANY: i64 = 1000;

/// An import that has been begun.
#[derive(Clone)]
pub struct Job {
    /// Where to.
    pub ctx: Ctx,
    /// Into which instance.
    pub tenant: Arc<Tenant>,
    /// What may pass.
    pub options: ImportOptions,
    /// Where users go if nothing is to be written; see [`scratch`](super::scratch).
    pub dry: Option<Db>,
}

impl Job {
    /// Where the import and its users go.
    pub(super) fn db(&self) -> &Db {
        self.dry.as_ref().unwrap_or(&self.ctx.db)
    }
}

/// Writes all that comes, from where `import` stands; answers what has become of it.
///
/// `told` hears of every portion once it is durable. The channel should be short: what
/// waits in it is memory.
///
/// # Errors
///
/// [`Error::Refused`] if the rest of the source cannot be read; what came before is in.
pub async fn run(
    job: &Job,
    import: StoredImport,
    mut batches: mpsc::Receiver<Result<Batch, ReadError>>,
    mut told: impl FnMut(&Import, &[ImportRefusal]),
) -> Result<Import> {
    let (ahead, mut ready) = mpsc::channel(AHEAD);
    let feeding = job.clone();
    tokio::spawn(async move {
        while let Some(batch) = batches.recv().await {
            let preparing = batch.map(|batch| prepare_beside(feeding.clone(), batch));
            if ahead.send(preparing).await.is_err() {
                break;
            }
        }
    });

    let mut import = import;
    while let Some(preparing) = ready.recv().await {
        let prepared = match preparing {
            Ok(preparing) => preparing?.await,
            Err(error) => {
                let problem = Problem::new(Code::RequestBodyInvalid, unreadable(&error));
                end(job, import, ImportStatus::Failed).await?;
                return Err(Error::refused(problem));
            }
        };
        let prepared = prepared.map_err(|error| Error::internal("prepare an import", error))??;
        match write(job, import, prepared).await? {
            Written::Portion(now, refusals) => {
                told(&now.import, &refusals);
                import = now;
            }
            Written::Ended(now) => return Ok(now.import),
        }
    }
    let done = end(job, import, ImportStatus::Completed).await?;
    if done.accepted >= MANY {
        gather_statistics(job.db()).await;
    }
    Ok(done)
}

/// Prepares a portion on a thread of its own: it keeps a core busy for a while, which
/// neither requests nor the hashing of their passwords should wait for.
fn prepare_beside(job: Job, batch: Batch) -> Result<oneshot::Receiver<Result<Prepared>>> {
    let (answer, prepared) = oneshot::channel();
    let runtime = Handle::current();
    let work = move || {
        // Fails if the import has ended meanwhile.
        let _ = answer.send(runtime.block_on(prepare(&job, batch)));
    };
    let started = Builder::new().name("import".to_owned()).spawn(work);
    started.map(|_| prepared).map_err(|error| Error::internal("start a thread", error))
}

fn unreadable(error: &ReadError) -> String {
    format!("The rest of the rows cannot be read: {error}.")
}

async fn write(job: &Job, import: StoredImport, prepared: Prepared) -> Result<Written> {
    let prepared = if job.dry.is_some() { without_taken(job, prepared).await? } else { prepared };
    let owned = job.clone();
    job.db().write(move |tx| Portion::of(&owned).write(tx, &import, &prepared)).await
}

/// What the store itself has, in a dry run, is not what users go into.
async fn without_taken(job: &Job, prepared: Prepared) -> Result<Prepared> {
    let (owned, mut prepared) = (job.clone(), Some(prepared));
    let reading = move |conn: &mut Conn<'_>| {
        let again = "a snapshot is read once";
        let mut prepared =
            prepared.take().ok_or_else(|| Error::internal("check an import", again))?;
        refuse_taken(conn, &Portion::of(&owned), &mut prepared)?;
        Ok(prepared)
    };
    job.ctx.db.read(reading).await
}

/// Notes how the import ended, unless somebody has ended it otherwise.
async fn end(job: &Job, import: StoredImport, status: ImportStatus) -> Result<Import> {
    let (instance, now) = (job.tenant.instance.id.clone(), job.ctx.clock.now());
    job.db()
        .write(move |tx| {
            let mut after = import.import.clone();
            after.status = status;
            after.updated_at = now;
            if imports::save(tx, &instance, import.version, &after)? {
                return Ok(after);
            }
            let found = imports::find(tx, &instance, &after.id)?;
            found
                .map(|stored| stored.import)
                .ok_or_else(|| Error::not_found("import", after.id.as_str()))
        })
        .await
}
