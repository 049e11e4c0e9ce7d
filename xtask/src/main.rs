//! The chores of this repository: `cargo xtask help` lists them.
#![expect(clippy::print_stdout, reason = "a command-line tool talks to its caller")]

mod arguments;
mod browser;
mod cluster;
mod contract;
mod dependencies;
mod error;
mod fuzz;
mod javascript;
mod layers;
mod materials;
mod metadata;
mod postgres;
mod process;
mod python;
mod report;
mod run;
mod s3;
mod sdk;
mod service;
mod stripe;
mod suites;
mod summary;
mod supervised;
mod test;
mod unused;

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::arguments::{Postgres, Task};
use crate::cluster::Cluster;
use crate::error::Result;
use crate::metadata::Metadata;

fn main() -> ExitCode {
    match arguments::parse(lexopt::Parser::from_env()).and_then(perform) {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether what was checked is in order; what could not be checked is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Good,
    Bad,
}

impl Outcome {
    fn of(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

fn perform(task: Task) -> Result<Outcome> {
    match task {
        Task::Help => {
            print!("{}", arguments::USAGE);
            Ok(Outcome::Good)
        }
        Task::Test(options) => test::run(&options),
        Task::WithPostgres(choice, command) => beside_postgres(&choice, &command),
        Task::Layers => layers::run(),
        Task::Dependencies => dependencies::run(),
        Task::Bench(arguments) => bench(&arguments),
        Task::Fuzz(options) => fuzz::run(&options),
    }
}

/// Gives the benchmarks a cluster where there is one, and their own say on the rest.
fn bench(arguments: &[OsString]) -> Result<Outcome> {
    let target = Metadata::load()?.target_directory;
    let cluster = Cluster::start(&Postgres::Auto, &target, &target.join("bench-logs"));
    let cluster = cluster.unwrap_or_else(|error| {
        println!("measuring without PostgreSQL: {error}");
        None
    });
    let mut cargo = process::cargo();
    cargo.args(["run", "--release", "--package", "rollbook-benches", "--"]);
    if let Some(cluster) = &cluster {
        cargo.args(["--postgres", &cluster.url]);
        let pgbench = cluster.binaries.join("pgbench");
        // A package of the server alone lacks it; then the one on PATH is tried.
        if pgbench.exists() {
            cargo.arg("--pgbench").arg(pgbench);
        }
    }
    cargo.args(arguments);
    process::succeeds(&mut cargo).map(Outcome::of)
}

fn beside_postgres(choice: &Postgres, command: &[OsString]) -> Result<Outcome> {
    let [program, arguments @ ..] = command else {
        return Ok(Outcome::Good);
    };
    let target = Metadata::load()?.target_directory;
    let cluster = Cluster::start(choice, &target, &target.join("test-logs"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    process::forget_package(&mut command);
    command.envs(cluster.as_ref().map(|cluster| ("ROLLBOOK_TEST_POSTGRES", &cluster.url)));
    process::succeeds(&mut command).map(Outcome::of)
}
