//! Put addresses on the waitlist; all of them or none.

use rollbook_domain::{EmailAddress, Identifier, Problem, WaitlistEntry, WaitlistStatus};
use rollbook_store::{Conn, users, waitlist_entries};
use rollbook_wire::{self as wire, Code, Id, Prefix};
use serde_json::json;

use super::change::body;
use crate::users::{Request, hold, taken};
use crate::{Ctx, Error, Result, Tenant, events};

/// Who wants to wait; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct NewEntry {
    pub email_address: Option<String>,
    pub notify: bool,
}

/// Puts addresses on the waitlist; one that is there already is answered as it is.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<Vec<NewEntry>>,
) -> Result<Vec<wire::WaitlistEntry>> {
    let Request { params, mut problems } = request;
    let now = ctx.clock.now();
    let mut new: Vec<(WaitlistEntry, bool)> = Vec::with_capacity(params.len());
    for NewEntry { email_address, notify } in params {
        let address = email_address.map(|text| EmailAddress::parse(&text, "email_address"));
        match address.transpose() {
            Err(problem) => problems.push(problem),
            Ok(None) => {}
            Ok(Some(address)) if new.iter().any(|(e, _)| e.email_address == address.as_str()) => {
                let text = format!("email_address {address} must be given only once.");
                problems.push(Problem::param(Code::FormParamDuplicate, "email_address", text));
            }
            Ok(Some(address)) => new.push((entry(ctx, &address, now), notify)),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    // In the order of addresses, so that two requests do not wait for each other.
    let mut order: Vec<usize> = (0..new.len()).collect();
    order.sort_by_key(|at| new.get(*at).map(|(entry, _)| entry.email_address.clone()));
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let (mut problems, mut made) = (Vec::new(), Vec::with_capacity(new.len()));
            for at in &order {
                let Some((entry, notify)) = new.get(*at) else { continue };
                match add(&ctx_, tx, &instance, entry, *notify)? {
                    Ok(entry) => made.push((*at, body(&ctx_, tx, &instance, &entry)?)),
                    Err(problem) => problems.push(problem),
                }
            }
            if !problems.is_empty() {
                return Err(Error::Refused(problems));
            }
            made.sort_by_key(|(at, _)| *at);
            Ok(made.into_iter().map(|(_, body)| body).collect())
        })
        .await
}

fn entry(ctx: &Ctx, address: &EmailAddress, now: i64) -> WaitlistEntry {
    WaitlistEntry {
        id: ctx.entropy.id(Prefix::WaitlistEntry, now),
        email_address: address.to_string(),
        status: WaitlistStatus::Pending,
        invitation_id: None,
        invited_at: None,
        created_at: now,
        updated_at: now,
    }
}

fn add(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    entry: &WaitlistEntry,
    notify: bool,
) -> Result<Result<WaitlistEntry, Problem>> {
    let address = entry.email_address.as_str();
    if !waitlist_entries::insert(tx, instance, entry)? {
        // It was there, unless somebody deleted it at this moment.
        let there = waitlist_entries::lock_of(tx, instance, address)?;
        return there.map(Ok).ok_or_else(|| tx.conflict().into());
    }
    let identifier = Identifier::new("email_address", address);
    if let Some(found) = users::taken(tx, instance, &[identifier])?.first() {
        return Ok(Err(taken(found)));
    }
    let told = body(ctx, tx, instance, entry)?;
    let id = &entry.id;
    events::happened(ctx, tx, instance, "waitlistEntry.created", id, id, &told)?;
    if notify {
        let message = json!({
            "slug": "waitlist_confirmation",
            "to_email_address": address,
            "email_address_id": null,
            "data": { "waitlist_entry_id": id },
        });
        events::email_to_anybody(ctx, tx, instance, id, &message)?;
    }
    Ok(Ok(entry.clone()))
}
