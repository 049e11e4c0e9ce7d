//! A server in a process of its own, and what the kernel counts of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// What `/proc` counts CPU time in, on every architecture that matters.
const TICKS_PER_SECOND: f64 = 100.0;

/// Often enough to see the memory of a child grow and shrink.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// A child process; dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        Self::start_with(command, Stdio::null())
    }

    /// The same with something to read.
    pub(crate) fn start_with(command: &mut Command, input: Stdio) -> Result<Self> {
        command.stdin(input).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("failed to start {command:?}"))?;
        let output = child.stdout.take().context("a child without standard output")?;
        Ok(Self { child, output: BufReader::new(output) })
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the server ended before it was ready");
        }
        Ok(line.trim_end().to_owned())
    }

    /// CPU seconds so far, in user and in system mode.
    pub(crate) fn cpu(&self) -> Result<f64> {
        cpu_of(&self.child.id().to_string())
    }

    /// Anonymous memory in MiB: what is the process's own and not a file's.
    pub(crate) fn anonymous_mib(&self) -> Result<f64> {
        anonymous_mib(&self.child).context("no RssAnon in status")
    }

    /// Asks it to stop and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().context("failed to run kill")?;
        self.child.wait().context("failed to wait")?;
        Ok(())
    }
}

/// Waits for a child to end; answers the most anonymous memory that it was seen with, in MiB.
pub(crate) fn wait_with_memory(mut child: Child) -> Result<(ExitStatus, f64)> {
    let mut most = 0.0_f64;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, most));
        }
        most = most.max(anonymous_mib(&child).unwrap_or_default());
        std::thread::sleep(LOOKS_EVERY);
    }
}

fn anonymous_mib(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// CPU seconds of this process so far.
pub(crate) fn own_cpu() -> Result<f64> {
    cpu_of("self")
}

fn cpu_of(process: &str) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in brackets, may hold spaces; the 14th and 15th fields are the times.
    let (_, rest) = stat.rsplit_once(')').context("no name in stat")?;
    let mut ticks = rest.split_whitespace().skip(11).map(str::parse::<f64>);
    match (ticks.next(), ticks.next()) {
        (Some(Ok(user)), Some(Ok(system))) => Ok((user + system) / TICKS_PER_SECOND),
        _ => bail!("no times in stat"),
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
