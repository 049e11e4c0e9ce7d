//! Organizations, their members and their invitations.

use std::collections::BTreeMap;

use rollbook_sdk::{Clerk, CreateOrganizationInvitation, OrganizationId, Result};

const PNG: &[u8] = include_bytes!("dot.png");

/// From creation to deletion.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let organizations = clerk.organizations();
    let ada = clerk.users().create().username("ada_organizer").send().await?;

    let acme = organizations.create().name("Acme").created_by(&ada.id).send().await?;
    let acme = organizations.update(&acme.id).max_allowed_memberships(20).send().await?;
    let shown = organizations.get(&acme.id).include_members_count(true).send().await?;
    assert_eq!((shown.max_allowed_memberships, shown.members_count), (20, Some(1)));
    let found = organizations.list().query("Acme").include_members_count(true).send().await?;
    assert_eq!(found.total_count, 1);

    let seats = BTreeMap::from([("seats", 3)]);
    organizations.merge_metadata(&acme.id).public_metadata(&seats).send().await?;
    let acme = organizations.replace_metadata(&acme.id).private_metadata(&seats).send().await?;
    assert_eq!(acme.public_metadata.get("seats"), Some(&3.into()));

    let logo = organizations.upload_logo(&acme.id, PNG).uploader_user_id(&ada.id);
    assert!(logo.send().await?.has_image);
    assert!(!organizations.delete_logo(&acme.id).send().await?.has_image);

    members(clerk, &acme.id).await?;
    invitations(clerk, &acme.id).await?;

    organizations.delete(&acme.id).send().await?;
    clerk.users().delete(&ada.id).send().await?;
    Ok(())
}

async fn members(clerk: &Clerk, acme: &OrganizationId) -> Result<()> {
    let memberships = clerk.organization_memberships();
    let bob = clerk.users().create().username("bob_member").send().await?;
    let made = memberships.create(acme).user_id(&bob.id).role("org:member").send().await?;
    assert_eq!(made.role, "org:member");
    let raised = memberships.update(acme, &bob.id).role("org:admin").send().await?;
    assert_eq!(raised.role, "org:admin");
    let badge = BTreeMap::from([("badge", "gold")]);
    memberships.update_metadata(acme, &bob.id).public_metadata(&badge).send().await?;
    let admins = memberships.list(acme).role(["org:admin"]).user_id([&bob.id]).send().await?;
    assert_eq!(admins.total_count, 1);
    memberships.delete(acme, &bob.id).send().await?;
    clerk.users().delete(&bob.id).send().await?;
    Ok(())
}

async fn invitations(clerk: &Clerk, acme: &OrganizationId) -> Result<()> {
    let invitations = clerk.organization_invitations();
    let one = invitations
        .create(acme)
        .email_address("carol@example.com")
        .role("org:member")
        .expires_in_days(7)
        .send()
        .await?;
    let more =
        ["dave@example.com", "erin@example.com"].map(|address| CreateOrganizationInvitation {
            email_address: Some(address.to_owned()),
            role: Some("org:member".to_owned()),
            ..CreateOrganizationInvitation::default()
        });
    invitations.bulk_create(acme, more).send().await?;
    assert_eq!(invitations.get(acme, &one.id).send().await?.id, one.id);
    assert_eq!(invitations.list(acme).status(["pending"]).send().await?.total_count, 3);
    assert_eq!(invitations.list_pending(acme).limit(1).send().await?.data.len(), 1);
    invitations.revoke(acme, &one.id).send().await?;
    invitations.get_all().status(["revoked"]).send().await?;
    Ok(())
}
