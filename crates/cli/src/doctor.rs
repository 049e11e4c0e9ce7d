//! `rollbook doctor`: what is configured, and whether index rows agree with records.

use std::process::ExitCode;

use anyhow::{Result, bail};
use rollbook_store::{
    Error, SqliteSettings, StoreSettings, images, memberships, organization_invitations,
    organizations, transfer, users, waitlist_entries, webhook_endpoints,
};
use rollbook_wire::Id;

use crate::assemble;
use crate::options::Settings;

/// Users looked at in one snapshot.
const SLICE: i64 = 1000;

/// Disagreements shown before it stops looking.
const MAX_SHOWN: usize = 100;

pub(crate) async fn doctor(settings: &Settings) -> Result<ExitCode> {
    println!("{settings}");
    if let StoreSettings::Sqlite(SqliteSettings { path: Some(path), .. }) = &settings.store
        && !path.exists()
    {
        bail!("there is no store at {}", path.display());
    }
    let ctx = assemble::context(settings, String::new()).await?;
    let mut problems = Vec::new();
    for tenant in ctx.catalog.all() {
        let id = tenant.instance.id.clone();
        let n_users = check(&ctx.db, &id, &mut problems).await?;
        println!("{id}  {n_users} users checked");
    }
    problems.extend(ctx.db.read(|conn| users::strays(conn, SLICE)).await?);
    let unfinished = ctx.db.read(transfer::unfinished).await?;
    problems.extend(unfinished.iter().map(|id| {
        format!("{id}: an import of it goes on or was cut short: import it again, or delete it")
    }));
    ctx.db.clone().close().await;
    for problem in problems.iter().take(MAX_SHOWN) {
        println!("PROBLEM {problem}");
    }
    if problems.is_empty() {
        println!("index rows and records agree");
        return Ok(ExitCode::SUCCESS);
    }
    let more = if problems.len() < MAX_SHOWN { "" } else { "at least " };
    println!("{more}{} problems found", problems.len());
    Ok(ExitCode::FAILURE)
}

/// Compares slice by slice, so that writers never wait for long.
async fn check(
    db: &rollbook_store::Db,
    instance: &Id,
    problems: &mut Vec<String>,
) -> Result<usize, Error> {
    let (mut n_users, mut after) = (0, String::new());
    loop {
        let (id, from) = (instance.clone(), after.clone());
        let (n, last, found) = db
            .read(move |conn| {
                let rows = users::rows_after(conn, &id, &from, SLICE)?;
                let mut found = Vec::new();
                for row in &rows {
                    found.extend(users::check_index(conn, &id, row)?);
                }
                let last = rows.last().map(|row| row.text(0).map(ToOwned::to_owned)).transpose()?;
                Ok::<_, Error>((rows.len(), last, found))
            })
            .await?;
        n_users += n;
        problems.extend(found);
        match last {
            Some(last) if problems.len() < MAX_SHOWN => after = last,
            _ => break,
        }
    }
    let id = instance.clone();
    let orphans = db.read(move |conn| {
        let mut found = users::orphans(conn, &id, SLICE)?;
        found.extend(webhook_endpoints::orphans(conn, &id, SLICE)?);
        found.extend(memberships::orphans(conn, &id, SLICE)?);
        found.extend(organization_invitations::orphans(conn, &id, SLICE)?);
        found.extend(organizations::wrong(conn, &id, SLICE)?);
        found.extend(images::orphans(conn, &id, SLICE)?);
        found.extend(waitlist_entries::orphans(conn, &id, SLICE)?);
        Ok::<_, Error>(found)
    });
    problems.extend(orphans.await?);
    Ok(n_users)
}
