//! Two instances on one server: neither sees, counts, finds, collides with or
//! changes what the other has.

use std::fmt::Write;

use image::ImageFormat;
use rollbook_testkit::{Call, Client, Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{PASSWORD, delete_instance, id, ids, instance, path, picture, text};

fn body() -> Value {
    json!({
        "username": "lovelace",
        "email_address": ["ada@example.com"],
        "phone_number": ["+12125550101"],
        "web3_wallet": ["0x71C7656EC7ab88b098defB751B7401B5f6d8976F"],
        "external_id": "e1",
        "first_name": "Ada",
        "password": PASSWORD,
        "public_metadata": { "a": 1 },
    })
}

/// The same user twice: once in the server's own instance, once in another.
struct Twins {
    mine: Value,
    theirs: Value,
    other: String,
    client: Client,
}

impl Twins {
    async fn make(server: &Server) -> Self {
        let (other, client) = instance(server, json!({})).await;
        let mine = server.create_user(body()).await;
        let theirs = client.post("/v1/users").json(body()).send().await.ok();
        Self { mine, theirs, other, client }
    }
}

both!(two_instances_have_users_with_the_same_identifiers, async |server| {
    let twins = Twins::make(server).await;
    assert_ne!(twins.mine["id"], twins.theirs["id"]);
    for call in [server.client().post("/v1/users"), twins.client.post("/v1/users")] {
        let reply = call.json(body()).send().await;
        assert_eq!(reply.status, 422);
        assert_eq!(reply.problems().len(), 5, "{}", reply.text());
    }
    // Free in one as soon as it is deleted there, and still taken in the other.
    let mine = path(text(&twins.mine["id"]), "");
    server.client().delete(&mine).send().await.ok();
    assert_eq!(twins.client.post("/v1/users").json(body()).send().await.status, 422);
    server.create_user(body()).await;
    delete_instance(server, &twins.other).await;
});

both!(lists_counts_and_searches_find_ones_own_users_only, async |server| {
    let twins = Twins::make(server).await;
    let (mine, theirs) = (id(&twins.mine), id(&twins.theirs));
    let long_ago = "0";
    for (name, value) in [
        ("limit", "500"),
        ("query", "ada"),
        ("query", mine.as_str()),
        ("query", theirs.as_str()),
        ("email_address", "ada@example.com"),
        ("phone_number", "+12125550101"),
        ("username", "lovelace"),
        ("web3_wallet", "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"),
        ("external_id", "e1"),
        ("external_id", "-nobody"),
        ("user_id", mine.as_str()),
        ("user_id", theirs.as_str()),
        ("user_id", "-nobody"),
        ("email_address_query", "ada"),
        ("phone_number_query", "555"),
        ("username_query", "love"),
        ("name_query", "ada"),
        ("banned", "false"),
        ("created_at_after", long_ago),
        ("order_by", "-email_address"),
    ] {
        for (client, own, foreign) in
            [(server.client(), &mine, &theirs), (twins.client.clone(), &theirs, &mine)]
        {
            let found = ids(&client.get("/v1/users").query(name, value).send().await.ok());
            let expected = if value == foreign.as_str() { vec![] } else { vec![own.clone()] };
            assert_eq!(found, expected, "{name}={value}");
            if name != "limit" && name != "order_by" {
                let count = client.get("/v1/users/count").query(name, value).send().await.ok();
                assert_eq!(count["total_count"], expected.len(), "{name}={value}");
            }
        }
    }
    let after = format!("/v1/users?starting_after={theirs}");
    let page = server.client().get(&after).unchecked().send().await;
    assert!(page.status != 200 || page.json() == json!([]), "{}", page.text());
    delete_instance(server, &twins.other).await;
});

both!(what_one_does_with_ids_of_the_other_finds_and_changes_nothing, async |server| {
    let twins = Twins::make(server).await;
    let upload = twins.client.post(&path(&id(&twins.theirs), "/profile_image"));
    let theirs = upload.file("file", &picture(8, 8, ImageFormat::Png)).send().await.ok();
    let events = server.events().await;
    let (client, theirs_id) = (server.client(), id(&theirs));
    for call in calls_on(&client, &theirs_id) {
        let reply = call.unchecked().send().await;
        assert_eq!(reply.status, 404, "{}: {}", reply.request, reply.text());
    }
    // One's own user is not changed along with it either.
    let ids = json!({ "user_ids": [id(&twins.mine), theirs_id] });
    assert_eq!(client.post("/v1/users/ban").json(ids.clone()).send().await.status, 404);
    assert_eq!(client.post("/v1/users/unban").json(ids).send().await.status, 404);
    // Parts of the other's user are as unknown as the user.
    for (name, part) in [
        ("primary_email_address_id", &theirs["primary_email_address_id"]),
        ("primary_phone_number_id", &theirs["primary_phone_number_id"]),
        ("primary_web3_wallet_id", &theirs["primary_web3_wallet_id"]),
        ("profile_image_id", &json!(image_id(&theirs))),
    ] {
        assert!(part.is_string(), "{name}: {theirs}");
        let update = client.patch(&path(&id(&twins.mine), ""));
        let reply = update.json(json!({ name: part })).send().await;
        assert!([404, 422].contains(&reply.status), "{name}: {}", reply.text());
    }
    let now = twins.client.get(&path(&theirs_id, "")).send().await.ok();
    assert_eq!(now, theirs);
    assert_eq!(server.get_user(&id(&twins.mine)).await, twins.mine);
    assert_eq!(server.events().await, events);
    let shown = server.client().with_token(None).get(text(&theirs["image_url"])).send().await;
    assert_eq!(shown.status, 200);
    delete_instance(server, &twins.other).await;
});

fn image_id(user: &Value) -> &str {
    text(&user["image_url"]).rsplit('/').next().expect("an id")
}

/// Every operation on one user.
fn calls_on(client: &Client, user: &str) -> Vec<Call> {
    let at = |below: &str| path(user, below);
    vec![
        client.get(&at("")),
        client.patch(&at("")).json(json!({ "first_name": "Eve" })),
        client.patch(&at("/metadata")).json(json!({ "public_metadata": { "a": 2 } })),
        client.put(&at("/metadata")).json(json!({ "public_metadata": { "a": 2 } })),
        client.post(&at("/ban")),
        client.post(&at("/unban")),
        client.post(&at("/lock")),
        client.post(&at("/unlock")),
        client.post(&at("/verify_password")).json(json!({ "password": PASSWORD })),
        client.post(&at("/profile_image")).file("file", &picture(8, 8, ImageFormat::Png)),
        client.delete(&at("/profile_image")),
        client.get(&at("/oauth_access_tokens/oauth_google")),
        client.delete(&at("/external_accounts/eac_none")),
        client.delete(&at("")),
    ]
}

/// The answer but for what differs between any two: the id asked for, the
/// trace id, the time.
fn shape(reply: &Reply, asked: &str) -> String {
    let trace = reply.header("clerk-trace-id").unwrap_or("none");
    let mut shape = format!("{} {}", reply.status, reply.text().replace(trace, "TRACE"));
    for (name, value) in &reply.headers {
        if name != "date" {
            let value = String::from_utf8_lossy(value.as_bytes()).replace(trace, "TRACE");
            write!(shape, "\n{name}: {value}").expect("written");
        }
    }
    shape.replace(asked, "ID")
}

both!(the_others_user_and_nobodys_are_answered_alike, async |server| {
    let twins = Twins::make(server).await;
    let theirs = id(&twins.theirs);
    // Of the same length, and of nobody.
    let nobodys: String = theirs.chars().rev().take(theirs.len() - 5).collect();
    let nobodys = format!("user_{nobodys}");
    let client = server.client();
    for (foreign, missing) in
        calls_on(&client, &theirs).into_iter().zip(calls_on(&client, &nobodys))
    {
        let (foreign, missing) =
            (foreign.unchecked().send().await, missing.unchecked().send().await);
        assert_eq!(shape(&foreign, &theirs), shape(&missing, &nobodys), "{}", foreign.request);
    }
    delete_instance(server, &twins.other).await;
});

both!(wrong_revoked_and_deleted_keys_are_answered_alike_on_every_route, async |server| {
    let (key, revoked) = revoked_key(server).await;
    let (other, deleted) = instance(server, json!({})).await;
    delete_instance(server, &other).await;
    let user = id(&server.create_user(body()).await);
    let wrong = server.client().with_token(Some(&format!("{key}x")));
    for (((wrong, revoked), deleted), none) in calls_on(&wrong, &user)
        .into_iter()
        .zip(calls_on(&revoked, &user))
        .zip(calls_on(&deleted, &user))
        .zip(calls_on(&wrong, "user_nobody"))
    {
        let reply = wrong.unchecked().send().await;
        assert_eq!(reply.status, 401, "{}", reply.request);
        for same in [revoked, deleted, none] {
            let same = same.unchecked().send().await;
            assert_eq!(shape(&reply, &user), shape(&same, &user), "{}", same.request);
        }
    }
    assert_eq!(server.get_user(&user).await["first_name"], "Ada");
});

async fn revoked_key(server: &Server) -> (String, Client) {
    let keys = format!("/admin/v1/instances/{}/keys", server.instance_id);
    let new = server.operator().post(&keys).json(json!({})).send().await.ok();
    server.operator().delete(&format!("{keys}/{}", id(&new))).send().await.ok();
    let secret = text(&new["secret"]);
    (secret.to_owned(), server.client().with_token(Some(secret)))
}

/// Every route, in an order in which the last column can be worked down.
fn routes(user: &str, instance: &str) -> Vec<(&'static str, String, Value)> {
    let at = |below: &str| path(user, below);
    let admin = |below: &str| format!("/admin/v1/instances/{instance}{below}");
    let none = Value::Null;
    vec![
        ("GET", "/v1/users".into(), none.clone()),
        ("GET", "/v1/users/count".into(), none.clone()),
        ("POST", "/v1/users".into(), json!({})),
        ("POST", "/v1/users/ban".into(), json!({ "user_ids": [user] })),
        ("POST", "/v1/users/unban".into(), json!({ "user_ids": [user] })),
        ("GET", at(""), none.clone()),
        ("PATCH", at(""), json!({})),
        ("PATCH", at("/metadata"), json!({})),
        ("PUT", at("/metadata"), json!({})),
        ("POST", at("/ban"), none.clone()),
        ("POST", at("/unban"), none.clone()),
        ("POST", at("/lock"), none.clone()),
        ("POST", at("/unlock"), none.clone()),
        ("POST", at("/verify_password"), json!({ "password": PASSWORD })),
        ("DELETE", at("/profile_image"), none.clone()),
        ("GET", at("/oauth_access_tokens/oauth_google"), none.clone()),
        ("DELETE", at("/external_accounts/eac_none"), none.clone()),
        ("GET", at("/billing/subscription"), none.clone()),
        ("GET", "/v1/billing/plans".into(), none.clone()),
        ("GET", "/v1/billing/prices".into(), none.clone()),
        ("POST", "/v1/billing/prices".into(), json!({})),
        ("GET", "/v1/billing/subscription_items".into(), none.clone()),
        ("DELETE", "/v1/billing/subscription_items/csub_item_none".into(), none.clone()),
        (
            "POST",
            "/v1/billing/subscription_items/csub_item_none/extend_free_trial".into(),
            json!({ "extend_to": "2027-01-01T00:00:00Z" }),
        ),
        (
            "POST",
            "/v1/billing/subscription_items/csub_item_none/price_transition".into(),
            json!({ "from_price_id": "a", "to_price_id": "b" }),
        ),
        ("GET", "/v1/billing/statements".into(), none.clone()),
        ("GET", "/v1/billing/statements/stmt_none".into(), none.clone()),
        ("GET", "/v1/billing/statements/stmt_none/payment_attempts".into(), none.clone()),
        ("GET", "/v1/organizations/org_none/billing/subscription".into(), none.clone()),
        ("GET", "/v1/organizations/org_none/billing/credits".into(), none.clone()),
        ("POST", "/v1/organizations/org_none/billing/credits".into(), json!({})),
        ("GET", at("/billing/credits"), none.clone()),
        ("POST", at("/billing/credits"), json!({})),
        ("DELETE", at(""), none.clone()),
        ("GET", "/admin/v1/instances".into(), none.clone()),
        ("POST", "/admin/v1/instances".into(), json!({ "name": "\n" })),
        ("GET", admin(""), none.clone()),
        ("PATCH", admin(""), json!({})),
        ("GET", admin("/settings"), none.clone()),
        ("PATCH", admin("/settings"), json!({})),
        ("GET", admin("/billing/plans"), none.clone()),
        ("POST", admin("/billing/plans"), json!({})),
        ("GET", admin("/billing/plans/cplan_none"), none.clone()),
        ("PATCH", admin("/billing/plans/cplan_none"), json!({})),
        ("DELETE", admin("/billing/plans/cplan_none"), none.clone()),
        ("GET", admin("/billing/features"), none.clone()),
        ("POST", admin("/billing/features"), json!({})),
        ("PATCH", admin("/billing/features/feat_none"), json!({})),
        ("DELETE", admin("/billing/features/feat_none"), none.clone()),
        ("POST", admin("/billing/subscription_items"), json!({})),
        ("GET", admin("/billing/payment_attempts"), none.clone()),
        ("POST", admin("/billing/payment_attempts/cpa_none/pay"), none.clone()),
        ("POST", admin("/billing/payment_attempts/cpa_none/fail"), none.clone()),
        ("GET", admin("/keys"), none.clone()),
        ("POST", admin("/keys"), json!({ "secret_key": "" })),
        ("DELETE", admin("/keys/key_none"), none.clone()),
        ("POST", admin("/keys/key_none/rotate"), none.clone()),
        ("POST", admin("/users/user_none/external_accounts"), json!({})),
        ("GET", admin("/oauth_providers"), none.clone()),
        ("GET", admin("/oauth_providers/oauth_google"), none.clone()),
        ("PUT", admin("/oauth_providers/oauth_google"), json!({})),
        ("DELETE", admin("/oauth_providers/oauth_google"), none.clone()),
        ("POST", admin("/users/user_none/external_accounts/connect"), json!({})),
        ("GET", "/oauth/callback".into(), none.clone()),
        ("POST", admin("/fork"), json!({ "name": "\n" })),
        ("POST", admin("/reset"), none.clone()),
        ("DELETE", "/admin/v1/instances/ins_none".into(), none.clone()),
        ("GET", "/images/default/user_x/AB".into(), none.clone()),
        ("GET", "/healthz".into(), none.clone()),
        ("GET", "/readyz".into(), none.clone()),
        ("GET", "/metrics".into(), none.clone()),
        ("GET", "/openapi.json".into(), none.clone()),
        ("GET", "/v1/nothing".into(), none),
    ]
}

const TABLE: &str = "\
route none wrong revoked other right operator
GET /v1/users                                 401 401 401 200 200 401
GET /v1/users/count                           401 401 401 200 200 401
POST /v1/users                                401 401 401 422 422 401
POST /v1/users/ban                            401 401 401 404 200 401
POST /v1/users/unban                          401 401 401 404 200 401
GET /v1/users/U                               401 401 401 404 200 401
PATCH /v1/users/U                             401 401 401 404 200 401
PATCH /v1/users/U/metadata                    401 401 401 404 200 401
PUT /v1/users/U/metadata                      401 401 401 404 200 401
POST /v1/users/U/ban                          401 401 401 404 200 401
POST /v1/users/U/unban                        401 401 401 404 200 401
POST /v1/users/U/lock                         401 401 401 404 200 401
POST /v1/users/U/unlock                       401 401 401 404 200 401
POST /v1/users/U/verify_password              401 401 401 404 200 401
DELETE /v1/users/U/profile_image              401 401 401 404 200 401
GET /v1/users/U/oauth_access_tokens/oauth_google 401 401 401 404 404 401
DELETE /v1/users/U/external_accounts/eac_none 401 401 401 404 404 401
GET /v1/users/U/billing/subscription          401 401 401 403 403 401
GET /v1/billing/plans                         401 401 401 403 403 401
GET /v1/billing/prices                        401 401 401 403 403 401
POST /v1/billing/prices                       401 401 401 403 403 401
GET /v1/billing/subscription_items            401 401 401 403 403 401
DELETE /v1/billing/subscription_items/csub_item_none 401 401 401 403 403 401
POST /v1/billing/subscription_items/csub_item_none/extend_free_trial 401 401 401 403 403 401
POST /v1/billing/subscription_items/csub_item_none/price_transition 401 401 401 403 403 401
GET /v1/billing/statements                    401 401 401 403 403 401
GET /v1/billing/statements/stmt_none          401 401 401 403 403 401
GET /v1/billing/statements/stmt_none/payment_attempts 401 401 401 403 403 401
GET /v1/organizations/org_none/billing/subscription 401 401 401 403 403 401
GET /v1/organizations/org_none/billing/credits 401 401 401 403 403 401
POST /v1/organizations/org_none/billing/credits 401 401 401 403 403 401
GET /v1/users/U/billing/credits               401 401 401 403 403 401
POST /v1/users/U/billing/credits              401 401 401 403 403 401
DELETE /v1/users/U                            401 401 401 404 200 401
GET /admin/v1/instances                       401 401 401 401 401 200
POST /admin/v1/instances                      401 401 401 401 401 422
GET /admin/v1/instances/I                     401 401 401 401 401 200
PATCH /admin/v1/instances/I                   401 401 401 401 401 200
GET /admin/v1/instances/I/settings            401 401 401 401 401 200
PATCH /admin/v1/instances/I/settings          401 401 401 401 401 200
GET /admin/v1/instances/I/billing/plans       401 401 401 401 401 200
POST /admin/v1/instances/I/billing/plans      401 401 401 401 401 422
GET /admin/v1/instances/I/billing/plans/cplan_none 401 401 401 401 401 404
PATCH /admin/v1/instances/I/billing/plans/cplan_none 401 401 401 401 401 404
DELETE /admin/v1/instances/I/billing/plans/cplan_none 401 401 401 401 401 404
GET /admin/v1/instances/I/billing/features    401 401 401 401 401 200
POST /admin/v1/instances/I/billing/features   401 401 401 401 401 422
PATCH /admin/v1/instances/I/billing/features/feat_none 401 401 401 401 401 404
DELETE /admin/v1/instances/I/billing/features/feat_none 401 401 401 401 401 404
POST /admin/v1/instances/I/billing/subscription_items 401 401 401 401 401 403
GET /admin/v1/instances/I/billing/payment_attempts 401 401 401 401 401 200
POST /admin/v1/instances/I/billing/payment_attempts/cpa_none/pay 401 401 401 401 401 404
POST /admin/v1/instances/I/billing/payment_attempts/cpa_none/fail 401 401 401 401 401 404
GET /admin/v1/instances/I/keys                401 401 401 401 401 200
POST /admin/v1/instances/I/keys               401 401 401 401 401 422
DELETE /admin/v1/instances/I/keys/key_none    401 401 401 401 401 404
POST /admin/v1/instances/I/keys/key_none/rotate 401 401 401 401 401 404
POST /admin/v1/instances/I/users/user_none/external_accounts 401 401 401 401 401 422
GET /admin/v1/instances/I/oauth_providers     401 401 401 401 401 200
GET /admin/v1/instances/I/oauth_providers/oauth_google 401 401 401 401 401 404
PUT /admin/v1/instances/I/oauth_providers/oauth_google 401 401 401 401 401 422
DELETE /admin/v1/instances/I/oauth_providers/oauth_google 401 401 401 401 401 404
POST /admin/v1/instances/I/users/user_none/external_accounts/connect 401 401 401 401 401 422
GET /oauth/callback                           404 404 404 404 404 404
POST /admin/v1/instances/I/fork               401 401 401 401 401 422
POST /admin/v1/instances/I/reset              401 401 401 401 401 200
DELETE /admin/v1/instances/ins_none           401 401 401 401 401 404
GET /images/default/user_x/AB                 200 200 200 200 200 200
GET /healthz                                  200 200 200 200 200 200
GET /readyz                                   200 200 200 200 200 200
GET /metrics                                  200 200 200 200 200 200
GET /openapi.json                             200 200 200 200 200 200
GET /v1/nothing                               404 404 404 404 404 404
";

both!(who_may_do_what, async |server| {
    let twins = Twins::make(server).await;
    let (_, revoked) = revoked_key(server).await;
    let (user, instance) = (id(&twins.mine), server.instance_id.to_string());
    let clients = [
        server.client().with_token(None),
        server.client().with_token(Some("sk_test_nobody_nobody_nobody")),
        revoked,
        twins.client.clone(),
        server.client(),
        server.operator(),
    ];
    let mut found = TABLE.lines().next().expect("a head").to_owned() + "\n";
    for (method, path, body) in routes(&user, &instance) {
        let shown = format!("{method} {path}").replace(&user, "U").replace(&instance, "I");
        write!(found, "{shown:<45}").expect("written");
        for client in &clients {
            let mut call = client.call(method.parse().expect("a method"), &path).unchecked();
            if !body.is_null() {
                call = call.json(body.clone());
            }
            write!(found, " {}", call.send().await.status).expect("written");
        }
        found.push('\n');
    }
    assert_eq!(found, TABLE, "\n{found}");
    assert_eq!(twins.client.get(&path(&id(&twins.theirs), "")).send().await.ok(), twins.theirs);
    delete_instance(server, &twins.other).await;
});
