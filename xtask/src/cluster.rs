//! A `PostgreSQL` cluster for one run of the tests: own folder, own port, own process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::arguments::Postgres;
use crate::error::{Doing, Error, Result};
use crate::postgres::{self, Binaries};
use crate::process::{self, free_port, output};
use crate::supervised::{Account, Supervised};

/// The role that the tests connect as; it may do anything in this cluster.
const ROLE: &str = "rollbook";
const READY_WITHIN: Duration = Duration::from_mins(1);

/// Fails, and with it the command, on an installation without the trigram
/// extension, which Debian for one ships in a package of its own.
const NEEDS_TRIGRAMS: &str =
    "SELECT 1 / count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'\n";

/// What a test server can do without: nothing here survives the run, so a
/// crash may lose it all. The statements and their isolation are the same.
const NOT_DURABLE: &[&str] = &["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// A running cluster; dropping it stops it and deletes its folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    /// A `postgres://` address of its maintenance database.
    pub(crate) url: String,
    /// For the table: the release.
    pub(crate) release: u32,
    /// Where its programs lie.
    pub(crate) binaries: PathBuf,
    _server: Supervised,
}

impl Cluster {
    /// Starts one from the first binaries that work; none when the caller
    /// wants to go without.
    pub(crate) fn start(choice: &Postgres, target: &Path, logs: &Path) -> Result<Option<Self>> {
        if *choice == Postgres::Without {
            return Ok(None);
        }
        let mut refused = Vec::new();
        for binaries in postgres::candidates(choice, target)? {
            match Self::from_binaries(&binaries, logs) {
                Ok(cluster) => return Ok(Some(cluster)),
                Err(error) => refused.push(format!("{}: {error}", binaries.folder.display())),
            }
        }
        if *choice == Postgres::Auto {
            println!("taking PostgreSQL from its Python package");
            let package = postgres::from_package(target);
            match package.and_then(|package| Self::from_binaries(&package, logs)) {
                Ok(cluster) => return Ok(Some(cluster)),
                Err(error) => refused.push(format!("the package: {error}")),
            }
        }
        Err(Error::new(format!(
            "no PostgreSQL to test on; install one (release 15 or later, with pg_trgm), \
             or leave the engine out with --without-postgres:\n  {}",
            refused.join("\n  ")
        )))
    }

    fn from_binaries(binaries: &Binaries, logs: &Path) -> Result<Self> {
        let account = unprivileged()?;
        let folder = tempfile::Builder::new()
            .prefix("rollbook-postgres-")
            .tempdir()
            .doing("make a temporary folder")?;
        let mut binaries = binaries.clone();
        if let Some(Account { user, group }) = account {
            if binaries.release(account).is_err()
                && let Some(copy) = postgres::copy(&binaries, folder.path())?
            {
                binaries = copy;
            }
            let owner = format!("{user}:{group}");
            output(Command::new("chown").args(["-R", &owner]).arg(folder.path()))?;
        }
        let release = binaries.release(account)?;
        postgres::check_release(release)?;
        let cluster = Setup { binaries, account, folder };
        cluster.initialise()?;
        cluster.check_extension()?;
        cluster.serve(release, logs)
    }
}

struct Setup {
    binaries: Binaries,
    account: Option<Account>,
    folder: TempDir,
}

impl Setup {
    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.binaries.folder.join(name));
        command.current_dir(self.folder.path());
        if let Some(account) = self.account {
            account.assume(&mut command);
        }
        command
    }

    /// Trigrams of letters beyond ASCII need a locale that knows them, and
    /// not every system has the first choice.
    fn initialise(&self) -> Result<()> {
        self.initialise_in("C.UTF-8").or_else(|_| self.initialise_in("C"))
    }

    fn initialise_in(&self, locale: &str) -> Result<()> {
        let mut initdb = self.command("initdb");
        initdb
            .arg("--pgdata")
            .arg(self.data())
            .args(["--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"])
            .args([format!("--username={ROLE}"), format!("--locale={locale}")]);
        output(&mut initdb).map(drop)
    }

    fn check_extension(&self) -> Result<()> {
        let question = self.folder.path().join("question.sql");
        fs::write(&question, NEEDS_TRIGRAMS).doing("write a file")?;
        let mut single = self.command("postgres");
        single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(self.data()).arg("postgres");
        single.stdin(fs::File::open(&question).doing("read a file")?);
        let status =
            single.stdout(Stdio::null()).stderr(Stdio::null()).status().doing("start postgres")?;
        if status.success() {
            return Ok(());
        }
        Err(Error::new("it lacks the extension pg_trgm"))
    }

    fn serve(self, release: u32, logs: &Path) -> Result<Cluster> {
        let port = free_port()?;
        let log = logs.join("postgres.log");
        fs::create_dir_all(logs).doing(format_args!("make {}", logs.display()))?;
        let file = fs::File::create(&log).doing(format_args!("write {}", log.display()))?;
        let data = self.data();
        let mut server = self.command("postgres");
        server.arg("-D").arg(&data).args(["-p", &port.to_string()]);
        let settings =
            ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300"];
        for setting in settings.iter().chain(NOT_DURABLE) {
            server.args(["-c", setting]);
        }
        // From here on the watch deletes the folder.
        let folder = self.folder.keep();
        let mut server =
            Supervised::start("PostgreSQL", &server, &folder, "INT", self.account, file)?;
        server
            .wait_until_ready(READY_WITHIN, || is_ready(&data))
            .map_err(|error| Error::new(format!("{error}; see {}", log.display())))?;
        Ok(Cluster {
            url: format!("postgres://{ROLE}@127.0.0.1:{port}/postgres"),
            release,
            binaries: self.binaries.folder,
            _server: server,
        })
    }
}

/// The server notes its state in line 8 of the file that holds its process id.
fn is_ready(data: &Path) -> bool {
    let noted = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    noted.lines().nth(7).is_some_and(|state| state.trim() == "ready")
}

/// Who to be when we are root, whom `PostgreSQL` refuses to serve.
fn unprivileged() -> Result<Option<Account>> {
    if !process::is_root()? {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        let id = |what| -> Option<u32> {
            output(Command::new("id").args([what, name])).ok()?.trim().parse().ok()
        };
        if let (Some(user @ 1..), Some(group)) = (id("-u"), id("-g")) {
            return Ok(Some(Account { user, group }));
        }
    }
    Err(Error::new("root may not run PostgreSQL, and there is no user postgres or nobody"))
}
