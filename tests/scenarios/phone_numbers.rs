//! `/v1/phone_numbers` and `PUT /v1/users/{id}/phone_number`

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{TOTP_SECRET, id, path, text};

const ONE: &str = "+12025550101";
const TWO: &str = "+12025550102";

async fn person(server: &Server) -> Value {
    server.create_user(json!({ "username": "adaada" })).await
}

async fn add(server: &Server, user: &Value, phone: &str, body: Value) -> Reply {
    let mut all = json!({ "user_id": id(user), "phone_number": phone });
    all.as_object_mut().expect("an object").extend(body.as_object().expect("one").clone());
    server.client().post("/v1/phone_numbers").json(all).send().await
}

async fn patch(server: &Server, phone: &Value, body: Value) -> Reply {
    let at = format!("/v1/phone_numbers/{}", text(&phone["id"]));
    server.client().patch(&at).json(body).send().await
}

async fn delete(server: &Server, phone: &Value) -> Reply {
    server.client().delete(&format!("/v1/phone_numbers/{}", text(&phone["id"]))).send().await
}

async fn defaults(server: &Server, user: &Value) -> Vec<bool> {
    let shown = server.get_user(&id(user)).await;
    let phones = shown["phone_numbers"].as_array().expect("an array").clone();
    phones.iter().map(|phone| phone["default_second_factor"] == true).collect()
}

both!(a_number_is_created_read_changed_and_deleted_by_its_own_id, async |server| {
    let user = person(server).await;
    let new = add(server, &user, "+1 202 555 0101", json!({})).await.ok();
    assert_eq!((&new["phone_number"], &new["verification"]), (&json!(ONE), &Value::Null));
    assert_eq!(server.get_user(&id(&user)).await["primary_phone_number_id"], new["id"]);
    let at = format!("/v1/phone_numbers/{}", text(&new["id"]));
    assert_eq!(server.client().get(&at).send().await.ok(), new);
    let now = patch(server, &new, json!({ "verified": true })).await.ok();
    assert_eq!(now["verification"]["strategy"], "admin");
    let gone = delete(server, &new).await.ok();
    assert_eq!(gone, json!({ "object": "phone_number", "id": new["id"], "deleted": true }));
    delete(server, &new).await.refused(404, &[("resource_not_found", "")]);
    // An address is no number, though both have ids of one kind.
    let other = json!({ "email_address": ["a@example.com"] });
    let other = server.create_user(other).await;
    delete(server, &other["email_addresses"][0]).await.refused(404, &[("resource_not_found", "")]);
});

both!(the_first_second_factor_is_the_default_until_it_goes, async |server| {
    let user = person(server).await;
    let second = json!({ "verified": true, "reserved_for_second_factor": true });
    let one = add(server, &user, ONE, json!({ "verified": true })).await.ok();
    let two = add(server, &user, TWO, second).await.ok();
    assert_eq!(
        (&two["default_second_factor"], &one["default_second_factor"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(server.get_user(&id(&user)).await["two_factor_enabled"], true);
    patch(server, &one, json!({ "reserved_for_second_factor": true })).await.ok();
    assert_eq!(defaults(server, &user).await, [false, true]);
    patch(server, &two, json!({ "reserved_for_second_factor": false })).await.ok();
    assert_eq!(defaults(server, &user).await, [true, false]);
    delete(server, &one).await.ok();
    assert_eq!(server.get_user(&id(&user)).await["two_factor_enabled"], false);
});

both!(an_unverified_number_is_no_second_factor, async |server| {
    let user = person(server).await;
    add(server, &user, ONE, json!({ "reserved_for_second_factor": true })).await.refused(
        400,
        &[("identification_create_second_factor_unverified", "reserved_for_second_factor")],
    );
    let one = add(server, &user, ONE, json!({})).await.ok();
    let unverified =
        &[("identification_update_second_factor_unverified", "reserved_for_second_factor")];
    patch(server, &one, json!({ "reserved_for_second_factor": true }))
        .await
        .refused(400, unverified);
    let both = json!({ "reserved_for_second_factor": true, "verified": true });
    patch(server, &one, both).await.ok();
    patch(server, &one, json!({ "verified": false })).await.refused(400, unverified);
});

both!(the_last_number_cannot_go_nor_become_a_second_factor, async |server| {
    let user = server.create_user(json!({ "phone_number": [ONE] })).await;
    let only = &user["phone_numbers"][0];
    delete(server, only).await.refused(400, &[("identification_deletion_failed", "")]);
    patch(server, only, json!({ "reserved_for_second_factor": true }))
        .await
        .refused(400, &[("identification_update_failed", "")]);
    server.settings(json!({ "attributes": { "phone_number": { "required": true } } })).await;
    let two = json!({ "username": "adaada", "phone_number": [TWO] });
    let user = server.create_user(two).await;
    delete(server, &user["phone_numbers"][0])
        .await
        .refused(400, &[("last_required_identification_deletion_failed", "")]);
});

both!(backup_codes_go_with_the_last_second_factor, async |server| {
    let body = json!({ "username": "adaada", "backup_codes": ["one", "two"] });
    let user = server.create_user(body).await;
    let second = json!({ "verified": true, "reserved_for_second_factor": true });
    let one = add(server, &user, ONE, second.clone()).await.ok();
    delete(server, &one).await.ok();
    assert_eq!(server.get_user(&id(&user)).await["backup_code_enabled"], false);

    let body = json!({
        "username": "eveeve", "backup_codes": ["one"], "totp_secret": TOTP_SECRET,
    });
    let user = server.create_user(body).await;
    add(server, &user, TWO, second).await.ok();
    let put = server.client().put(&path(&id(&user), "/phone_number"));
    let new = put.json(json!({ "phone_number": ONE })).send().await.ok();
    assert_eq!(new["reserved_for_second_factor"], false);
    let shown = server.get_user(&id(&user)).await;
    assert_eq!(
        (&shown["backup_code_enabled"], &shown["totp_enabled"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(shown["phone_numbers"], json!([new]));
    assert_eq!(shown["primary_phone_number_id"], new["id"]);
});

both!(wrong_numbers_are_refused_by_name, async |server| {
    let user = person(server).await;
    for (phone, code) in [("+1", "form_param_format_invalid"), ("", "form_param_missing")] {
        add(server, &user, phone, json!({})).await.refused(422, &[(code, "phone_number")]);
    }
    let unknown = add(server, &user, ONE, json!({ "notify_primary_email_address_changed": true }));
    unknown.await.refused(422, &[("form_param_unknown", "notify_primary_email_address_changed")]);
    server.create_user(json!({ "phone_number": [ONE] })).await;
    add(server, &user, ONE, json!({}))
        .await
        .refused(422, &[("form_identifier_exists", "phone_number")]);
});
