//! Read an invitation.

use rollbook_domain::{
    InvitationView, OrganizationInvitation, Role, User, public_organization_data, render_invitation,
};
use rollbook_store::organization_invitations::{self as store, InvitationRow};
use rollbook_store::organizations::StoredOrganization;
use rollbook_store::{Conn, organizations};
use rollbook_wire as wire;
use rollbook_wire::Id;

use crate::organizations::not_found;
use crate::{Ctx, Error, Result, Tenant, events, roles};

/// An invitation with all that its body shows.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The invitation.
    pub invitation: OrganizationInvitation,
    /// What it invites to.
    pub organization: StoredOrganization,
    /// Who invited.
    pub inviter: Option<User>,
    /// None when the role is gone.
    pub(super) role: Option<Role>,
}

impl Invitation {
    /// A row with its role, which is one of `roles`.
    pub(super) fn of(row: InvitationRow, roles: &[Role]) -> Self {
        Self {
            role: roles::named(roles, &row.invitation.role).cloned(),
            invitation: row.invitation,
            organization: row.organization,
            inviter: row.inviter,
        }
    }
}

/// The invitation with this id, to this organization.
pub async fn get(ctx: &Ctx, tenant: &Tenant, organization: &Id, id: &Id) -> Result<Invitation> {
    let (instance, organization, id) =
        (tenant.instance.id.clone(), organization.clone(), id.clone());
    ctx.db
        .read(move |conn| {
            if !organizations::exists(conn, &instance, &organization)? {
                return Err(not_found(&organization));
            }
            let row = store::row(conn, &instance, &id)?
                .filter(|row| row.invitation.organization_id == organization)
                .ok_or_else(|| no_invitation(&id))?;
            Ok(Invitation::of(row, &roles::all(conn, &instance)?))
        })
        .await
}

/// The invitation as the API shows it now.
pub fn render<'a>(ctx: &Ctx, found: &'a Invitation) -> wire::OrganizationInvitation<'a> {
    let view = InvitationView {
        invitation: &found.invitation,
        organization: &found.organization.organization,
        inviter: found.inviter.as_ref(),
        role: found.role.as_ref(),
        now: ctx.clock.now(),
    };
    render_invitation(&view, &ctx.public_url)
}

/// The same with what everybody may know of the organization.
pub fn render_with_organization<'a>(
    ctx: &Ctx,
    found: &'a Invitation,
) -> wire::OrganizationInvitation<'a> {
    let organization = &found.organization.organization;
    wire::OrganizationInvitation {
        public_organization_data: Some(public_organization_data(organization, &ctx.public_url)),
        ..render(ctx, found)
    }
}

/// Something happened to an invitation, whose organization the transaction holds.
///
/// The link is a secret of whoever got the mail, so no event tells it.
pub(super) fn tell(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    (found, accepted_by): (&Invitation, Option<&Id>),
) -> Result<()> {
    let data = wire::OrganizationInvitation {
        url: None,
        user_id: accepted_by.map(|id| id.as_str().into()),
        ..render_with_organization(ctx, found)
    };
    let organization = &found.organization.organization.id;
    events::happened(ctx, tx, instance, kind, organization, &found.invitation.id, &data)
}

pub(super) fn no_invitation(id: &Id) -> Error {
    Error::not_found("invitation to the organization", id.as_str())
}
