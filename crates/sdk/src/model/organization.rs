//! Organizations and what ties users to them.

use super::{InvitationStatus, Metadata, model};
use crate::{OrganizationId, OrganizationInvitationId, OrganizationMembershipId, Secret, UserId};

model! {
    /// An organization.
    Organization {
        /// `org_…`
        id: OrganizationId,
    } optional {
        /// For people.
        name: String,
        /// Unique in the instance.
        slug: String,
        /// The logo, or a generated one.
        image_url: String,
        /// Whether `image_url` is a real picture.
        has_image: bool,
        /// How many members there are, where it was asked for.
        members_count: Option<i64>,
        /// How many invitations are pending, where it was asked for.
        pending_invitations_count: Option<i64>,
        /// How many members there may be; 0 is unlimited.
        max_allowed_memberships: i64,
        /// Whether administrators may delete it.
        admin_delete_enabled: bool,
        /// Read by everyone, written by the backend.
        public_metadata: Metadata,
        /// Read and written by the backend.
        private_metadata: Option<Metadata>,
        /// Who created it.
        created_by: Option<UserId>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// What everyone may know of a member.
    PublicUserData {
    } optional {
        /// `user_…`; none of somebody who is no user yet.
        user_id: Option<UserId>,
        /// Given name.
        first_name: Option<String>,
        /// Family name.
        last_name: Option<String>,
        /// The picture, or a generated avatar.
        image_url: String,
        /// Whether `image_url` is a real picture.
        has_image: bool,
        /// What the user is known by: an address, a number or a name.
        identifier: Option<String>,
    }
}

model! {
    /// A user's place in an organization.
    OrganizationMembership {
        /// `orgmem_…`
        id: OrganizationMembershipId,
    } optional {
        /// Such as `org:admin`.
        role: String,
        /// The role for people.
        role_name: Option<String>,
        /// What the role allows.
        permissions: Option<Vec<String>>,
        /// Read by everyone, written by the backend.
        public_metadata: Metadata,
        /// Read and written by the backend.
        private_metadata: Option<Metadata>,
        /// The organization.
        organization: Option<Organization>,
        /// The user.
        public_user_data: Option<PublicUserData>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// An invitation to an organization.
    OrganizationInvitation {
        /// `orginv_…`
        id: OrganizationInvitationId,
    } optional {
        /// Who is invited.
        email_address: String,
        /// Such as `org:member`.
        role: String,
        /// The role for people.
        role_name: Option<String>,
        /// Where to.
        organization_id: Option<OrganizationId>,
        /// What became of it.
        status: Option<InvitationStatus>,
        /// By whom.
        inviter_id: Option<UserId>,
        /// Where it is accepted; whoever has it may accept.
        url: Option<Secret>,
        /// What everyone may know of who invites.
        public_inviter_data: Option<PublicUserData>,
        /// What everyone may know of the organization; in lists that are of no single one.
        public_organization_data: Option<Organization>,
        /// Read by everyone, written by the backend.
        public_metadata: Metadata,
        /// Read and written by the backend.
        private_metadata: Option<Metadata>,
        /// Milliseconds.
        expires_at: Option<i64>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}
