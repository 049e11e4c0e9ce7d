//! Locks: the clock alone ends them.

use rollbook_testkit::both;
use serde_json::{Value, json};

use crate::support::{events, path, session_statuses, sign_in, someone};

both!(a_lock_counts_down_and_runs_out_without_anyone_unlocking, async |server| {
    let user = someone(server, "mallory").await;
    let session = sign_in(server, &user).await;
    let locked = server.client().post(&path(&user, "/lock")).send().await.ok();
    assert_eq!(locked["locked"], true);
    assert_eq!(locked["lockout_expires_in_seconds"], 3600);
    assert_eq!(locked["verification_attempts_remaining"], 10, "an explicit lock consumes none");
    assert_eq!(session_statuses(server, &user).await, [(session.clone(), "active".to_owned())]);

    // Each read may come from the cache, and none may be stale.
    for (passed_ms, left) in [(0, 3600), (1000, 3599), (60_000, 3539), (3_538_000, 1)] {
        server.clock.advance(passed_ms);
        let user = server.get_user(&user).await;
        assert_eq!(
            (&user["locked"], &user["lockout_expires_in_seconds"]),
            (&json!(true), &json!(left))
        );
    }
    server.clock.advance(1000);
    let free = server.get_user(&user).await;
    assert_eq!(
        (&free["locked"], &free["lockout_expires_in_seconds"]),
        (&json!(false), &Value::Null)
    );
    let listed = server.client().get("/v1/users").send().await.ok();
    assert_eq!(listed, json!([free]));
    assert_eq!(
        server.events().await,
        events([("session.created", &session), ("user.created", &user), ("user.updated", &user)])
    );
});

both!(locking_again_starts_the_time_anew, async |server| {
    let user = someone(server, "mallory").await;
    let client = server.client();
    client.post(&path(&user, "/lock")).send().await.ok();
    server.clock.advance(1_800_000);
    assert_eq!(server.get_user(&user).await["lockout_expires_in_seconds"], 1800);
    let again = client.post(&path(&user, "/lock")).send().await.ok();
    assert_eq!(again["lockout_expires_in_seconds"], 3600);
    assert_eq!(server.get_user(&user).await["lockout_expires_in_seconds"], 3600);
});

both!(unlocking_ends_a_lock_and_leaves_others_alone, async |server| {
    let user = someone(server, "mallory").await;
    let client = server.client();
    let before = server.get_user(&user).await;
    assert_eq!(client.post(&path(&user, "/unlock")).send().await.ok(), before);
    client.post(&path(&user, "/lock")).send().await.ok();
    let unlocked = client.post(&path(&user, "/unlock")).send().await.ok();
    assert_eq!(unlocked["locked"], false);
    assert_eq!(unlocked["lockout_expires_in_seconds"], Value::Null);
    assert_eq!(unlocked["verification_attempts_remaining"], 10);
    assert_eq!(server.get_user(&user).await, unlocked);
    let updates = server.events().await.iter().filter(|(kind, _)| kind == "user.updated").count();
    assert_eq!(updates, 2, "unlocking a user who is not locked is no change");
});

both!(a_lock_without_a_duration_lasts_until_someone_unlocks, async |server| {
    server.settings(json!({ "user_lockout": { "duration_in_minutes": 5 } })).await;
    let user = someone(server, "mallory").await;
    let client = server.client();
    let short = client.post(&path(&user, "/lock")).send().await.ok();
    assert_eq!(short["lockout_expires_in_seconds"], 300);

    let operator = format!("/admin/v1/instances/{}/settings", server.instance_id);
    let forever = json!({ "user_lockout": { "duration_in_minutes": null } });
    let settings = server.operator().patch(&operator).json(forever).send().await.ok();
    // Null in a merge patch brings the default back, so "never" has its own way.
    let minutes = &settings["user_lockout"]["duration_in_minutes"];
    let locked = client.post(&path(&user, "/lock")).send().await.ok();
    if minutes.is_null() {
        assert_eq!(locked["lockout_expires_in_seconds"], Value::Null);
        server.clock.advance(10 * 365 * 86_400_000);
        server.restart().await;
        let user = server.get_user(&user).await;
        assert_eq!(
            (&user["locked"], &user["lockout_expires_in_seconds"]),
            (&json!(true), &Value::Null)
        );
    } else {
        panic!("a lock that never ends cannot be asked for: {minutes}");
    }
});

both!(where_lockout_is_off_nobody_can_be_locked, async |server| {
    let user = someone(server, "mallory").await;
    let client = server.client();
    client.post(&path(&user, "/lock")).send().await.ok();
    server.settings(json!({ "user_lockout": { "enabled": false } })).await;
    for below in ["/lock", "/unlock"] {
        let reply = client.post(&path(&user, below)).send().await;
        reply.refused(403, &[("feature_not_enabled", "")]);
    }
    let user = server.get_user(&user).await;
    assert_eq!(user["verification_attempts_remaining"], Value::Null);
});

both!(a_change_of_settings_shows_in_the_next_body, async |server| {
    let user = someone(server, "mallory").await;
    for attempts in [5, 7, 100] {
        assert_ne!(server.get_user(&user).await["verification_attempts_remaining"], attempts);
        server.settings(json!({ "user_lockout": { "max_attempts": attempts } })).await;
        assert_eq!(server.get_user(&user).await["verification_attempts_remaining"], attempts);
    }
});
