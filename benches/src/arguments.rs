//! The command line of the benchmarks.

use std::path::PathBuf;

use anyhow::{Result, bail};
use lexopt::ValueExt;
use lexopt::prelude::{Long, Short, Value};

use crate::BENCHMARKS;
use crate::bench::Bench;

pub(crate) const USAGE: &str = "\
cargo xtask bench [OPTIONS]   measure the server beside its references, in one run
    --quick           3 short rounds of each instead of 5
    --only NAME       get, postgres, create, hashing, storm, idle or million
    --users N         how many users `million` imports, and a tenth of them (default 1000000)
    --write           put the table into docs/PERFORMANCE.md
    --postgres URL    a database to fill and measure on; its tables are not removed
                      (default: xtask starts a cluster of its own)
    --pgbench FILE    the reference for it (default: the one beside the cluster's server)
";

/// What the caller wants done.
pub(crate) enum Task {
    Help,
    /// Be the reference of `get`: answer everything with the bytes of this file.
    Bare(PathBuf),
    Bench(Bench),
}

pub(crate) fn parse() -> Result<Task> {
    let mut parser = lexopt::Parser::from_env();
    let mut bench = Bench::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Help),
            Value(name) if name == "bare-hyper" => {
                return Ok(Task::Bare(parser.value()?.into()));
            }
            Long("quick") => bench = bench.quick(),
            Long("only") => bench.only = Some(known(parser.value()?.string()?)?),
            Long("users") => bench.users = parser.value()?.parse()?,
            Long("write") => bench.write = true,
            // xtask gives its own cluster first, so that the caller's word is the last.
            Long("postgres") => bench.postgres = Some(parser.value()?.string()?),
            Long("pgbench") => bench.pgbench = parser.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Task::Bench(bench))
}

fn known(name: String) -> Result<String> {
    if !BENCHMARKS.iter().any(|(known, _)| *known == name) {
        bail!("no benchmark is called {name}");
    }
    Ok(name)
}
