//! `GET /v1/users/{id}` against bare hyper, with the cache of bodies and without.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bare;
use crate::bench::Bench;
use crate::load::{Load, Until};
use crate::people::{self, HOT_USERS};
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::{Server, Window, watch};

const CONNECTIONS: usize = 32;

#[derive(Default)]
struct Side {
    per_cpu_second: Series,
    rate: Series,
    p50: Series,
    p99: Series,
}

impl Side {
    fn push(&mut self, window: &Window) {
        self.per_cpu_second.push(window.per_cpu_second());
        self.rate.push(window.outcome.rate());
        self.p50.push(window.outcome.percentile(50));
        self.p99.push(window.outcome.percentile(99));
    }

    fn wall(&self) -> String {
        format!(
            "{:.0} req/s of wall time, p50 {:.2} ms, p99 {:.2} ms",
            self.rate.median(),
            self.p50.median(),
            self.p99.median()
        )
    }
}

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (with, without) = (folder.path().join("with"), folder.path().join("without"));
    let filled = Server::start(&with, &[])?;
    let ids = people::fill(&filled, HOT_USERS)?;
    filled.process.stop()?;
    copy(&with, &without)?;
    let cached = Server::start(&with, &[])?;
    let uncached = Server::start(&without, &["--cache-mb", "0"])?;

    let one = ids.first().context("no user")?;
    let body = cached.load(1).ask(cached.request("GET", &format!("/v1/users/{one}"), ""))?;
    let file = folder.path().join("body.json");
    std::fs::write(&file, &body)?;
    let (hyper, address) = bare::start(&file)?;

    // Fills the caches of both, and opens what is opened when first used.
    let until = Until::Requests(4 * HOT_USERS);
    cached.measure(CONNECTIONS, until, people::reads(&cached, &ids))?;
    uncached.measure(CONNECTIONS, until, people::reads(&uncached, &ids))?;

    let (mut of_cached, mut of_uncached, mut of_hyper) =
        (Side::default(), Side::default(), Side::default());
    let until = Until::After(bench.window);
    for _ in 0..bench.rounds {
        of_cached.push(&cached.measure(CONNECTIONS, until, people::reads(&cached, &ids))?);
        let load = Load { address, connections: CONNECTIONS };
        let window = watch(&hyper, || load.run(until, people::reads(&cached, &ids), |_| {}))?;
        of_hyper.push(&window);
        of_uncached.push(&uncached.measure(CONNECTIONS, until, people::reads(&uncached, &ids))?);
    }
    for (what, target, side) in [
        ("GET a user, cached", 0.80, &of_cached),
        ("GET a user, not cached, SQLite", 0.50, &of_uncached),
    ] {
        let ours = (side.per_cpu_second.clone(), "req per CPU s");
        report.add(
            Figure::new(what, ours, Target::AtLeast(target))
                .against("bare hyper, same bytes", of_hyper.per_cpu_second.clone())
                .detail(format!("{}; hyper {}", side.wall(), of_hyper.wall())),
        );
    }
    report.note(format!(
        "GET: {HOT_USERS} users picked at random, {CONNECTIONS} connections, body of {} bytes.",
        body.len()
    ));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let done = Command::new("cp").arg("-R").arg(from).arg(to).status()?;
    if !done.success() {
        bail!("failed to copy the store");
    }
    Ok(())
}
