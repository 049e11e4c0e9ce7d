//! The commands that only print, and `migrate`.

use std::fs;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use rollbook_tests::{Launch, rollbook};
use serde_json::Value;

use crate::{done, folder, open_store, refused, run};

#[test]
fn openapi_prints_the_contract() {
    let said = done(&run(folder().path(), &["openapi"]));
    let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(parse(&said), parse(rollbook_http::openapi().unwrap()));
    assert!(parse(&said)["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn the_completions_are_a_script_that_bash_understands() {
    let script = done(&run(folder().path(), &["completions", "bash"]));
    for word in ["serve", "instance", "--database", "doctor"] {
        assert!(script.contains(word), "{word} is not completed");
    }
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().expect("bash");
    bash.stdin.take().expect("a pipe").write_all(script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn help_and_version_are_results() {
    let folder = folder();
    assert!(done(&run(folder.path(), &["--version"])).starts_with("rollbook "));
    assert!(done(&run(folder.path(), &["--help"])).contains("serve"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "help made files");
}

#[test]
fn migrate_lays_out_an_empty_store_and_leaves_a_full_one_alone() {
    let folder = folder();
    fs::create_dir(folder.path().join("rollbook-data")).unwrap();
    for _ in 0..2 {
        done(&run(folder.path(), &["migrate"]));
    }
    let n: i64 = open_store(folder.path())
        .query_row("SELECT count(*) FROM users", [], |row| row.get(0))
        .expect("a table of users");
    assert_eq!(n, 0);
}

#[test]
fn migrate_makes_the_data_folder() {
    let folder = folder();
    done(&run(folder.path(), &["migrate"]));
    open_store(folder.path()).query_row("SELECT 1 FROM users", [], |_| Ok(())).unwrap_err();
}

#[test]
fn a_store_of_a_newer_release_is_refused_and_left_as_it_is() {
    let folder = folder();
    done(&run(folder.path(), &["migrate"]));
    let newer = "UPDATE meta SET value = '999' WHERE key = 'schema_version'";
    assert_eq!(open_store(folder.path()).execute(newer, []).unwrap(), 1);
    for command in ["migrate", "doctor", "serve"] {
        let said = refused(&run(folder.path(), &[command, "--listen", "127.0.0.1:0"]));
        assert!(said.contains("999") && said.contains("later one"), "{said}");
    }
}

#[test]
fn rotations_of_the_master_key_at_once_leave_a_key_that_opens_the_store() {
    let folder = folder();
    done(&run(folder.path(), &["instance", "create"]));
    for _ in 0..4 {
        let start = |_| {
            let mut command = rollbook();
            command.current_dir(folder.path()).args(["key", "rotate-master"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        };
        let rotations: Vec<_> = (0..3).map(start).collect();
        let won = |mut child: Child| child.wait().expect("it ends").success();
        assert!(rotations.into_iter().filter_map(|child| won(child).then_some(())).count() >= 1);
        done(&run(folder.path(), &["doctor"]));
    }
}

#[test]
fn a_second_server_on_one_embedded_store_is_refused() {
    let folder = folder();
    let first = Launch::new(folder.path()).start();
    let said = refused(&run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]));
    assert!(said.contains("another process"), "{said}");
    drop(first);
}
