//! What becomes of an entry: invited, rejected, deleted.

use rollbook_domain::{Problem, WaitlistEntry, WaitlistStatus};
use rollbook_store::{Conn, instances, invitations, waitlist_entries};
use rollbook_wire::{self as wire, Code, DeletedObject, Id};

use crate::invitations::{CreateInvitation, Existing, Template, add, check};
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant, events};

/// Invites an entry's address by mail, again if it was invited before.
pub async fn invite(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    ignore_existing: bool,
) -> Result<wire::WaitlistEntry> {
    let existing = if ignore_existing { Existing::Ignored } else { Existing::Matters };
    let address = address_of(ctx, tenant, id).await?;
    let params = CreateInvitation {
        email_address: Some(address),
        notify: true,
        template: Template::WaitlistInvitation,
        ..CreateInvitation::default()
    };
    let mut problems = Vec::new();
    let new = check(ctx, tenant, params, existing, &mut problems);
    let Some(new) = new else { return Err(Error::Refused(problems)) };
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            // Alone, as whoever writes invitations.
            instances::lock(tx, &instance)?
                .ok_or_else(|| Error::not_found("instance", instance.as_str()))?;
            let mut entry = find(tx, &instance, &id)?;
            if entry.status == WaitlistStatus::Completed {
                return Err(not_pending("invited"));
            }
            if let Some(problem) = add(&ctx_, tx, &instance, &new)? {
                return Err(Error::refused(problem));
            }
            entry.status = WaitlistStatus::Invited;
            entry.invitation_id = Some(new.invitation.id.clone());
            entry.invited_at = Some(new.invitation.created_at);
            save(&ctx_, tx, &instance, &mut entry)
        })
        .await
}

/// An entry keeps its address for good.
async fn address_of(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<String> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db.write(move |tx| Ok(find(tx, &instance, &id)?.email_address)).await
}

/// Turns an entry down; one that was turned down is answered as it is.
pub async fn reject(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<wire::WaitlistEntry> {
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let mut entry = find(tx, &instance, &id)?;
            match entry.status {
                WaitlistStatus::Pending => {
                    entry.status = WaitlistStatus::Rejected;
                    save(&ctx_, tx, &instance, &mut entry)
                }
                WaitlistStatus::Rejected => body(&ctx_, tx, &instance, &entry),
                WaitlistStatus::Invited | WaitlistStatus::Completed => Err(not_pending("rejected")),
            }
        })
        .await
}

/// Deletes an entry that waits.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<DeletedObject> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            if find(tx, &instance, &id)?.status != WaitlistStatus::Pending {
                return Err(not_pending("deleted"));
            }
            waitlist_entries::delete(tx, &instance, &id)?;
            Ok(DeletedObject {
                object: "waitlist_entry".to_owned(),
                id: id.to_string(),
                deleted: true,
                external_id: None,
            })
        })
        .await
}

/// Writes a changed entry that the transaction holds, and tells of it.
pub(crate) fn save(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    entry: &mut WaitlistEntry,
) -> Result<wire::WaitlistEntry> {
    entry.updated_at = ctx.clock.now().max(entry.updated_at + 1);
    waitlist_entries::save(tx, instance, entry)?;
    let told = body(ctx, tx, instance, entry)?;
    let id = &entry.id;
    events::happened(ctx, tx, instance, "waitlistEntry.updated", id, id, &told)?;
    Ok(told)
}

/// The entry as the API shows it, with its latest invitation.
pub(super) fn body(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    instance: &Id,
    entry: &WaitlistEntry,
) -> Result<wire::WaitlistEntry> {
    let invitation = match &entry.invitation_id {
        Some(id) => invitations::by_id(conn, instance, id)?,
        None => None,
    };
    Ok(entry.body(invitation.as_ref(), &ctx.public_url, ctx.clock.now()))
}

fn find(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<WaitlistEntry> {
    let found = waitlist_entries::lock(tx, instance, id)?;
    found.ok_or_else(|| Error::not_found("waitlist entry", id.as_str()))
}

fn not_pending(what: &str) -> Error {
    let text = format!("The entry cannot be {what}: it no longer waits.");
    Error::refused(Problem::new(Code::BadRequest, text))
}
