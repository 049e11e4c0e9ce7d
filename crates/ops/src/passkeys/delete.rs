//! Take a passkey away, and tell its owner.

use rollbook_domain::{Passkey, User};
use rollbook_store::{Conn, passkeys};
use rollbook_wire::Id;
use serde_json::json;

use super::not_registered;
use crate::users::{Outcome, change};
use crate::{Ctx, Result, Tenant, events};

/// Deletes a passkey of the user; deleting it again finds nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, user: &Id, passkey: &Id) -> Result<()> {
    let (ctx_, instance, passkey) = (ctx.clone(), tenant.instance.id.clone(), passkey.clone());
    change(ctx, tenant, user, move |tx, user| {
        let at = user.passkeys.iter().position(|one| one.id == passkey);
        let gone = user.passkeys.remove(at.ok_or_else(not_registered)?);
        passkeys::delete(tx, &instance, &user.id, &passkey)?;
        tell(&ctx_, tx, &instance, user, &gone)?;
        Ok(Outcome::Changed)
    })
    .await
    .map(drop)
}

/// The owner may know nothing of it, so the notice goes to the primary address.
fn tell(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &User, gone: &Passkey) -> Result<()> {
    let Some(to) = user.primary_email_address() else { return Ok(()) };
    let message = json!({
        "slug": "passkey_removed",
        "to_email_address": to.as_str(),
        "email_address_id": user.primary_email_address_id,
        "user_id": user.id,
        "data": { "passkey_name": gone.name },
    });
    events::email(ctx, tx, instance, &user.id, &message)
}
