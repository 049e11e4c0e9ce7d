//! Take second factors away: all of them, the authenticator app, the backup codes.

use rollbook_domain::User;
use rollbook_store::Conn;
use rollbook_store::credentials::{self, Kind, Owner};
use rollbook_wire::Id;

use super::write::{Outcome, change};
use crate::{Ctx, Result, Tenant};

/// Switches off every second factor at once; passkeys stay.
pub async fn disable_mfa(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<()> {
    remove(ctx, tenant, id, |user| {
        user.totp_enabled = false;
        user.backup_code_enabled = false;
        for phone in &mut user.phone_numbers {
            phone.reserved_for_second_factor = false;
        }
    })
    .await
}

/// Removes the authenticator app; backup codes go too if it was the last
/// second factor, since they stand in for another one.
pub async fn delete_totp(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<()> {
    remove(ctx, tenant, id, |user| {
        let had = user.totp_enabled;
        user.totp_enabled = false;
        if had && !user.two_factor_enabled() {
            user.backup_code_enabled = false;
        }
    })
    .await
}

/// Removes the backup codes.
pub async fn delete_backup_codes(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<()> {
    remove(ctx, tenant, id, |user| user.backup_code_enabled = false).await
}

/// Changes the record and deletes the secrets it no longer speaks of; a user
/// with nothing to remove stays as it is.
async fn remove(ctx: &Ctx, tenant: &Tenant, id: &Id, step: fn(&mut User)) -> Result<()> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    change(ctx, tenant, id, move |tx, user| {
        let before = user.clone();
        step(user);
        if *user == before {
            return Ok(Outcome::Unchanged);
        }
        delete_secrets(&ctx_, tx, &instance, user)?;
        Ok(Outcome::Changed)
    })
    .await
    .map(drop)
}

/// Removes the backup codes of a user who has just lost the last second factor,
/// since they stand in for another one.
pub(crate) fn forget_orphaned_codes(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    before: &User,
    user: &mut User,
) -> Result<()> {
    if !before.two_factor_enabled() || user.two_factor_enabled() || !user.backup_code_enabled {
        return Ok(());
    }
    user.backup_code_enabled = false;
    delete_secrets(ctx, tx, instance, user)
}

fn delete_secrets(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &User) -> Result<()> {
    let owner = Owner { instance, user: &user.id };
    if !user.totp_enabled {
        credentials::replace(tx, &ctx.vault, owner, Kind::Totp, &[])?;
    }
    if !user.backup_code_enabled {
        credentials::replace(tx, &ctx.vault, owner, Kind::BackupCode, &[])?;
    }
    Ok(())
}
