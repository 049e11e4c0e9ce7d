//! Measures the server beside a reference in the same run: `cargo xtask bench --help`.

#![expect(clippy::print_stdout, reason = "a command-line tool talks to its caller")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded when they are shown")]

mod arguments;
mod bare;
mod bench;
mod create;
mod get;
mod hashing;
mod idle;
mod load;
mod machine;
mod million;
mod people;
mod postgres;
mod process;
mod raw;
mod report;
mod series;
mod server;
mod storm;

use std::process::ExitCode;

use anyhow::Result;

use crate::arguments::Task;
use crate::bench::Bench;
use crate::report::Report;

fn main() -> ExitCode {
    let done = arguments::parse().and_then(|task| match task {
        Task::Help => {
            print!("{}", arguments::USAGE);
            Ok(())
        }
        Task::Bare(body) => bare::serve(&body),
        Task::Bench(bench) => measure(&bench),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

type Benchmark = fn(&Bench, &mut Report) -> Result<()>;

/// Every benchmark, in the order of the report.
const BENCHMARKS: [(&str, Benchmark); 7] = [
    ("get", get::run),
    ("postgres", postgres::run),
    ("create", create::run),
    ("hashing", hashing::run),
    ("storm", storm::run),
    ("idle", idle::run),
    ("million", million::run),
];

fn measure(bench: &Bench) -> Result<()> {
    server::build()?;
    let mut report = Report::new(bench);
    for (name, run) in BENCHMARKS {
        if bench.only.as_ref().is_none_or(|only| only == name) {
            println!("== {name}");
            run(bench, &mut report)?;
        }
    }
    report.end();
    println!("\n{report}");
    if bench.write { report.write() } else { Ok(()) }
}
