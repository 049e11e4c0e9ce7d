//! Tokens that are good once, and the keys that sign.

use std::collections::BTreeMap;

use rollbook_sdk::{Clerk, InvitationStatus, Result};

/// Made and taken back.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let ada = clerk.users().create().username("ada_ticket").send().await?;

    let tokens = clerk.sign_in_tokens();
    let token = tokens.create().user_id(&ada.id).expires_in_seconds(600).send().await?;
    let revoked = tokens.revoke(&token.id).send().await?;
    assert_eq!(revoked.status, InvitationStatus::Revoked);

    let tokens = clerk.actor_tokens();
    let support = BTreeMap::from([("sub", "user_of_support")]);
    let token = tokens.create().user_id(&ada.id).actor(support).send().await?;
    assert!(token.token.is_some());
    tokens.revoke(&token.id).send().await?;

    let testing = clerk.testing_tokens().create().send().await?;
    assert!(testing.expires_at > 0);
    assert!(!clerk.jwks().get_jwks().send().await?.keys.is_empty());

    clerk.users().delete(&ada.id).send().await?;
    Ok(())
}
