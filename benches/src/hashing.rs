//! Creating users with passwords, and verifying passwords, against hashing and nothing else.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rollbook_password::{HashPool, NativeScheme, Password, Scratch};

use crate::bench::Bench;
use crate::load::Until;
use crate::machine;
use crate::people;
use crate::process::own_cpu;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::{Server, Window};

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
    let (mut alone, mut alone_cpu) = (Series::default(), Series::default());
    let (mut creates, mut verifies) = (Side::default(), Side::default());
    // A hash takes a while: shorter windows would see too few.
    let window = bench.window.max(Duration::from_secs(3));
    for _ in 0..bench.rounds {
        let hashes = hash_alone(window)?;
        alone.push(hashes.per_second);
        alone_cpu.push(hashes.per_cpu_second);
        let requests: Vec<_> = (count..count + 5000)
            .map(|n| server.request("POST", "/v1/users", &people::new_user(n, Some(PASSWORD))))
            .collect();
        creates.push(&server.measure(CLIENTS, Until::After(window), people::each(requests))?);
        count += 5000;
        let verify = verify.clone();
        verifies.push(&server.measure(CLIENTS, Until::After(window), move || verify.clone())?);
    }
    let (cores, threads) = (machine::cores(), HashPool::default_threads());
    for (what, side) in [("create with password", creates), ("verify_password", verifies)] {
        let of_share = side.rate.over(&alone.scaled(threads as f64)).median();
        let of_cpu = side.per_cpu_second.over(&alone_cpu).median();
        let ours = (side.rate, "per s");
        report.add(
            Figure::new(format!("{what}, {CLIENTS} clients"), ours, Target::AtLeast(0.9))
                .against(format!("{cores} cores × hashes of one"), alone.scaled(cores as f64))
                .detail(format!(
                    "the pool has {threads} of {cores} cores, so {:.2} is all it can reach; \
                     against its share {of_share:.2}, per CPU second {of_cpu:.2}",
                    threads as f64 / cores as f64,
                )),
        );
    }
    Ok(())
}

#[derive(Default)]
struct Side {
    rate: Series,
    per_cpu_second: Series,
}

impl Side {
    fn push(&mut self, window: &Window) {
        self.rate.push(window.outcome.rate());
        self.per_cpu_second.push(window.per_cpu_second());
    }
}

struct Hashes {
    per_second: f64,
    per_cpu_second: f64,
}

/// What one thread does when it does nothing else.
fn hash_alone(window: Duration) -> Result<Hashes> {
    let password = Password::from(PASSWORD);
    let mut scratch = Scratch::default();
    let (started, cpu) = (Instant::now(), own_cpu()?);
    let mut count = 0;
    while started.elapsed() < window {
        rollbook_password::hash(&password, NativeScheme::default(), [7; 16], &mut scratch)?;
        count += 1;
    }
    let count = f64::from(count);
    let cpu = own_cpu()? - cpu;
    let per_second = count / started.elapsed().as_secs_f64();
    Ok(Hashes { per_second, per_cpu_second: count / cpu.max(0.01) })
}
