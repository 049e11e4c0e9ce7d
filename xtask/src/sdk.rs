//! The official SDKs under test: found in the source tree, installed, run on each engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::arguments::{Part, TestOptions};
use crate::contract::Contract;
use crate::error::{Doing, Error, Result};
use crate::run::Suite;
use crate::suites::Surroundings;
use crate::summary::Runner;
use crate::{javascript, process, python};

const LIMIT: Duration = Duration::from_mins(10);

/// An official SDK in one version, installed or to be.
#[derive(Clone, Debug)]
pub(crate) struct Sdk {
    kind: Kind,
    version: String,
    /// The file or folder that lists its packages.
    manifest: PathBuf,
    /// Where it is installed.
    folder: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Python,
    JavaScript,
}

/// What every suite of an SDK runs with.
#[derive(Debug)]
pub(crate) struct Bench<'a> {
    /// The built `rollbook`.
    pub(crate) server: &'a Path,
    pub(crate) around: &'a Surroundings,
    pub(crate) contract: &'a Contract,
    pub(crate) logs: &'a Path,
    pub(crate) filter: Option<&'a str>,
}

/// Every SDK that the options leave in; an error when none is.
///
/// The versions are those whose packages are pinned beside the suites.
pub(crate) fn find(options: &TestOptions, target: &Path) -> Result<Vec<Sdk>> {
    let mut found = Vec::new();
    for (language, kind) in [(Part::Python, Kind::Python), (Part::JavaScript, Kind::JavaScript)] {
        if options.only.is_none_or(|only| only == language) {
            found.extend(find_kind(kind, target)?);
        }
    }
    if let Some(version) = &options.sdk {
        let all: Vec<String> = found.iter().map(|sdk| sdk.version.clone()).collect();
        found.retain(|sdk| sdk.version == *version);
        if found.is_empty() {
            let message = format!("no SDK has version {version}, only {}", all.join(", "));
            return Err(Error::new(message));
        }
    }
    Ok(found)
}

fn find_kind(kind: Kind, target: &Path) -> Result<Vec<Sdk>> {
    let suite = kind.suite();
    let doing = || format!("find the suite in {}", suite.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&suite).doing(doing())? {
        let manifest = entry.doing(doing())?.path();
        if let Some(version) = kind.version(&manifest)? {
            let folder = target.join("sdk").join(format!("{}-{version}", kind.word()));
            found.push(Sdk { kind, version, manifest, folder });
        }
    }
    if found.is_empty() {
        let message = format!("{} pins no version of the SDK", suite.display());
        return Err(Error::new(message));
    }
    found.sort_by_cached_key(|sdk| numbers(&sdk.version));
    Ok(found)
}

/// What orders 4.10 after 4.9.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|number| number.parse().ok()).collect()
}

/// The last version of the SDK for Python or JavaScript.
pub(crate) fn newest(part: Part, target: &Path) -> Result<Sdk> {
    let options = TestOptions { only: Some(part), ..TestOptions::default() };
    find(&options, target)?.pop().ok_or_else(|| Error::new(format!("there is no SDK in {part:?}")))
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
        }
    }

    fn suite(self) -> PathBuf {
        process::root().join("tests/sdk").join(self.word())
    }

    /// The version of the SDK that an entry of the suite's folder pins, if it is such an entry.
    fn version(self, entry: &Path) -> Result<Option<String>> {
        match self {
            Self::Python => {
                let name = entry.file_name().unwrap_or_default().to_string_lossy();
                let version = name.strip_prefix("constraints-");
                let version = version.and_then(|rest| rest.strip_suffix(".txt"));
                Ok(version.map(str::to_owned))
            }
            Self::JavaScript if entry.join("package-lock.json").exists() => {
                javascript::sdk_version(entry).map(Some)
            }
            Self::JavaScript => Ok(None),
        }
    }
}

impl Sdk {
    /// Its name in the table.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.kind.word(), self.version)
    }

    /// Where it is installed, or will be.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts it where its suite looks for it, unless it is there already.
    pub(crate) fn install(&self) -> Result<()> {
        match self.kind {
            Kind::Python => python::environment(&self.folder, &self.manifest).map(drop),
            Kind::JavaScript => javascript::install(&self.manifest, &self.folder),
        }
    }

    /// Its suite, once for each engine.
    pub(crate) fn suites(&self, bench: &Bench<'_>) -> Result<Vec<Suite>> {
        bench.around.engines().map(|engine| self.suite(bench, engine)).collect()
    }

    fn suite(&self, bench: &Bench<'_>, engine: &'static str) -> Result<Suite> {
        let exchanges = self.exchanges(bench, engine)?;
        let (runner, mut command, check) = match self.kind {
            // It checks its exchanges itself, and records them for the table of operations.
            Kind::Python => (Runner::Pytest, self.pytest(bench)?, None),
            Kind::JavaScript => {
                let suite = self.kind.suite();
                let node = javascript::command(&suite, &self.folder, bench.filter)?;
                (Runner::Node, node, Some(bench.contract.check(&exchanges)))
            }
        };
        command.env("ROLLBOOK_EXCHANGES", &exchanges);
        bench.around.apply(&mut command);
        command
            .current_dir(process::root())
            .env("ROLLBOOK_BIN", bench.server)
            .env("ROLLBOOK_TEST_ENGINE", engine)
            .env("CLERK_SDK_VERSION", &self.version);
        Ok(Suite {
            name: self.name(),
            engine,
            runner,
            command,
            check,
            live: false,
            filtered: bench.filter.is_some(),
            limit: LIMIT,
        })
    }

    fn pytest(&self, bench: &Bench<'_>) -> Result<Command> {
        let environment = python::environment(&self.folder, &self.manifest)?;
        let mut pytest = Command::new(environment.python());
        pytest.args(["-m", "pytest", "-q"]).arg(self.kind.suite());
        if let Some(filter) = bench.filter {
            pytest.args(["-k", filter]);
        }
        Ok(pytest)
    }

    /// The file with the requests and answers of its suite on an engine.
    pub(crate) fn recorded(&self, logs: &Path, engine: &str) -> PathBuf {
        logs.join(format!("{}-{engine}.exchanges.jsonl", self.name().replace(' ', "-")))
    }

    /// The same file, empty.
    fn exchanges(&self, bench: &Bench<'_>, engine: &str) -> Result<PathBuf> {
        let file = self.recorded(bench.logs, engine);
        fs::create_dir_all(bench.logs)
            .and_then(|()| fs::write(&file, ""))
            .doing(format_args!("write {}", file.display()))?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(only: Part) -> Vec<String> {
        let options = TestOptions { only: Some(only), ..TestOptions::default() };
        let sdks = find(&options, Path::new("target")).unwrap();
        sdks.into_iter().map(|sdk| sdk.version).collect()
    }

    #[test]
    fn the_promised_versions_of_the_sdks_are_found() {
        assert_eq!(versions(Part::Python), ["3.3.1", "4.0.0", "4.2.0", "5.0.7", "7.0.0"]);
        let javascript = versions(Part::JavaScript);
        let majors: Vec<&str> =
            javascript.iter().filter_map(|version| version.split('.').next()).collect();
        assert_eq!(majors, ["2", "3"]);
        assert!(versions(Part::Rust).is_empty());
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(numbers("4.10.0") > numbers("4.9.1"));
        assert!(numbers("10.0.0") > numbers("9.0.0"));
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let options = TestOptions { sdk: Some("0.0.1".to_owned()), ..TestOptions::default() };
        assert!(find(&options, Path::new("target")).is_err());
    }
}
