//! Roles and permissions of members.

use rollbook_sdk::{Clerk, Patch, Result};

/// A role with a permission.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let (roles, permissions) = (clerk.organization_roles(), clerk.organization_permissions());

    let pay = permissions.create().name("Pay invoices").key("org:invoices:pay").send().await?;
    let pay = permissions.update(&pay.id).description("With the firm's card").send().await?;
    assert_eq!(permissions.get(&pay.id).send().await?, pay);
    assert!(permissions.list().query("invoices").send().await?.total_count >= 1);

    let clerks = roles.create().name("Bookkeeper").key("org:bookkeeper").send().await?;
    let clerks = roles.assign_permission(&clerks.id, &pay.id).send().await?;
    assert!(clerks.permissions.iter().any(|permission| permission.id == pay.id));
    roles.remove_permission(&clerks.id, &pay.id).send().await?;
    let clerks = roles.update(&clerks.id).permissions([&pay.id]).send().await?;
    let clerks = roles.update(&clerks.id).description(Patch::Clear).send().await?;
    assert_eq!(roles.get(&clerks.id).send().await?.key, "org:bookkeeper");
    assert!(roles.list().order_by("-created_at").send().await?.total_count >= 1);

    roles.delete(&clerks.id).send().await?;
    permissions.delete(&pay.id).send().await?;
    Ok(())
}
