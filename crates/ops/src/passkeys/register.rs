//! A new passkey, made by a browser.

use rollbook_domain::{
    EmailAddress, MAX_PASSKEYS, PhoneNumber, User, Username, parse_passkey_name, too_many_passkeys,
};
use rollbook_passkeys::Person;
use rollbook_store::ceremonies::CeremonyKind::Registration;
use rollbook_store::users::StoredUser;
use rollbook_wire::Id;
use serde_json::{Map, Value};

use super::{
    CREDENTIAL, Started, add, begin, check_enabled, credentials_of, refused, relying_party, take,
};
use crate::{Ctx, Error, Result, Tenant, users};

/// Asks for a new passkey of the user.
pub async fn start_registration(ctx: &Ctx, tenant: &Tenant, user: &Id) -> Result<Started> {
    check_enabled(tenant)?;
    let stored = users::get(ctx, tenant, user).await?;
    if stored.user.passkeys.len() >= MAX_PASSKEYS {
        return Err(Error::refused(too_many_passkeys()));
    }
    let present = credentials_of(ctx, tenant, user).await?;
    let name = account_name(&stored.user);
    let names = [stored.user.first_name.as_deref(), stored.user.last_name.as_deref()];
    let display_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let person = Person {
        ids: [tenant.instance.id.as_str(), user.as_str()],
        name,
        display_name: if display_name.is_empty() { name } else { &display_name },
    };
    let start = relying_party(ctx, tenant)?.start_registration(&person, &present);
    begin(ctx, tenant, Registration, Some(user), start.map_err(refused)?).await
}

/// Gives the user the passkey that the browser has made.
pub async fn finish_registration(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    ceremony: &Id,
    credential: Map<String, Value>,
    name: &str,
) -> Result<StoredUser> {
    check_enabled(tenant)?;
    let name = parse_passkey_name(name).map_err(Error::refused)?;
    let relying_party = relying_party(ctx, tenant)?;
    let ceremony = take(ctx, tenant, Registration, ceremony, Some(user)).await?;
    let ids = [tenant.instance.id.as_str(), user.as_str()];
    let person = Person { ids, name: "", display_name: "" };
    let credential = relying_party.finish_registration(&ceremony.state, &person, credential);
    add(ctx, tenant, user, name, &credential.map_err(refused)?, CREDENTIAL).await
}

/// What the authenticator shows when it asks which account to use.
fn account_name(user: &User) -> &str {
    let email = user.primary_email_address().map(EmailAddress::as_str);
    let username = user.username.as_ref().map(Username::as_str);
    let phone = user.primary_phone_number().map(PhoneNumber::as_str);
    email.or(username).or(phone).unwrap_or(user.id.as_str())
}
