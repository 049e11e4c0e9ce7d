//! `instance` and `key` beside a running server, which notices by itself.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use rollbook_tests::{Launch, get, post};
use serde_json::{Value, json};

use crate::{KEY, done, done_json, folder, refused, run};

/// It asks twice a second; the rest is for a busy machine.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn an_instance_made_beside_a_server_is_served_and_one_deleted_is_not() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    let new = done_json(&run(&["instance", "create", "--name", "second", "--json"]));
    let (id, key) = (text(&new, "id"), text(&new, "secret_key"));
    notices(server.addr, &key, 200);
    post(server.addr, &key, "/v1/users", &json!({ "username": "lovelace" })).done();
    assert_eq!(get(server.addr, KEY, "/v1/users/count").done()["total_count"], 0);

    let list = done_json(&run(&["instance", "list", "--json"]));
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(list.as_array().unwrap().iter().any(|row| row["id"] == id && row["name"] == "second"));
    assert!(done(&run(&["instance", "list"])).contains(&id));

    let fork = done_json(&run(&["instance", "fork", &id, "--json"]));
    let forked = text(&fork, "secret_key");
    notices(server.addr, &forked, 200);
    assert_eq!(get(server.addr, &forked, "/v1/users/count").done()["total_count"], 1);

    done(&run(&["instance", "reset", &id]));
    let counted = || get(server.addr, &key, "/v1/users/count").done()["total_count"] == 0;
    eventually("the instance is empty", counted);

    done(&run(&["instance", "delete", &id]));
    notices(server.addr, &key, 401);
    assert_eq!(get(server.addr, &forked, "/v1/users/count").done()["total_count"], 1);
    assert!(refused(&run(&["instance", "delete", &id])).contains(&id));
}

#[test]
fn keys_made_rotated_and_revoked_beside_a_server_count_at_once() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let run = |arguments: &[&str]| run(folder.path(), arguments);
    let instance = text(&done_json(&run(&["instance", "list", "--json"]))[0], "id");
    let instance = instance.as_str();

    let new = done_json(&run(&["key", "create", "--instance", instance, "--json"]));
    let (id, secret) = (text(&new, "id"), text(&new, "secret"));
    notices(server.addr, &secret, 200);

    let new = done_json(&run(&["key", "rotate", "--instance", instance, &id, "--json"]));
    let (newer_id, newer) = (text(&new, "id"), text(&new, "secret"));
    notices(server.addr, &newer, 200);
    notices(server.addr, &secret, 401);
    assert!(refused(&run(&["key", "rotate", "--instance", instance, &id])).contains(&id));

    let listed = done(&run(&["key", "list", "--json"]));
    for secret in [KEY, &secret, &newer] {
        assert!(!listed.contains(secret), "a secret is listed");
    }
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(
        done_json(&run(&["key", "list", "--instance", instance, "--json"])),
        listed,
        "all keys are this instance's"
    );

    done(&run(&["key", "revoke", "--instance", instance, &newer_id]));
    notices(server.addr, &newer, 401);
    assert_eq!(get(server.addr, KEY, "/v1/users").status, 200);
}

#[test]
fn for_people_the_key_is_shown_once_ready_to_paste() {
    let folder = folder();
    let said = done(&run(folder.path(), &["instance", "create"]));
    let [id, key] = said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    assert!(id.starts_with("ins_") && key.starts_with("CLERK_SECRET_KEY=sk_test_"), "{said}");
    let said = done(&run(folder.path(), &["key", "create", "--instance", id]));
    assert!(said.contains("\nCLERK_SECRET_KEY=sk_test_"), "{said}");
}

#[test]
fn what_is_not_there_is_refused_by_name() {
    let folder = folder();
    let id = "ins_2GJGnV8oBrGjYQfGgJ0PnEDXCJC";
    for arguments in [
        &["instance", "delete", id] as &[&str],
        &["instance", "reset", id],
        &["instance", "fork", id],
        &["key", "create", "--instance", id],
    ] {
        let said = refused(&run(folder.path(), arguments));
        assert!(said.contains(id), "{said}");
    }
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}")).to_owned()
}

#[track_caller]
fn notices(addr: SocketAddr, key: &str, status: u16) {
    eventually(&format!("{status}"), || get(addr, key, "/v1/users").status == status);
}

#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + NOTICED_WITHIN;
    while !is_so() {
        assert!(Instant::now() < end, "not in time: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
