//! The mailbox of an instance: what is to be mailed, and what was.

use rollbook_store::{Conn, emails};
use rollbook_wire::{Id, Prefix};
use serde_json::{Value, json};

use crate::{Ctx, Error, Result, instances};

/// A page of a mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Newest first.
    pub emails: Vec<Email>,
    /// How many there are in all.
    pub total_count: i64,
}

/// Mail that was sent, is to be sent, or could not be.
#[derive(Debug, Clone)]
pub struct Email {
    /// The data of its `email.created` event.
    pub data: Value,
    /// `queued`, `sent` or `failed`.
    pub status: String,
    /// How often someone set out to send it.
    pub attempts: i64,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<String>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds: its last attempt, or what came of it.
    pub updated_at: i64,
}

/// `limit` mails of an instance after the newest `offset`.
pub async fn list(ctx: &Ctx, instance: &Id, limit: i64, offset: i64) -> Result<Mailbox> {
    instances::get(ctx, instance)?;
    let instance = instance.clone();
    let (emails, total_count) = ctx
        .db
        .read(move |conn| {
            let page = emails::page(conn, &instance, limit, offset)?;
            Ok::<_, Error>((page, emails::count(conn, &instance)?))
        })
        .await?;
    let emails = emails.into_iter().map(read).collect::<Result<_>>()?;
    Ok(Mailbox { emails, total_count })
}

/// Empties the mailbox of an instance; what is still to be sent never will be.
pub async fn clear(ctx: &Ctx, instance: &Id) -> Result<()> {
    instances::get(ctx, instance)?;
    let instance = instance.clone();
    ctx.db.write(move |tx| Ok::<_, Error>(emails::clear(tx, &instance)?)).await
}

/// Queues a mail, to a user if it is one's, and answers the data of its event.
///
/// `message` says `slug`, `to_email_address`, `email_address_id` and the `data`
/// that the template of that slug is filled with.
pub(crate) fn queue(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    user: Option<&Id>,
    message: &Value,
) -> Result<String> {
    let slug = message.get("slug").and_then(Value::as_str).unwrap_or_default();
    let mut data = message.get("data").cloned().unwrap_or_else(|| json!({}));
    let tenant = ctx.catalog.by_id(instance);
    if let (Value::Object(members), Some(tenant)) = (&mut data, &tenant) {
        members.insert("app_name".to_owned(), json!(tenant.instance.name));
    }
    let content = rollbook_mail::render(slug, &data)
        .ok_or_else(|| Error::internal("write a mail", format!("there is no template {slug}")))?;
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Email, now);
    let record = json!({
        "object": "email",
        "id": id,
        "slug": slug,
        "from_email_name": tenant.map(|tenant| tenant.instance.settings.from_email_address.clone()),
        "to_email_address": message.get("to_email_address"),
        "email_address_id": message.get("email_address_id"),
        "user_id": user,
        "subject": content.subject,
        "body": content.html,
        "body_plain": content.text,
        "status": "queued",
        "data": data,
        "delivered_by_clerk": true,
    })
    .to_string();
    emails::insert(tx, instance, &id, &record, now)?;
    Ok(record)
}

fn read(email: emails::Email) -> Result<Email> {
    let data = serde_json::from_str(&email.record);
    Ok(Email {
        data: data.map_err(|source| Error::internal("read a mail", source))?,
        status: email.status,
        attempts: email.attempts,
        last_error: email.last_error,
        created_at: email.created_at,
        updated_at: email.updated_at,
    })
}
