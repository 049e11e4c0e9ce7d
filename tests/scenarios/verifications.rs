//! Codes sent to email addresses and phone numbers, and what comes back.

use rollbook_testkit::{Reply, Server, both};
use serde_json::{Value, json};

use crate::support::{id, number, text};

async fn address(server: &Server, email: &str) -> Value {
    let user = server.create_user(json!({ "username": "adaada" })).await;
    let body = json!({ "user_id": id(&user), "email_address": email });
    server.client().post("/v1/email_addresses").json(body).send().await.ok()
}

async fn prepare(server: &Server, kind: &str, one: &Value) -> Value {
    let at = format!("/v1/{kind}/{}/prepare_verification", text(&one["id"]));
    server.client().post(&at).send().await.ok()
}

async fn attempt(server: &Server, kind: &str, one: &Value, of: &Value, code: &str) -> Reply {
    let at = format!("/v1/{kind}/{}/attempt_verification", text(&one["id"]));
    let body = json!({ "verification_id": of["id"], "code": code });
    server.client().post(&at).json(body).send().await
}

/// The data of the last event of a kind.
async fn last(server: &Server, kind: &str) -> Option<Value> {
    let events = server.outbox().await;
    let event = events.iter().rev().find(|event| event.kind == kind)?;
    Some(serde_json::from_str(&event.data).expect("JSON"))
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

const EMAIL: &str = "email_addresses";

both!(the_code_that_was_mailed_proves_the_address, async |server| {
    let address = address(server, "ada@example.com").await;
    let sent = prepare(server, EMAIL, &address).await;
    assert_eq!(number(&sent["expire_at"]), server.clock.now() + 600_000);
    let mail = last(server, "email.created").await.expect("a mail");
    assert_eq!(mail["to_email_address"], "ada@example.com");
    let code = text(&mail["data"]["otp_code"]).to_owned();
    assert!(code.len() == 6 && text(&mail["body_plain"]).contains(&code), "{mail}");

    let tried = attempt(server, EMAIL, &address, &sent, wrong(&code)).await.ok();
    assert_eq!((&tried["status"], &tried["attempts"]), (&json!("unverified"), &json!(1)));
    let done = attempt(server, EMAIL, &address, &sent, &code).await.ok();
    assert_eq!((&done["status"], &done["attempts"]), (&json!("verified"), &json!(2)));
    let at = format!("/v1/email_addresses/{}", text(&address["id"]));
    let shown = server.client().get(&at).send().await.ok();
    assert_eq!(shown["verification"]["object"], "verification_otp");
    assert_eq!(shown["verification"]["strategy"], "email_code");
    attempt(server, EMAIL, &address, &sent, &code)
        .await
        .refused(400, &[("verification_already_verified", "")]);
});

both!(a_code_expires_by_the_clock_and_fails_after_three_attempts, async |server| {
    let address = address(server, "ada@example.com").await;
    let late = prepare(server, EMAIL, &address).await;
    let code = last(server, "email.created").await.expect("a mail")["data"]["otp_code"].clone();
    server.clock.advance(600_000);
    let tried = attempt(server, EMAIL, &address, &late, text(&code)).await.ok();
    assert_eq!((&tried["status"], &tried["attempts"]), (&json!("expired"), &json!(0)));

    let sent = prepare(server, EMAIL, &address).await;
    let code = last(server, "email.created").await.expect("a mail")["data"]["otp_code"].clone();
    for status in ["unverified", "unverified", "failed"] {
        let tried = attempt(server, EMAIL, &address, &sent, wrong(text(&code))).await.ok();
        assert_eq!(tried["status"], status);
    }
    let tried = attempt(server, EMAIL, &address, &sent, text(&code)).await.ok();
    assert_eq!((&tried["status"], &tried["attempts"]), (&json!("failed"), &json!(3)));
    let at = format!("/v1/email_addresses/{}", text(&address["id"]));
    assert_eq!(server.client().get(&at).send().await.ok()["verification"], Value::Null);
});

both!(in_test_mode_test_addresses_have_a_known_code_and_get_no_mail, async |server| {
    let test = address(server, "ada+clerk_test@example.com").await;
    let sent = prepare(server, EMAIL, &test).await;
    assert_eq!(last(server, "email.created").await, None);
    assert_eq!(attempt(server, EMAIL, &test, &sent, "424242").await.ok()["status"], "verified");

    server.settings(json!({ "test_mode": false })).await;
    let sent = prepare(server, EMAIL, &test).await;
    assert!(last(server, "email.created").await.is_some());
    let mailed = last(server, "email.created").await.expect("a mail");
    if mailed["data"]["otp_code"] != "424242" {
        let tried = attempt(server, EMAIL, &test, &sent, "424242").await.ok();
        assert_eq!(tried["status"], "unverified");
    }
});

both!(the_code_to_a_number_goes_to_whoever_listens_for_it, async |server| {
    let user = server.create_user(json!({ "username": "adaada" })).await;
    let body = json!({ "user_id": id(&user), "phone_number": "+14155552671" });
    let phone = server.client().post("/v1/phone_numbers").json(body).send().await.ok();
    let sent = prepare(server, "phone_numbers", &phone).await;
    assert_eq!((&sent["strategy"], &sent["channel"]), (&json!("phone_code"), &json!("sms")));
    let sms = last(server, "sms.created").await.expect("a message");
    assert_eq!(
        (&sms["to_phone_number"], &sms["delivered_by_clerk"]),
        (&json!("+14155552671"), &json!(false))
    );
    let code = text(&sms["data"]["otp_code"]).to_owned();
    let done = attempt(server, "phone_numbers", &phone, &sent, &code).await.ok();
    assert_eq!(done["status"], "verified");

    let body = json!({ "user_id": id(&user), "phone_number": "+15555550100" });
    let fictional = server.client().post("/v1/phone_numbers").json(body).send().await.ok();
    let sent = prepare(server, "phone_numbers", &fictional).await;
    let done = attempt(server, "phone_numbers", &fictional, &sent, "424242").await.ok();
    assert_eq!(done["status"], "verified");
});

both!(a_verification_is_for_one_address_only, async |server| {
    let ada = address(server, "ada+clerk_test@example.com").await;
    let sent = prepare(server, EMAIL, &ada).await;
    let eve = json!({ "email_address": ["eve@example.com"] });
    let eve = server.create_user(eve).await["email_addresses"][0].clone();
    let unknown = &[("resource_not_found", "")];
    attempt(server, EMAIL, &eve, &sent, "424242").await.refused(404, unknown);
    let none = json!({ "id": "ver_none" });
    attempt(server, EMAIL, &ada, &none, "424242").await.refused(404, unknown);
    let at = format!("/v1/email_addresses/{}/attempt_verification", text(&ada["id"]));
    let missing = server.client().post(&at).json(json!({ "verification_id": "" })).send().await;
    missing
        .refused(422, &[("form_param_missing", "verification_id"), ("form_param_missing", "code")]);
});

both!(a_code_for_an_address_that_another_user_has_claimed_proves_nothing, async |server| {
    let ada = address(server, "ada+clerk_test@example.com").await;
    let sent = prepare(server, EMAIL, &ada).await;
    server.create_user(json!({ "email_address": ["ada+clerk_test@example.com"] })).await;
    attempt(server, EMAIL, &ada, &sent, "424242")
        .await
        .refused(400, &[("identification_claimed", "")]);
});
