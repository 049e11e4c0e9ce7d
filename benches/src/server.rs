//! The server under test: the release binary, in a process and folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use bytes::Bytes;

use crate::load::{Load, Outcome, Until};
use crate::process::Process;

/// The operator's token: this server lives for seconds.
const TOKEN: &str = "benchmark-operator-token";

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Builds the release binary, as a user would.
pub(crate) fn build() -> Result<()> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--package", "rollbook"]).current_dir(root());
    if !cargo.status().context("failed to start cargo")?.success() {
        bail!("the server does not build");
    }
    Ok(())
}

fn binary() -> Result<PathBuf> {
    // This program lies in the same folder, wherever the target folder is.
    let here = std::env::current_exe().context("failed to find this program")?;
    Ok(here.with_file_name("rollbook"))
}

/// The server's program with a command and nothing of our environment.
pub(crate) fn command(subcommand: &str, folder: &Path) -> Result<Command> {
    let mut command = Command::new(binary()?);
    command.arg(subcommand).env_clear().arg("--data-dir").arg(folder);
    command.args(["--log", "error"]);
    Ok(command)
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    address: SocketAddr,
}

/// What one window of load showed of a server.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) outcome: Outcome,
    pub(crate) cpu: f64,
}

impl Window {
    /// Answers per CPU second of the server: other work on the machine counts
    /// against wall time, but hardly against this.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.outcome.answers() / self.cpu.max(0.01)
    }
}

impl Server {
    /// The key of the first instance.
    pub(crate) const KEY: &str = "sk_test_0123456789abcdefghijklmnopqrstuvwxyzABCDEF";

    /// Where it listens, as `host:port`.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Starts one on the store in `folder`, and waits until it says that it is ready.
    pub(crate) fn start(folder: &Path, options: &[&str]) -> Result<Self> {
        let mut command = command("serve", folder)?;
        command.args(["--listen", "127.0.0.1:0"]).args(options);
        command.env("ROLLBOOK_SECRET_KEY", Self::KEY).env("ROLLBOOK_ADMIN_TOKEN", TOKEN);
        let mut process = Process::start(&mut command)?;
        let line = process.line()?;
        let url = line.strip_prefix("CLERK_API_URL=http://").context("another first line")?;
        let address = url.parse().context("another address")?;
        Ok(Self { process, address })
    }

    pub(crate) fn load(&self, connections: usize) -> Load {
        Load { address: self.address, connections }
    }

    /// A request with the key of the first instance.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> Bytes {
        request(self.address, method, path, Self::KEY, body)
    }

    /// A request with the operator's token.
    pub(crate) fn operator(&self, method: &str, path: &str, body: &str) -> Bytes {
        request(self.address, method, path, TOKEN, body)
    }

    /// Puts a load on it and watches its CPU time.
    pub(crate) fn measure(
        &self,
        connections: usize,
        until: Until,
        next: impl FnMut() -> Bytes + 'static,
    ) -> Result<Window> {
        watch(&self.process, || self.load(connections).run(until, next, |_| {}))
    }
}

/// Runs a load and notes the CPU time that a process took meanwhile.
pub(crate) fn watch(process: &Process, load: impl FnOnce() -> Result<Outcome>) -> Result<Window> {
    let before = process.cpu()?;
    let outcome = load()?;
    Ok(Window { outcome, cpu: process.cpu()? - before })
}

fn request(address: SocketAddr, method: &str, path: &str, token: &str, body: &str) -> Bytes {
    let content = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    // What an SDK sends with every request.
    Bytes::from(format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
         Authorization: Bearer {token}\r\nClerk-API-Version: 2025-11-10\r\n\
         User-Agent: rollbook-benches\r\n{content}\r\n{body}"
    ))
}
