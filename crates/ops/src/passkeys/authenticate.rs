//! A proof by a passkey: who is this?

use rollbook_passkeys::{Assertion, Credential, Whose};
use rollbook_store::ceremonies::CeremonyKind::Authentication;
use rollbook_store::passkeys::{self, StoredPasskey};
use rollbook_store::users::Taken;
use rollbook_wire::Id;
use serde_json::{Map, Value};

use super::{
    Started, begin, check_enabled, credentials_of, not_registered, refused, relying_party, take,
};
use crate::users::{forget_on_commit, hold, taken};
use crate::{Ctx, Error, Result, Tenant, users};

/// Who has proved what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// `user_…`
    pub user_id: Id,
    /// `idn_…` of the passkey that proved it.
    pub passkey_id: Id,
}

/// Asks for a proof by a passkey of the user, or of whoever is there.
pub async fn start_authentication(
    ctx: &Ctx,
    tenant: &Tenant,
    user: Option<&Id>,
) -> Result<Started> {
    check_enabled(tenant)?;
    let allowed = match user {
        None => Vec::new(),
        Some(user) => {
            users::get(ctx, tenant, user).await?;
            // Nothing allowed would mean that everything is.
            let allowed = credentials_of(ctx, tenant, user).await?;
            if allowed.is_empty() {
                return Err(not_registered());
            }
            allowed
        }
    };
    let start = relying_party(ctx, tenant)?.start_authentication(&allowed).map_err(refused)?;
    begin(ctx, tenant, Authentication, user, start).await
}

/// Says whose passkey the browser has used, and notes that it was.
///
/// Whether the user may sign in, or is banned or locked, is the caller's to
/// look at, as with a password that was right.
pub async fn finish_authentication(
    ctx: &Ctx,
    tenant: &Tenant,
    ceremony: &Id,
    credential: Map<String, Value>,
) -> Result<Authenticated> {
    check_enabled(tenant)?;
    let answer = Assertion::parse(credential).map_err(refused)?;
    let relying_party = relying_party(ctx, tenant)?;
    let ceremony = take(ctx, tenant, Authentication, ceremony, None).await?;

    let (instance, id) = (tenant.instance.id.clone(), answer.credential_id().to_vec());
    let found = ctx.db.read(move |conn| passkeys::by_credential(conn, &instance, &id)).await?;
    let found = found
        .filter(|found| ceremony.user_id.as_ref().is_none_or(|user| *user == found.user_id))
        .ok_or_else(not_registered)?;
    let kept = Credential::from_record(&found.record).map_err(refused)?;
    let whose = if ceremony.user_id.is_some() { Whose::Known } else { Whose::Discovered };
    let proved = relying_party.finish_authentication(&ceremony.state, &answer, &kept, whose);
    let record = proved.and_then(|proved| proved.to_record()).map_err(refused)?;

    let authenticated =
        Authenticated { user_id: found.user_id.clone(), passkey_id: found.id.clone() };
    note_use(ctx, tenant, found, record).await?;
    Ok(authenticated)
}

/// Keeps the counter and the time of use.
///
/// No `user.updated` goes out and `updated_at` stays: nobody has changed the user.
async fn note_use(
    ctx: &Ctx,
    tenant: &Tenant,
    passkey: StoredPasskey,
    record: String,
) -> Result<()> {
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let user_id = &passkey.user_id;
            let stored = rollbook_store::users::lock(tx, &instance, user_id)?;
            let stored = stored.ok_or_else(not_registered)?;
            // Gone, or used a moment ago by someone whose counter may be as high as ours.
            if !passkeys::replace(tx, &instance, &passkey, &record)? {
                return Err(not_registered());
            }
            let mut user = stored.user.clone();
            for one in user.passkeys.iter_mut().filter(|one| one.id == passkey.id) {
                one.last_used_at = one.last_used_at.max(Some(ctx_.clock.now()));
            }
            if let Err(Taken(all)) = rollbook_store::users::save(tx, &instance, &stored, &user)? {
                return Err(Error::Refused(all.iter().map(taken).collect()));
            }
            forget_on_commit(&ctx_, tx, &instance, user_id);
            Ok(())
        })
        .await
}
