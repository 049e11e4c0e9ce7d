//! The command line of `cargo xtask`.

use std::ffi::OsString;
use std::fmt::Display;
use std::path::PathBuf;

use lexopt::ValueExt;
use lexopt::prelude::{Long, Short, Value};

use crate::error::{Doing, Error, Result};

pub(crate) const USAGE: &str = "\
cargo xtask test [OPTIONS]   set up and run all tests; needs Rust, Python 3 and Node
    --only rust|python|javascript|browser
                                    run only these suites
    --sdk VERSION                   run only the suites of this SDK version
    -k FILTER                       run only tests whose names match
    --postgres auto|package|DIR     where to take PostgreSQL from (default auto: the
                                    machine's own, else a package; DIR holds initdb)
    --without-postgres              leave that engine out, and say so loudly
    --write-compatibility           write the table of operations, SDKs and engines in
                                    docs/COMPATIBILITY.md instead of holding the run to it
    --without-browser               leave the tests in Chromium out, and say so loudly
cargo xtask with-postgres [--postgres auto|package|DIR] COMMAND...
                             run a command, such as one crate's tests, beside a cluster
                             whose address is in ROLLBOOK_TEST_POSTGRES
cargo xtask layers           check which crate depends on which
cargo xtask dependencies     check licences, banned, duplicate and unused dependencies
cargo xtask bench [ARGS]     run the benchmarks (release build) beside a cluster;
                             --help lists their own options
cargo xtask fuzz [--seconds N] [TARGET]
                             run each fuzz target, or one, for N seconds (default 60)
cargo xtask help             print this
";

/// What the caller wants done.
#[derive(Debug)]
pub(crate) enum Task {
    Help,
    Test(TestOptions),
    WithPostgres(Postgres, Vec<OsString>),
    Layers,
    Dependencies,
    Bench(Vec<OsString>),
    Fuzz(FuzzOptions),
}

/// Which tests to run, and on what.
#[derive(Debug, Default)]
pub(crate) struct TestOptions {
    pub(crate) postgres: Postgres,
    pub(crate) only: Option<Part>,
    pub(crate) without_browser: bool,
    pub(crate) sdk: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) write_compatibility: bool,
}

impl TestOptions {
    /// Whether every SDK is to run all of its suite on every engine.
    pub(crate) fn shows_the_whole_table(&self) -> bool {
        self.only.is_none()
            && self.sdk.is_none()
            && self.filter.is_none()
            && self.postgres != Postgres::Without
    }
}

/// Where the `PostgreSQL` engine comes from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Postgres {
    /// From the machine if it has a usable one, else from the package registry.
    #[default]
    Auto,
    /// From the package registry, whatever the machine has.
    Package,
    /// From this folder of binaries.
    Folder(PathBuf),
    /// Not at all.
    Without,
}

/// A part of the tests that can be run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Rust,
    /// The SDK for Python.
    Python,
    /// The SDK for JavaScript.
    JavaScript,
    Browser,
}

/// Which fuzz target to run, and for how long.
#[derive(Debug)]
pub(crate) struct FuzzOptions {
    pub(crate) target: Option<String>,
    pub(crate) seconds: u32,
}

/// Reads the whole command line.
pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Task> {
    let task = match parser.next().doing("read the command line")? {
        None | Some(Short('h') | Long("help")) => return Ok(Task::Help),
        Some(Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => return Err(misused(other.unexpected())),
    };
    match task.as_str() {
        "help" => finish(&mut parser, Task::Help),
        "layers" => finish(&mut parser, Task::Layers),
        "dependencies" => finish(&mut parser, Task::Dependencies),
        "test" => test(parser).map_err(misused).map(Task::Test),
        "with-postgres" => with_postgres(parser).map_err(misused),
        "fuzz" => fuzz(parser).map_err(misused).map(Task::Fuzz),
        "bench" => {
            let rest = parser.raw_args().doing("read the command line")?;
            Ok(Task::Bench(rest.collect()))
        }
        _ => Err(misused(format_args!("no chore is called {task}"))),
    }
}

/// Appends the usage to what was misunderstood.
fn misused(message: impl Display) -> Error {
    Error::new(format!("{message}\n\n{USAGE}"))
}

fn finish(parser: &mut lexopt::Parser, task: Task) -> Result<Task> {
    match parser.next().map_err(misused)? {
        None => Ok(task),
        Some(other) => Err(misused(other.unexpected())),
    }
}

fn test(mut parser: lexopt::Parser) -> std::result::Result<TestOptions, lexopt::Error> {
    let mut options = TestOptions::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("without-postgres") => options.postgres = Postgres::Without,
            Long("write-compatibility") => options.write_compatibility = true,
            Long("without-browser") => options.without_browser = true,
            Long("postgres") => {
                options.postgres = postgres(&parser.value()?.string()?);
            }
            Long("only") => options.only = Some(part(&parser.value()?.string()?)?),
            Long("sdk") => options.sdk = Some(parser.value()?.string()?),
            Short('k') => options.filter = Some(parser.value()?.string()?),
            other => return Err(other.unexpected()),
        }
    }
    if options.only == Some(Part::Browser) && (options.without_browser || options.sdk.is_some()) {
        return Err("--only browser goes with neither --without-browser nor --sdk".into());
    }
    if options.write_compatibility && !options.shows_the_whole_table() {
        return Err("--write-compatibility needs every SDK, every test and both engines".into());
    }
    Ok(options)
}

fn with_postgres(mut parser: lexopt::Parser) -> std::result::Result<Task, lexopt::Error> {
    let mut choice = Postgres::Auto;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("postgres") => choice = postgres(&parser.value()?.string()?),
            Value(program) => {
                let command = std::iter::once(program).chain(parser.raw_args()?).collect();
                return Ok(Task::WithPostgres(choice, command));
            }
            other => return Err(other.unexpected()),
        }
    }
    Err("with-postgres takes a command to run".into())
}

fn postgres(choice: &str) -> Postgres {
    match choice {
        "auto" => Postgres::Auto,
        "package" => Postgres::Package,
        folder => Postgres::Folder(folder.into()),
    }
}

fn part(name: &str) -> std::result::Result<Part, lexopt::Error> {
    match name {
        "rust" => Ok(Part::Rust),
        "python" => Ok(Part::Python),
        "javascript" => Ok(Part::JavaScript),
        "browser" => Ok(Part::Browser),
        _ => Err(format!("--only takes rust, python, javascript or browser, not {name}").into()),
    }
}

fn fuzz(mut parser: lexopt::Parser) -> std::result::Result<FuzzOptions, lexopt::Error> {
    let mut options = FuzzOptions { target: None, seconds: 60 };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seconds") => options.seconds = parser.value()?.parse()?,
            Value(target) if options.target.is_none() => options.target = Some(target.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Task> {
        parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn every_option_of_test_is_read() {
        let Task::Test(options) =
            parsed(&["test", "--without-postgres", "--only=python", "--sdk", "4.0.0", "-k", "ban"])
                .unwrap()
        else {
            panic!("another task");
        };
        assert_eq!(options.postgres, Postgres::Without);
        assert!(!options.without_browser);
        assert_eq!(options.only, Some(Part::Python));
        assert_eq!(options.sdk.as_deref(), Some("4.0.0"));
        assert_eq!(options.filter.as_deref(), Some("ban"));
    }

    #[test]
    fn the_browser_can_be_run_alone_or_left_out() {
        let options = |arguments: &[&str]| match parsed(arguments).unwrap() {
            Task::Test(options) => options,
            other => panic!("{other:?}"),
        };
        assert_eq!(options(&["test", "--only", "browser"]).only, Some(Part::Browser));
        let without = options(&["test", "--without-browser", "--write-compatibility"]);
        assert!(without.without_browser && without.write_compatibility);
    }

    #[test]
    fn arguments_of_bench_pass_through_untouched() {
        let Task::Bench(rest) = parsed(&["bench", "get", "--seconds", "3"]).unwrap() else {
            panic!("another task");
        };
        assert_eq!(rest, ["get", "--seconds", "3"]);
    }

    #[test]
    fn a_command_beside_postgres_keeps_its_own_options() {
        let Task::WithPostgres(choice, command) =
            parsed(&["with-postgres", "--postgres", "package", "ls", "--postgres", "-l"]).unwrap()
        else {
            panic!("another task");
        };
        assert_eq!(choice, Postgres::Package);
        assert_eq!(command, ["ls", "--postgres", "-l"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for arguments in [
            &["tset"][..],
            &["layers", "x"],
            &["with-postgres"],
            &["test", "--fast"],
            &["test", "--only", "go"],
            &["test", "--only", "browser", "--without-browser"],
            &["test", "--write-compatibility", "--sdk", "4.0.0"],
            &["test", "--write-compatibility", "--without-postgres"],
            &["fuzz", "--seconds", "many"],
        ] {
            assert!(parsed(arguments).is_err(), "{arguments:?}");
        }
    }
}
