//! Sessions, the clients they are on, and the tokens that prove them.

use std::collections::BTreeMap;

use rollbook_sdk::{Clerk, Result, SessionStatus};

/// From creation to its end.
pub(crate) async fn tour(clerk: &Clerk) -> Result<()> {
    let ada = clerk.users().create().username("ada_session").send().await?;
    let sessions = clerk.sessions();

    let session = sessions.create().user_id(&ada.id).send().await?;
    assert_eq!(sessions.get(&session.id).send().await?.user_id, ada.id);
    let active = sessions.list().user_id(&ada.id).status("active").send().await?;
    assert_eq!(active.len(), 1);

    // A token, and one that claims what a template says. Its text is kept from being printed.
    let token = sessions.create_token(&session.id).expires_in_seconds(120).send().await?;
    assert_eq!(token.jwt.expose().split('.').count(), 3);
    let templates = clerk.jwt_templates();
    let claims = BTreeMap::from([("mail", "{{user.primary_email_address}}")]);
    let template = templates.create().name("mailer").claims(claims).send().await?;
    sessions.create_token_from_template(&session.id, "mailer").send().await?;
    let template = templates.update(&template.id).lifetime(300).send().await?;
    assert_eq!(templates.get(&template.id).send().await?, template);
    assert_eq!(templates.list().send().await?.len(), 1);
    templates.delete(&template.id).send().await?;

    // The browsers and devices.
    let clients = clerk.clients();
    clients.list().limit(5).send().await?;
    if let Some(client) = &session.client_id {
        clients.get(client).send().await?;
    }
    let refused = clients.verify("no token of a client").send().await;
    assert!(refused.is_err());

    let over = sessions.revoke(&session.id).send().await?;
    assert_eq!(over.status, SessionStatus::Revoked);
    clerk.users().delete(&ada.id).send().await?;
    Ok(())
}
