//! What may be done to an invitation, and by whom.

use rollbook_domain::{InvitationStatus, Problem, Role, User};
use rollbook_store::{Conn, memberships, users};
use rollbook_wire::{Code, Id};

use crate::{Error, Result, roles};

/// The user, if it is a member who may manage others; `param` names it in the request.
pub(super) fn manager(
    tx: &mut Conn<'_>,
    instance: &Id,
    all: &[Role],
    (organization, user, param): (&Id, &Id, &str),
) -> Result<User> {
    let membership = memberships::of(tx, instance, organization, user)?;
    let role = membership.as_ref().and_then(|membership| roles::named(all, &membership.role));
    let found = users::find(tx, instance, user)?;
    match found {
        Some(found) if role.is_some_and(Role::manages_members) => Ok(found.user),
        _ => Err(Error::refused(Problem::param(
            Code::NotAnAdminInOrganization,
            param,
            format!(
                "{param} must be the id of a member who may manage members of the organization."
            ),
        ))),
    }
}

/// Refuses an invitation that is not pending any more.
pub(super) fn still_pending(status: InvitationStatus) -> Result<()> {
    let (code, text) = match status {
        InvitationStatus::Pending => return Ok(()),
        InvitationStatus::Accepted => {
            (Code::OrganizationInvitationAlreadyAccepted, "The invitation was accepted already.")
        }
        InvitationStatus::Revoked => {
            (Code::OrganizationInvitationRevoked, "The invitation was revoked.")
        }
        InvitationStatus::Expired => {
            (Code::OrganizationInvitationNotPending, "The invitation has expired.")
        }
    };
    Err(Error::refused(Problem::new(code, text)))
}
