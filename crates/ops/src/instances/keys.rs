//! Secret keys: made, shown once, kept as hashes, revoked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollbook_domain::{Environment, Problem};
use rollbook_store::Conn;
use rollbook_store::instances::{self, SecretKey};
use rollbook_wire::{Code, Id, Prefix};
use zeroize::Zeroizing;

use super::{get, not_found};
use crate::{Ctx, Error, Result, catalog};

/// A key that was just made: the one time that its secret is known.
pub struct NewKey {
    /// As it is kept.
    pub key: SecretKey,
    /// `sk_test_…` or `sk_live_…`
    pub secret: Zeroizing<String>,
}

/// The shortest text behind the prefix of a secret key that somebody chose.
const MIN_CHOSEN: usize = 16;

/// Makes one more key for an instance; the others stay good.
pub async fn create_key(ctx: &Ctx, instance: &Id, chosen: Option<String>) -> Result<NewKey> {
    let environment = get(ctx, instance)?.instance.environment;
    let new = make(ctx, instance, environment, chosen)?;
    let (id, key) = (instance.clone(), new.key.clone());
    ctx.db
        .write(move |tx| {
            instances::lock(tx, &id)?.ok_or_else(|| not_found(&id))?;
            insert(tx, &key)
        })
        .await?;
    ctx.reload_catalog().await?;
    Ok(new)
}

/// Makes a new key in place of an old one, which is revoked in the same transaction.
pub async fn rotate_key(ctx: &Ctx, instance: &Id, old: &Id) -> Result<NewKey> {
    let environment = get(ctx, instance)?.instance.environment;
    let new = make(ctx, instance, environment, None)?;
    let (id, old, key, now) = (instance.clone(), old.clone(), new.key.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            instances::lock(tx, &id)?.ok_or_else(|| not_found(&id))?;
            if !instances::revoke_key(tx, &id, &old, now)? {
                return Err(Error::not_found("secret key in force", old.as_str()));
            }
            insert(tx, &key)
        })
        .await?;
    ctx.reload_catalog().await?;
    Ok(new)
}

/// Revokes a key at once.
pub async fn revoke_key(ctx: &Ctx, instance: &Id, key: &Id) -> Result<()> {
    get(ctx, instance)?;
    let (id, key, now) = (instance.clone(), key.clone(), ctx.clock.now());
    ctx.db
        .write(move |tx| {
            if instances::revoke_key(tx, &id, &key, now)? {
                return Ok(());
            }
            Err(Error::not_found("secret key in force", key.as_str()))
        })
        .await?;
    ctx.reload_catalog().await
}

/// A key for an instance, with a random secret unless one was chosen.
pub(super) fn make(
    ctx: &Ctx,
    instance: &Id,
    environment: Environment,
    chosen: Option<String>,
) -> Result<NewKey> {
    let prefix = environment.key_prefix();
    let secret = Zeroizing::new(match chosen {
        Some(secret) => check_chosen(secret, prefix)?,
        None => format!("{prefix}{}", URL_SAFE_NO_PAD.encode(ctx.entropy.bytes::<32>())),
    });
    let last: String = secret.chars().skip(secret.chars().count().saturating_sub(4)).collect();
    let now = ctx.clock.now();
    let key = SecretKey {
        instance_id: instance.clone(),
        id: ctx.entropy.id(Prefix::SecretKey, now),
        hash: catalog::hash(&secret).to_vec(),
        hint: format!("{prefix}…{last}"),
        created_at: now,
        revoked_at: None,
    };
    Ok(NewKey { key, secret })
}

fn check_chosen(secret: String, prefix: &str) -> Result<String> {
    let rest = secret.strip_prefix(prefix).unwrap_or_default();
    let good = rest.len() >= MIN_CHOSEN
        && rest.len() <= 256
        && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if good {
        return Ok(secret);
    }
    Err(Error::refused(Problem::param(
        Code::FormParamValueInvalid,
        "secret_key",
        format!(
            "secret_key must be {prefix} and {MIN_CHOSEN} to 256 letters, digits, hyphens or underscores."
        ),
    )))
}

pub(super) fn insert(tx: &mut Conn<'_>, key: &SecretKey) -> Result<()> {
    if instances::insert_key(tx, key)? {
        return Ok(());
    }
    Err(Error::refused(Problem::param(
        Code::FormIdentifierExists,
        "secret_key",
        "secret_key is in use already.",
    )))
}
