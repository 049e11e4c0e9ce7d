//! `GET` while many clients create users with passwords, against `GET` in calm.

use anyhow::{Context, Result, anyhow};

use crate::bench::Bench;
use crate::hashing::{CLIENTS, PASSWORD};
use crate::load::Until;
use crate::people;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::Server;

const READERS: usize = 16;
const USERS: usize = 1000;

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), &[])?;
    let ids = people::fill(&server, USERS)?;
    let until = Until::After(bench.window);
    let (mut calm_p99, mut storm_p99) = (Series::default(), Series::default());
    let (mut calm_rate, mut storm_rate) = (Series::default(), Series::default());
    for round in 0..bench.rounds {
        let calm = server.measure(READERS, until, people::reads(&server, &ids))?.outcome;
        let first = USERS + round * 5000;
        let storm = std::thread::scope(|scope| {
            let storm = scope.spawn(|| {
                let requests: Vec<_> = (first..first + 5000)
                    .map(|n| people::new_user(n, Some(PASSWORD)))
                    .map(|user| server.request("POST", "/v1/users", &user))
                    .collect();
                server.load(CLIENTS).run(until, people::each(requests), |_| {})
            });
            let outcome = server.measure(READERS, until, people::reads(&server, &ids));
            let hashed = storm.join().map_err(|_| anyhow!("the storm panicked"))?;
            hashed.context("the storm failed")?;
            outcome
        })?;
        calm_p99.push(calm.percentile(99));
        storm_p99.push(storm.outcome.percentile(99));
        calm_rate.push(calm.rate());
        storm_rate.push(storm.outcome.rate());
    }
    report.add(
        Figure::new(
            format!("GET p99 while {CLIENTS} clients create with passwords"),
            (storm_p99, "ms"),
            Target::AtMost(1.5),
        )
        .against("in calm", calm_p99)
        .detail(format!(
            "{:.0} req/s, in calm {:.0}",
            storm_rate.median(),
            calm_rate.median()
        )),
    );
    Ok(())
}
