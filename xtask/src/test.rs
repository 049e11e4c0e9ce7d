//! `cargo xtask test`: from a fresh machine to the result of every test.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::arguments::{Part, Postgres, TestOptions};
use crate::browser::Browser;
use crate::cluster::Cluster;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::metadata::Metadata;
use crate::process::{self, step};
use crate::run::{Finished, Suite, Verdict};
use crate::s3::S3;
use crate::sdk::{self, Bench, Sdk};
use crate::stripe::Stripe;
use crate::suites::{self, Surroundings};
use crate::summary::Counts;
use crate::{Outcome, materials, report};

/// Installations and suites at once: each starts a server and a client of its own.
const AT_ONCE: usize = 2;

const WITHOUT_POSTGRES: &str = "
!!! ------------------------------------------------------------------- !!!
!!!  WITHOUT POSTGRESQL: nothing is tested on that engine in this run.  !!!
!!! ------------------------------------------------------------------- !!!
";

const WITHOUT_BROWSER: &str = "
!!! ------------------------------------------------------------------- !!!
!!!  WITHOUT A BROWSER: no passkey is made by a real one in this run.   !!!
!!! ------------------------------------------------------------------- !!!
";

/// Sets everything up, runs what the options leave in, prints the table.
pub(crate) fn run(options: &TestOptions) -> Result<Outcome> {
    let start = Instant::now();
    let left_out = left_out(options);
    println!("{left_out}");
    let finished = all(options)?;
    println!("\n{} s in all", start.elapsed().as_secs());
    println!("{left_out}");
    println!("{}", report::render(&finished));
    Ok(Outcome::of(report::all_passed(&finished)))
}

/// What the reader of a result must not overlook.
fn left_out(options: &TestOptions) -> String {
    let mut text = String::new();
    if options.postgres == Postgres::Without {
        text += WITHOUT_POSTGRES;
    }
    if options.without_browser {
        text += WITHOUT_BROWSER;
    }
    text
}

fn all(options: &TestOptions) -> Result<Vec<Finished>> {
    let target = Metadata::load()?.target_directory;
    let logs = target.join("test-logs");
    let filter = options.filter.as_deref();
    let chosen = |part| options.sdk.is_none() && options.only.is_none_or(|only| only == part);
    let sdks = sdk::find(options, &target)?;

    let server = step("build the server", || build_server(&target))?;
    let cluster = step("start PostgreSQL", || Cluster::start(&options.postgres, &target, &logs))?;
    if let Some(cluster) = &cluster {
        println!("PostgreSQL {} at {}, with fsync off", cluster.release, cluster.url);
    }
    let around = Surroundings {
        postgres: cluster.as_ref().map(|up| up.url.clone()),
        program: Some(server.clone()),
        ..Surroundings::default()
    };
    let mut waiting = VecDeque::new();
    if chosen(Part::Browser) && !options.without_browser {
        let browser = step("set up the browser", || Browser::prepare(&target))?;
        waiting.extend(browser.suites(&server, &around, filter)?);
    }

    let mut finished = Vec::new();
    if chosen(Part::Rust) {
        finished.push(rust(&around, filter, &target, &logs)?);
    }
    let mut table = None;
    if !sdks.is_empty() {
        let contract = step("install the SDKs", || install(&sdks, &target))?;
        waiting.push_back(contract.suite(filter));
        let bench =
            Bench { server: &server, around: &around, contract: &contract, logs: &logs, filter };
        for sdk in &sdks {
            waiting.extend(sdk.suites(&bench)?);
        }
        if options.shows_the_whole_table() {
            let files = sdks.iter().flat_map(|sdk| {
                around.engines().map(|engine| sdk.recorded(&logs, engine)).collect::<Vec<_>>()
            });
            table = Some(contract.compatibility(files.collect(), options.write_compatibility));
        }
    }
    if !waiting.is_empty() {
        finished.extend(step("test from outside", || run_some_at_once(waiting, &logs))?);
    }
    if let Some(table) = table {
        finished.push(step("hold the table of operations to the run", || Ok(compare(table)))?);
    }
    Ok(finished)
}

/// The suite in Rust, with all that only it uses.
fn rust(
    around: &Surroundings,
    filter: Option<&str>,
    target: &Path,
    logs: &Path,
) -> Result<Finished> {
    let s3 = step("start an S3 server", || S3::start(target, logs))?;
    let stripe = step("start a stand-in for Stripe", || Stripe::start(target, logs))?;
    let around = Surroundings {
        s3: Some(s3.url.clone()),
        stripe: Some(stripe.url.clone()),
        smtp_python: Some(step("install an SMTP server", || materials::smtp_python(target))?),
        fresh_vectors: Some(step("make password digests", || {
            materials::fresh_vectors(target, logs)
        })?),
        ..around.clone()
    };
    step("test in Rust", || suites::rust(&around, filter).run(logs))
}

/// The table of operations, SDKs and engines as a suite of one test.
fn compare(mut table: Command) -> Finished {
    let start = Instant::now();
    let outcome = process::output(&mut table);
    let (verdict, passed, failed) = match &outcome {
        Ok(_) => (Verdict::Passed, 1, 0),
        Err(error) => {
            println!("{error}");
            (Verdict::Failed, 0, 1)
        }
    };
    Finished {
        name: "compatibility".to_owned(),
        engine: "-",
        verdict,
        counts: Counts { passed, failed, skipped: 0 },
        took: start.elapsed(),
    }
}

fn build_server(target: &Path) -> Result<PathBuf> {
    let mut cargo = process::cargo();
    // All of it, as the Rust tests want it: a part alone would unify features
    // otherwise and build most dependencies twice.
    cargo.args(["build", "--locked", "--workspace", "--all-targets"]);
    if !process::succeeds(&mut cargo)? {
        return Err(Error::new("the server does not build"));
    }
    let server = target.join("debug").join("rollbook");
    if fs::exists(&server).is_ok_and(|exists| exists) {
        return Ok(server);
    }
    Err(Error::new(format!("{} was not built", server.display())))
}

fn install(sdks: &[Sdk], target: &Path) -> Result<Contract> {
    let results = at_once(sdks.iter().collect(), Sdk::install);
    results.into_iter().collect::<Result<()>>()?;
    Contract::prepare(target)
}

fn run_some_at_once(suites: VecDeque<Suite>, logs: &Path) -> Result<Vec<Finished>> {
    let results = at_once(suites, |suite| {
        let finished = suite.run(logs)?;
        let Finished { name, engine, verdict, took, .. } = &finished;
        println!("{:<12} {name} on {engine}, {:.1} s", verdict.word(), took.as_secs_f64());
        Ok(finished)
    });
    let mut finished: Vec<Finished> = results.into_iter().collect::<Result<_>>()?;
    // In the order of their ends until here.
    finished.sort_by(|one, other| (&one.name, other.engine).cmp(&(&other.name, one.engine)));
    Ok(finished)
}

/// Does the work on every item, on a few threads.
fn at_once<T: Send, R: Send>(items: VecDeque<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let waiting = Mutex::new(items);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(item) = next else { return };
                    let result = work(item);
                    results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn all_items_are_worked_on_but_never_more_than_the_limit_at_once() {
        let now = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let mut done = at_once((0..9).collect(), |item: usize| {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(10));
            now.fetch_sub(1, Ordering::SeqCst);
            item
        });
        done.sort_unstable();
        assert_eq!(done, (0..9).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), AT_ONCE);
    }
}
