//! The checks of our `OpenAPI` document and of what went over the wire in other suites.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::Result;
use crate::process;
use crate::python::{self, Environment};
use crate::run::Suite;
use crate::summary::Runner;

const LIMIT: Duration = Duration::from_mins(5);

/// The scripts in `tests/sdk/contract`, with the packages that they import.
#[derive(Debug)]
pub(crate) struct Contract {
    environment: Environment,
    scripts: PathBuf,
}

impl Contract {
    /// Installs what the scripts need, unless it is there already.
    pub(crate) fn prepare(target: &Path) -> Result<Self> {
        let root = process::root();
        let requirements = root.join("xtask/requirements/contract.txt");
        Ok(Self {
            environment: python::environment(&target.join("contract"), &requirements)?,
            scripts: root.join("tests/sdk/contract"),
        })
    }

    /// The tests of the checker, then the comparison with the published names.
    pub(crate) fn suite(&self, filter: Option<&str>) -> Suite {
        let mut command = Command::new(self.environment.python());
        command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
        command.arg(&self.scripts).current_dir(process::root());
        command.args(filter.into_iter().flat_map(|filter| ["-k", filter]));
        let mut compare = Command::new(self.environment.python());
        compare.arg(self.scripts.join("compare_with_specification.py"));
        Suite {
            name: "contract".to_owned(),
            engine: "-",
            runner: Runner::Pytest,
            command,
            check: Some(compare),
            live: false,
            filtered: filter.is_some(),
            limit: LIMIT,
        }
    }

    /// Holds the table of operations, SDKs and engines to what the suites recorded, or writes it.
    pub(crate) fn compatibility(&self, recorded: Vec<PathBuf>, write: bool) -> Command {
        let mut command = Command::new(self.environment.python());
        command.arg(self.scripts.join("compatibility.py"));
        command.args(write.then_some("--write")).args(recorded);
        command
    }

    /// Checks a file of recorded exchanges; fails on an empty one.
    pub(crate) fn check(&self, exchanges: &Path) -> Command {
        let mut check = Command::new(self.environment.python());
        check.arg(self.scripts.join("check.py")).arg(exchanges);
        check
    }
}
