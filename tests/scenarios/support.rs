//! What several scenarios need.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use rollbook_domain::{Membership, Metadata};
use rollbook_store::memberships;
use rollbook_store::sessions;
use rollbook_testkit::{Client, Server};
use rollbook_wire::{Id, Prefix};
use serde_json::{Value, json};

/// A password that no rule objects to.
pub(crate) const PASSWORD: &str = "seven violet otters hum";

/// A TOTP secret of 160 bits.
pub(crate) const TOTP_SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// The id in a body.
pub(crate) fn id(body: &Value) -> String {
    text(&body["id"]).to_owned()
}

/// A text in a body.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A number in a body.
pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no integer"))
}

/// The ids in a list's body, in order.
pub(crate) fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap_or_else(|| panic!("{list} is no array")).iter().map(id).collect()
}

/// The path of a user, or of what is below it.
pub(crate) fn path(user: &str, below: &str) -> String {
    format!("/v1/users/{user}{below}")
}

/// Kind and subject of one event each, sorted.
pub(crate) fn events<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    let mut events = expected.map(|(kind, id)| (kind.to_owned(), id.to_owned())).to_vec();
    events.sort();
    events
}

/// A user with nothing but a username.
pub(crate) async fn someone(server: &Server, username: &str) -> String {
    id(&server.create_user(json!({ "username": username })).await)
}

/// A new session of the user, made by the API.
pub(crate) async fn sign_in(server: &Server, user: &str) -> String {
    id(&server.client().post("/v1/sessions").json(json!({ "user_id": user })).send().await.ok())
}

/// Notes of the user that it signed in at `at`, whatever the clock says.
pub(crate) async fn signed_in_at(server: &Server, user: &str, at: i64) {
    let (instance, user): (_, Id) = (server.instance_id.clone(), user.parse().expect("an id"));
    server.write(move |tx| sessions::note_sign_in(tx, &instance, &user, at)).await;
}

/// Id and status of each session of the user.
pub(crate) async fn session_statuses(server: &Server, user: &str) -> Vec<(String, String)> {
    let (instance, user): (_, Id) = (server.instance_id.clone(), user.parse().expect("an id"));
    server.write(move |tx| sessions::statuses(tx, &instance, &user)).await
}

/// Makes the user a member of an organization.
pub(crate) async fn join(server: &Server, organization: &str, user: &str) {
    let (instance, user): (_, Id) = (server.instance_id.clone(), user.parse().expect("an id"));
    let now = server.clock.now();
    let membership = Membership {
        id: server.ctx.entropy.id(Prefix::OrganizationMembership, now),
        organization_id: organization.parse().expect("an id"),
        user_id: user,
        role: "org:member".to_owned(),
        public_metadata: Metadata::default(),
        private_metadata: Metadata::default(),
        created_at: now,
        updated_at: now,
    };
    assert!(server.write(move |tx| memberships::insert(tx, &instance, &membership)).await);
}

/// An organization without members.
pub(crate) async fn organization(server: &Server, name: &str) -> String {
    let call = server.client().post("/v1/organizations").json(json!({ "name": name }));
    id(&call.send().await.ok())
}

/// Makes the user a member of an organization through the API; the body of the membership.
pub(crate) async fn member(server: &Server, organization: &str, user: &str, role: &str) -> Value {
    let path = format!("/v1/organizations/{organization}/memberships");
    let body = json!({ "user_id": user, "role": role });
    server.client().post(&path).json(body).send().await.ok()
}

/// Connects an account at a provider, as an operator does.
pub(crate) async fn connect(server: &Server, user: &str, provider: &str, at_provider: &str) {
    connect_with(server, user, json!({ "provider": provider, "provider_user_id": at_provider }))
        .await;
}

/// The same with more to say of the account.
pub(crate) async fn connect_with(server: &Server, user: &str, more: Value) {
    let path = format!("/admin/v1/instances/{}/users/{user}/external_accounts", server.instance_id);
    let mut body = json!({ "provider": "oauth_google", "provider_user_id": "g-1" });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
    server.operator().post(&path).json(body).send().await.ok();
}

/// Imports an account with a token and begins to connect another, so that the user has both.
pub(crate) async fn add_account(server: &Server, user: &str) {
    let at = format!("/admin/v1/instances/{}", server.instance_id);
    let accounts = format!("{at}/users/{user}/external_accounts");
    let body = json!({
        "provider": "oauth_google", "provider_user_id": "g-1", "access_token": "token",
    });
    server.operator().post(&accounts).json(body).send().await.ok();
    let provider = server.operator().put(&format!("{at}/oauth_providers/oauth_google"));
    provider.json(json!({ "client_id": "client" })).send().await.ok();
    let begun = server.operator().post(&format!("{accounts}/connect"));
    begun.json(json!({ "provider": "oauth_google" })).send().await.ok();
}

/// Imports a passkey and begins a ceremony, so that the user has both.
pub(crate) async fn add_passkey(server: &Server, user: &str) {
    server.settings(json!({ "passkeys": { "rp_id": "example.com" } })).await;
    let at = format!("/admin/v1/instances/{}/users/{user}/passkeys", server.instance_id);
    // A point of P-256 whose key nobody needs: the generator (SEC 2, 2.4.2).
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q";
    let body = json!({ "credential_id": "AAECAwQFBgcICQoLDA0ODw", "public_key": key });
    server.operator().post(&at).json(body).send().await.ok();
    let at = format!("{at}/registration");
    server.operator().post(&at).json(json!({})).send().await.ok();
}

/// A sign-in token of the user.
pub(crate) async fn add_ticket(server: &Server, user: &str) {
    let call = server.client().post("/v1/sign_in_tokens").json(json!({ "user_id": user }));
    call.send().await.ok();
}

/// A further instance of the server, with a client of its own.
pub(crate) async fn instance(server: &Server, body: Value) -> (String, Client) {
    let created = server.operator().post("/admin/v1/instances").json(body).send().await.ok();
    (id(&created), server.client().with_token(Some(text(&created["secret_key"]))))
}

/// Deletes an instance made by [`instance`].
pub(crate) async fn delete_instance(server: &Server, id: &str) {
    server.operator().delete(&format!("/admin/v1/instances/{id}")).send().await.ok();
}

/// A picture with a red left half and a blue right half.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let half = |x, _| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, half));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("an encoded picture");
    bytes.into_inner()
}
