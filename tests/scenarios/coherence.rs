//! What was acknowledged is seen by every request that comes after.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use rollbook_ops::users::{Ban, ban};
use rollbook_testkit::{Client, Engine, Server, both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{PASSWORD, number, path, picture, someone};

both!(every_write_is_seen_by_the_next_get_list_and_count, async |server| {
    let client = server.client();
    let user = someone(server, "adaada").await;
    let call = |method: &str, below: &str| {
        let path = path(&user, below);
        match method {
            "POST" => client.post(&path),
            "PATCH" => client.patch(&path),
            "PUT" => client.put(&path),
            _ => client.delete(&path),
        }
    };
    let upload = picture(8, 8, image::ImageFormat::Png);
    for write in [
        call("PATCH", "").json(json!({ "first_name": "Grace", "username": "hopper" })),
        call("PATCH", "").json(json!({ "password": PASSWORD })),
        call("PATCH", "/metadata").json(json!({ "public_metadata": { "a": 1 } })),
        call("PUT", "/metadata").json(json!({ "public_metadata": { "b": 1 } })),
        call("POST", "/ban"),
        call("POST", "/unban"),
        client.post("/v1/users/ban").json(json!({ "user_ids": [user] })),
        client.post("/v1/users/unban").json(json!({ "user_ids": [user] })),
        call("POST", "/lock"),
        call("POST", "/unlock"),
        call("POST", "/profile_image").file("file", &upload),
        call("DELETE", "/profile_image"),
    ] {
        // So that there is something stale to be served.
        server.get_user(&user).await;
        let mut answer = write.send().await.ok();
        if let Value::Array(all) = &mut answer {
            answer = all.remove(0);
        }
        assert_eq!(server.get_user(&user).await, answer);
        assert_eq!(client.get("/v1/users").send().await.ok(), json!([answer]));
        let banned = usize::from(answer["banned"] == true);
        let count = client.get("/v1/users/count?banned=true").send().await.ok();
        assert_eq!(count["total_count"], banned);
    }
    let found = client.get("/v1/users/count?username=hopper&name_query=grace").send().await.ok();
    assert_eq!(found["total_count"], 1);
    assert_eq!(client.get("/v1/users/count?username=adaada").send().await.ok()["total_count"], 0);
    client.delete(&path(&user, "")).send().await.ok();
    client.get(&path(&user, "")).send().await.refused(404, &[("resource_not_found", "")]);
    assert_eq!(client.get("/v1/users/count").send().await.ok()["total_count"], 0);
});

/// Eight readers and four writers of one user for a while; no reader may see
/// an older version after a newer one was acknowledged.
async fn read_while_writing(server: &Server, readers: &[Client], writers: &[Client]) {
    let user = someone(server, "adaada").await;
    let acknowledged = Arc::new(AtomicI64::new(0));
    let done = Arc::new(AtomicBool::new(false));

    let mut reading = JoinSet::new();
    for client in readers.iter().cycle().take(8) {
        let (client, user) = (client.clone(), user.clone());
        let (acknowledged, done) = (Arc::clone(&acknowledged), Arc::clone(&done));
        reading.spawn(async move {
            let mut n_reads = 0;
            while !done.load(Ordering::SeqCst) {
                let floor = acknowledged.load(Ordering::SeqCst);
                let body = client.get(&path(&user, "")).unchecked().send().await.ok();
                let seen = number(&body["updated_at"]);
                assert!(seen >= floor, "version {seen} was read after {floor} was acknowledged");
                n_reads += 1;
            }
            n_reads
        });
    }
    let mut writing = JoinSet::new();
    for (w, client) in (0..4).zip(writers.iter().cycle()) {
        let (client, user, acknowledged) =
            (client.clone(), user.clone(), Arc::clone(&acknowledged));
        writing.spawn(async move {
            for n in 0..40 {
                let body = json!({ "public_metadata": { format!("writer_{w}"): n } });
                let call = client.patch(&path(&user, "/metadata")).json(body).unchecked();
                let written = call.send().await.ok();
                acknowledged.fetch_max(number(&written["updated_at"]), Ordering::SeqCst);
            }
        });
    }
    writing.join_all().await;
    done.store(true, Ordering::SeqCst);
    let n_reads: Vec<i32> = reading.join_all().await;
    assert!(n_reads.iter().all(|n| *n > 10), "too few reads to tell: {n_reads:?}");
    let last = server.get_user(&user).await;
    for w in 0..4 {
        assert_eq!(last["public_metadata"][format!("writer_{w}")], 39);
    }
}

both!(no_reader_sees_an_older_version_after_a_newer_one_was_acknowledged, async |server| {
    let clients = [server.client()];
    read_while_writing(server, &clients, &clients).await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_reader_of_one_server_sees_less_than_the_other_acknowledged() {
    let Some(server) = Server::start(Engine::Postgres).await else { return };
    let mut second = server.second().await;
    let both = [server.client(), second.client()];
    read_while_writing(&server, &both, &both).await;
    second.stop().await;
    server.end().await;
}

both!(a_user_created_while_it_was_looked_for_is_found_afterwards, async |server| {
    // A "not found" must not be kept: an id may come to be, as in a fork or a restore.
    let client = server.client();
    for n in 0..20 {
        let user = someone(server, &format!("user_{n}")).await;
        let [one, two] = [(); 2].map(|()| tokio::spawn(client.get(&path(&user, "")).send()));
        one.await.expect("sent").ok();
        two.await.expect("sent").ok();
        client.delete(&path(&user, "")).send().await.ok();
        assert_eq!(client.get(&path(&user, "")).send().await.status, 404);
    }
});

both!(a_change_that_began_before_new_settings_leaves_no_old_body_behind, async |server| {
    let id = someone(server, "adaada").await;
    // As a request that proved its caller before the settings changed.
    let before = server.tenant();
    server.settings(json!({ "user_lockout": { "max_attempts": 7 } })).await;
    assert_eq!(server.get_user(&id).await["banned"], false);
    let user = id.parse().expect("an id");
    ban(&server.ctx, &before, &user, Ban::Set).await.expect("banned");
    assert_eq!(server.get_user(&id).await["banned"], true);
});
