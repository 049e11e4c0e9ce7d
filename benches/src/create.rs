//! Creating users without passwords against inserting the same rows by hand.

use anyhow::{Context, Result, bail};
use bytes::Bytes;

use crate::bench::Bench;
use crate::load::Until;
use crate::people;
use crate::raw;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::{self, Server};

const IN_FLIGHT: usize = 32;

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let empty = folder.path().join("empty");
    if !server::command("migrate", &empty)?.output()?.status.success() {
        bail!("failed to make an empty store");
    }
    let (mut ours, mut theirs) = (Series::default(), Series::default());
    let (mut p50, mut p99, mut cpu_us) = (Series::default(), Series::default(), Series::default());
    let mut groups = Series::default();
    for round in 0..bench.rounds {
        let store = folder.path().join(format!("round-{round}"));
        let server = Server::start(&store, &[])?;
        let requests: Vec<Bytes> = (0..bench.creates)
            .map(|n| server.request("POST", "/v1/users", &people::new_user(n, None)))
            .collect();
        let until = Until::Requests(bench.creates);
        let window = server.measure(IN_FLIGHT, until, people::each(requests))?;
        ours.push(window.outcome.rate());
        p50.push(window.outcome.percentile(50));
        p99.push(window.outcome.percentile(99));
        cpu_us.push(1e6 / window.per_cpu_second());
        let group = bench.creates as f64 / commits(&server)?;
        groups.push(group);
        server.process.stop()?;

        let users = raw::users(&store.join("rollbook.db"))?;
        let database = folder.path().join(format!("raw-{round}.db"));
        std::fs::copy(empty.join("rollbook.db"), &database)?;
        theirs.push(raw::insert(&database, &users, group)?);
        std::fs::remove_dir_all(&store)?;
    }
    report.add(
        Figure::new(
            "create without password, FULL, 32 in flight",
            (ours, "users/s"),
            Target::AtLeast(0.60),
        )
        .against("raw group-commit inserts of the same rows", theirs)
        .detail(format!(
            "{:.1} users per commit on both sides, {:.0} us of the server's CPU per user",
            groups.median(),
            cpu_us.median()
        )),
    );
    report.add(
        Figure::new("its p99", (p99, "ms"), Target::AtMost(40.0))
            .detail(format!("p50 {:.1} ms", p50.median())),
    );
    Ok(())
}

/// How often the writer has committed.
fn commits(server: &Server) -> Result<f64> {
    let metrics = server.load(1).ask(server.request("GET", "/metrics", ""))?;
    let metrics = String::from_utf8(metrics)?;
    let line = metrics.lines().find_map(|line| line.strip_prefix("rollbook_store_group_commits "));
    line.and_then(|count| count.parse().ok()).context("the metrics do not count commits")
}
