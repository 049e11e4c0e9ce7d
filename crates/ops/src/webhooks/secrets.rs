//! The secrets of an endpoint: sealed at rest, several at a time while one
//! takes over from another.

use rollbook_domain::Problem;
use rollbook_store::webhook_endpoints::{self as store, SealedSecret};
use rollbook_store::{Conn, instances};
use rollbook_webhooks::Secret;
use rollbook_wire::{Code, Id, Prefix};
use zeroize::Zeroizing;

use super::not_found;
use crate::{Ctx, Error, Result, instances as tenants};

/// How long the old secret still signs: time to teach every receiver the new one.
const OVERLAP_MS: i64 = 24 * 3_600_000;

/// A secret, readable.
pub struct ShownSecret {
    /// `whsk_…`
    pub id: Id,
    /// `whsec_…`
    pub secret: Zeroizing<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds: it signs until then.
    pub expires_at: Option<i64>,
}

/// The secrets that sign for an endpoint now, newest first.
pub async fn secrets(ctx: &Ctx, instance: &Id, endpoint: &Id) -> Result<Vec<ShownSecret>> {
    tenants::get(ctx, instance)?;
    let (ctx_, ins, ep, now) = (ctx.clone(), instance.clone(), endpoint.clone(), ctx.clock.now());
    ctx.db
        .read(move |conn| {
            store::by_id(conn, &ins, &ep)?.ok_or_else(|| not_found(&ep))?;
            opened(&ctx_, conn, &ins, &ep, now)
        })
        .await
}

/// Gives an endpoint a new secret, a chosen one if there is one; for 24 hours
/// those before it sign, too. The answer is the new one.
pub async fn rotate(
    ctx: &Ctx,
    instance: &Id,
    endpoint: &Id,
    chosen: Option<String>,
) -> Result<ShownSecret> {
    tenants::get(ctx, instance)?;
    let secret = parse_or_make(ctx, chosen).map_err(Error::refused)?;
    let (ctx_, ins, ep, now) = (ctx.clone(), instance.clone(), endpoint.clone(), ctx.clock.now());
    let id = ctx.entropy.id(Prefix::WebhookSecret, now);
    ctx.db
        .write(move |tx| {
            store::lock(tx, &ins, &ep)?.ok_or_else(|| not_found(&ep))?;
            store::expire_secrets(tx, &ins, &ep, now + OVERLAP_MS, now)?;
            insert(&ctx_, tx, (&ins, &ep), &id, &secret, now)
        })
        .await
}

/// The secret that somebody chose, or a random one.
pub(super) fn parse_or_make(ctx: &Ctx, chosen: Option<String>) -> Result<Secret, Problem> {
    let Some(text) = chosen.map(Zeroizing::new) else {
        return Ok(Secret::new(ctx.entropy.bytes()));
    };
    Secret::parse(&text).map_err(|error| {
        Problem::param(
            Code::FormParamFormatInvalid,
            "secret",
            format!("secret is malformed: {error}."),
        )
    })
}

/// Seals and keeps a secret.
pub(super) fn insert(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    owner: (&Id, &Id),
    id: &Id,
    secret: &Secret,
    now: i64,
) -> Result<ShownSecret> {
    let text = secret.expose();
    let sealed = ctx.vault.seal(&context(owner, id), text.as_bytes())?;
    let kept = SealedSecret { id: id.clone(), sealed, created_at: now, expires_at: None };
    store::insert_secret(tx, owner.0, owner.1, &kept)?;
    Ok(ShownSecret { id: id.clone(), secret: text, created_at: now, expires_at: None })
}

/// The secrets of an endpoint that sign at `now`, newest first.
pub(super) fn opened(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    instance: &Id,
    endpoint: &Id,
    now: i64,
) -> Result<Vec<ShownSecret>> {
    let sealed = store::secrets_of(conn, instance, endpoint, now)?;
    sealed
        .into_iter()
        .map(|kept| {
            let plain = ctx.vault.open(&context((instance, endpoint), &kept.id), &kept.sealed)?;
            let text = String::from_utf8(plain)
                .map_err(|_| Error::internal("read a webhook's secret", "it is no text"))?;
            Ok(ShownSecret {
                id: kept.id,
                secret: Zeroizing::new(text),
                created_at: kept.created_at,
                expires_at: kept.expires_at,
            })
        })
        .collect()
}

fn context((instance, endpoint): (&Id, &Id), id: &Id) -> Vec<u8> {
    store::secret_context(instance.as_str(), endpoint.as_str(), id.as_str())
}

/// Keeps the instance from being deleted until the transaction ends.
pub(super) fn hold_alone(tx: &mut Conn<'_>, instance: &Id) -> Result<()> {
    let held = instances::lock(tx, instance)?;
    held.map(drop).ok_or_else(|| Error::not_found("instance", instance.as_str()))
}
