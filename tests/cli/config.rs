//! Options: command line, environment, file, default.

use std::fs;

use crate::{done, folder, misused, refused, run, run_with, stdout};

#[test]
fn the_command_line_beats_the_environment_beats_the_file_beats_the_default() {
    let folder = folder();
    done(&run(folder.path(), &["migrate"]));
    fs::write(folder.path().join("a.toml"), "cache_mb = 7\noutbox_days = 8\n").unwrap();
    let effective = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["doctor"], arguments].concat();
        let said = done(&run_with(folder.path(), &arguments, variables));
        let cache = said.lines().find_map(|line| line.strip_prefix("cache"));
        cache.expect("the cache's size").trim().to_owned()
    };
    let file = ["--config", "a.toml"];
    let variable = [("ROLLBOOK_CACHE_MB", "9")];
    assert_eq!(effective(&[], &[]), "64 MB");
    assert_eq!(effective(&file, &[]), "7 MB");
    assert_eq!(effective(&[], &[("ROLLBOOK_CONFIG", "a.toml")]), "7 MB");
    assert_eq!(effective(&file, &variable), "9 MB");
    assert_eq!(effective(&["--config", "a.toml", "--cache-mb", "11"], &variable), "11 MB");
}

#[test]
fn every_option_has_a_variable_and_a_key_of_the_same_name() {
    let folder = folder();
    let help = done(&run(folder.path(), &["serve", "--help"]));
    let words = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let mut options: Vec<&str> =
        words.filter(|word| !matches!(*word, "help" | "version")).collect();
    options.sort_unstable();
    options.dedup();
    assert!(options.contains(&"listen") && options.contains(&"database"), "{options:?}");
    for option in options {
        let name = option.replace('-', "_");
        let variable = format!("[env: ROLLBOOK_{}", name.to_uppercase());
        assert!(help.contains(&variable), "--{option} has no variable {variable}");
        if option == "config" {
            continue;
        }
        // The wrong type shows that the key is known, and starts nothing.
        fs::write(folder.path().join("a.toml"), format!("{name} = [[]]\n")).unwrap();
        let said = refused(&run(folder.path(), &["doctor", "--config", "a.toml"]));
        assert!(!said.contains("unknown"), "{name}: {said}");
    }
}

#[test]
fn an_unknown_key_in_the_file_is_refused_by_name() {
    let folder = folder();
    fs::write(folder.path().join("a.toml"), "listn = \"127.0.0.1:1\"\n").unwrap();
    let output = run(folder.path(), &["serve", "--config", "a.toml"]);
    assert_eq!(stdout(&output), "");
    let said = refused(&output);
    assert!(said.contains("a.toml") && said.contains("listn"), "{said}");
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let said = refused(&run(folder().path(), &["serve", "--config", "missing.toml"]));
    assert!(said.contains("missing.toml"), "{said}");
}

#[test]
fn an_unusable_database_is_refused_without_its_password() {
    let folder = folder();
    for url in ["mysql://u:hunter2@h/d", "postgres://u:hunter2@127.0.0.1:1/d", "hunter2"] {
        let said = refused(&run(folder.path(), &["migrate", "--database", url]));
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn misuse_exits_with_2_and_prints_only_to_standard_error() {
    let folder = folder();
    for arguments in [
        &["serve", "--no-such-option"] as &[&str],
        &["no-such-command"],
        &["serve", "--listen", "nonsense"],
        &["serve", "--cache-mb", "-1"],
        &["instance", "delete"],
        &["instance", "create", "--environment", "staging"],
        &["completions", "no-such-shell"],
        &[],
    ] {
        misused(&run(folder.path(), arguments));
    }
    misused(&run_with(folder.path(), &["serve"], &[("ROLLBOOK_LISTEN", "nonsense")]));
}
