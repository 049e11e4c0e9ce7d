//! Users, and what hangs on them.

use std::collections::BTreeMap;

use rollbook_sdk::{Clerk, Code, Patch, Result};

const PNG: &[u8] = include_bytes!("dot.png");

/// From creation to deletion.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let users = clerk.users();

    // create, get, update: a nullable field is kept unless it is named.
    let ada = users
        .create()
        .email_address(["ada@example.com"])
        .username("ada_lovelace")
        .first_name("Ada")
        .password("seven violet otters hum")
        .public_metadata(BTreeMap::from([("plan", "pro")]))
        .send()
        .await?;
    let ada = users.update(&ada.id).last_name("King").locale("en-GB").send().await?;
    let ada = users.update(&ada.id).locale(Patch::Clear).send().await?;
    assert_eq!(users.get(&ada.id).send().await?, ada);

    // list and count take the same filters; a list can be streamed, page after page.
    let found = users.list().query("ada").order_by("-created_at").limit(50).send().await?;
    let count = users.count().query("ada").send().await?;
    assert_eq!(i64::try_from(found.len()), Ok(count.total_count));

    // update_metadata merges, replace_metadata replaces.
    users.update_metadata(&ada.id).public_metadata(BTreeMap::from([("seats", 3)])).send().await?;
    let ada = users
        .replace_metadata(&ada.id)
        .public_metadata(BTreeMap::from([("plan", "free")]))
        .send()
        .await?;
    let metadata: BTreeMap<String, String> = ada.public_metadata_as().unwrap_or_default();
    assert_eq!(metadata.get("plan").map(String::as_str), Some("free"));

    // ban, unban, lock, unlock, and many at once.
    assert!(users.ban(&ada.id).send().await?.banned);
    assert!(!users.unban(&ada.id).send().await?.banned);
    assert!(users.lock(&ada.id).send().await?.locked);
    assert!(!users.unlock(&ada.id).send().await?.locked);
    users.bulk_ban([&ada.id]).send().await?;
    users.bulk_unban([&ada.id]).send().await?;

    // set_profile_image takes the bytes of a picture.
    assert!(users.set_profile_image(&ada.id, PNG).send().await?.has_image);
    assert!(!users.delete_profile_image(&ada.id).send().await?.has_image);

    secrets(clerk).await?;

    // What belongs to organizations and billing; see there.
    users.get_organization_memberships(&ada.id).send().await?;
    users.get_organization_invitations(&ada.id).status(["pending"]).send().await?;
    users.get_instance_organization_memberships().order_by("-created_at").send().await?;

    users.delete(&ada.id).send().await?;
    Ok(())
}

/// Passwords, second factors, and other ways in.
async fn secrets(clerk: &Clerk) -> Result<()> {
    let users = clerk.users();
    let grace = users
        .create()
        .username("grace_hopper")
        .password("nine amber kites drift")
        .totp_secret("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        .backup_codes(["backup-code-1", "backup-code-2"])
        .send()
        .await?;

    // A wrong password or code is an error with a code of its own.
    assert!(users.verify_password(&grace.id, "nine amber kites drift").send().await?.verified);
    let refused = users.verify_password(&grace.id, "guessed").send().await;
    assert_eq!(refused.err().and_then(|error| error.code()), Some(Code::IncorrectPassword));
    assert!(users.verify_totp(&grace.id, "backup-code-1").send().await?.verified);
    users.delete_backup_codes(&grace.id).send().await?;
    users.delete_totp(&grace.id).send().await?;
    users.disable_mfa(&grace.id).send().await?;

    // The tokens of an account at a provider, renewed if need be; here there is none.
    let tokens = users.get_oauth_access_token(&grace.id, "oauth_google").send().await;
    assert!(tokens.is_err() || tokens.is_ok_and(|tokens| tokens.is_empty()));

    // Of each user's passkeys, wallets and accounts, one can be taken away.
    for passkey in &grace.passkeys {
        users.delete_passkey(&grace.id, &passkey.id).send().await?;
    }
    for wallet in &grace.web3_wallets {
        users.delete_web3_wallet(&grace.id, &wallet.id).send().await?;
    }
    for account in &grace.external_accounts {
        users.delete_external_account(&grace.id, account.account_id()).send().await?;
    }
    users.delete(&grace.id).send().await?;
    Ok(())
}
