//! Organizations, their members and the invitations to them, as the API shows them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organization<'a> {
    /// Always `organization`.
    pub object: Cow<'a, str>,
    /// `org_…`
    pub id: Cow<'a, str>,
    /// For people.
    pub name: Cow<'a, str>,
    /// Unique in the instance.
    pub slug: Cow<'a, str>,
    /// The logo, or a generated one.
    pub image_url: Cow<'a, str>,
    /// Deprecated by `image_url`; only in the answer of an upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<Cow<'a, str>>,
    /// Whether `image_url` is a real logo.
    pub has_image: bool,
    /// Only when asked for, as the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_count: Option<i64>,
    /// Invitations that can be accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_invitations_count: Option<i64>,
    /// Only when asked for: whether nobody in it can run it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing_member_with_elevated_permissions: Option<bool>,
    /// Members and pending invitations together; 0 is unlimited.
    pub max_allowed_memberships: i64,
    /// Whether administrators may delete it through the browser API.
    pub admin_delete_enabled: bool,
    /// Read by everyone, written by the backend.
    pub public_metadata: Cow<'a, RawValue>,
    /// Read and written by the backend.
    pub private_metadata: Cow<'a, RawValue>,
    /// `user_…`, absent when nobody in particular made it or the creator is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Cow<'a, str>>,
    /// Creation, which the caller may set.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// Latest activity of a session in it, absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_active_at: Option<i64>,
    /// Always null so far.
    pub role_set_key: Option<Cow<'a, str>>,
}

/// A user's membership in an organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganizationMembership<'a> {
    /// Always `organization_membership`.
    pub object: Cow<'a, str>,
    /// `orgmem_…`
    pub id: Cow<'a, str>,
    /// The key of the role, such as `org:admin`.
    pub role: Cow<'a, str>,
    /// The role's name, for people.
    pub role_name: Cow<'a, str>,
    /// The permissions of the role.
    pub permissions: Vec<Cow<'a, str>>,
    /// Read by everyone, written by the backend.
    pub public_metadata: Cow<'a, RawValue>,
    /// Read and written by the backend.
    pub private_metadata: Cow<'a, RawValue>,
    /// What it is a membership in.
    pub organization: Organization<'a>,
    /// Whose membership it is.
    pub public_user_data: MembershipUserData<'a>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// What a membership shows of its user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MembershipUserData<'a> {
    /// `user_…`
    pub user_id: Cow<'a, str>,
    /// Given name.
    pub first_name: Option<Cow<'a, str>>,
    /// Family name.
    pub last_name: Option<Cow<'a, str>>,
    /// Deprecated by `image_url`.
    pub profile_image_url: Cow<'a, str>,
    /// The picture, or a generated avatar.
    pub image_url: Cow<'a, str>,
    /// Whether `image_url` is a real picture.
    pub has_image: bool,
    /// Address, number, username or wallet.
    pub identifier: Option<Cow<'a, str>>,
    /// Unique in the instance.
    pub username: Option<Cow<'a, str>>,
    /// Whether signing in is refused for good.
    pub banned: bool,
    /// Whether a directory has taken the account away.
    pub deprovisioned: bool,
}

/// An invitation to an organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganizationInvitation<'a> {
    /// Always `organization_invitation`.
    pub object: Cow<'a, str>,
    /// `orginv_…`
    pub id: Cow<'a, str>,
    /// Who is invited.
    pub email_address: Cow<'a, str>,
    /// The key of the role that the member will have.
    pub role: Cow<'a, str>,
    /// The role's name, for people.
    pub role_name: Cow<'a, str>,
    /// `org_…`
    pub organization_id: Cow<'a, str>,
    /// `user_…`, null when nobody in particular invited or the inviter is gone.
    pub inviter_id: Option<Cow<'a, str>>,
    /// Who that is.
    pub public_inviter_data: Option<InviterData<'a>>,
    /// `pending`, `accepted`, `revoked` or `expired`.
    pub status: Cow<'a, str>,
    /// The membership's, once there is one.
    pub public_metadata: Cow<'a, RawValue>,
    /// The membership's, once there is one.
    pub private_metadata: Cow<'a, RawValue>,
    /// The link that was mailed, null once it leads nowhere.
    pub url: Option<Cow<'a, str>>,
    /// When it runs out unless it is accepted.
    pub expires_at: i64,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
    /// In lists that are not of one organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_organization_data: Option<PublicOrganizationData<'a>>,
    /// `user_…` of who accepted; only in the event that tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<Cow<'a, str>>,
}

/// What an invitation shows of its inviter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InviterData<'a> {
    /// `user_…`
    pub user_id: Cow<'a, str>,
    /// Given name.
    pub first_name: Option<Cow<'a, str>>,
    /// Family name.
    pub last_name: Option<Cow<'a, str>>,
    /// The picture, or a generated avatar.
    pub image_url: Cow<'a, str>,
    /// Whether `image_url` is a real picture.
    pub has_image: bool,
    /// Address, number, username, wallet or id.
    pub identifier: Cow<'a, str>,
}

/// What an invitation shows of its organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublicOrganizationData<'a> {
    /// `org_…`
    pub id: Cow<'a, str>,
    /// For people.
    pub name: Cow<'a, str>,
    /// Unique in the instance.
    pub slug: Cow<'a, str>,
    /// The logo, or a generated one.
    pub image_url: Cow<'a, str>,
    /// Whether `image_url` is a real logo.
    pub has_image: bool,
}
