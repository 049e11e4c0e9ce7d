//! `rollbook serve` as a process of its own.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::rollbook;

/// More than a start takes, also on a busy machine.
const READY_WITHIN: Duration = Duration::from_mins(1);

/// More than the server gives requests in flight.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

/// A server about to start, on a free port.
#[derive(Debug)]
pub struct Launch {
    command: Command,
    folder: PathBuf,
}

impl Launch {
    /// A server whose data and logs lie in `folder`, which exists.
    pub fn new(folder: &Path) -> Self {
        let mut command = rollbook();
        command.current_dir(folder).arg("serve");
        let launch = Self { command, folder: folder.to_owned() };
        launch.env("ROLLBOOK_LISTEN", "127.0.0.1:0")
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Starts it; returns as soon as it says that it is ready.
    #[track_caller]
    pub fn start(mut self) -> Server {
        let (out, err) = (self.folder.join("stdout.log"), self.folder.join("stderr.log"));
        let stdout = File::create(&out).expect("a file for standard output");
        let stderr = File::options().create(true).append(true).open(&err);
        let stderr = stderr.expect("a file for standard error");
        let child = self.command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
        let child = child.expect("the program starts");
        let mut server = Server { child, out, err, addr: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.addr = server.await_ready();
        server
    }
}

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    out: PathBuf,
    err: PathBuf,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Server {
    /// What it has printed to standard output.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    /// What it, and any server before it in the same folder, has logged.
    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.err).unwrap_or_default()
    }

    /// The secret key that it printed.
    #[track_caller]
    pub fn printed_key(&self) -> String {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            let out = self.stdout();
            let key = out.strip_suffix('\n').into_iter().flat_map(str::lines);
            let mut key = key.filter_map(|line| line.strip_prefix("CLERK_SECRET_KEY="));
            if let Some(key) = key.next() {
                return key.to_owned();
            }
            assert!(Instant::now() < end, "no key was printed: {out}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Kills it with SIGKILL and waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends it a signal by name: `TERM`, `INT`.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status().expect("sh starts");
        assert!(status.success(), "{kill} failed");
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }

    /// Waits for its end.
    #[track_caller]
    pub fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + STOPPED_WITHIN;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                return status;
            }
            assert!(Instant::now() < end, "the server did not end: {}", self.stderr());
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[track_caller]
    fn await_ready(&mut self) -> SocketAddr {
        let end = Instant::now() + READY_WITHIN;
        loop {
            let out = self.stdout();
            let line = out.split_once('\n').map(|(line, _)| line);
            let url = line.and_then(|line| line.strip_prefix("CLERK_API_URL=http://"));
            if let Some(addr) = url.and_then(|addr| addr.parse().ok()) {
                return addr;
            }
            assert!(line.is_none(), "the first line is not the address: {out}");
            assert!(!self.has_ended(), "the server did not start: {}", self.stderr());
            assert!(Instant::now() < end, "the server was not ready in time: {}", self.stderr());
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
