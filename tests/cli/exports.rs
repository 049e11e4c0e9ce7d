//! `export`, beside a server and without one: who may read the file, and who can.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rollbook_tests::{Launch, get, post};
use serde_json::json;

use crate::{KEY, done, done_json, folder, misused, refused, run, stderr, stdout};

/// A key that is good for tests only: the numbers from 1 to 32.
const RECIPIENT: &str = "age1q73he0q5yzfu3d64msd3p6rvksnrwjk3d2598mgtmlqt9wrdr37q2vrn72";

/// All lines but the first, which says when, and the last, whose digest covers that.
fn rows(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    lines[1..lines.len() - 1].to_vec()
}

/// A store with one instance, and what a server says of its user.
fn with_a_user(folder: &Path) -> serde_json::Value {
    let server = Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let body = json!({ "username": "lovelace", "password": "seven violet otters hum" });
    let user = post(server.addr, KEY, "/v1/users", &body).done();
    let id = user["id"].as_str().expect("an id");
    let user = get(server.addr, KEY, &format!("/v1/users/{id}")).done();
    server.signal("TERM");
    let mut server = server;
    assert!(server.ended().success());
    user
}

#[test]
fn an_export_beside_a_running_server_is_its_owners_alone() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    post(server.addr, KEY, "/v1/users", &json!({ "username": "lovelace" })).done();
    let output = run(folder.path(), &["export", "a.jsonl"]);
    assert!(done(&output).contains(" rows."), "{}", stdout(&output));
    assert!(stderr(&output).contains("is not encrypted"), "{}", stderr(&output));
    let file = folder.path().join("a.jsonl");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&file).expect("text");
    assert!(text.starts_with("{\"rollbook_export\":1,") && text.ends_with("\"}\n"), "{text}");
    assert!(text.contains("\"username\":\"lovelace\""), "{text}");
    // Nothing else is left in the folder.
    let names =
        fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("one").file_name());
    let temporary = names.filter(|name| name.to_string_lossy().starts_with(".tmp")).count();
    assert_eq!(temporary, 0);

    // What is there is not written over.
    let said = refused(&run(folder.path(), &["export", "a.jsonl"]));
    assert!(said.contains("a.jsonl is there already"), "{said}");
    assert_eq!(fs::read_to_string(&file).expect("text"), text);

    let to_stdout = run(folder.path(), &["export", "-"]);
    assert_eq!(rows(&done(&to_stdout)), rows(&text));

    let told = done_json(&run(folder.path(), &["export", "b.jsonl", "--json"]));
    assert_eq!(told["rows"], text.lines().count() - 2);
}

#[test]
fn an_encrypted_export_holds_nothing_in_the_open() {
    let folder = folder();
    with_a_user(folder.path());
    fs::write(folder.path().join("words"), "a long passphrase\n").expect("written");
    for (file, option, value) in
        [("a.age", "--recipient", RECIPIENT), ("b.age", "--passphrase-file", "words")]
    {
        let output = run(folder.path(), &["export", file, option, value]);
        done(&output);
        assert!(!stderr(&output).contains("not encrypted"), "{}", stderr(&output));
        let bytes = fs::read(folder.path().join(file)).expect("a file");
        assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
        for open in [&b"lovelace"[..], b"rollbook_export", b"argon2"] {
            assert!(!bytes.windows(open.len()).any(|part| part == open), "{file}");
        }
    }
}

#[test]
fn what_cannot_be_exported_is_refused_and_leaves_no_file() {
    let folder = folder();
    let empty = refused(&run(folder.path(), &["export", "a.jsonl"]));
    assert!(empty.contains("no instance"), "{empty}");
    with_a_user(folder.path());
    let unknown = "ins_2GJGnV8oBrGjYQfGgJ0PnEDXCJC";
    let said = refused(&run(folder.path(), &["export", "a.jsonl", "--instance", unknown]));
    assert!(said.contains(unknown), "{said}");
    done(&run(folder.path(), &["instance", "create"]));
    let said = refused(&run(folder.path(), &["export", "a.jsonl"]));
    assert!(said.contains("--instance"), "{said}");
    assert!(!folder.path().join("a.jsonl").exists());
    misused(&run(folder.path(), &["export"]));
    misused(&run(folder.path(), &["export", "a", "--recipient", "age1nobody"]));
    let both = ["export", "a", "--recipient", RECIPIENT, "--passphrase-file", "words"];
    misused(&run(folder.path(), &both));
}
