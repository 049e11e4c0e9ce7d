//! Invitations to sign up, and those who wait for one.

use super::{Metadata, model, open_enum};
use crate::{InvitationId, Secret, WaitlistEntryId};

open_enum! {
    /// What became of an invitation, or of a token that is good once.
    InvitationStatus {
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

model! {
    /// An invitation to sign up.
    Invitation {
        /// `inv_…`
        id: InvitationId,
        /// Who is invited.
        email_address: String,
        /// What became of it.
        status: InvitationStatus,
    } optional {
        /// Of the user once it has signed up.
        public_metadata: Metadata,
        /// Whether it was taken back.
        revoked: bool,
        /// Where it is accepted; whoever has it may accept.
        url: Option<Secret>,
        /// Milliseconds; none if it does not end.
        expires_at: Option<i64>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

open_enum! {
    /// What became of a waitlist entry.
    WaitlistEntryStatus {
        /// Waits.
        Pending = "pending",
        /// Was invited.
        Invited = "invited",
        /// Was turned down.
        Rejected = "rejected",
        /// Has signed up.
        Completed = "completed",
    }
}

model! {
    /// Somebody who waits to be let in.
    WaitlistEntry {
        /// `wle_…` or `waitlist_…`
        id: WaitlistEntryId,
        /// Who waits.
        email_address: String,
        /// What became of it.
        status: WaitlistEntryStatus,
    } optional {
        /// Whether it is being decided on.
        is_locked: bool,
        /// Once there is one.
        invitation: Option<Invitation>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}
