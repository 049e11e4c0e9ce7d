//! What becomes of invitations when the invited becomes a user.

use rollbook_domain::{InvitationStatus, Metadata, Proof, User, WaitlistStatus};
use rollbook_store::{Conn, invitations, waitlist_entries};
use rollbook_wire::Id;

use crate::{Ctx, Error, Result, waitlist_entries as entries};

/// Accepts the pending invitations of a new user's addresses, and ends their waiting.
///
/// The user gets the public metadata of the invitations, the later ones over the earlier
/// ones and its own over all of them. Reserved addresses were invited in vain so far.
pub(crate) fn accept(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, user: &mut User) -> Result<()> {
    let now = ctx.clock.now();
    let mut invited = Metadata::default();
    let merge = |into: &Metadata, from: &Metadata| {
        into.merge(&from.to_map(), "public_metadata").map_err(Error::refused)
    };
    for email in user.email_addresses.iter().filter(|email| email.proof != Proof::Reserved) {
        let address = email.value.as_str();
        for mut invitation in invitations::pending_of(tx, instance, address, now)? {
            invitation.status = InvitationStatus::Accepted;
            invitation.updated_at = now.max(invitation.updated_at + 1);
            if !invitations::set_status(tx, instance, &invitation)? {
                return Err(tx.conflict().into());
            }
            invited = merge(&invited, &invitation.public_metadata)?;
        }
        if let Some(mut entry) = waitlist_entries::lock_of(tx, instance, address)? {
            entry.status = WaitlistStatus::Completed;
            entries::save(ctx, tx, instance, &mut entry)?;
        }
    }
    if invited != Metadata::default() {
        user.public_metadata = merge(&invited, &user.public_metadata)?;
    }
    Ok(())
}
