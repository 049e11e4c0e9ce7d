//! What happened, appended in the transaction that made it happen.

use rollbook_domain::User;
use rollbook_store::users::StoredUser;
use rollbook_store::{Conn, outbox};
use rollbook_wire::{DeletedObject, Id, Prefix};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Ctx, Error, Result, instances, mailbox, users};

/// A user was created or changed; the event holds the user as the API shows it now.
pub(crate) fn user(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    stored: &StoredUser,
) -> Result<()> {
    let tenant = instances::get(ctx, instance)?;
    let id = &stored.user.id;
    happened(ctx, tx, instance, kind, id, id, &users::render(ctx, &tenant, stored))
}

/// A user was deleted; the event holds what is left to tell.
pub(crate) fn user_deleted(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &User) -> Result<()> {
    let body = DeletedObject {
        object: "user".to_owned(),
        id: user.id.to_string(),
        deleted: true,
        external_id: user.external_id.clone(),
    };
    happened(ctx, tx, instance, "user.deleted", &user.id, &user.id, &body)
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
    let data = mailbox::queue(ctx, tx, instance, Some(user), message)?;
    append(ctx, tx, instance, "email.created", (user, user), data)
}

/// A message is due to an address that no user need have; `about` is what it is about, a
/// row that the transaction holds.
pub(crate) fn email_to_anybody(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    about: &Id,
    message: &Value,
) -> Result<()> {
    let data = mailbox::queue(ctx, tx, instance, None, message)?;
    append(ctx, tx, instance, "email.created", (about, about), data)
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
    let data = serde_json::to_string(data).map_err(|e| Error::internal("write an event", e))?;
    append(ctx, tx, instance, kind, (stream, subject), data)
}

fn append(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    (stream, subject): (&Id, &Id),
    data: String,
) -> Result<()> {
    let created_at = ctx.clock.now();
    let event = outbox::Event {
        id: ctx.entropy.id(Prefix::Event, created_at),
        kind,
        stream: stream.to_string(),
        subject_id: subject.to_string(),
        data,
        created_at,
    };
    outbox::append(tx, instance, &event)?;
    if ctx.webhooks.is_listened() {
        let ctx = ctx.clone();
        tx.on_commit(move || ctx.webhooks.ring());
    }
    Ok(())
}
