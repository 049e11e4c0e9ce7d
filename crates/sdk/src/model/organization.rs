//! Organizations and what ties users to them.

use serde::{Deserialize, Serialize};

use super::{Metadata, open_enum};
use crate::{OrganizationId, UserId};

/// An organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// `org_…`
    pub id: OrganizationId,
    /// For people.
    #[serde(default)]
    pub name: String,
    /// Unique in the instance.
    #[serde(default)]
    pub slug: String,
    /// The logo, or a generated one.
    #[serde(default)]
    pub image_url: String,
    /// Whether `image_url` is a real picture.
    #[serde(default)]
    pub has_image: bool,
    /// How many members there are, where it was asked for.
    #[serde(default)]
    pub members_count: Option<i64>,
    /// How many invitations are pending, where it was asked for.
    #[serde(default)]
    pub pending_invitations_count: Option<i64>,
    /// How many members there may be; 0 is unlimited.
    #[serde(default)]
    pub max_allowed_memberships: i64,
    /// Whether administrators may delete it.
    #[serde(default)]
    pub admin_delete_enabled: bool,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    #[serde(default)]
    pub private_metadata: Option<Metadata>,
    /// Who created it.
    #[serde(default)]
    pub created_by: Option<UserId>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

/// What everyone may know of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PublicUserData {
    /// `user_…`; none of somebody who is no user yet.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The picture, or a generated avatar.
    #[serde(default)]
    pub image_url: String,
    /// Whether `image_url` is a real picture.
    #[serde(default)]
    pub has_image: bool,
    /// What the user is known by: an address, a number or a name.
    #[serde(default)]
    pub identifier: Option<String>,
}

/// A user's place in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationMembership {
    /// `orgmem_…`
    pub id: String,
    /// Such as `org:admin`.
    #[serde(default)]
    pub role: String,
    /// The role for people.
    #[serde(default)]
    pub role_name: Option<String>,
    /// What the role allows.
    #[serde(default)]
    pub permissions: Option<Vec<String>>,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    #[serde(default)]
    pub private_metadata: Option<Metadata>,
    /// The organization.
    #[serde(default)]
    pub organization: Option<Organization>,
    /// The user.
    #[serde(default)]
    pub public_user_data: Option<PublicUserData>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}

open_enum! {
    /// What became of an invitation.
    OrganizationInvitationStatus {
        /// Neither accepted nor at its end.
        Pending = "pending",
        /// Accepted.
        Accepted = "accepted",
        /// Taken back.
        Revoked = "revoked",
        /// Not accepted in time.
        Expired = "expired",
    }
}

/// An invitation to an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrganizationInvitation {
    /// `orginv_…`
    pub id: String,
    /// Who is invited.
    #[serde(default)]
    pub email_address: String,
    /// Such as `org:member`.
    #[serde(default)]
    pub role: String,
    /// The role for people.
    #[serde(default)]
    pub role_name: Option<String>,
    /// Where to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// What became of it.
    #[serde(default)]
    pub status: Option<OrganizationInvitationStatus>,
    /// By whom.
    #[serde(default)]
    pub inviter_id: Option<UserId>,
    /// Where it is accepted.
    #[serde(default)]
    pub url: Option<String>,
    /// Read by everyone, written by the backend.
    #[serde(default)]
    pub public_metadata: Metadata,
    /// Read and written by the backend.
    #[serde(default)]
    pub private_metadata: Option<Metadata>,
    /// Milliseconds.
    #[serde(default)]
    pub expires_at: Option<i64>,
    /// Milliseconds.
    #[serde(default)]
    pub created_at: i64,
    /// Milliseconds.
    #[serde(default)]
    pub updated_at: i64,
}
