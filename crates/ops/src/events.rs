//! What happened, appended in the transaction that made it happen.

use rollbook_domain::User;
use rollbook_store::{Conn, outbox};
use rollbook_wire::{Id, Prefix};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Ctx, Error, Result, mailbox};

/// A user was created or changed; the event holds the user as it is now.
pub(crate) fn user(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    user: &User,
) -> Result<()> {
    let data = serde_json::to_string(user).map_err(|e| Error::internal("write an event", e))?;
    append(ctx, tx, instance, kind, user.id.as_str(), data)
}

/// A user was deleted; the event holds what is left to tell.
pub(crate) fn user_deleted(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &User) -> Result<()> {
    let data = json!({ "id": user.id, "external_id": user.external_id });
    append(ctx, tx, instance, "user.deleted", user.id.as_str(), data.to_string())
}

/// Sessions of a user were revoked.
pub(crate) fn sessions_revoked(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    sessions: &[Id],
) -> Result<()> {
    for session in sessions {
        let data = json!({ "id": session, "user_id": user, "status": "revoked" });
        happened(ctx, tx, instance, "session.revoked", user, session, &data)?;
    }
    Ok(())
}

/// A message to a user is due; see [`mailbox::queue`] for what `message` says.
pub(crate) fn email(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
    message: &Value,
) -> Result<()> {
    let data = mailbox::queue(ctx, tx, instance, user, message)?;
    append(ctx, tx, instance, "email.created", user.as_str(), data)
}

/// Something happened to a resource; `data` is its body as the API shows it.
///
/// Events of one `stream`, a user or else an organization, are told in the order in which
/// they happened: the transaction must hold that row.
pub(crate) fn happened(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    stream: &Id,
    subject: &Id,
    data: &impl Serialize,
) -> Result<()> {
    let _ = stream;
    let data = serde_json::to_string(data).map_err(|e| Error::internal("write an event", e))?;
    append(ctx, tx, instance, kind, subject.as_str(), data)
}

fn append(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    subject_id: &str,
    data: String,
) -> Result<()> {
    let created_at = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Event, created_at);
    let event = outbox::Event { id, kind, subject_id: subject_id.to_owned(), data, created_at };
    outbox::append(tx, instance, &event)?;
    Ok(())
}
