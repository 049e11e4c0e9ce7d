//! Session tokens and webhooks of a running server, believed by an application of the caller's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::routing::get;
use rollbook_sdk::axum::SignedIn;
use rollbook_sdk::tower::AuthenticateLayer;
use rollbook_sdk::{
    Clerk, PublicKeys, SessionVerifier, TokenError, VerifyOptions, verify_session_token,
};
use rollbook_testkit::{Server, both};
use serde_json::Value;

use crate::{ada, clerk};

/// The time of the server, which stands still until it is advanced.
fn now(server: &Server) -> SystemTime {
    let ms = server.clock.now().cast_unsigned();
    UNIX_EPOCH + Duration::from_millis(ms)
}

fn verifier(server: &Server, clerk: &Clerk) -> SessionVerifier {
    let clock = server.clock.clone();
    let at = move || UNIX_EPOCH + Duration::from_millis(clock.now().cast_unsigned());
    SessionVerifier::new(clerk).clock(at)
}

/// A token of a new session, and the session's user.
async fn token(clerk: &Clerk) -> (String, rollbook_sdk::UserId) {
    let user = ada(clerk).await.id;
    let session = clerk.sessions().create().user_id(&user).send().await.expect("a session");
    let token = clerk.sessions().create_token(&session.id).send().await.expect("a token");
    (token.jwt.expose().to_owned(), user)
}

both!(a_token_of_the_server_is_believed_while_it_lasts, async |server| {
    let clerk = clerk(server);
    let (token, user) = token(&clerk).await;
    let keys = PublicKeys::from_jwks(&clerk.jwks().get_jwks().send().await.expect("keys"));
    let check = |now| verify_session_token(&token, &keys, &VerifyOptions::default(), now);
    let claims = check(now(server)).expect("believed");
    assert_eq!((claims.user_id, claims.session_status.as_deref()), (user, Some("active")));
    server.clock.advance(66_000);
    assert_eq!(check(now(server)).expect_err("too late"), TokenError::Expired);
});

both!(a_token_is_believed_without_a_network, async |server| {
    let clerk = clerk(server);
    let (token, user) = token(&clerk).await;
    let path = format!("/admin/v1/instances/{}/signing_keys", server.instance_id);
    let keys = server.operator().get(&path).send().await.ok();
    let pem = keys["data"][0]["public_key"].as_str().expect("a key");
    let keys = PublicKeys::from_pem(pem).expect("an RSA key");
    let claims = verify_session_token(&token, &keys, &VerifyOptions::default(), now(server));
    assert_eq!(claims.expect("believed").user_id, user);
});

both!(the_active_organization_and_its_permissions_are_read, async |server| {
    let clerk = clerk(server);
    let user = ada(&clerk).await.id;
    let role = clerk.organization_roles().create().name("Payer").key("org:payer").send().await;
    let role = role.expect("a role");
    let permission = clerk.organization_permissions().create().name("Pay").key("org:bills:pay");
    let permission = permission.send().await.expect("a permission");
    let assign = clerk.organization_roles().assign_permission(&role.id, &permission.id);
    assign.send().await.expect("assigned");
    let firm = clerk.organizations().create().name("Acme").send().await.expect("a firm");
    let join = clerk.organization_memberships().create(&firm.id).user_id(&user).role("org:payer");
    join.send().await.expect("a member");
    let session = clerk.sessions().create().user_id(&user).active_organization_id(&firm.id);
    let session = session.send().await.expect("a session");
    let token = clerk.sessions().create_token(&session.id).send().await.expect("a token");
    let claims = verifier(server, &clerk).verify(token.jwt.expose()).await.expect("believed");
    assert!(claims.has_role("org:payer") && claims.has_permission("org:bills:pay"));
    assert_eq!(claims.organization.expect("one").id, firm.id);
});

both!(a_new_key_is_fetched_when_a_token_names_it, async |server| {
    let clerk = clerk(server);
    let (first, user) = token(&clerk).await;
    let verifier = verifier(server, &clerk);
    verifier.verify(&first).await.expect("believed");
    let path = format!("/admin/v1/instances/{}/signing_keys", server.instance_id);
    server.operator().post(&path).send().await.ok();
    server.clock.advance(11_000);
    let session = clerk.sessions().create().user_id(&user).send().await.expect("a session");
    let second = clerk.sessions().create_token(&session.id).send().await.expect("a token");
    verifier.verify(second.jwt.expose()).await.expect("believed by the new key");
    verifier.verify(&first).await.expect("the old one is good, too");
});

async fn application(verifier: SessionVerifier) -> String {
    let hello = async |SignedIn(claims): SignedIn| claims.user_id.to_string();
    let perhaps = async |user: Option<SignedIn>| if user.is_some() { "in" } else { "out" };
    let app = Router::new()
        .route("/hello", get(hello))
        .route("/perhaps", get(perhaps))
        .layer(AuthenticateLayer::new(verifier))
        .route("/bare", get(async |SignedIn(_): SignedIn| "never"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

both!(an_axum_application_knows_who_is_signed_in, async |server| {
    let clerk = clerk(server);
    let (token, user) = token(&clerk).await;
    let app = rollbook_testkit::Client::new(application(verifier(server, &clerk)).await, None);
    let with = |path: &str, name: &str, value: String| {
        app.get(path).header(name, &value).unchecked().send()
    };
    let bearer = with("/hello", "authorization", format!("Bearer {token}")).await;
    assert_eq!((bearer.status, bearer.text().as_ref()), (200, user.as_str()));
    let cookie = with("/hello", "cookie", format!("a=1; __session={token}")).await;
    assert_eq!((cookie.status, cookie.text().as_ref()), (200, user.as_str()));
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = format!("__session={message}.{other}{}", &signature[1..]);
    let forged = with("/hello", "cookie", forged).await;
    assert_eq!(forged.status, 401);
    let body: Value = serde_json::from_slice(&forged.body).expect("JSON");
    assert_eq!(body["errors"][0]["code"], "token-invalid-signature");
    let nobody = app.get("/hello").unchecked().send().await;
    assert_eq!(nobody.status, 401);
    assert_eq!(with("/perhaps", "cookie", "b=2".to_owned()).await.text(), "out");
    assert_eq!(with("/perhaps", "cookie", format!("__session={token}")).await.text(), "in");
    assert_eq!(with("/bare", "cookie", format!("__session={token}")).await.status, 500);
});
