//! `export`, beside a server and without one: who may read the file, and who can; and `import` of it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rollbook_tests::{Launch, Server, get, post};
use serde_json::{Value, json};

use crate::{KEY, done, done_json, folder, misused, refused, run, stderr, stdout};

/// A key that is good for tests only: the numbers from 1 to 32.
const RECIPIENT: &str = "age1q73he0q5yzfu3d64msd3p6rvksnrwjk3d2598mgtmlqt9wrdr37q2vrn72";

/// The key itself.
const IDENTITY: &str = "AGE-SECRET-KEY-1QYPQXPQ9QCRSSZG2PVXQ6RS0ZQG3YYC5Z5TPWXQERGD3C8G7RUSQGPQYEE";

const PASSWORD: &str = "seven violet otters hum";

/// All lines but the first, which says when, and the last, whose digest covers that.
fn rows(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    lines[1..lines.len() - 1].to_vec()
}

/// A store with one instance, and what a server says of its user.
fn with_a_user(folder: &Path) -> Value {
    let mut server = Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let body = json!({ "username": "lovelace", "password": PASSWORD });
    let user = post(server.addr, KEY, "/v1/users", &body).done();
    let id = user["id"].as_str().expect("an id");
    let user = shown(&server, id);
    server.signal("TERM");
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

/// A server of the store shows the user, to the key of the store that it comes from.
fn is_served(folder: &Path, user: &Value) {
    let mut server = Launch::new(folder).start();
    let id = user["id"].as_str().expect("an id");
    assert_eq!(shown(&server, id), *user);
    let password = json!({ "password": PASSWORD });
    let verify = format!("/v1/users/{id}/verify_password");
    let verified = post(server.addr, KEY, &verify, &password).done();
    assert_eq!(verified["verified"], true);
    server.signal("TERM");
    assert!(server.ended().success());
}

/// A user wherever the server listens.
fn shown(server: &Server, id: &str) -> Value {
    let user = get(server.addr, KEY, &format!("/v1/users/{id}")).done().to_string();
    serde_json::from_str(&user.replace(&server.addr.to_string(), "here")).expect("JSON")
}

fn with<'a>(words: &[&'a str], options: &[&'a str]) -> Vec<&'a str> {
    [words, options].concat()
}

#[test]
fn an_export_comes_in_as_it_was_encrypted_or_not() {
    let here = folder();
    let user = with_a_user(here.path());
    let at = |name: &str| here.path().join(name).to_str().expect("text").to_owned();
    fs::write(at("words"), "a long passphrase\n").expect("written");
    fs::write(at("key"), format!("# for tests\n{IDENTITY}\n")).expect("written");
    let (words, key) = (at("words"), at("key"));
    for (name, encrypted, opened) in [
        ("a.jsonl", vec![], vec![]),
        ("a.age", vec!["--recipient", RECIPIENT], vec!["--identity", &key]),
        ("b.age", vec!["--passphrase-file", "words"], vec!["--passphrase-file", &words]),
    ] {
        done(&run(here.path(), &with(&["export", name], &encrypted)));
        let there = folder();
        let file = at(name);
        let import = with(&["import", &file, "--json"], &opened);
        assert_eq!(done_json(&run(there.path(), &import))["rows"]["users"], 1);
        is_served(there.path(), &user);
        let said = refused(&run(there.path(), &import));
        assert!(said.contains("already"), "{said}");
    }
}

#[test]
fn an_export_that_cannot_be_opened_or_is_not_whole_changes_nothing() {
    let here = folder();
    with_a_user(here.path());
    let at = |name: &str| here.path().join(name).to_str().expect("text").to_owned();
    fs::write(at("words"), "a long passphrase\n").expect("written");
    fs::write(at("others"), "another passphrase\n").expect("written");
    done(&run(here.path(), &["export", "a.jsonl"]));
    done(&run(here.path(), &["export", "a.age", "--passphrase-file", "words"]));
    let whole = fs::read(at("a.jsonl")).expect("a file");
    fs::write(at("cut.jsonl"), &whole[..whole.len() / 2]).expect("written");
    let encrypted = fs::read(at("a.age")).expect("a file");
    fs::write(at("cut.age"), &encrypted[..encrypted.len() - 100]).expect("written");
    let there = folder();
    let refused_there =
        |arguments: &[&str]| refused(&run(there.path(), &with(&["import"], arguments)));
    let said = refused_there(&[&at("cut.jsonl")]);
    assert!(said.contains("cut short"), "{said}");
    refused_there(&[&at("cut.age"), "--passphrase-file", &at("words")]);
    let said = refused_there(&[&at("a.age")]);
    assert!(said.contains("--passphrase-file"), "{said}");
    let said = refused_there(&[&at("a.age"), "--passphrase-file", &at("others")]);
    assert!(said.contains("opens it"), "{said}");
    let said = refused_there(&[&at("a.jsonl"), "--dry-run"]);
    assert!(said.contains("--dry-run"), "{said}");
    let said = refused_there(&[&at("a.jsonl"), &at("a.jsonl")]);
    assert!(said.contains("by itself"), "{said}");
    assert_eq!(done_json(&run(there.path(), &["instance", "list", "--json"])), json!([]));
    let server = Launch::new(here.path()).start();
    let said = refused(&run(here.path(), &["import", "a.jsonl"]));
    assert!(said.contains("stop it if it is a server"), "{said}");
    drop(server);
}
