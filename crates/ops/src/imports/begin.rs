//! Begin an import, or find the one of the same source to go on with.

use rollbook_domain::{Import, ImportPosition, ImportStatus};
use rollbook_store::imports::{self, StoredImport};
use rollbook_wire::Prefix;

use super::Job;
use crate::users::hold;
use crate::{Error, Result};

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// A digest of the files and the options; without one nothing is ever gone on with.
    pub source: Option<String>,
    /// The name of the format.
    pub format: String,
    /// Whether what an earlier import of the source did is forgotten; its users stay.
    pub restart: bool,
}

/// An import, and whether it was begun before.
#[derive(Debug, Clone)]
pub struct Begun {
    /// Where it stands.
    pub import: StoredImport,
    /// An earlier run has left it there.
    pub is_resumed: bool,
}

/// The import of the source, made if there is none.
///
/// One that was cancelled or could not be read runs again; one that is completed stays so.
pub async fn begin(job: &Job, new: NewImport) -> Result<Begun> {
    let (ctx, tenant) = (&job.ctx, &job.tenant);
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Import, now);
    let import = Import {
        source: new.source.unwrap_or_else(|| id.to_string()),
        id,
        status: ImportStatus::Running,
        format: new.format,
        position: ImportPosition::default(),
        accepted: 0,
        refused: 0,
        created_at: now,
        updated_at: now,
    };
    let (instance, restart) = (tenant.instance.id.clone(), new.restart);
    job.db()
        .write(move |tx| {
            hold(tx, &instance)?;
            let before = imports::of_source(tx, &instance, &import.source)?;
            if let Some(mut stored) = before {
                if restart {
                    imports::delete(tx, &instance, &stored.import.id)?;
                } else {
                    resume(&mut stored.import, now);
                    if !imports::save(tx, &instance, stored.version, &stored.import)? {
                        return Err(tx.conflict().into());
                    }
                    stored.version += 1;
                    return Ok(Begun { import: stored, is_resumed: true });
                }
            }
            if !imports::insert(tx, &instance, &import)? {
                return Err(tx.conflict().into());
            }
            let import = StoredImport { import: import.clone(), version: 1 };
            Ok::<_, Error>(Begun { import, is_resumed: false })
        })
        .await
}

/// The import of this source that an earlier run has left, if there is one.
pub async fn of_source(job: &Job, source: &str) -> Result<Option<Import>> {
    let (instance, source) = (job.tenant.instance.id.clone(), source.to_owned());
    job.db()
        .read(move |conn| {
            let found = imports::of_source(conn, &instance, &source)?;
            Ok(found.map(|stored| stored.import))
        })
        .await
}

fn resume(import: &mut Import, now: i64) {
    match import.status {
        ImportStatus::Running | ImportStatus::Cancelled | ImportStatus::Failed => {
            import.status = ImportStatus::Running;
        }
        ImportStatus::Completed => {}
    }
    import.updated_at = now;
}
