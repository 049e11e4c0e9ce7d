//! Creating users with passwords, and verifying passwords, against hashing and nothing else.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rollbook_password::{HashPool, NativeScheme, Password, Scratch};

use crate::bench::Bench;
use crate::load::Until;
use crate::machine;
use crate::people;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::Server;

pub(crate) const CLIENTS: usize = 32;
pub(crate) const PASSWORD: &str = "correct horse battery staple 7";

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path(), &[])?;
    let first = server.request("POST", "/v1/users", &people::new_user(0, Some(PASSWORD)));
    let user = server.load(1).ask(first)?;
    let id = people::id(&user).context("no user")?;
    let verify = server.request(
        "POST",
        &format!("/v1/users/{id}/verify_password"),
        &serde_json::json!({ "password": PASSWORD }).to_string(),
    );

    let mut count = 1;
    let (mut single, mut creates, mut verifies) =
        (Series::default(), Series::default(), Series::default());
    // A hash takes a while: shorter windows would see too few.
    let window = bench.window.max(Duration::from_secs(3));
    for _ in 0..bench.rounds {
        single.push(hashes_per_second(window)?);
        let first = count;
        let requests: Vec<_> = (first..first + 5000)
            .map(|n| server.request("POST", "/v1/users", &people::new_user(n, Some(PASSWORD))))
            .collect();
        let outcome = server.measure(CLIENTS, Until::After(window), people::each(requests))?;
        creates.push(outcome.outcome.rate());
        count += 5000;
        let verify = verify.clone();
        let outcome = server.measure(CLIENTS, Until::After(window), move || verify.clone())?;
        verifies.push(outcome.outcome.rate());
    }
    let (cores, threads) = (machine::cores(), HashPool::default_threads());
    for (what, ours) in [("create with password", creates), ("verify_password", verifies)] {
        let of_share = ours.over(&single.scaled(threads as f64)).median();
        report.add(
            Figure::new(
                format!("{what}, {CLIENTS} clients"),
                (ours, "per s"),
                Target::AtLeast(0.9),
            )
            .against(format!("{cores} cores × hashes of one core"), single.scaled(cores as f64))
            .detail(format!(
                "the pool has {threads} of {cores} cores, so at most {:.2} can be reached; \
                     against the pool's share {of_share:.2}",
                threads as f64 / cores as f64,
            )),
        );
    }
    Ok(())
}

/// What one core does when it does nothing else.
fn hashes_per_second(window: Duration) -> Result<f64> {
    let password = Password::from(PASSWORD);
    let mut scratch = Scratch::default();
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < window {
        rollbook_password::hash(&password, NativeScheme::default(), [7; 16], &mut scratch)?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}
