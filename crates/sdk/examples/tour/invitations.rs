//! Invitations to sign up, and the waitlist.

use rollbook_sdk::{Clerk, CreateInvitation, CreateWaitlistEntry, Result, WaitlistEntryStatus};

/// Invited, waiting, let in, turned down.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let invitations = clerk.invitations();
    let one = invitations.create().email_address("frank@example.com").notify(false).send().await?;
    let more = ["grace@example.com", "heidi@example.com"].map(|address| CreateInvitation {
        email_address: Some(address.to_owned()),
        ..CreateInvitation::default()
    });
    assert_eq!(invitations.bulk_create(more).send().await?.len(), 2);
    assert!(invitations.revoke(&one.id).send().await?.revoked);
    let pending = invitations.list().status(["pending"]).query("example.com").send().await?;
    assert_eq!(pending.len(), 2);

    let waitlist = clerk.waitlist_entries();
    let one = waitlist.create().email_address("ivan@example.com").notify(false).send().await?;
    let more = ["judy@example.com", "mike@example.com"].map(|address| CreateWaitlistEntry {
        email_address: Some(address.to_owned()),
        ..CreateWaitlistEntry::default()
    });
    let more = waitlist.bulk_create(more).send().await?;
    let invited = waitlist.invite(&one.id).ignore_existing(true).send().await?;
    assert_eq!(invited.status, WaitlistEntryStatus::Invited);
    for (n, entry) in more.iter().enumerate() {
        if n == 0 {
            waitlist.reject(&entry.id).send().await?;
        } else {
            waitlist.delete(&entry.id).send().await?;
        }
    }
    assert_eq!(waitlist.list().send().await?.total_count, 2);
    Ok(())
}
