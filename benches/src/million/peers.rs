//! What a user might pick instead, filled with the same people: `benches/peers`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::population;
use super::probe::Probe;
use crate::process::Process;
use crate::server;

/// A peer that is running; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) probe: Probe,
    /// Seconds until it had all people and answered.
    pub(crate) ready_after: f64,
    pub(crate) process: Process,
    paths: fn(&Questions) -> [String; 3],
}

/// What ours and the peers are all asked.
#[derive(Debug)]
pub(crate) struct Questions {
    pub(crate) common: String,
    pub(crate) rare: String,
    pub(crate) offset: usize,
}

impl Questions {
    pub(crate) const NAMES: [&'static str; 3] =
        ["search, a common term", "search, one address", "newest first, offset of half of all"];

    pub(crate) fn of(n: usize) -> Self {
        let rare = population::address(n / 3).replace('@', "%40");
        Self { common: "gmail".to_owned(), rare, offset: n / 2 }
    }

    /// Peers answer a page with its total, so ours is asked for both.
    pub(crate) fn ours(&self) -> [Vec<String>; 3] {
        let both = |page: String, count: String| {
            vec![format!("/v1/users?limit=10&{page}"), format!("/v1/users/count?{count}")]
        };
        let search = |term: &str| both(format!("query={term}"), format!("query={term}"));
        [
            search(&self.common),
            search(&self.rare),
            both(format!("order_by=-created_at&offset={}", self.offset), String::new()),
        ]
    }
}

impl Peer {
    /// One page with its total, per question, in milliseconds.
    pub(crate) fn ask(&mut self, questions: &Questions) -> Result<Vec<f64>> {
        (self.paths)(questions).into_iter().map(|path| self.probe.median(&[path])).collect()
    }
}

/// Installs the peers, pinned, where `npm` is; says which Node runs them.
pub(crate) fn install() -> Result<PathBuf> {
    let folder = server::root().join("benches/peers");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
    if !npm.stdout(Stdio::null()).status().context("failed to run npm")?.success() {
        bail!("the peers cannot be installed");
    }
    // They need a newer Node than many machines have, so one comes with them.
    let brought = ["x64", "arm64"].map(|cpu| format!("node_modules/node-linux-{cpu}/bin/node"));
    let brought = brought.iter().map(|path| folder.join(path)).find(|path| path.exists());
    Ok(brought.unwrap_or_else(|| "node".into()))
}

/// better-auth with its admin plugin, on SQLite.
pub(crate) fn better_auth(node: &Path, people: &Path, folder: &Path) -> Result<Peer> {
    let database = folder.join("better-auth.db");
    let started = Instant::now();
    let (process, ready) = start(node, "better-auth.mjs", Some(&database), people)?;
    let cookie = ready.get("cookie").and_then(Value::as_str).context("no cookie")?.to_owned();
    Ok(Peer {
        name: "better-auth",
        probe: Probe::new(&address(&ready)?, &[("cookie", &cookie)])?,
        ready_after: started.elapsed().as_secs_f64(),
        process,
        paths: |questions| {
            let list = |query: String| format!("/api/auth/admin/list-users?limit=10&{query}");
            [
                list(format!("searchField=email&searchValue={}", questions.common)),
                list(format!("searchField=email&searchValue={}", questions.rare)),
                list(format!("sortBy=createdAt&sortDirection=desc&offset={}", questions.offset)),
            ]
        },
    })
}

/// The Clerk service of emulate.
pub(crate) fn emulate(node: &Path, people: &Path) -> Result<Peer> {
    let started = Instant::now();
    let (process, ready) = start(node, "emulate.mjs", None, people)?;
    Ok(Peer {
        name: "emulate",
        probe: Probe::new(&address(&ready)?, &[("authorization", "Bearer sk_test_peer")])?,
        ready_after: started.elapsed().as_secs_f64(),
        process,
        paths: |questions| {
            [
                format!("/v1/users?limit=10&query={}", questions.common),
                format!("/v1/users?limit=10&query={}", questions.rare),
                format!("/v1/users?limit=10&order_by=-created_at&offset={}", questions.offset),
            ]
        },
    })
}

fn start(
    node: &Path,
    script: &str,
    argument: Option<&Path>,
    people: &Path,
) -> Result<(Process, Value)> {
    let mut command = Command::new(node);
    command.arg("--no-warnings").arg("--max-old-space-size=12000").arg(script);
    command.args(argument).current_dir(server::root().join("benches/peers"));
    let people = File::open(people).context("failed to open the people")?;
    let mut process = Process::start_with(&mut command, people.into())?;
    let ready = serde_json::from_str(&process.line()?).context("another first line")?;
    Ok((process, ready))
}

fn address(ready: &Value) -> Result<String> {
    let url = ready.get("url").and_then(Value::as_str).context("no address")?;
    Ok(url.trim_start_matches("http://").to_owned())
}
