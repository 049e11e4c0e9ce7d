//! `GET /v1/users/{id}` on PostgreSQL against `pgbench -S -M prepared` on the same cluster.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bench::Bench;
use crate::load::Until;
use crate::people::{self, HOT_USERS};
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::Server;

const CLIENTS: [usize; 2] = [8, 32];

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let Some(url) = &bench.postgres else {
        report.note("PostgreSQL: not measured, no cluster was given.".to_owned());
        return Ok(());
    };
    if let Err(error) = pgbench(bench, url, &["-i", "-q"]) {
        report.note(format!("PostgreSQL: not measured, pgbench does not run: {error}."));
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), &["--database", url])?;
    let ids = people::fill(&server, HOT_USERS)?;
    // pgbench counts whole seconds, and its connections are new in each round.
    let seconds = bench.window.as_secs().max(3).to_string();

    for clients in CLIENTS {
        server.measure(clients, Until::Requests(HOT_USERS), people::reads(&server, &ids))?;
        let (mut ours, mut theirs) = (Series::default(), Series::default());
        let (mut cpu_us, mut p99) = (Series::default(), Series::default());
        for _ in 0..bench.rounds {
            let until = Until::After(bench.window);
            let window = server.measure(clients, until, people::reads(&server, &ids))?;
            ours.push(window.outcome.rate());
            cpu_us.push(1e6 / window.per_cpu_second());
            p99.push(window.outcome.percentile(99));
            let count = clients.to_string();
            let printed =
                pgbench(bench, url, &["-S", "-M", "prepared", "-n", "-c", &count, "-T", &seconds])?;
            theirs.push(rate(&printed).context("pgbench printed no rate")?);
        }
        report.add(
            Figure::new(
                format!("GET a user, PostgreSQL, {clients} clients"),
                (ours, "req/s"),
                Target::AtLeast(0.60),
            )
            .against("pgbench -S -M prepared, tps", theirs)
            .detail(format!(
                "{:.0} us of the server's CPU per request, p99 {:.1} ms",
                cpu_us.median(),
                p99.median()
            )),
        );
    }
    Ok(())
}

fn pgbench(bench: &Bench, url: &str, options: &[&str]) -> Result<String> {
    let mut command = Command::new(&bench.pgbench);
    let output = command.args(options).arg(url).output()?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn rate(printed: &str) -> Option<f64> {
    let line = printed.lines().find_map(|line| line.strip_prefix("tps = "))?;
    line.split_whitespace().next()?.parse().ok()
}
