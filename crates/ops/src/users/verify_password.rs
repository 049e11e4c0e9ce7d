//! Verify a password: right, wrong, or none set.

use rollbook_domain::Problem;
use rollbook_password::{Digest, Hasher, NativeScheme, Password};
use rollbook_store::credentials::{self, Owner};
use rollbook_wire::{Code, Id};
use zeroize::Zeroizing;

use super::body::not_found;
use super::secrets::scheme;
use crate::{Ctx, Error, Result, Tenant};

/// Says nothing when the password is right.
///
/// A wrong password, a user without one and an unknown user take the same time.
/// The caller is trusted: a failure does not count towards a lock, and locked
/// or banned users are verified like any other. A digest that is weaker than
/// what the instance hashes with is replaced once its password is known.
pub async fn verify_password(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    mut password: Zeroizing<String>,
) -> Result<()> {
    let instance = &tenant.instance.id;
    let user = rollbook_store::users::by_id(&ctx.db, instance, id).await?;
    let stored = credentials::password(&ctx.db, Owner { instance, user: id }).await?;
    let digest = stored.map(|(hasher, digest)| parse(&hasher, &digest)).transpose()?;

    let password = Password::new(std::mem::take(&mut *password));
    let scheme = scheme(tenant);
    let right = ctx.passwords.verify_or_decoy(digest.clone(), password.clone(), scheme).await?;
    if user.is_none() {
        return Err(not_found(id));
    }
    let Some(digest) = digest else {
        return Err(Error::refused(Problem::new(
            Code::NoPasswordSet,
            "This user has no password to verify.",
        )));
    };
    if !right {
        return Err(Error::refused(Problem::param(
            Code::IncorrectPassword,
            "password",
            "The password is not the user's.",
        )));
    }
    if digest.is_weaker_than(scheme) {
        strengthen(ctx, tenant, id, &digest, password).await;
    }
    Ok(())
}

fn parse(hasher: &str, digest: &str) -> Result<Digest> {
    let hasher = Hasher::from_name(hasher)
        .ok_or_else(|| Error::internal("read a password digest", "its hasher is unknown"))?;
    Digest::parse(hasher, digest)
        .map_err(|invalid| Error::internal("read a password digest", invalid))
}

/// Puts a digest of the instance's scheme in place of a weaker one.
///
/// The answer does not depend on it: whatever fails, the next verification tries again.
async fn strengthen(ctx: &Ctx, tenant: &Tenant, id: &Id, old: &Digest, password: Password) {
    if let Err(error) = replace(ctx, tenant, id, old, password, scheme(tenant)).await {
        tracing::debug!(%error, "a weak password digest stays for now");
    }
}

async fn replace(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    old: &Digest,
    password: Password,
    scheme: NativeScheme,
) -> Result<()> {
    if password.as_bytes().len() > scheme.max_password_bytes() {
        return Ok(());
    }
    let new = ctx.passwords.hash(password, scheme, ctx.entropy.bytes()).await?;
    let secret =
        |digest: &Digest| credentials::password_secret(digest.hasher().name(), digest.as_str());
    let (old, new) = (secret(old), secret(&new));
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            let owner = Owner { instance: &instance, user: &id };
            // Only if it is still the one that was verified: a change of the password wins.
            credentials::exchange_password(tx, owner, &old, &new)?;
            Ok(())
        })
        .await
}
