//! `DELETE /v1/users/{id}/web3_wallets/{id}`

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, id, instance, path, text};

const ONE: &str = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F";
const TWO: &str = "11111111111111111111111111111111";

fn at(user: &Value, wallet: &Value) -> String {
    path(&id(user), &format!("/web3_wallets/{}", text(&wallet["id"])))
}

async fn delete(server: &Server, user: &Value, wallet: &Value) -> Reply {
    server.client().delete(&at(user, wallet)).send().await
}

both!(the_next_wallet_becomes_primary_and_the_address_is_free_again, async |server| {
    let body = json!({ "username": "adaada", "web3_wallet": [ONE, TWO] });
    let user = server.create_user(body).await;
    let (one, two) = (&user["web3_wallets"][0], &user["web3_wallets"][1]);
    assert_eq!(user["primary_web3_wallet_id"], one["id"]);
    let gone = delete(server, &user, one).await.ok();
    assert_eq!(gone, json!({ "object": "web3_wallet", "id": one["id"], "deleted": true }));
    let shown = server.get_user(&id(&user)).await;
    assert_eq!(shown["primary_web3_wallet_id"], two["id"]);
    assert_eq!(shown["web3_wallets"], json!([two]));
    server.create_user(json!({ "web3_wallet": [ONE] })).await;
    delete(server, &user, two).await.ok();
    assert_eq!(server.get_user(&id(&user)).await["primary_web3_wallet_id"], Value::Null);
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 2);
});

both!(the_last_and_the_required_wallet_stay, async |server| {
    let user = server.create_user(json!({ "web3_wallet": [ONE] })).await;
    let only = &user["web3_wallets"][0];
    delete(server, &user, only).await.refused(400, &[("identification_deletion_failed", "")]);
    server.settings(json!({ "attributes": { "web3_wallet": { "required": true } } })).await;
    let body = json!({ "username": "adaada", "web3_wallet": [TWO] });
    let user = server.create_user(body).await;
    delete(server, &user, &user["web3_wallets"][0])
        .await
        .refused(400, &[("last_required_identification_deletion_failed", "")]);
});

both!(a_wallet_of_nobody_or_somebody_else_is_not_found, async |server| {
    let ada = server.create_user(json!({ "username": "adaada", "web3_wallet": [ONE] })).await;
    let eve = server.create_user(json!({ "username": "eveeve", "web3_wallet": [TWO] })).await;
    let unknown = &[("resource_not_found", "")];
    delete(server, &eve, &ada["web3_wallets"][0]).await.refused(404, unknown);
    delete(server, &json!({ "id": "user_none" }), &ada["web3_wallets"][0])
        .await
        .refused(404, unknown);
    let (other, client) = instance(server, json!({})).await;
    let call = client.delete(&at(&ada, &ada["web3_wallets"][0]));
    call.send().await.refused(404, unknown);
    delete_instance(server, &other).await;
    assert_eq!(server.get_user(&id(&ada)).await, ada);
    for n in 0..2 {
        let status = if n == 0 { 200 } else { 404 };
        assert_eq!(delete(server, &ada, &ada["web3_wallets"][0]).await.status, status);
    }
});
