//! The tests in a browser: finds or installs Chromium, and runs them on each engine.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::arguments::Part;
use crate::error::{Error, Result};
use crate::javascript;
use crate::process::{self, output};
use crate::run::Suite;
use crate::sdk::{self, Sdk};
use crate::suites::Surroundings;
use crate::summary::Runner;

const LIMIT: Duration = Duration::from_mins(5);

/// Names another browser than the first that is found.
const NAMED: &str = "ROLLBOOK_CHROMIUM";

/// What systems call it.
const PROGRAMS: &[&str] = &["chromium", "chromium-browser", "google-chrome"];

/// A browser, what drives it, and the SDKs that look at what it did.
#[derive(Debug)]
pub(crate) struct Browser {
    chromium: PathBuf,
    tests: PathBuf,
    /// Where the packages of the tests are installed.
    packages: PathBuf,
    javascript: Sdk,
    python: Sdk,
}

impl Browser {
    /// Installs all of it, except for what is there already.
    pub(crate) fn prepare(target: &Path) -> Result<Self> {
        let browser = Self {
            chromium: chromium()?,
            tests: process::root().join("tests/browser"),
            packages: target.join("sdk/browser"),
            javascript: sdk::newest(Part::JavaScript, target)?,
            python: sdk::newest(Part::Python, target)?,
        };
        browser.javascript.install()?;
        browser.python.install()?;
        javascript::install(&browser.tests, &browser.packages)?;
        Ok(browser)
    }

    /// The tests, once for each engine.
    pub(crate) fn suites(
        &self,
        server: &Path,
        around: &Surroundings,
        filter: Option<&str>,
    ) -> Result<Vec<Suite>> {
        around.engines().map(|engine| self.suite(server, around, filter, engine)).collect()
    }

    fn suite(
        &self,
        server: &Path,
        around: &Surroundings,
        filter: Option<&str>,
        engine: &'static str,
    ) -> Result<Suite> {
        let mut command = javascript::command(&self.tests, self.javascript.folder(), filter)?;
        around.apply(&mut command);
        command
            .current_dir(process::root())
            .env("ROLLBOOK_BIN", server)
            .env("ROLLBOOK_TEST_ENGINE", engine)
            .env("ROLLBOOK_SDK_PYTHON", self.python.folder().join("bin/python"))
            .env("ROLLBOOK_BROWSER_DIR", &self.packages)
            .env(NAMED, &self.chromium)
            .env_remove("ROLLBOOK_EXCHANGES");
        Ok(Suite {
            name: "browser".to_owned(),
            engine,
            runner: Runner::Node,
            command,
            check: None,
            live: false,
            filtered: filter.is_some(),
            limit: LIMIT,
        })
    }
}

/// The machine's Chromium; root gets one installed where there is none.
fn chromium() -> Result<PathBuf> {
    if let Some(named) = env::var_os(NAMED) {
        let named = PathBuf::from(named);
        return match version(&named) {
            Ok(_) => Ok(named),
            Err(error) => Err(Error::new(format!("{NAMED} names no browser: {error}"))),
        };
    }
    if let Some(found) = on_machine() {
        return Ok(found);
    }
    if process::is_root()? {
        install()?;
        if let Some(installed) = on_machine() {
            return Ok(installed);
        }
    }
    Err(Error::new(format!(
        "no Chromium to test in; install it (`apt-get install chromium` as root), name one in \
         {NAMED}, or leave the browser out with --without-browser"
    )))
}

/// The first that runs: some systems have a script under the name that only
/// tells how to install the browser.
fn on_machine() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(env::split_paths(&path));
    folders
        .flat_map(|folder| PROGRAMS.iter().map(move |name| folder.join(name)))
        .find(|program| program.is_file() && version(program).is_ok())
}

fn version(program: &Path) -> Result<String> {
    output(Command::new(program).arg("--version"))
}

fn install() -> Result<()> {
    println!("installing Chromium with apt-get");
    for arguments in [&["update"][..], &["install", "-y", "--no-install-recommends", "chromium"]] {
        let mut apt = Command::new("apt-get");
        output(apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive")).map_err(|error| {
            Error::new(format!(
                "no Chromium to test in, and none could be installed (--without-browser leaves \
                 it out): {error}"
            ))
        })?;
    }
    Ok(())
}
