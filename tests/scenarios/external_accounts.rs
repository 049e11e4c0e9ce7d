//! Connected accounts: what they vouch for, and their removal.

use rollbook_testkit::{Reply, START, Server, both};
use serde_json::{Value, json};

use crate::support::{delete_instance, events, id, instance, path, someone, text};

const NOT_FOUND: &[(&str, &str)] = &[("external_account_not_found", "")];

/// Connects an account as the operator; the answer.
pub(crate) async fn import(server: &Server, user: &str, account: Value) -> Reply {
    let at = format!("/admin/v1/instances/{}/users/{user}/external_accounts", server.instance_id);
    server.operator().post(&at).json(account).send().await
}

async fn delete(server: &Server, user: &str, account: &Value) -> Reply {
    let below = format!("/external_accounts/{}", text(account));
    server.client().delete(&path(user, &below)).send().await
}

both!(an_account_vouches_for_an_address_until_it_is_deleted, async |server| {
    let user = someone(server, "adaada").await;
    let account = json!({
        "provider": "oauth_google", "provider_user_id": "108", "email_address": "Ada@Example.com",
        "email_address_verified": true, "approved_scopes": "email profile",
    });
    let shown = import(server, &user, account).await.ok();
    let (account, email) = (&shown["external_accounts"][0], &shown["email_addresses"][0]);
    assert_eq!(account["email_address_verified"], true);
    assert_eq!(
        email["verification"],
        json!({
            "object": "verification_from_oauth", "status": "verified",
            "strategy": "from_oauth_google", "attempts": null, "expire_at": null,
        })
    );
    let link = json!([{ "type": "oauth_google", "id": account["identification_id"] }]);
    assert_eq!((&email["email_address"], &email["linked_to"]), (&json!("ada@example.com"), &link));
    assert_eq!(shown["primary_email_address_id"], email["id"]);

    let answer = delete(server, &user, &account["external_account_id"]).await.ok();
    let own = &account["external_account_id"];
    assert_eq!(answer, json!({ "object": "external_account", "id": own, "deleted": true }));
    let after = server.get_user(&user).await;
    assert_eq!(
        (&after["external_accounts"], &after["email_addresses"][0]["linked_to"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(after["email_addresses"][0]["verification"], email["verification"]);
    delete(server, &user, own).await.refused(404, NOT_FOUND);
    let u = user.as_str();
    let told = events([("user.created", u), ("user.updated", u), ("user.updated", u)]);
    assert_eq!(server.events().await, told);
    // It may be connected anew, by anyone.
    let other = someone(server, "bobbob").await;
    let again = json!({ "provider": "oauth_google", "provider_user_id": "108" });
    import(server, &other, again).await.ok();
});

both!(an_address_is_gained_only_if_it_is_verified_and_free, async |server| {
    let taken = json!({ "username": "bobbob", "email_address": ["bob@example.com"] });
    server.create_user(taken).await;
    let user = someone(server, "adaada").await;
    for (n, (address, verified, expected)) in [
        ("bob@example.com", Some(true), 0),
        ("one@example.com", Some(false), 0),
        ("two@example.com", None, 0),
        ("three@example.com", Some(true), 1),
    ]
    .into_iter()
    .enumerate()
    {
        let account = json!({
            "provider": "oauth_github", "provider_user_id": n.to_string(),
            "email_address": address, "email_address_verified": verified,
        });
        let shown = import(server, &user, account).await.ok();
        assert_eq!(shown["email_addresses"].as_array().map(Vec::len), Some(expected), "{address}");
        assert_eq!(shown["external_accounts"][n]["email_address_verified"], json!(verified));
    }
    // A doubtful address links to nothing, even if it is the user's.
    let emails = json!({ "username": "evaeva", "email_address": ["eva@example.com"] });
    let eva = id(&server.create_user(emails).await);
    let mut account = json!({
        "provider": "oauth_github", "provider_user_id": "eva",
        "email_address": "eva@example.com", "email_address_verified": false,
    });
    let shown = import(server, &eva, account.clone()).await.ok();
    assert_eq!(shown["email_addresses"][0]["linked_to"], json!([]));
    account["provider_user_id"] = json!("eva2");
    account["email_address_verified"] = json!(null);
    let shown = import(server, &eva, account).await.ok();
    assert_eq!(shown["email_addresses"][0]["linked_to"].as_array().map(Vec::len), Some(1));
});

both!(a_reserved_address_is_verified_by_an_account, async |server| {
    let reserved = json!({
        "email_address": ["ada@example.com"],
        "email_address_identification_status": ["reserved"],
    });
    let user = id(&server.create_user(reserved).await);
    server.clock.advance(1000);
    let account = json!({
        "provider": "oauth_google", "provider_user_id": "1",
        "email_address": "ada@example.com", "email_address_verified": true,
    });
    let shown = import(server, &user, account).await.ok();
    let email = &shown["email_addresses"][0];
    assert_eq!(email["reserved"], false);
    assert_eq!(email["verification"]["strategy"], "from_oauth_google");
    assert_eq!(email["updated_at"], START + 1000);
});

both!(either_id_of_an_account_names_it, async |server| {
    let user = someone(server, "adaada").await;
    for provider in ["oauth_google", "oauth_facebook", "oauth_github"] {
        for field in ["id", "external_account_id", "identification_id"] {
            let account = json!({ "provider": provider, "provider_user_id": "1" });
            let shown = import(server, &user, account).await.ok();
            let account = &shown["external_accounts"][0];
            let answer = delete(server, &user, &account[field]).await.ok();
            assert_eq!(answer["id"], account["external_account_id"], "{provider} {field}");
        }
    }
    let other = someone(server, "bobbob").await;
    let account = json!({ "provider": "oauth_github", "provider_user_id": "1" });
    let account = import(server, &user, account).await.ok()["external_accounts"][0].clone();
    delete(server, &other, &account["id"]).await.refused(404, NOT_FOUND);
    let nobody = "user_34OkW3rUlQGlAzCORHT4DHFLqcc";
    delete(server, nobody, &account["id"]).await.refused(404, &[("resource_not_found", "")]);
});

both!(the_last_identification_stays, async |server| {
    let user = id(&server.create_user(json!({ "email_address": ["a@example.com"] })).await);
    for n in ["1", "2"] {
        let account = json!({ "provider": "oauth_github", "provider_user_id": n });
        import(server, &user, account).await.ok();
    }
    // No operation here deletes an address, so the user has to be made without.
    let (instance, user_id) = (server.instance_id.clone(), user.parse().expect("an id"));
    server
        .write(move |tx| {
            let stored = rollbook_store::users::lock(tx, &instance, &user_id)?.expect("a user");
            let mut user = stored.user.clone();
            user.email_addresses.clear();
            user.primary_email_address_id = None;
            rollbook_store::users::save(tx, &instance, &stored, &user)?.expect("saved");
            Ok(())
        })
        .await;
    let accounts =
        server.client().get("/v1/users").send().await.ok()[0]["external_accounts"].clone();
    // Of two deletions at once, one finds the other account still there.
    let (one, two) = tokio::join!(
        delete(server, &user, &accounts[0]["id"]),
        delete(server, &user, &accounts[1]["id"])
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let refused = if one.status == 400 { one } else { two };
    refused.refused(400, &[("identification_deletion_failed", "")]);
});

both!(what_comes_with_an_account_is_checked, async |server| {
    let user = someone(server, "adaada").await;
    for (field, value, code, param) in [
        ("refresh_token", json!("r"), "form_conditional_param_missing", "access_token"),
        ("id_token", json!("r"), "form_conditional_param_missing", "access_token"),
        ("expires_at", json!(1), "form_conditional_param_missing", "access_token"),
        (
            "access_token",
            json!("a".repeat(16_385)),
            "form_param_max_length_exceeded",
            "access_token",
        ),
        (
            "email_address_verified",
            json!("yes"),
            "form_param_value_invalid",
            "email_address_verified",
        ),
        ("provider", json!("Google"), "form_param_value_invalid", "provider"),
        ("tokens", json!({}), "form_param_unknown", "tokens"),
    ] {
        let mut account = json!({ "provider": "oauth_google", "provider_user_id": "1" });
        account[field] = value;
        let at =
            format!("/admin/v1/instances/{}/users/{user}/external_accounts", server.instance_id);
        let reply = server.operator().post(&at).json(account).unchecked().send().await;
        reply.refused(422, &[(code, param)]);
    }
    assert_eq!(server.get_user(&user).await["external_accounts"], json!([]));
});

both!(an_account_of_another_instance_is_not_found, async |server| {
    let (other, client) = instance(server, json!({})).await;
    let user = someone(server, "adaada").await;
    let account = json!({ "provider": "oauth_github", "provider_user_id": "1" });
    let shown = import(server, &user, account.clone()).await.ok();
    let theirs = client.post("/v1/users").json(json!({ "username": "adaada" })).send().await.ok();
    // The same account may be connected in both.
    let at = format!("/admin/v1/instances/{other}/users/{}/external_accounts", id(&theirs));
    server.operator().post(&at).json(account).send().await.ok();
    let below = format!("/external_accounts/{}", text(&shown["external_accounts"][0]["id"]));
    let delete = client.delete(&path(&id(&theirs), &below)).send().await;
    delete.refused(404, NOT_FOUND);
    let delete = client.delete(&path(&user, &below)).send().await;
    delete.refused(404, &[("resource_not_found", "")]);
    delete_instance(server, &other).await;
});
