//! Invite one address or several; all of them or none.

use rollbook_domain::{
    EmailAddress, Identifier, Invitation, InvitationStatus, Metadata, Problem, parse_redirect_url,
};
use rollbook_store::{Conn, instances, invitations, users};
use rollbook_wire::{self as wire, Code, Id, Prefix};
use serde_json::{Map, Value, json};

use crate::tickets::ticket;
use crate::users::{Request, taken};
use crate::{Ctx, Error, Result, Tenant, events};

/// Days that an invitation is good for unless it says otherwise.
const DAYS: i64 = 30;

const MAX_DAYS: i64 = 365;

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// What a caller says of a new invitation; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateInvitation {
    pub email_address: Option<String>,
    pub public_metadata: Option<Map<String, Value>>,
    pub redirect_url: Option<String>,
    pub notify: bool,
    pub ignore_existing: bool,
    pub expires_in_days: Option<i64>,
    pub template: Template,
}

/// What the mail says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Template {
    /// That someone invites.
    #[default]
    Invitation,
    /// That waiting has an end.
    WaitlistInvitation,
}

impl Template {
    /// The template's name in the API.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::WaitlistInvitation => "waitlist_invitation",
        }
    }

    /// The template of this name.
    pub fn from_slug(slug: &str) -> Option<Self> {
        [Self::Invitation, Self::WaitlistInvitation]
            .into_iter()
            .find(|template| template.slug() == slug)
    }
}

/// What stands in the way of an invitation unless it is to be ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Users and pending invitations.
    Matters,
    /// Users alone.
    UserMatters,
    /// Nothing.
    Ignored,
}

/// An invitation that only what exists can refuse.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) invitation: Invitation,
    notify: bool,
    template: Template,
    existing: Existing,
}

/// Invites an address.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateInvitation>,
) -> Result<wire::Invitation> {
    let Request { params, mut problems } = request;
    let existing = if params.ignore_existing { Existing::Ignored } else { Existing::Matters };
    let new = check(ctx, tenant, params, existing, &mut problems);
    let made = write(ctx, tenant, new.into_iter().collect(), problems).await?;
    let only = made.into_iter().next();
    only.ok_or_else(|| Error::internal("invite", "nothing was written"))
}

/// Invites several addresses. What is a user's already cannot be ignored here.
pub async fn create_bulk(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<Vec<CreateInvitation>>,
) -> Result<Vec<wire::Invitation>> {
    let Request { params, mut problems } = request;
    let new = params.into_iter().filter_map(|params| {
        let existing =
            if params.ignore_existing { Existing::UserMatters } else { Existing::Matters };
        check(ctx, tenant, params, existing, &mut problems)
    });
    let new = new.collect();
    write(ctx, tenant, new, problems).await
}

/// The invitation that is asked for, or nothing and what is wrong with it.
pub(crate) fn check(
    ctx: &Ctx,
    tenant: &Tenant,
    params: CreateInvitation,
    existing: Existing,
    problems: &mut Vec<Problem>,
) -> Option<New> {
    if !tenant.instance.settings.attributes.email_address.enabled {
        problems.push(Problem::new(
            Code::InvitationsNotSupported,
            "Only an instance whose users have email addresses can invite.",
        ));
        return None;
    }
    let before = problems.len();
    let mut keep = |problem| problems.push(problem);
    let address = params.email_address.as_deref();
    let address = address.map(|text| EmailAddress::parse(text, "email_address")).transpose();
    let address = address.map_err(&mut keep).ok().flatten();
    let url = params.redirect_url.as_deref();
    let url = url.map(|text| parse_redirect_url(text, "redirect_url")).transpose();
    let redirect_url = url.map_err(&mut keep).ok().flatten();
    let metadata = params.public_metadata.unwrap_or_default();
    let metadata = Metadata::from_value(Value::Object(metadata), "public_metadata");
    let public_metadata = metadata.map_err(&mut keep).unwrap_or_default();
    let days = params.expires_in_days.unwrap_or(DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        let text = format!("expires_in_days must lie between 1 and {MAX_DAYS}.");
        keep(Problem::param(Code::FormParamValueInvalid, "expires_in_days", text));
    }
    if problems.len() > before {
        return None;
    }
    let now = ctx.clock.now();
    let invitation = Invitation {
        id: ctx.entropy.id(Prefix::Invitation, now),
        email_address: address?.to_string(),
        status: InvitationStatus::Pending,
        redirect_url,
        ticket: ticket(ctx),
        public_metadata,
        expires_at: now + days * MS_PER_DAY,
        created_at: now,
        updated_at: now,
    };
    Some(New { invitation, notify: params.notify, template: params.template, existing })
}

async fn write(
    ctx: &Ctx,
    tenant: &Tenant,
    new: Vec<New>,
    problems: Vec<Problem>,
) -> Result<Vec<wire::Invitation>> {
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    ctx.db
        .write(move |tx| {
            // Alone, so that of two that invite the same address one is refused, and nobody
            // becomes a user meanwhile.
            instances::lock(tx, &instance)?
                .ok_or_else(|| Error::not_found("instance", instance.as_str()))?;
            let mut problems = Vec::new();
            for new in &new {
                problems.extend(add(&ctx_, tx, &instance, new)?);
            }
            if !problems.is_empty() {
                return Err(Error::Refused(problems));
            }
            let now = ctx_.clock.now();
            Ok(new.iter().map(|new| new.invitation.body(&ctx_.public_url, now)).collect())
        })
        .await
}

/// Writes an invitation and mails its link, or says what stands in its way.
///
/// The transaction must hold the instance alone.
pub(crate) fn add(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    new: &New,
) -> Result<Option<Problem>> {
    let invitation = &new.invitation;
    let address = invitation.email_address.as_str();
    if new.existing != Existing::Ignored {
        let identifier = Identifier::new("email_address", address);
        if let Some(found) = users::taken(tx, instance, &[identifier])?.first() {
            return Ok(Some(taken(found)));
        }
    }
    if new.existing == Existing::Matters
        && !invitations::pending_of(tx, instance, address, invitation.created_at)?.is_empty()
    {
        let text = format!("There is a pending invitation for {address} already.");
        return Ok(Some(Problem::param(Code::DuplicateRecord, "email_address", text)));
    }
    invitations::insert(tx, instance, invitation)?;
    if new.notify {
        let message = json!({
            "slug": new.template.slug(),
            "to_email_address": address,
            "email_address_id": null,
            "data": {
                "action_url": invitation.url(&ctx.public_url),
                "invitation_id": invitation.id,
                "expires_in_days": (invitation.expires_at - invitation.created_at) / MS_PER_DAY,
                "public_metadata": invitation.public_metadata.to_raw(),
            },
        });
        events::email_to_anybody(ctx, tx, instance, &invitation.id, &message)?;
    }
    Ok(None)
}
