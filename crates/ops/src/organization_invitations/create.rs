//! Invite addresses to an organization: one, or several at once.

use rollbook_domain::{
    EmailAddress, Identifier, InvitationStatus, Metadata, OrganizationInvitation, Problem, Role,
    parse_redirect_url,
};
use rollbook_store::organizations::StoredOrganization;
use rollbook_store::{Conn, memberships, organization_invitations as store, users};
use rollbook_wire::{Code, Id, Prefix};
use serde_json::json;

use super::body::{Invitation, tell};
use super::write::manager;
use crate::memberships::{already_a_member, check_room};
use crate::metadata::GivenMetadata;
use crate::organizations::lock;
use crate::tickets::ticket;
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant, events, roles};

/// How many addresses one request may invite.
pub const MAX_BULK: usize = 10;

const DAY_MS: i64 = 86_400_000;

/// What a caller says of an invitation; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateInvitation {
    pub email_address: Option<String>,
    pub role: Option<String>,
    pub inviter_user_id: Option<String>,
    pub metadata: GivenMetadata,
    pub redirect_url: Option<String>,
    pub expires_in_days: Option<i64>,
    pub notify: bool,
}

/// An invitation whose form is right.
#[derive(Debug, Clone)]
struct Checked {
    email_address: String,
    role: String,
    inviter: Option<Id>,
    metadata: (Metadata, Metadata),
    redirect_url: Option<String>,
    days: i64,
    notify: bool,
}

/// Invites all of the addresses, in the order given, or none of them.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    organization: &Id,
    request: Request<Vec<CreateInvitation>>,
) -> Result<Vec<Invitation>> {
    let Request { params, mut problems } = request;
    let default_days = tenant.instance.settings.organizations.invitation_expires_in_days;
    let mut all = Vec::new();
    for one in params {
        all.extend(check(one, default_days, &mut problems));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let (ctx_, instance, organization) =
        (ctx.clone(), tenant.instance.id.clone(), organization.clone());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let organization = lock(tx, &instance, &organization)?;
            let roles = roles::all(tx, &instance)?;
            let mut invited = Vec::with_capacity(all.len());
            for one in &all {
                let place = (&instance, &organization);
                invited.push(invite(&ctx_, tx, place, &roles, one)?);
            }
            Ok(invited)
        })
        .await
}

fn check(one: CreateInvitation, default_days: u32, problems: &mut Vec<Problem>) -> Option<Checked> {
    let before = problems.len();
    let address = one.email_address.map(|text| EmailAddress::parse(&text, "email_address"));
    let address = address.transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let inviter = one.inviter_user_id.map(|text| text.parse().map_err(|_| not_a_manager()));
    let inviter = inviter.transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let redirect_url = one.redirect_url.map(|text| parse_redirect_url(&text, "redirect_url"));
    let redirect_url = redirect_url.transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let days = one.expires_in_days.unwrap_or(default_days.into());
    if !(1..=365).contains(&days) {
        problems.push(Problem::param(
            Code::FormParamValueInvalid,
            "expires_in_days",
            "expires_in_days must be between 1 and 365.",
        ));
    }
    let metadata = one.metadata.read(problems);
    // What is required and missing the decoder has complained of.
    let (email_address, role) = (address?.to_string(), one.role?);
    (problems.len() == before).then_some(Checked {
        email_address,
        role,
        inviter,
        metadata,
        redirect_url,
        days,
        notify: one.notify,
    })
}

fn not_a_manager() -> Problem {
    Problem::param(
        Code::NotAnAdminInOrganization,
        "inviter_user_id",
        "inviter_user_id must be the id of a member who may manage members of the organization.",
    )
}

/// Invites one address to an organization that is held.
fn invite(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    (instance, organization): (&Id, &StoredOrganization),
    all: &[Role],
    one: &Checked,
) -> Result<Invitation> {
    let (id, now) = (&organization.organization.id, ctx.clock.now());
    let role = roles::required(tx, instance, &one.role)?;
    let inviter = match &one.inviter {
        Some(user) => Some(manager(tx, instance, all, (id, user, "inviter_user_id"))?),
        None => None,
    };
    if is_member(tx, instance, id, &one.email_address)? {
        return Err(already_a_member());
    }
    if store::is_pending(tx, instance, id, &one.email_address, now)? {
        return Err(Error::refused(Problem::param(
            Code::OrganizationInvitationNotUnique,
            "email_address",
            "The address has a pending invitation to the organization already.",
        )));
    }
    check_room(ctx, tx, instance, organization)?;
    let (public_metadata, private_metadata) = one.metadata.clone();
    let invitation = OrganizationInvitation {
        id: ctx.entropy.id(Prefix::OrganizationInvitation, now),
        organization_id: id.clone(),
        email_address: one.email_address.clone(),
        role: role.key.clone(),
        status: InvitationStatus::Pending,
        inviter_id: inviter.as_ref().map(|user| user.id.clone()),
        redirect_url: one.redirect_url.clone(),
        ticket: ticket(ctx),
        public_metadata,
        private_metadata,
        expires_at: now + one.days * DAY_MS,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, instance, &invitation)?;
    let made =
        Invitation { invitation, organization: organization.clone(), inviter, role: Some(role) };
    tell(ctx, tx, instance, "organizationInvitation.created", (&made, None))?;
    if one.notify {
        mail(ctx, tx, instance, &made)?;
    }
    Ok(made)
}

/// Whether the address is one that a member has verified.
fn is_member(tx: &mut Conn<'_>, instance: &Id, organization: &Id, address: &str) -> Result<bool> {
    let identifier = Identifier::new("email_address", address);
    let Some(user) = users::led_to(tx, instance, &identifier)? else { return Ok(false) };
    let Some(user) = users::find(tx, instance, &user)? else { return Ok(false) };
    let verified = user
        .user
        .email_addresses
        .iter()
        .any(|email| email.is_verified() && email.value.as_str() == address);
    Ok(verified && memberships::of(tx, instance, organization, &user.user.id)?.is_some())
}

/// The mail goes out in the stream of the organization: the address may be nobody's.
fn mail(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, invited: &Invitation) -> Result<()> {
    let Invitation { invitation, organization, inviter, .. } = invited;
    let names =
        inviter.as_ref().map(|user| [user.first_name.as_deref(), user.last_name.as_deref()]);
    let inviter_name = names.map(|names| names.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let message = json!({
        "slug": "organization_invitation",
        "to_email_address": invitation.email_address,
        "data": {
            "organization_name": organization.organization.name,
            "inviter_name": inviter_name,
            "action_url": invitation.url(&ctx.public_url),
            "expires_in_days": (invitation.expires_at - invitation.created_at) / DAY_MS,
        },
    });
    events::email_to_anybody(ctx, tx, instance, &organization.organization.id, &message)
}
