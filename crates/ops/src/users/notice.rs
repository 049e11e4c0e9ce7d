//! Notices to users about their own accounts.

use rollbook_domain::{EmailAddress, User};
use rollbook_store::Conn;
use rollbook_wire::Id;
use serde_json::json;

use crate::{Ctx, Result, events};

/// Tells the address that was primary, which may have been hijacked, that another is.
pub(crate) fn primary_changed(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    before: &User,
    user: &User,
) -> Result<()> {
    let (old, new) = (before.primary_email_address(), user.primary_email_address());
    let Some(to) = old.filter(|_| old != new) else { return Ok(()) };
    let message = json!({
        "slug": "primary_email_address_changed",
        "to_email_address": to.as_str(),
        "email_address_id": before.primary_email_address_id,
        "user_id": user.id,
        "data": { "new_email_address": new.map(EmailAddress::as_str) },
    });
    events::email(ctx, tx, instance, &user.id, &message)
}
