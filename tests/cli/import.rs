//! `import`: users from files, refused rows in a file, exit codes, going on.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::thread;
use std::time::Duration;

use rollbook_tests::{Launch, get, rollbook};
use serde_json::{Value, json};

use crate::{KEY, done, done_json, folder, open_store, refused, run, run_with, stderr, stdout};

/// A store with one instance, whose key is [`KEY`].
fn store(folder: &Path) {
    let mut server = Launch::new(folder).env("ROLLBOOK_SECRET_KEY", KEY).start();
    server.signal("TERM");
    assert!(server.ended().success());
}

fn import(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, &[&["import"], arguments].concat())
}

fn n_users(folder: &Path) -> i64 {
    let count = "SELECT COUNT(*) FROM users";
    open_store(folder).query_row(count, [], |row| row.get(0)).expect("a count")
}

#[test]
fn every_row_in_is_0_and_a_refused_row_is_1() {
    let folder = folder();
    store(folder.path());
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("all.ndjson", "{\"username\":\"ada_l\"}\n{\"username\":\"bob_m\"}\n");
    let said = done(&import(folder.path(), &["all.ndjson"]));
    assert!(said.starts_with("2 users imported"), "{said}");
    assert!(!folder.path().join("all.ndjson.refused.ndjson").exists());

    write("some.csv", "username,email_address\ncarol,\nada_l,\ndora_d,nowhere\n");
    let output = import(folder.path(), &["some.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("1 users imported, 2 rows refused"), "{}", stdout(&output));
    let told = fs::read_to_string(folder.path().join("some.csv.refused.ndjson")).expect("a file");
    let told: Vec<Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let rows: Vec<_> = told
        .iter()
        .map(|row| {
            let error = &row["errors"][0];
            (
                row["line"].as_i64().unwrap(),
                error["code"].as_str().unwrap(),
                error["meta"]["param_name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (3, "form_identifier_exists", "username"),
            (4, "form_param_format_invalid", "email_address"),
        ]
    );
    assert_eq!(told[0]["file"], "some.csv");
    assert_eq!(n_users(folder.path()), 3);
}

#[test]
fn the_same_files_again_change_nothing_unless_told_to() {
    let folder = folder();
    store(folder.path());
    fs::write(folder.path().join("a.ndjson"), "{\"username\":\"ada_l\"}\n").expect("written");
    fs::write(folder.path().join("b.ndjson"), "{\"username\":\"bob_m\"}\n{}\n").expect("written");
    let both = ["a.ndjson", "b.ndjson", "--refused", "told.ndjson", "--json"];
    let first = import(folder.path(), &both);
    let first: Value = serde_json::from_str(&stdout(&first)).expect("JSON");
    assert_eq!((&first["accepted"], &first["refused"]), (&2.into(), &1.into()));
    let told = fs::read_to_string(folder.path().join("told.ndjson")).expect("a file");
    assert!(told.contains("\"file\":\"b.ndjson\"") && told.lines().count() == 1, "{told}");

    fs::remove_file(folder.path().join("told.ndjson")).expect("removed");
    let again = import(folder.path(), &both);
    assert!(stderr(&again).contains("--restart"), "{}", stderr(&again));
    assert_eq!(again.status.code(), Some(1));
    let again: Value = serde_json::from_str(&stdout(&again)).expect("JSON");
    assert_eq!(again, first);
    assert_eq!(fs::read_to_string(folder.path().join("told.ndjson")).expect("a file"), told);

    let anew = [&both[..], &["--restart"]].concat();
    assert!(refused(&import(folder.path(), &anew)).contains("told.ndjson is there already"));
    fs::remove_file(folder.path().join("told.ndjson")).expect("removed");
    let anew = import(folder.path(), &anew);
    let anew: Value = serde_json::from_str(&stdout(&anew)).expect("JSON");
    assert_eq!((&anew["accepted"], &anew["refused"]), (&0.into(), &3.into()));
    assert_eq!(n_users(folder.path()), 2);
}

#[test]
fn with_several_instances_one_has_to_be_named() {
    let folder = folder();
    store(folder.path());
    let other = done_json(&run(folder.path(), &["instance", "create", "--json"]));
    fs::write(folder.path().join("a.ndjson"), "{\"username\":\"ada_l\"}\n").expect("written");
    assert!(refused(&import(folder.path(), &["a.ndjson"])).contains("--instance"));
    let id = other["id"].as_str().expect("an id");
    done(&import(folder.path(), &["a.ndjson", "--instance", id]));
    let said = refused(&import(folder.path(), &["a.ndjson", "--instance", "ins_none"]));
    assert!(said.contains("ins_none"), "{said}");
}

#[test]
fn beside_a_server_it_says_how_to_import_through_it() {
    let folder = folder();
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    fs::write(folder.path().join("a.ndjson"), "{\"username\":\"ada_l\"}\n").expect("written");
    let said = refused(&import(folder.path(), &["a.ndjson"]));
    assert!(said.contains("POST /admin/v1/instances/{id}/imports"), "{said}");
    assert_eq!(get(server.addr, KEY, "/v1/users/count").done()["total_count"], 0);
}

#[test]
fn what_cannot_be_read_is_told_by_name() {
    let folder = folder();
    store(folder.path());
    assert!(refused(&import(folder.path(), &["missing.csv"])).contains("missing.csv"));
    fs::write(folder.path().join("odd.txt"), "Dear users,\n").expect("written");
    assert!(refused(&import(folder.path(), &["odd.txt"])).contains("odd.txt"));
    fs::write(folder.path().join("cut.json"), "[{\"username\":\"ada_l\"},\n{\"user")
        .expect("written");
    let said = refused(&import(folder.path(), &["cut.json"]));
    assert!(said.contains("line 2"), "{said}");
    assert_eq!(n_users(folder.path()), 1);
    let output = run_with(folder.path(), &["import"], &[]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_dry_run_finds_what_a_run_would_and_writes_nothing() {
    let folder = folder();
    store(folder.path());
    fs::write(folder.path().join("a.ndjson"), "{\"username\":\"ada_l\"}\n").expect("written");
    done(&import(folder.path(), &["a.ndjson"]));
    let rows = "{\"username\":\"ada_l\"}\n{\"username\":\"bob_m\",\"password\":\"seven violet otters hum\"}\n\
        {\"username\":\"bob_m\"}\n{\"shoe_size\":44}\n";
    fs::write(folder.path().join("b.ndjson"), rows).expect("written");
    let told = |name: &str| fs::read_to_string(folder.path().join(name)).expect("refused rows");
    let dry = import(folder.path(), &["b.ndjson", "--dry-run"]);
    assert_eq!(dry.status.code(), Some(1));
    assert!(
        stdout(&dry).starts_with("1 users would be imported, 3 rows refused"),
        "{}",
        stdout(&dry)
    );
    assert_eq!(n_users(folder.path()), 1);
    assert!(!folder.path().join("b.ndjson.refused.ndjson").exists());
    let told_dry = told("b.ndjson.dry-run.refused.ndjson");
    let wet = import(folder.path(), &["b.ndjson"]);
    assert!(stdout(&wet).starts_with("1 users imported, 3 rows refused"), "{}", stdout(&wet));
    assert_eq!(told("b.ndjson.refused.ndjson"), told_dry);
    assert_eq!(n_users(folder.path()), 2);

    let later = import(folder.path(), &["b.ndjson", "--dry-run"]);
    assert!(stdout(&later).starts_with("0 users would be imported, 4"), "{}", stdout(&later));
    assert_eq!(told("b.ndjson.dry-run.refused.ndjson").lines().count(), 4);
    assert_eq!(told("b.ndjson.refused.ndjson"), told_dry);
}

#[test]
fn no_file_makes_room_for_refused_rows() {
    let folder = folder();
    store(folder.path());
    let path = |name: &str| folder.path().join(name);
    let rows = "{\"username\":\"ada_l\"}\n{}\n";
    fs::write(path("a.ndjson"), rows).expect("written");
    std::os::unix::fs::symlink("a.ndjson", path("link.ndjson")).expect("a link");
    for name in ["a.ndjson", "./a.ndjson", "link.ndjson"] {
        for dry in [&["--dry-run"][..], &[]] {
            let said = import(folder.path(), &[&["a.ndjson", "--refused", name], dry].concat());
            assert!(refused(&said).contains("is to be read"), "{}", stderr(&said));
        }
    }
    fs::write(path("a.ndjson.refused.ndjson"), "mine").expect("written");
    // Also the second time: the first one is nothing to go on with.
    for _ in 0..2 {
        let said = refused(&import(folder.path(), &["a.ndjson"]));
        assert!(said.contains("a.ndjson.refused.ndjson is there already"), "{said}");
    }
    assert_eq!(n_users(folder.path()), 0);
    assert_eq!(fs::read_to_string(path("a.ndjson.refused.ndjson")).expect("a file"), "mine");
    assert_eq!(fs::read_to_string(path("a.ndjson")).expect("a file"), rows);

    // The same command again replaces what it has told itself.
    fs::remove_file(path("a.ndjson.refused.ndjson")).expect("removed");
    for _ in 0..2 {
        assert_eq!(import(folder.path(), &["a.ndjson"]).status.code(), Some(1));
        let told = fs::read_to_string(path("a.ndjson.refused.ndjson")).expect("a file");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
    assert_eq!(n_users(folder.path()), 1);
}

#[test]
fn other_parameters_of_digests_make_another_import() {
    let folder = folder();
    store(folder.path());
    let users = json!({ "users": [{ "localId": "f1", "email": "a@example.com" }] });
    fs::write(folder.path().join("users.json"), users.to_string()).expect("written");
    let import_of = |rounds: u32| {
        let config = json!({
            "base64_signer_key": "a2V5", "base64_salt_separator": "Bw==",
            "rounds": rounds, "mem_cost": 14,
        });
        fs::write(folder.path().join("hash.json"), config.to_string()).expect("written");
        let arguments = ["users.json", "--hash-config", "hash.json", "--json"];
        let said = stdout(&import(folder.path(), &arguments));
        serde_json::from_str::<Value>(&said).expect("JSON")["id"].clone()
    };
    let first = import_of(8);
    assert!(first.is_string());
    assert_eq!(import_of(8), first);
    assert_ne!(import_of(7), first);
}

#[test]
fn a_mapping_says_which_names_are_which_parameters() {
    let folder = folder();
    store(folder.path());
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("old.csv", "uid,login,mail\n41,ada_l,ada@example.com\n");
    write(
        "map.toml",
        "[fields]\nexternal_id = \"uid\"\nusername = \"login\"\nemail_address = \"mail\"\n",
    );
    done(&import(folder.path(), &["old.csv", "--mapping", "map.toml"]));
    let read = "SELECT username || ' ' || email_address FROM users";
    let found: String =
        open_store(folder.path()).query_row(read, [], |row| row.get(0)).expect("a user");
    assert_eq!(found, "ada_l ada@example.com");
    write("map.toml", "[fields]\nshoe_size = \"uid\"\n");
    let said = refused(&import(folder.path(), &["old.csv", "--mapping", "map.toml"]));
    assert!(said.contains("shoe_size"), "{said}");
}

#[test]
fn an_empty_store_gets_its_first_instance() {
    let folder = folder();
    fs::write(folder.path().join("a.ndjson"), "{\"username\":\"ada_l\"}\n").expect("written");
    let dry = done(&import(folder.path(), &["a.ndjson", "--dry-run"]));
    assert!(dry.starts_with("1 users would be imported"), "{dry}");
    let said = done(&import(folder.path(), &["a.ndjson"]));
    let (key, said) = said.split_once('\n').expect("two lines");
    assert!(said.starts_with("1 users imported"), "{said}");
    let key = key.strip_prefix("CLERK_SECRET_KEY=").expect("a key");
    let server = Launch::new(folder.path()).start();
    assert_eq!(get(server.addr, key, "/v1/users/count").done()["total_count"], 1);
}

#[test]
fn clerks_table_and_its_apis_users_are_joined() {
    let folder = folder();
    store(folder.path());
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    let [one, two, three] = [1, 2, 3].map(|n| format!("user_{n:027}"));
    let digest = "$2b$10$abcdefghijklmnopqrstuuLSFgy6NNouncfY7wjAHgjaJjjcjDOn2";
    write(
        "table.csv",
        &format!(
            "id,username,primary_email_address,password_digest,password_hasher\n\
             {one},,a@example.com,{digest},bcrypt\n{two},only_here,,,\n"
        ),
    );
    let api = json!([
        { "id": one, "email_addresses": [], "public_metadata": { "plan": "pro" } },
        { "id": three, "email_addresses": [], "username": "only_there" },
    ]);
    write("api.json", &api.to_string());
    let said = done(&import(folder.path(), &["table.csv", "api.json"]));
    assert!(said.starts_with("3 users imported"), "{said}");
    let server = Launch::new(folder.path()).env("ROLLBOOK_SECRET_KEY", KEY).start();
    let user = get(server.addr, KEY, &format!("/v1/users/{one}")).done();
    assert_eq!(user["public_metadata"]["plan"], "pro");
    assert_eq!(user["password_enabled"], true);
    assert_eq!(user["email_addresses"][0]["email_address"], "a@example.com");
}

/// The rows are refused, so that what grows is the file and not the store.
#[test]
fn memory_does_not_grow_with_the_file() {
    let folder = folder();
    store(folder.path());
    let (small, large) = (peak_kib(folder.path(), 1), peak_kib(folder.path(), 12));
    assert!(large < small + (8 << 10), "{small} KiB for 8 MB, {large} KiB for 96 MB");
}

/// The most memory that an import of `n` times 8 MB had.
fn peak_kib(folder: &Path, n: usize) -> u64 {
    let row = format!("{{\"shoe_size\":\"{}\"}}\n", "x".repeat(100 << 10));
    fs::write(folder.join("large.ndjson"), row.repeat(80 * n)).expect("written");
    let mut command = rollbook();
    let refused = format!("{n}.ndjson");
    command.current_dir(folder).args(["import", "large.ndjson", "--refused", &refused]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    let mut peak = 0;
    while child.try_wait().expect("a child of ours").is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        peak = kib.unwrap_or(peak);
        thread::sleep(Duration::from_millis(2));
    }
    assert!(peak > 0, "it was never seen");
    let told = fs::read_to_string(folder.join(refused)).expect("refused rows");
    assert_eq!(told.lines().count(), 80 * n);
    peak
}
