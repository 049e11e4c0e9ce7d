//! Taking second factors away: what goes, what stays, and when it was.

use rollbook_testkit::{START, Server, both};
use serde_json::{Value, json};

use super::at_rest::rows;
use super::authenticator::App;
use super::{factors, reserve_phone, verify};
use crate::support::{TOTP_SECRET, events, id, number, path};

const MINUTE: i64 = 60_000;

/// A user with all there is: app, used code, backup codes, a phone.
async fn with_all(server: &Server, username: &str, phone: &str) -> String {
    let body = json!({
        "username": username, "phone_number": [phone],
        "totp_secret": TOTP_SECRET, "backup_codes": ["kbdnh3wq", "mz4ypu7c"],
    });
    let user = id(&server.create_user(body).await);
    reserve_phone(server, &user).await;
    let code = App::new(TOTP_SECRET).code(server.clock.now());
    verify(&server.client(), &user, &code).send().await.ok();
    user
}

fn expected(totp: bool, codes: bool, phone: bool, enabled: i64, disabled: Option<i64>) -> Value {
    json!({
        "two_factor_enabled": totp || phone,
        "totp_enabled": totp,
        "backup_code_enabled": codes,
        "mfa_enabled_at": enabled,
        "mfa_disabled_at": disabled,
        "phone": phone,
    })
}

/// Deletes what is at the path; what the user's second factors are then.
async fn delete(server: &Server, user: &str, below: &str) -> Value {
    let answer = server.client().delete(&path(user, below)).send().await.ok();
    assert_eq!(answer, json!({ "user_id": user }));
    factors(&server.get_user(user).await)
}

both!(disabling_mfa_takes_every_second_factor_at_once, async |server| {
    let user = with_all(server, "adaada", "+12125550101").await;
    assert_eq!(factors(&server.get_user(&user).await), expected(true, true, true, START, None));
    server.clock.advance(MINUTE);
    let gone = expected(false, false, false, START, Some(START + MINUTE));
    assert_eq!(delete(server, &user, "/mfa").await, gone);
    assert_eq!(rows(server, &user).await, []);
    let reply = verify(&server.client(), &user, "kbdnh3wq").send().await;
    reply.refused(400, &[("totp_disabled", "")]);

    // Nothing is left to do, for any of them, at any later time.
    server.clock.advance(MINUTE);
    let before = server.get_user(&user).await;
    for below in ["/mfa", "/totp", "/backup_code"] {
        assert_eq!(delete(server, &user, below).await, gone);
    }
    assert_eq!(server.get_user(&user).await, before);
    assert_eq!(server.events().await, events([("user.created", &user), ("user.updated", &user)]));
});

both!(mfa_times_keep_the_last_time_of_each_kind, async |server| {
    let user = with_all(server, "adaada", "+12125550101").await;
    server.clock.advance(MINUTE);
    delete(server, &user, "/mfa").await;
    server.clock.advance(MINUTE);
    let body = json!({ "totp_secret": TOTP_SECRET });
    let again = server.client().patch(&path(&user, "")).json(body.clone()).send().await.ok();
    let on = expected(true, false, false, START + 2 * MINUTE, Some(START + MINUTE));
    assert_eq!(factors(&again), on, "the old backup codes do not come back");
    server.clock.advance(MINUTE);
    let replaced = server.client().patch(&path(&user, "")).json(body).send().await.ok();
    assert_eq!(factors(&replaced), on, "a new seed is no new second factor");
    server.clock.advance(MINUTE);
    let off = expected(false, false, false, START + 2 * MINUTE, Some(START + 4 * MINUTE));
    assert_eq!(delete(server, &user, "/totp").await, off);
});

both!(deleting_the_app_takes_the_backup_codes_along_if_it_was_the_last_factor, async |server| {
    let body = json!({
        "username": "adaada", "totp_secret": TOTP_SECRET, "backup_codes": ["kbdnh3wq"],
    });
    let user = id(&server.create_user(body).await);
    server.clock.advance(MINUTE);
    let off = expected(false, false, false, START, Some(START + MINUTE));
    assert_eq!(delete(server, &user, "/totp").await, off);
    assert_eq!(rows(server, &user).await, []);
});

both!(deleting_the_app_leaves_the_backup_codes_to_another_factor, async |server| {
    let user = with_all(server, "adaada", "+12125550101").await;
    server.clock.advance(MINUTE);
    let phone_left = expected(false, true, true, START, None);
    assert_eq!(delete(server, &user, "/totp").await, phone_left);
    assert_eq!(rows(server, &user).await, [("backup_code".to_owned(), 2)]);
});

both!(
    backup_codes_without_a_factor_are_no_factor_and_outlive_the_deletion_of_no_app,
    async |server| {
        let body = json!({ "username": "adaada", "backup_codes": ["kbdnh3wq"] });
        let user = id(&server.create_user(body).await);
        let mut lone = expected(false, true, false, START, None);
        lone["mfa_enabled_at"] = Value::Null;
        assert_eq!(delete(server, &user, "/totp").await, lone);
        assert_eq!(rows(server, &user).await, [("backup_code".to_owned(), 1)]);
        lone["backup_code_enabled"] = false.into();
        assert_eq!(
            delete(server, &user, "/mfa").await,
            lone,
            "what was not on is not switched off"
        );
        assert_eq!(rows(server, &user).await, []);
    }
);

both!(deleting_the_backup_codes_leaves_the_app, async |server| {
    let user = with_all(server, "adaada", "+12125550101").await;
    server.clock.advance(MINUTE);
    let rest = expected(true, false, true, START, None);
    assert_eq!(delete(server, &user, "/backup_code").await, rest);
    let left = rows(server, &user).await;
    assert_eq!(left, [("totp".to_owned(), 1), ("totp_step".to_owned(), 1)]);
    let before = server.get_user(&user).await;
    assert_eq!(delete(server, &user, "/backup_code").await, rest);
    assert_eq!(server.get_user(&user).await, before);
    assert_eq!(server.events().await, events([("user.created", &user), ("user.updated", &user)]));
    let code = App::new(TOTP_SECRET).code(server.clock.now());
    verify(&server.client(), &user, &code).send().await.ok();
});

both!(in_whatever_order_they_are_taken_nothing_is_left, async |server| {
    let orders = [
        ["/mfa", "/totp", "/backup_code"],
        ["/totp", "/mfa", "/backup_code"],
        ["/totp", "/backup_code", "/mfa"],
        ["/backup_code", "/totp", "/mfa"],
    ];
    for (n, order) in orders.into_iter().enumerate() {
        let phone = format!("+1212555010{n}");
        let user = with_all(server, &format!("user_{n}"), &phone).await;
        let enabled_at = number(&server.get_user(&user).await["mfa_enabled_at"]);
        let mut disabled_at = None;
        for below in order {
            server.clock.advance(MINUTE);
            if below == "/mfa" {
                disabled_at = Some(server.clock.now());
            }
            delete(server, &user, below).await;
        }
        let gone = expected(false, false, false, enabled_at, disabled_at);
        assert_eq!(factors(&server.get_user(&user).await), gone);
        assert_eq!(rows(server, &user).await, []);
    }
});

both!(another_users_second_factors_stay, async |server| {
    let [one, other] = [("hopper", "+12125550101"), ("turing", "+12125550102")];
    let one = with_all(server, one.0, one.1).await;
    let other = with_all(server, other.0, other.1).await;
    let before = server.get_user(&other).await;
    delete(server, &one, "/mfa").await;
    server.client().delete(&path(&one, "")).send().await.ok();
    assert_eq!(server.get_user(&other).await, before);
    assert_eq!(rows(server, &other).await.iter().map(|row| row.1).sum::<i64>(), 4);
    verify(&server.client(), &other, "mz4ypu7c").send().await.ok();
});

both!(a_deleted_user_leaves_no_secret, async |server| {
    let user = with_all(server, "adaada", "+12125550101").await;
    assert_eq!(rows(server, &user).await.len(), 3);
    server.client().delete(&path(&user, "")).send().await.ok();
    assert_eq!(rows(server, &user).await, []);
});
