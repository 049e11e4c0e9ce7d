//! Secret keys: made, listed, rotated and revoked, with effect at once.

use std::fs;

use rollbook_testkit::{Client, Server, both};
use serde_json::{Value, json};

use crate::support::{id, text};

fn keys(server: &Server) -> String {
    format!("/admin/v1/instances/{}/keys", server.instance_id)
}

async fn new_key(server: &Server, body: Value) -> (String, Client) {
    let new = server.operator().post(&keys(server)).json(body).send().await.ok();
    (id(&new), server.client().with_token(Some(text(&new["secret"]))))
}

async fn opens(client: &Client) -> bool {
    let reply = client.get("/v1/users").send().await;
    if reply.status == 200 {
        return true;
    }
    reply.refused(401, &[("clerk_key_invalid", "")]);
    false
}

both!(a_new_key_opens_the_same_instance_beside_the_old_one, async |server| {
    let user = server.create_user(json!({ "username": "lovelace" })).await;
    let (_, client) = new_key(server, json!({})).await;
    assert_eq!(client.get("/v1/users").send().await.ok(), json!([user]));
    assert!(opens(&server.client()).await);
});

both!(a_chosen_key_is_taken_if_it_is_long_enough_and_free, async |server| {
    let chosen =
        format!("sk_test_chosen_chosen_{}", server.url.rsplit(':').next().expect("a port"));
    let body = json!({ "secret_key": chosen });
    new_key(server, body.clone()).await;
    assert!(opens(&server.client().with_token(Some(&chosen))).await);
    let post = async |body: Value| server.operator().post(&keys(server)).json(body).send().await;
    post(body).await.refused(422, &[("form_identifier_exists", "secret_key")]);
    for bad in [
        "",
        "sk_test_",
        "sk_test_short",
        "sk_live_chosen_chosen_chosen",
        "chosen",
        "sk_test_a b c d e f g h i",
    ] {
        let refused = [("form_param_value_invalid", "secret_key")];
        post(json!({ "secret_key": bad })).await.refused(422, &refused);
    }
});

both!(keys_are_listed_without_their_secrets, async |server| {
    let new = server.operator().post(&keys(server)).json(json!({})).send().await.ok();
    let reply = server.operator().get(&keys(server)).send().await;
    let list = reply.ok();
    assert_eq!(list["total_count"], 2);
    for secret in [text(&new["secret"]), &server.secret_key] {
        assert!(!reply.text().contains(secret));
        assert!(!reply.text().contains(&secret[8..20]));
    }
    let rows = list["data"].as_array().expect("an array");
    let listed = rows.iter().find(|row| row["id"] == new["id"]).expect("the new key");
    assert_eq!(listed["instance_id"], server.instance_id.as_str());
    assert_eq!(listed["revoked_at"], Value::Null);
    let hint = text(&listed["hint"]);
    assert!(hint.starts_with("sk_test_") && hint.len() < 20, "{hint}");
});

both!(a_rotated_key_is_replaced_at_once, async |server| {
    let (key, old) = new_key(server, json!({})).await;
    assert!(opens(&old).await);
    let path = format!("{}/{key}/rotate", keys(server));
    let new = server.operator().post(&path).send().await.ok();
    assert!(!opens(&old).await);
    assert!(opens(&server.client().with_token(Some(text(&new["secret"])))).await);
    assert!(opens(&server.client()).await);
    // It is gone, so there is nothing to rotate again.
    assert_eq!(server.operator().post(&path).send().await.status, 404);
});

both!(a_revoked_key_opens_nothing_from_now_on, async |server| {
    let (key, client) = new_key(server, json!({})).await;
    let user = id(&server.create_user(json!({ "username": "lovelace" })).await);
    // Also what the cache answers.
    client.get(&format!("/v1/users/{user}")).send().await.ok();
    let path = format!("{}/{key}", keys(server));
    let revoked = server.operator().delete(&path).send().await.ok();
    assert_eq!(revoked["deleted"], true);
    assert!(!opens(&client).await);
    let cached = client.get(&format!("/v1/users/{user}")).send().await;
    cached.refused(401, &[("clerk_key_invalid", "")]);
    assert_eq!(server.operator().delete(&path).send().await.status, 404);
    let list = server.operator().get(&keys(server)).send().await.ok();
    let listed = list["data"].as_array().expect("an array");
    let revoked: Vec<_> = listed.iter().filter(|row| row["revoked_at"].is_i64()).collect();
    assert_eq!(revoked.len(), 1, "{list}");
    assert_eq!(revoked[0]["id"], key);
    server.restart().await;
    assert!(!opens(&server.client().with_token(Some("sk_test_nonsense_nonsense"))).await);
    assert!(opens(&server.client()).await);
});

both!(keys_of_another_instance_cannot_be_touched, async |server| {
    let (other, client) = crate::support::instance(server, json!({})).await;
    let others = format!("/admin/v1/instances/{other}/keys");
    let list = server.operator().get(&others).send().await.ok();
    let key = id(&list["data"][0]);
    let path = format!("{}/{key}", keys(server));
    assert_eq!(server.operator().delete(&path).send().await.status, 404);
    assert_eq!(server.operator().post(&format!("{path}/rotate")).send().await.status, 404);
    assert!(opens(&client).await);
    crate::support::delete_instance(server, &other).await;
});

both!(only_hashes_of_keys_are_in_the_store, async |server| {
    let (_, client) = new_key(server, json!({})).await;
    assert!(opens(&client).await);
    let new = server.operator().post(&keys(server)).json(json!({})).send().await.ok();
    let secrets = [server.secret_key.clone(), text(&new["secret"]).to_owned()];
    let Some(file) = server.database_file() else { return };
    let (file, secrets) = (&file, &secrets);
    server.stop().await;
    let folder = file.parent().expect("a folder");
    let mut n_bytes = 0;
    for entry in fs::read_dir(folder).expect("a folder") {
        let bytes = fs::read(entry.expect("a file").path()).expect("a file");
        n_bytes += bytes.len();
        for secret in secrets {
            // Not even most of it.
            let part = &secret.as_bytes()[8..32];
            assert!(!bytes.windows(part.len()).any(|window| window == part));
        }
    }
    assert!(n_bytes > 1000, "there is no store in {}", folder.display());
});
