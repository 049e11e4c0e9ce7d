//! A server from the Python registry that tests talk to, on a free port of its own.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::{Doing, Result};
use crate::process::{self, free_port};
use crate::python::{self, Environment};
use crate::supervised::Supervised;

const READY_WITHIN: Duration = Duration::from_mins(1);

/// Installs `xtask/requirements/NAME.txt` if need be, and starts what `command` makes of it for a
/// port; forgets all when dropped.
pub(crate) fn start(
    name: &'static str,
    target: &Path,
    logs: &Path,
    command: impl FnOnce(&Environment, &str) -> Command,
) -> Result<(Supervised, u16)> {
    let requirements = process::root().join(format!("xtask/requirements/{name}.txt"));
    let environment = python::environment(&target.join(name), &requirements)?;
    let port = free_port()?;
    let command = command(&environment, &port.to_string());
    let folder = tempfile::Builder::new()
        .prefix(&format!("rollbook-{name}-"))
        .tempdir()
        .doing("make a temporary folder")?
        .keep();
    fs::create_dir_all(logs).doing(format_args!("make {}", logs.display()))?;
    let log = fs::File::create(logs.join(format!("{name}.log"))).doing("write a log")?;
    let mut server = Supervised::start(name, &command, &folder, "TERM", None, log)?;
    server.wait_until_ready(READY_WITHIN, || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
    Ok((server, port))
}
