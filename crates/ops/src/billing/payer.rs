//! Users and organizations as those who pay.

use rollbook_domain::billing::{Owner, PayerType};
use rollbook_store::organizations::StoredOrganization;
use rollbook_store::users::StoredUser;
use rollbook_store::{Conn, organizations, users};
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Prefix};

use crate::organizations::hidden;
use crate::{Ctx, Error, Result, Tenant};

/// The user as one who pays.
pub(super) fn of_user(ctx: &Ctx, tenant: &Tenant, stored: &StoredUser) -> wire::Payer {
    let shown = crate::users::render(ctx, tenant, stored);
    let primary = shown
        .email_addresses
        .iter()
        .find(|email| shown.primary_email_address_id.as_deref().is_some_and(|id| id == email.id));
    wire::Payer {
        object: "commerce_payer",
        id: stored.user.id.sibling(Prefix::Payer),
        instance_id: tenant.instance.id.clone(),
        user_id: Some(stored.user.id.clone()),
        first_name: shown.first_name.as_deref().unwrap_or_default().to_owned(),
        last_name: shown.last_name.as_deref().unwrap_or_default().to_owned(),
        email: primary.map(|email| email.email_address.to_string()).unwrap_or_default(),
        organization_id: None,
        organization_name: None,
        image_url: shown.image_url.to_string(),
        created_at: stored.user.created_at,
        updated_at: stored.user.updated_at,
    }
}

/// The organization as one who pays.
fn of_organization(ctx: &Ctx, tenant: &Tenant, stored: StoredOrganization) -> wire::Payer {
    let found = hidden(stored);
    let shown = crate::organizations::render(ctx, &found);
    let organization = &found.stored.organization;
    wire::Payer {
        object: "commerce_payer",
        id: organization.id.sibling(Prefix::Payer),
        instance_id: tenant.instance.id.clone(),
        user_id: None,
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        organization_id: Some(organization.id.clone()),
        organization_name: Some(organization.name.clone()),
        image_url: shown.image_url.to_string(),
        created_at: organization.created_at,
        updated_at: organization.updated_at,
    }
}

/// Who pays, if there is such a user or organization.
pub(super) fn find(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    owner: &Owner,
) -> Result<wire::Payer> {
    let (instance, id) = (&tenant.instance.id, &owner.id);
    let payer = match owner.payer_type {
        PayerType::User => {
            users::find(conn, instance, id)?.map(|stored| of_user(ctx, tenant, &stored))
        }
        PayerType::Org => organizations::find(conn, instance, id)?
            .map(|stored| of_organization(ctx, tenant, stored)),
    };
    payer.ok_or_else(|| not_found(owner))
}

/// The same, and nobody else changes what it has until the transaction ends.
pub(super) fn lock(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    owner: &Owner,
) -> Result<wire::Payer> {
    let (instance, id) = (&tenant.instance.id, &owner.id);
    let payer = match owner.payer_type {
        PayerType::User => {
            users::lock(tx, instance, id)?.map(|stored| of_user(ctx, tenant, &stored))
        }
        PayerType::Org => organizations::lock(tx, instance, id)?
            .map(|stored| of_organization(ctx, tenant, stored)),
    };
    payer.ok_or_else(|| not_found(owner))
}

pub(super) fn not_found(owner: &Owner) -> Error {
    let what = match owner.payer_type {
        PayerType::User => "user",
        PayerType::Org => "organization",
    };
    Error::not_found(what, owner.id.as_str())
}

/// A user as the owner of a subscription.
pub fn user(id: &Id) -> Owner {
    Owner { payer_type: PayerType::User, id: id.clone() }
}

/// An organization as the owner of a subscription.
pub fn organization(id: &Id) -> Owner {
    Owner { payer_type: PayerType::Org, id: id.clone() }
}
