//! How long and how often to measure.

use std::path::PathBuf;
use std::time::Duration;

/// The settings of one run.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Each round measures every side once, so that they meet the same noise.
    pub(crate) rounds: usize,
    /// How long one side of one round is measured.
    pub(crate) window: Duration,
    /// How many users one side of one round of `create` makes.
    pub(crate) creates: usize,
    /// How many users `million` imports; a tenth of them is measured beside.
    pub(crate) users: usize,
    pub(crate) only: Option<String>,
    pub(crate) write: bool,
    pub(crate) postgres: Option<String>,
    pub(crate) pgbench: PathBuf,
}

impl Default for Bench {
    fn default() -> Self {
        Self {
            rounds: 5,
            window: Duration::from_secs(3),
            creates: 6000,
            users: 1_000_000,
            only: None,
            write: false,
            postgres: None,
            pgbench: "pgbench".into(),
        }
    }
}

impl Bench {
    /// Enough to see a large change.
    pub(crate) fn quick(self) -> Self {
        Self {
            rounds: 3,
            window: Duration::from_millis(1500),
            creates: 2000,
            users: 100_000,
            ..self
        }
    }
}
