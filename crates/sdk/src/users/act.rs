//! What is asked of users and done to them without describing them.

use crate::params::{body, params};
use crate::{Secret, UserId};

body! {
    /// What the bulk operations take.
    BulkUsers {
        /// Up to 50.
        user_ids: Vec<UserId>,
    }
}

body! {
    /// What [`verify_password`](crate::Users::verify_password) takes.
    VerifyPassword {
        /// As it is typed.
        password: Secret,
    }
}

body! {
    /// What [`verify_totp`](crate::Users::verify_totp) takes.
    VerifyTotp {
        /// Six digits, or a backup code.
        code: Secret,
    }
}

params! {
    /// What [`get_organization_invitations`](crate::Users::get_organization_invitations) takes.
    GetOrganizationInvitations in query paged;
    /// `pending`, `accepted`, `revoked` or `expired`.
    status: texts,
}

params! {
    /// What a list of all memberships takes.
    ListInstanceMemberships in query paged;
    /// A field of the user or `created_at`, with `-` in front for the other direction.
    order_by: text,
}

impl BulkUsers {
    pub(super) fn of<I: Into<UserId>>(user_ids: impl IntoIterator<Item = I>) -> Self {
        Self::new(user_ids.into_iter().map(Into::into).collect())
    }
}
