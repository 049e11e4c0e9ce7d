//! A membership as the API and events show it.

use rollbook_domain::{Membership, MembershipView, Role, User, render_membership};
use rollbook_store::Conn;
use rollbook_store::memberships::MembershipRow;
use rollbook_wire as wire;
use rollbook_wire::Id;

use crate::organizations::{Found, hidden, view};
use crate::{Ctx, Result, events, roles};

/// A membership with all that its body shows.
#[derive(Debug, Clone)]
pub struct Member {
    /// The membership.
    pub membership: Membership,
    /// What it is in.
    pub organization: Found,
    /// Whose it is.
    pub user: User,
    /// None when the role is gone.
    role: Option<Role>,
}

impl Member {
    /// A row with its role, which is one of `roles`.
    pub(super) fn of(row: MembershipRow, roles: &[Role]) -> Self {
        Self {
            role: roles::named(roles, &row.membership.role).cloned(),
            membership: row.membership,
            organization: hidden(row.organization),
            user: row.user,
        }
    }
}

/// The membership as the API shows it.
pub fn render<'a>(ctx: &Ctx, member: &'a Member) -> wire::OrganizationMembership<'a> {
    let view = MembershipView {
        membership: &member.membership,
        organization: view(&member.organization),
        user: &member.user,
        role: member.role.as_ref(),
    };
    render_membership(&view, &ctx.public_url)
}

/// What an event tells of a membership.
pub(crate) struct Told<'a> {
    pub(crate) membership: &'a Membership,
    /// With all there is to tell of it.
    pub(crate) organization: &'a Found,
    pub(crate) user: &'a User,
    pub(crate) role: Option<&'a Role>,
}

/// Something happened to a membership, whose user the transaction holds.
pub(crate) fn tell(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: &'static str,
    told: &Told<'_>,
) -> Result<()> {
    let view = MembershipView {
        membership: told.membership,
        organization: view(told.organization),
        user: told.user,
        role: told.role,
    };
    let data = render_membership(&view, &ctx.public_url);
    events::happened(ctx, tx, instance, kind, &told.user.id, &told.membership.id, &data)
}
