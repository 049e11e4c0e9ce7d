//! The contract of the command: options, printed lines, signals, exit codes.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

mod catalog;
mod config;
mod doctor;
mod exports;
mod import;
mod secrets;
mod serve;
mod signals;
mod user;
mod words;

use std::path::Path;
use std::process::Output;

use rollbook_tests::rollbook;
use serde_json::Value;
use tempfile::TempDir;

const KEY: &str = "sk_test_cli_cli_cli_cli_cli_cli";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Runs a command in `folder` to its end.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    run_with(folder, arguments, &[])
}

fn run_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = rollbook();
    command.current_dir(folder).args(arguments).envs(variables.iter().copied());
    command.output().expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// What a command that was done printed.
#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(output), stderr(output));
    stdout(output)
}

#[track_caller]
fn done_json(output: &Output) -> Value {
    let text = done(output);
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

/// Why a command refused or failed, which says nothing on standard output.
#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(output), stderr(output));
    stderr(output)
}

#[track_caller]
fn misused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}{}", stdout(output), stderr(output));
    assert_eq!(stdout(output), "");
    stderr(output)
}

/// The database of a server that was started in `folder`.
fn open_store(folder: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(folder.join("rollbook-data/rollbook.db")).expect("a store")
}
