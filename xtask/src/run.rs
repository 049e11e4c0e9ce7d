//! Runs one suite in a process of its own and judges how it ended.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Doing, Result};
use crate::process;
use crate::summary::{Counts, Runner};

/// How long a suite that was told to stop may take over it.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait for the rest of the output once a suite has ended: a
/// process that it left behind would keep the pipe open for ever.
const LEFTOVERS: Duration = Duration::from_secs(2);

/// A suite ready to run.
#[derive(Debug)]
pub(crate) struct Suite {
    /// Shown in the table, and the name of its log.
    pub(crate) name: String,
    /// Which databases the tests run on, for the table.
    pub(crate) engine: &'static str,
    pub(crate) runner: Runner,
    pub(crate) command: Command,
    /// What must succeed afterwards for the suite to have passed.
    pub(crate) check: Option<Command>,
    /// Whether its output is shown while it runs, or only when it fails.
    pub(crate) live: bool,
    /// Whether the caller chose some tests by name, so that none may be left.
    pub(crate) filtered: bool,
    pub(crate) limit: Duration,
}

/// A suite that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) name: String,
    pub(crate) engine: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) counts: Counts,
    pub(crate) took: Duration,
}

/// What became of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    Failed,
    /// Ended well without having run a test.
    Empty,
    /// Was stopped because it did not end in time.
    TimedOut,
}

impl Verdict {
    /// The word for the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::Empty => "RAN NO TEST",
            Self::TimedOut => "TIMED OUT",
        }
    }
}

impl Suite {
    /// Runs it to its end; the output is kept as `NAME.log` in `logs`.
    pub(crate) fn run(self, logs: &Path) -> Result<Finished> {
        let start = Instant::now();
        fs::create_dir_all(logs).doing(format_args!("make {}", logs.display()))?;
        let log = logs.join(format!("{}-{}.log", self.name.replace(' ', "-"), self.engine));
        let (status, output) = capture(self.command, &log, self.live, self.limit)?;
        let counts = self.runner.counts(&output);
        let mut verdict = judge(status, counts, self.filtered);
        if let (Verdict::Passed, false, Some(mut check)) = (verdict, self.filtered, self.check)
            && let Err(error) = process::output(&mut check)
        {
            println!("{error}");
            verdict = Verdict::Failed;
        }
        if verdict != Verdict::Passed && !self.live {
            println!("{output}");
        }
        let mut counts = counts.unwrap_or_default();
        if verdict != Verdict::Passed && counts.failed == 0 {
            // It failed without saying which test: that is one failure.
            counts.failed = 1;
        }
        Ok(Finished {
            name: self.name,
            engine: self.engine,
            verdict,
            counts,
            took: start.elapsed(),
        })
    }
}

fn judge(status: Option<ExitStatus>, counts: Option<Counts>, filtered: bool) -> Verdict {
    /// What pytest exits with when it collected no test.
    const PYTEST_COLLECTED_NONE: i32 = 5;

    let Some(status) = status else {
        return Verdict::TimedOut;
    };
    let counts = counts.unwrap_or_default();
    let none = counts.passed + counts.failed == 0;
    if filtered && none && (status.success() || status.code() == Some(PYTEST_COLLECTED_NONE)) {
        return Verdict::Passed;
    }
    if !status.success() || counts.failed > 0 {
        return Verdict::Failed;
    }
    if counts.passed == 0 {
        return Verdict::Empty;
    }
    Verdict::Passed
}

/// Both output streams as one text; no status when the limit was reached.
fn capture(
    mut command: Command,
    log: &Path,
    live: bool,
    limit: Duration,
) -> Result<(Option<ExitStatus>, String)> {
    let program = process::name(&command);
    let file = fs::File::create(log).doing(format_args!("write {}", log.display()))?;
    let (reader, writer) = io::pipe().doing("make a pipe")?;
    let second = writer.try_clone().doing("make a pipe")?;
    command.stdin(Stdio::null()).stdout(writer).stderr(second);
    let mut child = command.spawn().doing(format_args!("start {program}"))?;
    // It holds our copies of the pipe's writing end; the reader would not see
    // the end of the output while they live.
    drop(command);

    let kept = Arc::new(Mutex::new(Vec::new()));
    let (sender, ended) = mpsc::channel();
    let keep = Arc::clone(&kept);
    std::thread::spawn(move || {
        copy(reader, file, live, &keep);
        // Nobody is left to hear it when the suite has been given up.
        let _ = sender.send(());
    });
    let status = wait(&mut child, limit).doing(format_args!("wait for {program}"))?;
    let _ = ended.recv_timeout(LEFTOVERS);
    let bytes = kept.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}

fn copy(mut from: impl Read, mut log: fs::File, live: bool, keep: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let Some(bytes) = buffer.get(..length) else { return };
        // Neither a full disk nor a closed terminal is a reason to stop the tests.
        let _ = log.write_all(bytes);
        if live {
            let _ = io::stdout().write_all(bytes);
        }
        keep.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    if let Some(status) = wait_until(child, Instant::now() + limit)? {
        return Ok(Some(status));
    }
    // As Ctrl-C would, so that the runner still ends the servers it started.
    Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status()?;
    if wait_until(child, Instant::now() + GRACE)?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(None)
}

/// The child's status, or `None` at the deadline.
pub(crate) fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run(script: &str, check: Option<&str>, filtered: bool, limit: Duration) -> Finished {
        let command = shell(script);
        let suite = Suite {
            name: "a suite".to_owned(),
            engine: "sqlite",
            runner: Runner::Pytest,
            command,
            check: check.map(shell),
            live: false,
            filtered,
            limit,
        };
        suite.run(tempfile::tempdir().unwrap().path()).unwrap()
    }

    fn ended(script: &str, filtered: bool) -> (Verdict, u64, u64) {
        let finished = run(script, None, filtered, Duration::from_secs(30));
        (finished.verdict, finished.counts.passed, finished.counts.failed)
    }

    #[test]
    fn a_suite_passes_only_when_status_and_numbers_agree() {
        assert_eq!(ended("echo 3 passed in 1s", false), (Verdict::Passed, 3, 0));
        assert_eq!(ended("echo 3 passed in 1s >&2; exit 1", false), (Verdict::Failed, 3, 1));
        assert_eq!(ended("echo 1 failed, 3 passed in 1s", false), (Verdict::Failed, 3, 1));
        assert_eq!(ended("exit 1", false), (Verdict::Failed, 0, 1));
    }

    #[test]
    fn a_suite_without_tests_fails_unless_tests_were_chosen_by_name() {
        assert_eq!(ended("echo done", false), (Verdict::Empty, 0, 1));
        assert_eq!(ended("echo no tests ran in 0.1s; exit 5", false), (Verdict::Failed, 0, 1));
        assert_eq!(ended("echo no tests ran in 0.1s; exit 5", true), (Verdict::Passed, 0, 0));
    }

    #[test]
    fn a_check_that_fails_afterwards_fails_the_suite() {
        let verdict = |check| {
            let script = "echo 3 passed in 1s";
            run(script, Some(check), false, Duration::from_secs(30)).verdict
        };
        assert_eq!(verdict("exit 0"), Verdict::Passed);
        assert_eq!(verdict("exit 1"), Verdict::Failed);
    }

    #[test]
    fn a_suite_that_hangs_is_stopped() {
        let finished = run("exec sleep 60", None, false, Duration::from_millis(100));
        assert_eq!(finished.verdict, Verdict::TimedOut);
        assert!(finished.took < Duration::from_secs(30));
    }

    #[test]
    fn a_process_left_behind_does_not_hold_up_the_run() {
        let start = Instant::now();
        assert_eq!(ended("sleep 20 & echo 1 passed in 1s", false), (Verdict::Passed, 1, 0));
        assert!(start.elapsed() < Duration::from_secs(15));
    }
}
