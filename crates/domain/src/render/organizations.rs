//! Organizations, memberships and invitations as the API shows them.

use rollbook_wire as wire;
use rollbook_wire::Id;

use super::{image_url, opt, picture_url, text};
use crate::{
    InvitationStatus, Membership, Organization, OrganizationInvitation, Role, User, Web3Wallet,
};

/// An organization with what is kept beside it.
#[derive(Debug, Clone, Copy)]
pub struct OrganizationView<'a> {
    /// The record.
    pub organization: &'a Organization,
    /// `user_…`; none when the creator is gone.
    pub created_by: Option<&'a Id>,
    /// Latest activity of a session in it.
    pub last_active_at: Option<i64>,
    /// Only where it was asked for, as the next two.
    pub members_count: Option<i64>,
    /// Invitations that can be accepted.
    pub pending_invitations_count: Option<i64>,
    /// Whether nobody in it can run it.
    pub missing_member_with_elevated_permissions: Option<bool>,
}

/// A membership with what its body shows of others.
#[derive(Debug, Clone, Copy)]
pub struct MembershipView<'a> {
    /// The membership.
    pub membership: &'a Membership,
    /// What it is in.
    pub organization: OrganizationView<'a>,
    /// Whose it is.
    pub user: &'a User,
    /// Its role; none when the role is gone.
    pub role: Option<&'a Role>,
}

/// An invitation with what its body shows of others.
#[derive(Debug, Clone, Copy)]
pub struct InvitationView<'a> {
    /// The invitation.
    pub invitation: &'a OrganizationInvitation,
    /// What it invites to.
    pub organization: &'a Organization,
    /// Who invited.
    pub inviter: Option<&'a User>,
    /// Its role; none when the role is gone.
    pub role: Option<&'a Role>,
    /// Milliseconds; the status goes by the clock.
    pub now: i64,
}

/// The body of an organization; `public_url` has no trailing slash.
pub fn render_organization<'a>(
    view: &OrganizationView<'a>,
    public_url: &str,
) -> wire::Organization<'a> {
    let organization = view.organization;
    wire::Organization {
        object: "organization".into(),
        id: text(&organization.id),
        name: organization.name.as_str().into(),
        slug: organization.slug.as_str().into(),
        image_url: logo_url(organization, public_url).into(),
        logo_url: None,
        has_image: organization.image_id.is_some(),
        members_count: view.members_count,
        pending_invitations_count: view.pending_invitations_count,
        missing_member_with_elevated_permissions: view.missing_member_with_elevated_permissions,
        max_allowed_memberships: organization.max_allowed_memberships.into(),
        admin_delete_enabled: organization.admin_delete_enabled,
        public_metadata: organization.public_metadata.to_raw(),
        private_metadata: organization.private_metadata.to_raw(),
        created_by: view.created_by.map(text),
        created_at: organization.created_at,
        updated_at: organization.updated_at,
        last_active_at: view.last_active_at,
        role_set_key: None,
    }
}

/// Where its logo is, or the picture of its initials.
pub fn logo_url(organization: &Organization, public_url: &str) -> String {
    let mut words = organization.name.split_whitespace();
    let names = (words.next(), words.next_back());
    picture_url(public_url, &organization.id, organization.image_id.as_ref(), names)
}

/// The body of a membership.
pub fn render_membership<'a>(
    view: &MembershipView<'a>,
    public_url: &str,
) -> wire::OrganizationMembership<'a> {
    let MembershipView { membership, user, role, .. } = *view;
    let image_url = image_url(user, public_url);
    wire::OrganizationMembership {
        object: "organization_membership".into(),
        id: text(&membership.id),
        role: membership.role.as_str().into(),
        role_name: role_name(role, &membership.role).into(),
        permissions: role
            .map(|role| role.permissions.iter().map(|key| key.as_str().into()).collect())
            .unwrap_or_default(),
        public_metadata: membership.public_metadata.to_raw(),
        private_metadata: membership.private_metadata.to_raw(),
        organization: render_organization(&view.organization, public_url),
        public_user_data: wire::MembershipUserData {
            user_id: text(&user.id),
            first_name: opt(user.first_name.as_ref()),
            last_name: opt(user.last_name.as_ref()),
            profile_image_url: image_url.clone().into(),
            image_url: image_url.into(),
            has_image: user.image_id.is_some(),
            identifier: identifier(user).map(Into::into),
            username: user.username.as_ref().map(|name| name.as_str().into()),
            banned: user.banned,
            deprovisioned: false,
        },
        created_at: membership.created_at,
        updated_at: membership.updated_at,
    }
}

/// The body of an invitation; the link is shown as long as it leads anywhere.
pub fn render_invitation<'a>(
    view: &InvitationView<'a>,
    public_url: &str,
) -> wire::OrganizationInvitation<'a> {
    let InvitationView { invitation, organization, inviter, role, now } = *view;
    let status = invitation.status_at(now);
    let pending = status == InvitationStatus::Pending;
    wire::OrganizationInvitation {
        object: "organization_invitation".into(),
        id: text(&invitation.id),
        email_address: invitation.email_address.as_str().into(),
        role: invitation.role.as_str().into(),
        role_name: role_name(role, &invitation.role).into(),
        organization_id: text(&organization.id),
        inviter_id: inviter.map(|user| text(&user.id)),
        public_inviter_data: inviter.map(|user| wire::InviterData {
            user_id: text(&user.id),
            first_name: opt(user.first_name.as_ref()),
            last_name: opt(user.last_name.as_ref()),
            image_url: image_url(user, public_url).into(),
            has_image: user.image_id.is_some(),
            // The clients' models want a text; who has no identifier has an id.
            identifier: identifier(user).unwrap_or(user.id.as_str()).into(),
        }),
        status: status.as_str().into(),
        public_metadata: invitation.public_metadata.to_raw(),
        private_metadata: invitation.private_metadata.to_raw(),
        url: pending.then(|| invitation.url(public_url).into()),
        expires_at: invitation.expires_at,
        created_at: invitation.created_at,
        updated_at: invitation.updated_at,
        public_organization_data: None,
        user_id: None,
    }
}

/// What an invitation shows of its organization.
pub fn public_organization_data<'a>(
    organization: &'a Organization,
    public_url: &str,
) -> wire::PublicOrganizationData<'a> {
    wire::PublicOrganizationData {
        id: text(&organization.id),
        name: organization.name.as_str().into(),
        slug: organization.slug.as_str().into(),
        image_url: logo_url(organization, public_url).into(),
        has_image: organization.image_id.is_some(),
    }
}

fn role_name<'a>(role: Option<&'a Role>, key: &'a str) -> &'a str {
    role.map_or(key, |role| role.name.as_str())
}

/// The user's main identifier: address, number, username, wallet, in this order.
fn identifier(user: &User) -> Option<&str> {
    let email = user.primary_email_address().map(crate::EmailAddress::as_str);
    let email = email.or_else(|| user.email_addresses.first().map(|one| one.value.as_str()));
    let phone = || user.primary_phone_number().map(crate::PhoneNumber::as_str);
    let username = || user.username.as_ref().map(crate::Username::as_str);
    let wallet = || user.primary_web3_wallet().map(Web3Wallet::as_str);
    email.or_else(phone).or_else(username).or_else(wallet)
}
