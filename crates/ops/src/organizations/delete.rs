//! Delete an organization with its memberships, invitations and logo.

use std::collections::HashMap;

use rollbook_store::organizations::StoredOrganization;
use rollbook_store::{
    Conn, billing, images, memberships, organization_invitations, organizations, sessions, users,
};
use rollbook_wire::Id;
use serde_json::json;

use super::body::full;
use super::write::lock;
use crate::memberships::{Told, tell};
use crate::users::hold;
use crate::{Ctx, Error, Result, Tenant, events, roles};

/// What is left to tell of a deleted organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// `org_…`
    pub id: Id,
    /// Free again.
    pub slug: String,
}

/// Deletes an organization; deleting it again finds nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Deleted> {
    let (ctx_, instance, id) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let (deleted, pictures) = ctx
        .db
        .write(move |tx| {
            hold(tx, &instance)?;
            end_memberships(&ctx_, tx, &instance, &id)?;
            let organization = lock(tx, &instance, &id)?.organization;
            organization_invitations::delete_of_organization(tx, &instance, &id)?;
            let pictures = images::delete_of_owner(tx, &instance, &id)?;
            billing::delete_of_owner(tx, &instance, &id)?;
            organizations::delete(tx, &instance, &id)?;
            let deleted = Deleted { id: id.clone(), slug: organization.slug };
            let data = json!({
                "object": "organization", "id": deleted.id, "slug": deleted.slug, "deleted": true,
            });
            events::happened(&ctx_, tx, &instance, "organization.deleted", &id, &id, &data)?;
            Ok::<_, Error>((deleted, pictures))
        })
        .await?;
    crate::images::discard(ctx, pictures).await;
    Ok(deleted)
}

/// Members are held before their organization, as everywhere; who joins in between makes
/// the transaction run again.
fn end_memberships(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<()> {
    let ids = |members: &[rollbook_domain::Membership]| -> Vec<Id> {
        members.iter().map(|membership| membership.user_id.clone()).collect()
    };
    let expected = ids(&memberships::all_of_organization(tx, instance, id)?);
    let held = users::lock_many(tx, instance, &expected)?;
    let mut held: HashMap<Id, _> =
        held.into_iter().map(|stored| (stored.user.id.clone(), stored.user)).collect();
    let organization = lock(tx, instance, id)?;
    let members = memberships::all_of_organization(tx, instance, id)?;
    if ids(&members) != expected {
        return Err(tx.conflict().into());
    }
    memberships::delete_of_organization(tx, instance, id)?;
    let roles = roles::all(tx, instance)?;
    let left = full(ctx, tx, instance, StoredOrganization { members_count: 0, ..organization })?;
    for membership in &members {
        sessions::leave_organization(tx, instance, &membership.user_id, id)?;
        let Some(user) = held.remove(&membership.user_id) else { continue };
        let role = roles::named(&roles, &membership.role);
        let told = Told { membership, organization: &left, user: &user, role };
        tell(ctx, tx, instance, "organizationMembership.deleted", &told)?;
    }
    Ok(())
}
