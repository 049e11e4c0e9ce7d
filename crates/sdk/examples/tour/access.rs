//! Who may sign up, where people may be sent, and on which domains.

use rollbook_sdk::{Clerk, Result};

/// Added and taken away.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let allowed = clerk.allowlist_identifiers();
    let firm = allowed.create().identifier("*@example.com").notify(false).send().await?;
    assert!(allowed.list().send().await?.contains(&firm));
    allowed.delete(&firm.id).send().await?;

    let blocked = clerk.blocklist_identifiers();
    let rival = blocked.create("*@example.net").send().await?;
    assert!(blocked.list().send().await?.data.contains(&rival));
    blocked.delete(&rival.id).send().await?;

    let urls = clerk.redirect_urls();
    let url = urls.create("https://example.com/back").send().await?;
    assert_eq!(urls.get(&url.id).send().await?, url);
    assert!(urls.list().send().await?.contains(&url));
    urls.delete(&url.id).send().await?;

    clerk.domains().list().send().await?;
    Ok(())
}
