//! `rollbook user`, which asks a running server.

use std::io::Write;
use std::process::Stdio;

use rollbook_tests::{Launch, rollbook};

use crate::{KEY, done, done_json, folder, refused, run_with};

#[test]
fn users_are_made_listed_banned_and_deleted_by_the_command() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let url = format!("http://{}", server.addr);
    let variables = [("ROLLBOOK_SECRET_KEY", KEY), ("ROLLBOOK_SERVER", url.as_str())];
    let user =
        |arguments: &[&str]| run_with(folder.path(), &[&["user"], arguments].concat(), &variables);
    let ada = user(&["create", "--email", "ada@example.com", "--first-name", "Ada", "--json"]);
    let ada = done_json(&ada);
    let id = ada["id"].as_str().expect("an id");
    done(&user(&["create", "--username", "grace"]));
    assert_eq!(done(&user(&["list", "--query", "ada@"])), format!("{id}  ada@example.com  Ada\n"));
    assert_eq!(
        done_json(&user(&["list", "--limit", "1", "--json"])).as_array().map(Vec::len),
        Some(1)
    );
    assert!(done(&user(&["ban", id])).ends_with("banned\n"));
    assert_eq!(done_json(&user(&["get", id, "--json"]))["banned"], true);
    assert!(!done(&user(&["unban", id])).contains("banned"));
    assert_eq!(done(&user(&["delete", id])), format!("Deleted {id}.\n"));
    let gone = refused(&user(&["get", id]));
    assert!(gone.contains("resource_not_found") && !gone.contains(KEY), "{gone}");
}

#[test]
fn a_password_comes_by_standard_input() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let mut command = rollbook();
    command.current_dir(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY);
    command.env("ROLLBOOK_LISTEN", server.addr.to_string());
    command.args(["user", "create", "--username", "grace", "--password-stdin", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("started");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(b"seven violet otters hum\n").expect("written");
    drop(stdin);
    let output = child.wait_with_output().expect("ended");
    assert_eq!(done_json(&output)["password_enabled"], true);
}

#[test]
fn without_a_key_or_a_server_it_says_so() {
    let folder = folder();
    let keyless = run_with(folder.path(), &["user", "list"], &[]);
    assert!(refused(&keyless).contains("--secret-key"));
    let variables = [("ROLLBOOK_SECRET_KEY", KEY), ("ROLLBOOK_SERVER", "ftp://nowhere")];
    assert!(refused(&run_with(folder.path(), &["user", "list"], &variables)).contains("http"));
}
