//! How long an empty server takes to start, and the memory it then holds.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::bench::Bench;
use crate::report::{Figure, Report, Target};
use crate::series::Series;
use crate::server::Server;

/// Long enough for what is loaded after the start.
const SETTLES_WITHIN: Duration = Duration::from_secs(2);

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let (mut start, mut memory) = (Series::default(), Series::default());
    for _ in 0..bench.rounds {
        let folder = tempfile::tempdir()?;
        let started = Instant::now();
        let server = Server::start(folder.path(), &[])?;
        start.push(started.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(SETTLES_WITHIN);
        memory.push(server.process.anonymous_mib()?);
    }
    report.add(
        Figure::new("cold start of an empty store", (start, "ms"), Target::AtMost(50.0))
            .detail("from exec to the printed address, with a schema to make".to_owned()),
    );
    report.add(
        Figure::new("memory of an idle, empty server", (memory, "MiB"), Target::AtMost(15.0))
            .detail("RssAnon".to_owned()),
    );
    Ok(())
}
