//! What has become of imports, and the end of one that is not wanted any more.

use rollbook_domain::{Import, ImportRefusal, ImportStatus};
use rollbook_store::imports;
use rollbook_wire::Id;

use crate::{Ctx, Error, Result, Tenant};

/// Part of a list, and how long it is.
#[derive(Debug, Clone)]
pub struct Refusals {
    /// In the order of the source.
    pub refusals: Vec<ImportRefusal>,
    /// How many there are in all.
    pub total_count: i64,
}

/// `limit` imports after the newest `offset`, and how many there are.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Import>, i64)> {
    let instance = tenant.instance.id.clone();
    ctx.db
        .read(move |conn| {
            let page = imports::page(conn, &instance, limit, offset)?;
            let page = page.into_iter().map(|stored| stored.import).collect();
            Ok((page, imports::count(conn, &instance)?))
        })
        .await
}

/// The import with this id.
pub async fn get(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Import> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            let found = imports::find(conn, &instance, &id)?;
            found.map(|stored| stored.import).ok_or_else(|| not_found(&id))
        })
        .await
}

/// `limit` rows that the import refused, after the first `offset`.
pub async fn refusals(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    limit: i64,
    offset: i64,
) -> Result<Refusals> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            let import = imports::find(conn, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            let refusals = imports::refusals(conn, &instance, &id, limit, offset)?;
            Ok(Refusals { refusals, total_count: import.import.refused })
        })
        .await
}

/// Ends an import after the portion that is being written; what is in stays.
///
/// One that has ended already is left as it is.
pub async fn cancel(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Import> {
    end_running(ctx, tenant, id, ImportStatus::Cancelled).await
}

/// Ends an import that broke off and that nobody can go on with; what is in stays.
///
/// One that has ended already is left as it is.
pub async fn fail(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Import> {
    end_running(ctx, tenant, id, ImportStatus::Failed).await
}

async fn end_running(ctx: &Ctx, tenant: &Tenant, id: &Id, status: ImportStatus) -> Result<Import> {
    let (instance, id, now) = (tenant.instance.id.clone(), id.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            let mut stored = imports::find(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            if stored.import.status != ImportStatus::Running {
                return Ok(stored.import);
            }
            stored.import.status = status;
            stored.import.updated_at = now;
            if !imports::save(tx, &instance, stored.version, &stored.import)? {
                return Err(tx.conflict().into());
            }
            Ok(stored.import)
        })
        .await
}

fn not_found(id: &Id) -> Error {
    Error::not_found("import", id.as_str())
}
