//! The instance that the key belongs to, and its settings.

use rollbook_sdk::{Clerk, Result};

/// Read and changed.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let settings = clerk.instance_settings();
    assert!(!settings.get().send().await?.id.as_str().is_empty());
    settings.update().support_email("help@example.com").send().await?;

    let restrictions = settings.update_restrictions().block_email_subaddresses(true).send().await?;
    assert!(restrictions.block_email_subaddresses);
    settings.update_restrictions().block_email_subaddresses(false).send().await?;

    let before = settings.get_communication().send().await?;
    settings.update_communication().blocked_country_codes(["AQ"]).send().await?;
    let back = settings.update_communication().blocked_country_codes(before.blocked_country_codes);
    back.send().await?;

    settings.get_oauth_application_settings().send().await?;
    settings.update_oauth_application_settings().default_scopes(["profile"]).send().await?;

    let organizations = settings.get_organization_settings().send().await?;
    let same = settings.update_organization_settings().enabled(organizations.enabled);
    assert_eq!(same.send().await?, organizations);

    let protect = settings.get_instance_protect().send().await?;
    settings.update_instance_protect().rules_enabled(protect.rules_enabled).send().await?;

    clerk.beta_features().update_instance_settings().progressive_sign_up(true).send().await?;
    Ok(())
}
