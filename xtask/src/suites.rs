//! Which suites there are: found in the source tree, one for each SDK version and engine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::arguments::{Language, TestOptions};
use crate::error::{Doing, Error, Result};
use crate::run::Suite;
use crate::summary::Runner;
use crate::{javascript, process, python};

/// Rust tests include building them and the rounds of killing the server.
const RUST_LIMIT: Duration = Duration::from_mins(40);
const SDK_LIMIT: Duration = Duration::from_mins(10);

/// What suites learn from their environment.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// `ROLLBOOK_TEST_POSTGRES`: a cluster, or none to leave the engine out.
    pub(crate) postgres: Option<String>,
    /// `ROLLBOOK_TEST_S3`: an S3 server.
    pub(crate) s3: Option<String>,
}

impl Surroundings {
    fn apply(&self, command: &mut Command) {
        // A setting of the caller's own would leak into servers under test.
        for name in ["ROLLBOOK_TEST_POSTGRES", "ROLLBOOK_TEST_S3", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        command.env("NO_COLOR", "1");
        if let Some(url) = &self.postgres {
            command.env("ROLLBOOK_TEST_POSTGRES", url);
        }
        if let Some(url) = &self.s3 {
            command.env("ROLLBOOK_TEST_S3", url);
        }
    }

    fn engines(&self) -> impl Iterator<Item = &'static str> {
        let postgres = self.postgres.is_some().then_some("postgres");
        ["sqlite"].into_iter().chain(postgres)
    }
}

/// An official SDK in one version, installed or to be.
#[derive(Clone, Debug)]
pub(crate) struct Sdk {
    language: Language,
    version: String,
    /// The file or folder that lists its packages.
    manifest: PathBuf,
    /// Where it is installed.
    folder: PathBuf,
}

/// Every SDK that the options leave in; an error when none is.
pub(crate) fn sdks(options: &TestOptions, target: &Path) -> Result<Vec<Sdk>> {
    let tests = process::root().join("tests/sdk");
    let wants = |language| options.only.is_none_or(|only| only == language);
    let mut found = Vec::new();
    if wants(Language::Python) {
        found.extend(python_sdks(&tests.join("python"), target)?);
    }
    if wants(Language::JavaScript) {
        found.extend(javascript_sdks(&tests.join("javascript"), target)?);
    }
    if let Some(version) = &options.sdk {
        let all: Vec<String> = found.iter().map(|sdk| sdk.version.clone()).collect();
        found.retain(|sdk| sdk.version == *version);
        if found.is_empty() {
            return Err(Error::new(format!(
                "no SDK has version {version}, only {}",
                all.join(", ")
            )));
        }
    }
    Ok(found)
}

fn python_sdks(suite: &Path, target: &Path) -> Result<Vec<Sdk>> {
    let version_of = |path: &Path| {
        let name = path.file_name()?.to_str()?;
        Some(name.strip_prefix("constraints-")?.strip_suffix(".txt")?.to_owned())
    };
    found_in(suite, Language::Python, target, |path| Ok(version_of(path)))
}

fn javascript_sdks(suite: &Path, target: &Path) -> Result<Vec<Sdk>> {
    found_in(suite, Language::JavaScript, target, |path| {
        if path.join("package-lock.json").exists() {
            return javascript::sdk_version(path).map(Some);
        }
        Ok(None)
    })
}

/// One SDK for each entry of the suite's folder that `version_of` knows.
fn found_in(
    suite: &Path,
    language: Language,
    target: &Path,
    version_of: impl Fn(&Path) -> Result<Option<String>>,
) -> Result<Vec<Sdk>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(suite).doing(format_args!("find the suite in {}", suite.display()))? {
        let manifest = entry.doing("read a folder")?.path();
        let Some(version) = version_of(&manifest)? else { continue };
        let folder = target.join("sdk").join(format!("{}-{version}", word(language)));
        found.push(Sdk { language, version, manifest, folder });
    }
    if found.is_empty() {
        return Err(Error::new(format!("{} lists no version to test", suite.display())));
    }
    found.sort_by(|one, other| one.version.cmp(&other.version));
    Ok(found)
}

fn word(language: Language) -> &'static str {
    match language {
        Language::Rust => "rust",
        Language::Python => "python",
        Language::JavaScript => "javascript",
    }
}

impl Sdk {
    /// Its name in the table.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", word(self.language), self.version)
    }

    /// Puts it where its suite looks for it, unless it is there already.
    pub(crate) fn install(&self) -> Result<()> {
        match self.language {
            Language::Rust => Ok(()),
            Language::Python => python::environment(&self.folder, &self.manifest).map(drop),
            Language::JavaScript => javascript::install(&self.manifest, &self.folder),
        }
    }

    /// Its suite, once for each engine.
    pub(crate) fn suites(
        &self,
        server: &Path,
        around: &Surroundings,
        options: &TestOptions,
    ) -> Result<Vec<Suite>> {
        let mut suites = Vec::new();
        for engine in around.engines() {
            let (runner, mut command) = self.command(options.filter.as_deref())?;
            around.apply(&mut command);
            command
                .current_dir(process::root())
                .env("ROLLBOOK_BIN", server)
                .env("ROLLBOOK_TEST_ENGINE", engine)
                .env("CLERK_SDK_VERSION", &self.version);
            suites.push(Suite {
                name: self.name(),
                engine,
                runner,
                command,
                live: false,
                filtered: options.filter.is_some(),
                limit: SDK_LIMIT,
            });
        }
        Ok(suites)
    }

    fn command(&self, filter: Option<&str>) -> Result<(Runner, Command)> {
        let suite = process::root().join("tests/sdk").join(word(self.language));
        if self.language == Language::JavaScript {
            return Ok((Runner::Node, javascript::command(&suite, &self.folder, filter)?));
        }
        let environment = python::environment(&self.folder, &self.manifest)?;
        let mut pytest = Command::new(environment.python());
        pytest.args(["-m", "pytest", "-q"]).arg(suite);
        if let Some(filter) = filter {
            pytest.args(["-k", filter]);
        }
        Ok((Runner::Pytest, pytest))
    }
}

/// Every test of the workspace, by cargo's own runner.
pub(crate) fn rust(around: &Surroundings, options: &TestOptions) -> Suite {
    let mut command = process::cargo();
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(filter) = &options.filter {
        command.arg("--").arg(filter);
    }
    around.apply(&mut command);
    Suite {
        name: "rust".to_owned(),
        engine: if around.postgres.is_some() { "sqlite+postgres" } else { "sqlite" },
        runner: Runner::Cargo,
        command,
        live: true,
        filtered: options.filter.is_some(),
        limit: RUST_LIMIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(language: Language) -> Vec<String> {
        let options = TestOptions { only: Some(language), ..TestOptions::default() };
        let sdks = sdks(&options, Path::new("target")).unwrap();
        sdks.into_iter().map(|sdk| sdk.version).collect()
    }

    #[test]
    fn the_promised_versions_of_the_sdks_are_found() {
        assert_eq!(versions(Language::Python), ["3.3.1", "4.0.0", "4.2.0", "5.0.7", "7.0.0"]);
        let javascript = versions(Language::JavaScript);
        let majors: Vec<&str> =
            javascript.iter().filter_map(|version| version.split('.').next()).collect();
        assert_eq!(majors, ["2", "3"]);
    }

    #[test]
    fn an_unknown_version_is_refused() {
        let options = TestOptions { sdk: Some("0.0.1".to_owned()), ..TestOptions::default() };
        assert!(sdks(&options, Path::new("target")).is_err());
    }

    #[test]
    fn without_postgres_no_suite_runs_on_it() {
        let engines = |postgres: Option<&str>| -> Vec<&str> {
            let around = Surroundings { postgres: postgres.map(str::to_owned), s3: None };
            around.engines().collect()
        };
        assert_eq!(engines(None), ["sqlite"]);
        assert_eq!(engines(Some("postgres://x@127.0.0.1:1/postgres")), ["sqlite", "postgres"]);
    }
}
