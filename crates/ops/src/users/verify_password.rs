//! Verify a password: right, wrong, or none set.

use rollbook_domain::Problem;
use rollbook_password::{Digest, Hasher, Password};
use rollbook_store::credentials::{self, Owner};
use rollbook_wire::{Code, Id};
use zeroize::Zeroizing;

use super::get;
use crate::{Ctx, Error, Result, Tenant};

/// Says nothing when the password is right.
///
/// The caller is trusted: a failure does not count towards a lock, and locked
/// or banned users are verified like any other.
pub async fn verify_password(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    mut password: Zeroizing<String>,
) -> Result<()> {
    let instance = &tenant.instance.id;
    get(ctx, tenant, id).await?;
    let stored = credentials::password(&ctx.db, Owner { instance, user: id }).await?;
    let Some((hasher, digest)) = stored else {
        return Err(Error::refused(Problem::new(
            Code::NoPasswordSet,
            "This user has no password to verify.",
        )));
    };
    let hasher = Hasher::from_name(&hasher)
        .ok_or_else(|| Error::internal("read a password digest", "its hasher is unknown"))?;
    let digest = Digest::parse(hasher, &digest)
        .map_err(|invalid| Error::internal("read a password digest", invalid))?;
    let password = Password::new(std::mem::take(&mut *password));
    if ctx.passwords.verify(digest, password).await? {
        return Ok(());
    }
    Err(Error::refused(Problem::param(
        Code::IncorrectPassword,
        "password",
        "The password is not the user's.",
    )))
}
