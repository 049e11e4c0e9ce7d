//! Ban a user: end every session now, refuse new ones until unbanned.

use std::collections::{HashMap, HashSet};

use rollbook_domain::{Problem, User};
use rollbook_store::Conn;
use rollbook_store::users::{self, StoredUser};
use rollbook_wire::{Code, Id};

use super::body::not_found;
use super::write::{Outcome, change, change_locked, hold};
use crate::sessions::{self, Ending};
use crate::{Ctx, Error, Result, Tenant};

/// How many users one bulk request may name.
pub(super) const BULK_LIMIT: usize = 50;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ban {
    /// Ban.
    Set,
    /// Unban; sessions that a ban has ended stay ended.
    Lift,
}

/// Bans or unbans one user; doing it twice is doing it once.
pub async fn ban(ctx: &Ctx, tenant: &Tenant, id: &Id, ban: Ban) -> Result<StoredUser> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    change(ctx, tenant, id, move |tx, user| apply(&ctx_, tx, &instance, user, ban)).await
}

/// Bans or unbans up to 50 users, all or none, and answers them in the order asked.
pub async fn bulk_ban(
    ctx: &Ctx,
    tenant: &Tenant,
    ids: Vec<Id>,
    ban: Ban,
) -> Result<Vec<StoredUser>> {
    if ids.is_empty() {
        return Err(Error::refused(Problem::param(
            Code::FormParamMissing,
            "user_ids",
            "user_ids must name at least one user.",
        )));
    }
    if ids.len() > BULK_LIMIT {
        return Err(Error::refused(Problem::param(
            Code::BulkSizeExceeded,
            "user_ids",
            format!("user_ids must not name more than {BULK_LIMIT} users at once."),
        )));
    }
    // A user named twice counts twice, and is answered once.
    let mut ids = ids;
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            let mut wanted = ids.clone();
            wanted.sort();
            hold(tx, &instance)?;
            let found = users::lock_many(tx, &instance, &wanted)?;
            let mut done: HashMap<Id, StoredUser> = HashMap::new();
            for stored in found {
                let stored = change_locked(&ctx_, tx, &instance, stored, |tx, user| {
                    apply(&ctx_, tx, &instance, user, ban)
                })?;
                done.insert(stored.user.id.clone(), stored);
            }
            if let Some(unknown) = ids.iter().find(|id| !done.contains_key(id)) {
                return Err(not_found(unknown));
            }
            Ok(ids.iter().filter_map(|id| done.remove(id)).collect())
        })
        .await
}

fn apply(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &mut User,
    ban: Ban,
) -> Result<Outcome> {
    let banned = ban == Ban::Set;
    if user.banned == banned {
        return Ok(Outcome::Unchanged);
    }
    user.banned = banned;
    if banned {
        sessions::end_all(ctx, tx, instance, user, Ending::Revoke)?;
    }
    Ok(Outcome::Changed)
}
