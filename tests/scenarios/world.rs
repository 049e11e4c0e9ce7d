//! An instance with one of everything, known by the names that paths have for its id.

use std::collections::BTreeMap;

use rollbook_testkit::{Call, Client, Server};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TOTP_SECRET, id, picture, text};

/// The resources of an instance.
pub(crate) struct World {
    /// Proves itself with a key of the instance.
    pub(crate) client: Client,
    pub(crate) operator: Client,
    pub(crate) instance: String,
    /// Ids by the names of path parameters.
    pub(crate) ids: BTreeMap<String, String>,
}

impl World {
    /// Fills an instance that has nothing yet.
    pub(crate) async fn make(server: &Server, client: Client, instance: &str) -> Self {
        let ids = BTreeMap::from([("instance_id".to_owned(), instance.to_owned())]);
        let operator = server.operator();
        let mut world = Self { client, operator, instance: instance.to_owned(), ids };
        world.configure().await;
        world.make_user().await;
        world.make_organization().await;
        world.make_lists().await;
        world.make_import().await;
        world.bill().await;
        world
    }

    /// The same resources, as another server shows them.
    pub(crate) fn at(&self, server: &Server) -> Self {
        let (client, operator) = (server.client(), server.operator());
        Self { client, operator, instance: self.instance.clone(), ids: self.ids.clone() }
    }

    /// The same, with another resource of a kind.
    pub(crate) fn with(&self, name: &str, id: &str) -> Self {
        let mut ids = self.ids.clone();
        ids.insert(name.to_owned(), id.to_owned());
        let (client, operator) = (self.client.clone(), self.operator.clone());
        Self { client, operator, instance: self.instance.clone(), ids }
    }

    /// The id of a kind of resource.
    pub(crate) fn id(&self, name: &str) -> &str {
        &self.ids[name]
    }

    async fn make_import(&mut self) {
        let rows = "{\"username\": \"imported\"}\n{}\n";
        let call = self.operator.post(&self.admin("/imports")).body("application/x-ndjson", rows);
        let import = call.send().await.ok();
        self.note("import_id", &import);
    }

    fn note(&mut self, name: &str, body: &Value) {
        self.ids.insert(name.to_owned(), id(body));
    }

    fn admin(&self, below: &str) -> String {
        format!("/admin/v1/instances/{}{below}", self.instance)
    }

    async fn operate(&self, below: &str, body: Value) -> Value {
        done(self.operator.post(&self.admin(below)), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        done(self.client.post(path), body).await
    }

    async fn configure(&mut self) {
        let settings = json!({
            "billing": { "enabled": true }, "passkeys": { "rp_id": "example.com" },
        });
        done(self.operator.patch(&self.admin("/settings")), settings).await;
        let provider = self.operator.put(&self.admin("/oauth_providers/oauth_google"));
        done(provider, json!({ "client_id": "client" })).await;
        self.ids.insert("provider".to_owned(), "oauth_google".to_owned());
        let hook = json!({ "url": "https://example.com/" });
        let endpoint = self.operate("/webhook_endpoints", hook).await;
        self.note("endpoint_id", &endpoint);
        let key = self.operate("/keys", json!({})).await;
        self.note("key_id", &key);
        let key = self.operate("/signing_keys", Value::Null).await;
        self.note("signing_key_id", &key);
        let test = format!("/webhook_endpoints/{}/test", self.id("endpoint_id"));
        let message = self.operate(&test, Value::Null).await;
        self.note("message_id", &message);
    }

    async fn make_user(&mut self) {
        let user = json!({
            "username": "adaada", "email_address": ["a@example.com"],
            "phone_number": ["+15555550100"],
            "web3_wallet": ["11111111111111111111111111111111"], "external_id": "crm-7",
            "password": PASSWORD, "totp_secret": TOTP_SECRET, "backup_codes": ["one", "two"],
        });
        let user = self.post("/v1/users", user).await;
        self.note("user_id", &user);
        self.note("email_address_id", &user["email_addresses"][0]);
        self.note("phone_number_id", &user["phone_numbers"][0]);
        self.note("web3_wallet_identification_id", &user["web3_wallets"][0]);
        let user = id(&user);
        let code =
            format!("/v1/email_addresses/{}/prepare_verification", self.id("email_address_id"));
        self.post(&code, Value::Null).await;
        let session = self.post("/v1/sessions", json!({ "user_id": user })).await;
        self.note("session_id", &session);
        self.ids.insert("client_id".to_owned(), text(&session["client_id"]).to_owned());
        let ticket = self.post("/v1/sign_in_tokens", json!({ "user_id": user })).await;
        self.note("sign_in_token_id", &ticket);
        let actor = json!({ "user_id": user, "actor": { "sub": "user_x" } });
        let actor = self.post("/v1/actor_tokens", actor).await;
        self.note("actor_token_id", &actor);
        let accounts = format!("/users/{user}/external_accounts");
        let account = json!({
            "provider": "oauth_google", "provider_user_id": "g-1", "access_token": "token",
        });
        let account = self.operate(&accounts, account).await;
        self.note("external_account_id", &account);
        let connect = json!({ "provider": "oauth_google" });
        self.operate(&format!("{accounts}/connect"), connect).await;
        // A point of P-256 whose key nobody needs: the generator (SEC 2, 2.4.2).
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q";
        let passkeys = format!("/users/{user}/passkeys");
        let passkey = json!({ "credential_id": "AAECAwQFBgcICQoLDA0ODw", "public_key": key });
        let passkey = self.operate(&passkeys, passkey).await;
        self.note("passkey_identification_id", &passkey);
        let begun = self.operate(&format!("{passkeys}/registration"), Value::Null).await;
        self.ids.insert("ceremony_id".to_owned(), text(&begun["id"]).to_owned());
        let upload = self.client.post(&format!("/v1/users/{user}/profile_image"));
        upload.file("file", &picture(8, 8, image::ImageFormat::Png)).send().await.ok();
    }

    async fn make_organization(&mut self) {
        let user = self.id("user_id").to_owned();
        let body = json!({ "name": "Acme", "created_by": user });
        let organization = self.post("/v1/organizations", body).await;
        self.note("organization_id", &organization);
        let at = format!("/v1/organizations/{}", id(&organization));
        let logo = self.client.put(&format!("{at}/logo"));
        logo.file("file", &picture(8, 8, image::ImageFormat::Png)).send().await.ok();
        let invitation = json!({
            "email_address": "b@example.com", "role": "org:member", "inviter_user_id": user,
        });
        let invitation = self.post(&format!("{at}/invitations"), invitation).await;
        self.note("organization_invitation_id", &invitation);
        let permission = json!({ "name": "Read", "key": "org:docs:read" });
        let permission = self.post("/v1/organization_permissions", permission).await;
        self.note("permission_id", &permission);
        let role = json!({ "name": "Reader", "key": "org:reader" });
        let role = self.post("/v1/organization_roles", role).await;
        self.note("organization_role_id", &role);
    }

    async fn make_lists(&mut self) {
        for (name, path, body) in [
            ("invitation_id", "/v1/invitations", json!({ "email_address": "c@example.com" })),
            (
                "waitlist_entry_id",
                "/v1/waitlist_entries",
                json!({ "email_address": "d@example.com" }),
            ),
            ("redirect_url_id", "/v1/redirect_urls", json!({ "url": "https://example.com/" })),
            (
                "identifier_id",
                "/v1/blocklist_identifiers",
                json!({ "identifier": "e@example.com" }),
            ),
        ] {
            let made = self.post(path, body).await;
            self.note(name, &made);
        }
    }

    async fn bill(&mut self) {
        let feature = json!({ "name": "Chat", "slug": "chat" });
        let feature = self.operate("/billing/features", feature).await;
        self.note("feature_id", &feature);
        for (kind, owner) in [("user", "user_id"), ("org", "organization_id")] {
            let plan = json!({
                "name": "Pro", "slug": format!("{kind}-pro"), "payer_type": kind, "amount": 1000,
            });
            let plan = self.operate("/billing/plans", plan).await;
            self.note("plan_id", &plan);
            let body = json!({ owner: self.id(owner), "plan_id": id(&plan) });
            let item = self.operate("/billing/subscription_items", body).await;
            self.note("subscription_item_id", &item);
            let credit = json!({ "amount": 5, "action": "increase", "idempotency_key": "a" });
            let of = if kind == "user" { "users" } else { "organizations" };
            self.post(&format!("/v1/{of}/{}/billing/credits", self.id(owner)), credit).await;
        }
        let attempts = self.admin("/billing/payment_attempts");
        let attempts = self.operator.get(&attempts).send().await.ok();
        self.note("payment_attempt_id", &attempts["data"][0]);
        let statements = self.client.get("/v1/billing/statements").send().await.ok();
        self.note("statement_id", &statements["data"][0]);
    }
}

async fn done(call: Call, body: Value) -> Value {
    let call = if body.is_null() { call } else { call.json(body) };
    call.send().await.ok()
}
