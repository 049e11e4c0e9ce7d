//! Where the program is, built from the sources of today.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of the program, of the same profile as the running test.
///
/// Cargo gives its path only to tests of its own package. It is built here if
/// need be, so that no test runs against yesterday's program;
/// `ROLLBOOK_TEST_PROGRAM` names another one instead.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(named) = env::var_os("ROLLBOOK_TEST_PROGRAM") {
            return PathBuf::from(named);
        }
        // target/PROFILE/deps/TEST
        let test = env::current_exe().expect("a path of the running test");
        let folder = test.ancestors().nth(2).expect("a folder of the profile").to_owned();
        build(&folder);
        let program = folder.join("rollbook");
        assert!(
            program.is_file(),
            "there is no program at {}: build it with `cargo build -p rollbook`",
            program.display()
        );
        program
    })
}

/// The program with nothing of the caller's `ROLLBOOK_…` variables.
pub fn rollbook() -> Command {
    let mut command = Command::new(program());
    for (name, _) in env::vars_os().filter(|(name, _)| is_ours(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command
}

fn is_ours(name: &str) -> bool {
    name.starts_with("ROLLBOOK_")
}

/// What cargo says of the package under test; build scripts that look at it would run anew.
fn is_of_package(name: &str) -> bool {
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

fn build(folder: &Path) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(profile) => profile,
    };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // With the features that the tests themselves are built with, so that nothing is built twice.
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bin", "rollbook"]);
    cargo.args(["--profile", profile]).current_dir(env!("CARGO_MANIFEST_DIR"));
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_package(&name.to_string_lossy())) {
        cargo.env_remove(name);
    }
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "`cargo build --bin rollbook` failed: the program does not build");
}
