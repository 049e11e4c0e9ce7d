//! What happened, appended in the transaction that made it happen.

use rollbook_domain::{Session, User};
use rollbook_store::users::{StoredUser, activity};
use rollbook_store::{Conn, outbox};
use rollbook_wire as wire;
use rollbook_wire::{DeletedObject, Id, Prefix};
use serde::Serialize;
use serde_json::Value;

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

/// Something happened to a session of the user; the event holds both as they are now.
pub(crate) fn session(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    session: &Session,
    user: &User,
) -> Result<()> {
    #[derive(Serialize)]
    struct Data<'a> {
        #[serde(flatten)]
        session: wire::Session<'a>,
        user: wire::User<'a>,
    }
    let tenant = instances::get(ctx, instance)?;
    let (last_active_at, last_sign_in_at) = activity(tx, instance, &user.id)?;
    let user = StoredUser { user: user.clone(), version: 0, last_active_at, last_sign_in_at };
    let data =
        Data { session: session.render(ctx.clock.now()), user: users::render(ctx, &tenant, &user) };
    happened(ctx, tx, instance, kind, &user.user.id, &session.id, &data)
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
    append(ctx, tx, instance, "email.created", (user, user), data)
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
