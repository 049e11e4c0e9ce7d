//! Give a user an account, with what the account vouches for.

use rollbook_domain::{
    EmailAddress, ExternalAccount, Identified, Identifier, Instance, Proof, User,
};
use rollbook_store::oauth_access_tokens::{self, Tokens};
use rollbook_store::{Conn, users};
use rollbook_wire::Prefix;

use crate::{Ctx, Result};

/// Adds the account and its tokens to the user, who is held and saved by the caller.
pub(super) fn add(
    ctx: &Ctx,
    instance: &Instance,
    tx: &mut Conn<'_>,
    user: &mut User,
    account: ExternalAccount,
    tokens: Option<&Tokens>,
) -> Result<()> {
    if let Some(tokens) = tokens {
        oauth_access_tokens::put(tx, &ctx.vault, &instance.id, &user.id, &account.id, tokens)?;
    }
    vouch(ctx, instance, tx, user, &account)?;
    user.external_accounts.push(account);
    Ok(())
}

/// An address that the provider says is verified is verified here, too; the
/// user gains it unless someone else in the instance has it.
pub(super) fn vouch(
    ctx: &Ctx,
    instance: &Instance,
    tx: &mut Conn<'_>,
    user: &mut User,
    account: &ExternalAccount,
) -> Result<()> {
    if account.email_address_verified != Some(true) {
        return Ok(());
    }
    let Ok(address) = EmailAddress::parse(&account.email_address, "email_address") else {
        return Ok(());
    };
    let (now, proof) = (ctx.clock.now(), Proof::FromOauth(account.provider.clone()));
    if let Some(email) = user.email_addresses.iter_mut().find(|one| one.value == address) {
        if !email.is_verified() {
            email.proof = proof;
            email.updated_at = now;
        }
        return Ok(());
    }
    if !instance.settings.attributes.email_address.enabled {
        return Ok(());
    }
    let identifier = Identifier::new("email_address", address.as_str());
    if !users::taken(tx, &instance.id, &[identifier])?.is_empty() {
        return Ok(());
    }
    let id = ctx.entropy.id(Prefix::Identification, now);
    user.primary_email_address_id.get_or_insert_with(|| id.clone());
    user.email_addresses.push(Identified {
        id,
        value: address,
        proof,
        reserved_for_second_factor: false,
        default_second_factor: false,
        created_at: now,
        updated_at: now,
    });
    Ok(())
}
