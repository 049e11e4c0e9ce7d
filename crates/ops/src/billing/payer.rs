//! Users and organizations as those who pay.

use rollbook_domain::billing::{Owner, PayerType};
use rollbook_store::Conn;
use rollbook_store::users::{self, StoredUser};
use rollbook_wire::Id;
use rollbook_wire::billing as wire;

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
        id: owner_of(stored).payer_id(),
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

fn owner_of(stored: &StoredUser) -> Owner {
    Owner { payer_type: PayerType::User, id: stored.user.id.clone() }
}

/// Who pays, if there is such a user or organization.
pub(super) fn find(
    ctx: &Ctx,
    conn: &mut Conn<'_>,
    tenant: &Tenant,
    owner: &Owner,
) -> Result<wire::Payer> {
    let stored = match owner.payer_type {
        PayerType::User => users::find(conn, &tenant.instance.id, &owner.id)?,
        PayerType::Org => None,
    };
    Ok(of_user(ctx, tenant, &stored.ok_or_else(|| not_found(owner))?))
}

/// The same, and nobody else changes what it has until the transaction ends.
pub(super) fn lock(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    tenant: &Tenant,
    owner: &Owner,
) -> Result<wire::Payer> {
    let stored = match owner.payer_type {
        PayerType::User => users::lock(tx, &tenant.instance.id, &owner.id)?,
        PayerType::Org => None,
    };
    Ok(of_user(ctx, tenant, &stored.ok_or_else(|| not_found(owner))?))
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
