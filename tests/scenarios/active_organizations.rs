//! The organization that is active in a session, and the claim `o` about it.

use rollbook_testkit::{START, Server, both};
use serde_json::{Value, json};

use crate::session_tokens::{claims, token};
use crate::support::{id, member, organization, someone};

async fn active_in(server: &Server, user: &str, organization: &str) -> String {
    let body = json!({ "user_id": user, "active_organization_id": organization });
    let session = server.client().post("/v1/sessions").json(body).send().await.ok();
    assert_eq!(session["last_active_organization_id"], organization);
    id(&session)
}

async fn active(server: &Server, session: &str) -> Value {
    let session = server.client().get(&format!("/v1/sessions/{session}")).send().await.ok();
    session["last_active_organization_id"].clone()
}

both!(a_token_claims_the_active_organization_and_what_its_role_permits, async |server| {
    let (ada, acme) = (someone(server, "adaada").await, organization(server, "Acme").await);
    let client = server.client();
    let permission = json!({ "name": "Read teams", "key": "org:team:read" });
    let permission = client.post("/v1/organization_permissions").json(permission).send().await.ok();
    let role = json!({ "name": "Reader", "key": "org:reader", "permissions": [permission["id"]] });
    client.post("/v1/organization_roles").json(role).send().await.ok();
    member(server, &acme, &ada, "org:reader").await;
    server.clock.advance(1000);
    let session = active_in(server, &ada, &acme).await;
    let said = claims(&token(server, &session, json!({})).await);
    let expected = json!({ "id": acme, "slg": "acme", "rol": "reader", "per": "read", "fpm": "1" });
    assert_eq!((&said["o"], &said["fea"]), (&expected, &json!("o:team")));
    let body = client.get(&format!("/v1/organizations/{acme}")).send().await.ok();
    assert_eq!(body["last_active_at"], START + 1000);
    // A role is looked at when the token is made.
    let at = format!("/v1/organizations/{acme}/memberships/{ada}");
    client.patch(&at).json(json!({ "role": "org:member" })).send().await.ok();
    let said = claims(&token(server, &session, json!({})).await);
    assert_eq!(said["o"], json!({ "id": acme, "slg": "acme", "rol": "member" }));
});

both!(whoever_leaves_an_organization_has_it_active_no_more, async |server| {
    let (ada, bob) = (someone(server, "adaada").await, someone(server, "bobbob").await);
    let (acme, other) = (organization(server, "Acme").await, organization(server, "Other").await);
    for user in [&ada, &bob] {
        member(server, &acme, user, "org:admin").await;
    }
    member(server, &other, &ada, "org:admin").await;
    let left = active_in(server, &ada, &acme).await;
    let stays = active_in(server, &ada, &other).await;
    let bobs = active_in(server, &bob, &acme).await;
    let at = format!("/v1/organizations/{acme}/memberships/{ada}");
    server.client().delete(&at).send().await.ok();
    assert_eq!(active(server, &left).await, Value::Null);
    assert_eq!(claims(&token(server, &left, json!({})).await).get("o"), None);
    assert_eq!(
        (active(server, &stays).await, active(server, &bobs).await),
        (json!(other), json!(acme))
    );
    server.client().delete(&format!("/v1/organizations/{acme}")).send().await.ok();
    assert_eq!(active(server, &bobs).await, Value::Null);
    assert_eq!(claims(&token(server, &bobs, json!({})).await).get("o"), None);
    assert_eq!(active(server, &stays).await, other);
});
