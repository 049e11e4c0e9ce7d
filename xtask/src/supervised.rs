//! A server of somebody else that runs as long as we do, and not a moment longer.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};
use crate::run::wait_until;

/// Runs `"$@"`, ends it when standard input closes, then deletes the folder.
///
/// We hold the other end of that pipe, so it closes however we end: by
/// return, by Ctrl-C or by a kill that gives us no time to clean up. SIGQUIT
/// is the stronger word for a server that does not heed the first.
const WATCH: &str = r#"
folder=$1 signal=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _; kill -s "$signal" $server; sleep 15; kill -s QUIT $server; } <&3 >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait $server
status=$?
kill $watch 2>/dev/null
cd /
rm -rf "$folder"
exit $status
"#;

/// How long a server may take to stop before it is left to its watch.
const STOPS_WITHIN: Duration = Duration::from_secs(30);

/// The account that a server runs under when we are root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Account {
    /// Makes the command run under the account, with no other groups.
    pub(crate) fn assume(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }
}

/// A running server; dropping it stops it and deletes its folder.
#[derive(Debug)]
pub(crate) struct Supervised {
    name: &'static str,
    watch: Child,
}

impl Supervised {
    /// Starts `server`; what it prints goes to `log`.
    ///
    /// `stop` is the signal it takes as a request to end at once, such as `INT`.
    pub(crate) fn start(
        name: &'static str,
        server: &Command,
        folder: &Path,
        stop: &str,
        account: Option<Account>,
        log: File,
    ) -> Result<Self> {
        let errors = log.try_clone().doing("share a log file")?;
        let mut watch = Command::new("sh");
        watch
            .args(["-c", WATCH, "watch"])
            .arg(folder)
            .arg(stop)
            .arg(server.get_program())
            .args(server.get_args())
            .current_dir(folder)
            // Ctrl-C reaches our whole group; the watch has to outlive it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(log)
            .stderr(errors);
        if let Some(account) = account {
            account.assume(&mut watch);
        }
        let watch = watch.spawn().doing(format_args!("start {name}"))?;
        Ok(Self { name, watch })
    }

    /// Waits until `ready` says so; an error when the server ends before that
    /// or takes longer than `limit`.
    pub(crate) fn wait_until_ready(
        &mut self,
        limit: Duration,
        ready: impl Fn() -> bool,
    ) -> Result<()> {
        let deadline = Instant::now() + limit;
        while !ready() {
            let ended = self.watch.try_wait().doing(format_args!("watch {}", self.name))?;
            if let Some(status) = ended {
                return Err(Error::new(format!("{} ended at its start with {status}", self.name)));
            }
            if Instant::now() > deadline {
                return Err(Error::new(format!("{} is not ready after {limit:?}", self.name)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn stop(&mut self) -> io::Result<()> {
        drop(self.watch.stdin.take());
        if wait_until(&mut self.watch, Instant::now() + STOPS_WITHIN)?.is_none() {
            eprintln!("xtask: {} does not stop", self.name);
        }
        Ok(())
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("xtask: failed to stop {}: {error}", self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_it_stops_the_server_and_deletes_its_folder() {
        let folder = tempfile::tempdir().unwrap().keep();
        let log = tempfile::tempfile().unwrap();
        let mut server = Command::new("sh");
        server.args(["-c", "trap 'exit 0' TERM; echo $$ > pid; while :; do sleep 0.05; done"]);
        let mut running =
            Supervised::start("a server", &server, &folder, "TERM", None, log).unwrap();
        let written = || std::fs::read_to_string(folder.join("pid")).unwrap_or_default();
        running.wait_until_ready(Duration::from_secs(10), || written().ends_with('\n')).unwrap();
        let pid = written();
        let alive = || {
            Command::new("kill")
                .args(["-0", pid.trim()])
                .stderr(Stdio::null())
                .status()
                .unwrap()
                .success()
        };
        assert!(alive());
        drop(running);
        assert!(!alive());
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_that_ends_at_once_is_reported_at_once() {
        let folder = tempfile::tempdir().unwrap().keep();
        let log = tempfile::tempfile().unwrap();
        let mut server = Command::new("sh");
        server.args(["-c", "exit 3"]);
        let mut running =
            Supervised::start("a server", &server, &folder, "TERM", None, log).unwrap();
        let error = running.wait_until_ready(Duration::from_secs(10), || false).unwrap_err();
        assert!(error.to_string().contains("ended at its start"), "{error}");
    }
}
