//! Delete a role that nothing refers to.

use rollbook_domain::{Problem, Role};
use rollbook_store::roles;
use rollbook_wire::{Code, DeletedObject, Id};

use super::write::{Held, change};
use crate::{Ctx, Error, Result, Tenant, events};

/// Deletes a role; one in use is refused.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<DeletedObject> {
    let id = id.clone();
    change(ctx, tenant, move |held| {
        let role = held.role(&id)?;
        if let Some(problem) = in_use(held, &role)? {
            return Err(Error::refused(problem));
        }
        let instance = held.instance.id.clone();
        roles::delete(held.tx, &instance, &role.id)?;
        let body = DeletedObject {
            object: "role".to_owned(),
            id: role.id.to_string(),
            deleted: true,
            external_id: None,
        };
        events::happened(held.ctx, held.tx, &instance, "role.deleted", &role.id, &role.id, &body)?;
        Ok(body)
    })
    .await
}

fn in_use(held: &mut Held<'_, '_>, role: &Role) -> Result<Option<Problem>> {
    let settings = &held.instance.settings.organizations;
    let instance = &held.instance.id;
    let (code, what) = if settings.creator_role == role.key {
        (Code::OrganizationRoleDefaultCreatorRole, "is what creators of organizations get")
    } else if settings.domains_default_role == role.key {
        (Code::OrganizationRoleDomainDefaultRole, "is what people with an address of a domain get")
    } else if roles::has_members(held.tx, instance, &role.key)? {
        (Code::OrganizationRoleAssignedMembers, "is a member's")
    } else if roles::has_invitations(held.tx, instance, &role.key, held.ctx.clock.now())? {
        (Code::OrganizationRoleExistsInInvitations, "is in a pending invitation")
    } else {
        return Ok(None);
    };
    Ok(Some(Problem::new(code, format!("The role {} {what}.", role.key))))
}
