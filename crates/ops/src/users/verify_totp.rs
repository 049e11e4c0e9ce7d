//! Verify a code of the authenticator app, or consume a backup code.

use rollbook_domain::{Problem, TotpSecret, User, looks_like_totp, oldest_totp_step};
use rollbook_store::credentials::{self, BackupCode, Kind, Owner};
use rollbook_store::users;
use rollbook_wire::{Code, Id};
use zeroize::Zeroizing;

use super::get;
use super::secrets::matches_backup_code;
use super::write::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// What kind of code it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeType {
    /// Of the authenticator app; good once.
    Totp,
    /// A backup code; gone now.
    BackupCode,
}

impl CodeType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::BackupCode => "backup_code",
        }
    }
}

/// Says what kind of code `code` was, if it is right.
///
/// Six digits are tried as the app's first; everything else, and six digits
/// that are not, as a backup code. Failures do not count towards a lock.
pub async fn verify_totp(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    code: Zeroizing<String>,
) -> Result<CodeType> {
    let user = get(ctx, tenant, id).await?.user;
    if !user.totp_enabled {
        return Err(Error::refused(Problem::new(
            Code::TotpDisabled,
            "This user has no authenticator app.",
        )));
    }
    if looks_like_totp(&code) && app(ctx, tenant, id, code.clone()).await? {
        return Ok(CodeType::Totp);
    }
    if user.backup_code_enabled && backup(ctx, tenant, id, code.clone()).await? {
        return Ok(CodeType::BackupCode);
    }
    Err(Error::refused(wrong(&user, &code)))
}

/// Whether the code is the app's and was not used before.
async fn app(ctx: &Ctx, tenant: &Tenant, id: &Id, code: Zeroizing<String>) -> Result<bool> {
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            // Lest a seed is replaced or its user deleted between the look and the note.
            if users::lock(tx, &instance, &id)?.is_none() {
                return Ok(false);
            }
            let owner = Owner { instance: &instance, user: &id };
            let secrets = credentials::open(tx, &ctx_.vault, owner, Kind::Totp)?;
            let now = ctx_.clock.now();
            let secret = secrets.into_iter().next().and_then(TotpSecret::from_bytes);
            let Some(step) = secret.and_then(|secret| secret.step_of(&code, now)) else {
                return Ok(false);
            };
            Ok(credentials::use_totp_step(tx, owner, step, oldest_totp_step(now))?)
        })
        .await
}

/// Whether the code is one of the backup codes; it is consumed by one request alone.
async fn backup(ctx: &Ctx, tenant: &Tenant, id: &Id, code: Zeroizing<String>) -> Result<bool> {
    let (ctx_, instance, user) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let codes = ctx
        .db
        .read(move |conn| {
            let owner = Owner { instance: &instance, user: &user };
            Ok::<_, Error>(credentials::backup_codes(conn, &ctx_.vault, owner)?)
        })
        .await?;
    // Imported codes are bcrypt digests: slow, so not on the store's threads, and
    // one job for each, so that others get their turn in between.
    for stored in codes {
        let (digest, code) = (stored.digest.clone(), code.clone());
        let matches = move |scratch: &mut _| matches_backup_code(&digest, &code, scratch);
        if ctx.passwords.run(matches).await? {
            return consume(ctx, tenant, id, stored).await;
        }
    }
    Ok(false)
}

async fn consume(ctx: &Ctx, tenant: &Tenant, id: &Id, code: BackupCode) -> Result<bool> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let done = change(ctx, tenant, id, move |tx, user| {
        let owner = Owner { instance: &instance, user: &user.id };
        if !credentials::consume(tx, owner, &code)? {
            return Err(Error::refused(incorrect()));
        }
        user.backup_code_enabled = !credentials::backup_codes(tx, &ctx_.vault, owner)?.is_empty();
        Ok(Outcome::Changed)
    })
    .await;
    match done {
        Ok(_) => Ok(true),
        // Another request was faster.
        Err(Error::Refused(problems))
            if problems.iter().any(|p| p.code == Code::TotpIncorrectCode) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// A text that can be no code of this user has the wrong length.
fn wrong(user: &User, code: &str) -> Problem {
    let digits_only = code.bytes().all(|b| b.is_ascii_digit());
    let could_be_backup_code = user.backup_code_enabled && !(digits_only && code.len() < 6);
    if looks_like_totp(code) || could_be_backup_code {
        return incorrect();
    }
    Problem::param(Code::TotpInvalidLength, "code", "code must have six digits.")
}

fn incorrect() -> Problem {
    Problem::param(Code::TotpIncorrectCode, "code", "The code is not a valid one.")
}
