//! What every suite finds in its environment, and the suite in Rust.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::process;
use crate::run::Suite;
use crate::summary::Runner;

/// Includes building the tests, and the rounds of killing the server.
const RUST_LIMIT: Duration = Duration::from_mins(40);

/// The servers and other things that tests may use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// `ROLLBOOK_TEST_POSTGRES`: a cluster, or none to leave the engine out.
    pub(crate) postgres: Option<String>,
    /// `ROLLBOOK_TEST_S3`: an S3 server.
    pub(crate) s3: Option<String>,
    /// `ROLLBOOK_TEST_LOCALSTRIPE`: a stand-in for Stripe.
    pub(crate) stripe: Option<String>,
    /// `ROLLBOOK_TEST_SMTP_PYTHON`: an interpreter with an SMTP server's packages.
    pub(crate) smtp_python: Option<PathBuf>,
    /// `ROLLBOOK_TEST_PROGRAM`: the server, so that no test builds it once more.
    pub(crate) program: Option<PathBuf>,
    /// `ROLLBOOK_FRESH_VECTORS`: password digests made for this run.
    pub(crate) fresh_vectors: Option<PathBuf>,
}

impl Surroundings {
    /// Tells a suite about them, and about nothing that the caller had set.
    pub(crate) fn apply(&self, command: &mut Command) {
        command.env("NO_COLOR", "1").env_remove("FORCE_COLOR");
        for (name, value) in [
            ("ROLLBOOK_TEST_POSTGRES", self.postgres.as_ref().map(OsStr::new)),
            ("ROLLBOOK_TEST_S3", self.s3.as_ref().map(OsStr::new)),
            ("ROLLBOOK_TEST_LOCALSTRIPE", self.stripe.as_ref().map(OsStr::new)),
            ("ROLLBOOK_TEST_SMTP_PYTHON", self.smtp_python.as_deref().map(Path::as_os_str)),
            ("ROLLBOOK_TEST_PROGRAM", self.program.as_deref().map(Path::as_os_str)),
            ("ROLLBOOK_FRESH_VECTORS", self.fresh_vectors.as_deref().map(Path::as_os_str)),
            ("ROLLBOOK_TEST_WITHOUT_SMTP", None),
        ] {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        // Tests fail without a cluster, unless somebody has said that there is none.
        match &self.postgres {
            Some(_) => command.env_remove("ROLLBOOK_TEST_WITHOUT_POSTGRES"),
            None => command.env("ROLLBOOK_TEST_WITHOUT_POSTGRES", "1"),
        };
    }

    /// The engines that can be tested on.
    pub(crate) fn engines(&self) -> impl Iterator<Item = &'static str> {
        let postgres = self.postgres.is_some().then_some("postgres");
        ["sqlite"].into_iter().chain(postgres)
    }
}

/// Every test of the workspace, by cargo's own runner.
pub(crate) fn rust(around: &Surroundings, filter: Option<&str>) -> Suite {
    let mut command = process::cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(filter) = filter {
        command.args(["--", filter]);
    }
    around.apply(&mut command);
    let engine = if around.postgres.is_some() { "sqlite+postgres" } else { "sqlite" };
    Suite {
        name: "rust".to_owned(),
        engine,
        runner: Runner::Cargo,
        command,
        check: None,
        live: true,
        filtered: filter.is_some(),
        limit: RUST_LIMIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_postgres_no_suite_runs_on_it() {
        let engines = |postgres: Option<&str>| -> Vec<&str> {
            let around =
                Surroundings { postgres: postgres.map(str::to_owned), ..Surroundings::default() };
            around.engines().collect()
        };
        assert_eq!(engines(None), ["sqlite"]);
        assert_eq!(engines(Some("postgres://x@127.0.0.1:1/postgres")), ["sqlite", "postgres"]);
    }
}
