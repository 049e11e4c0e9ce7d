//! Invitations to sign up, and the waitlist.

use crate::operations::operations;
use crate::params::{Bulk, params};
use crate::{DeletedObject, Invitation, InvitationId, Paginated, WaitlistEntry, WaitlistEntryId};

operations! {
    /// The operations on invitations to sign up.
    Invitations as invitations;

    /// Lists invitations, newest first.
    list(): GET / "invitations" (ListInvitations) => Vec<Invitation>;

    /// Invites somebody; `email_address` must be set.
    create(): POST / "invitations" (CreateInvitation) => Invitation;

    /// Invites up to ten people, all or none.
    bulk_create(entries: Vec<CreateInvitation>):
        POST / "invitations" / "bulk" (BulkInvitations { entries }) => Vec<Invitation>;

    /// Takes an invitation back.
    revoke(invitation_id: InvitationId):
        POST / "invitations" / invitation_id / "revoke" => Invitation;
}

operations! {
    /// The operations on those who wait to be let in.
    WaitlistEntries as waitlist_entries;

    /// Lists entries, newest first.
    list(): GET / "waitlist_entries" (ListInvitations) => Paginated<WaitlistEntry>;

    /// Adds somebody; `email_address` must be set.
    create(): POST / "waitlist_entries" (CreateWaitlistEntry) => WaitlistEntry;

    /// Adds up to 50 people, all or none.
    bulk_create(entries: Vec<CreateWaitlistEntry>):
        POST / "waitlist_entries" / "bulk" (BulkWaitlistEntries { entries })
        => Vec<WaitlistEntry>;

    /// Forgets an entry that waits.
    delete(waitlist_entry_id: WaitlistEntryId):
        DELETE / "waitlist_entries" / waitlist_entry_id => DeletedObject;

    /// Invites who waits.
    invite(waitlist_entry_id: WaitlistEntryId):
        POST / "waitlist_entries" / waitlist_entry_id / "invite" (InviteWaitlistEntry)
        => WaitlistEntry;

    /// Turns down who waits.
    reject(waitlist_entry_id: WaitlistEntryId):
        POST / "waitlist_entries" / waitlist_entry_id / "reject" => WaitlistEntry;
}

/// What [`Invitations::bulk_create`] takes.
pub type BulkInvitations = Bulk<CreateInvitation>;

/// What [`WaitlistEntries::bulk_create`] takes.
pub type BulkWaitlistEntries = Bulk<CreateWaitlistEntry>;

params! {
    /// What the lists of invitations and of those who wait take.
    ListInvitations in query paged;
    /// What became of it, such as `pending`.
    status: texts,
    /// A part of the address or the id.
    query: text,
    /// A field such as `created_at`, with `-` in front for the other direction.
    order_by: text,
}

params! {
    /// What [`create`](Invitations::create) takes.
    CreateInvitation in json;
    /// Who is invited.
    email_address: text,
    /// Of the user once it has signed up: an object.
    public_metadata: object,
    /// Where whoever accepts is sent.
    redirect_url: text,
    /// Whether mail is sent.
    notify: flag,
    /// Whether somebody who was invited already is invited again.
    ignore_existing: flag,
    /// 1 to 365; 30 unless set.
    expires_in_days: number,
    /// Which mail is sent: `invitation` or `waitlist_invitation`.
    template_slug: text,
}

params! {
    /// What [`create`](WaitlistEntries::create) takes.
    CreateWaitlistEntry in json;
    /// Who waits.
    email_address: text,
    /// Whether mail is sent.
    notify: flag,
}

params! {
    /// What [`invite`](WaitlistEntries::invite) takes.
    InviteWaitlistEntry in json;
    /// Whether somebody who was invited already is invited again.
    ignore_existing: flag,
}
