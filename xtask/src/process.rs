//! Starting other programs: cargo, quiet set-up steps, and where things lie.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::error::{Doing, Error, Result};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo, in the folder of the workspace.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root()).stdin(Stdio::null());
    forget_package(&mut command);
    command
}

/// Takes away what cargo says of the package it runs, which is this one.
///
/// Build scripts, ring's for one, ask for these variables; with other values
/// than before, they and all that depends on them are built again.
pub(crate) fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
}

/// Runs a command whose output the caller sees; false when it exits non-zero.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command.status().doing(format_args!("start {}", name(command)))?;
    Ok(status.success())
}

/// The standard output of a command that must succeed.
///
/// Its standard error is shown only when it fails, as part of the message.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().doing(format_args!("start {}", name(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Error::new(format!(
        "{command:?} ended with {}:\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    )))
}

/// The program's name without its folder.
pub(crate) fn name(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned()
}

/// Whether we may do anything on this machine.
pub(crate) fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

/// A loopback port that was free a moment ago.
pub(crate) fn free_port() -> Result<u16> {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .doing("find a free port")
}

/// Does one step of the set-up and prints how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("== {name}");
    let start = Instant::now();
    let done = work()?;
    println!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    Ok(done)
}
