//! What the shortcodes of a JWT template can name.

use rollbook_domain::{EmailAddress, Identified, PhoneNumber, Session, Web3Wallet, logo_url};
use rollbook_store::users::StoredUser;
use rollbook_wire::Id;
use serde_json::{Value, json};

use super::token::Active;
use crate::{Ctx, Tenant, users};

/// `user.…`, `org.…`, `org_membership.…` and `session.…`; instants in seconds, as at Clerk.
///
/// Private metadata is not among it: tokens are read by browsers.
pub(super) fn of(
    ctx: &Ctx,
    tenant: &Tenant,
    session: &Session,
    stored: &StoredUser,
    active: Option<&Active>,
) -> Value {
    let body = users::render(ctx, tenant, stored);
    let user = &stored.user;
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let seconds = |ms: i64| ms.div_euclid(1000);
    json!({
        "user": {
            "id": body.id,
            "external_id": body.external_id,
            "username": body.username,
            "first_name": body.first_name,
            "last_name": body.last_name,
            "full_name": (!full_name.is_empty()).then_some(full_name),
            "primary_email_address": user.primary_email_address().map(EmailAddress::as_str),
            "email_verified":
                is_verified(&user.email_addresses, user.primary_email_address_id.as_ref()),
            "primary_phone_number": user.primary_phone_number().map(PhoneNumber::as_str),
            "phone_number_verified":
                is_verified(&user.phone_numbers, user.primary_phone_number_id.as_ref()),
            "primary_web3_wallet": user.primary_web3_wallet().map(Web3Wallet::as_str),
            "image_url": body.image_url,
            "has_image": body.has_image,
            "two_factor_enabled": body.two_factor_enabled,
            "public_metadata": body.public_metadata,
            "unsafe_metadata": body.unsafe_metadata,
            "created_at": seconds(body.created_at),
            "updated_at": seconds(body.updated_at),
            "last_sign_in_at": body.last_sign_in_at.map(seconds),
        },
        "org": active.map(|active| json!({
            "id": active.organization.id,
            "slug": active.organization.slug,
            "name": active.organization.name,
            "role": active.membership.role,
            "image_url": logo_url(&active.organization, &ctx.public_url),
            "has_image": active.organization.image_id.is_some(),
            "public_metadata": active.organization.public_metadata,
        })),
        "org_membership": active.map(|active| json!({
            "public_metadata": active.membership.public_metadata,
        })),
        "session": { "id": session.id, "actor": session.actor },
    })
}

fn is_verified<T>(all: &[Identified<T>], primary: Option<&Id>) -> bool {
    all.iter().any(|one| Some(&one.id) == primary && one.is_verified())
}
