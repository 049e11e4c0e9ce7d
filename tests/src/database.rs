//! A PostgreSQL database for one test.

use std::env;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls};

const CLUSTER: &str = "ROLLBOOK_TEST_POSTGRES";
const WITHOUT: &str = "ROLLBOOK_TEST_WITHOUT_POSTGRES";

/// A database that is empty at first; dropping this drops it.
pub struct Database {
    /// Its address.
    pub url: String,
    name: String,
    admin: Client,
    runtime: Runtime,
}

impl Database {
    /// Makes one; `None` where the engine is left out on purpose.
    ///
    /// Without a cluster and without that word it panics, so that no test goes
    /// missing unseen.
    pub fn create(prefix: &str) -> Option<Self> {
        let Some(cluster) = variable(CLUSTER) else {
            assert!(
                variable(WITHOUT).is_some_and(|word| word == "1"),
                "no PostgreSQL to test on: run `cargo xtask test`, or beside this command \
                 `cargo xtask with-postgres`, which set {CLUSTER}; {WITHOUT}=1 leaves the engine \
                 out"
            );
            println!("skipped on PostgreSQL: {WITHOUT}=1 leaves the engine out");
            return None;
        };
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let (address, _) = cluster.rsplit_once('/').expect("an address ends with a name");
        let name = format!("{prefix}_{}", std::process::id());
        let url = format!("{address}/{name}");
        let connected = runtime.block_on(tokio_postgres::connect(&cluster, NoTls));
        let (admin, connection) = connected.expect("a PostgreSQL server that answers");
        runtime.spawn(connection);
        let database = Self { url, name, admin, runtime };
        database.execute(&format!("DROP DATABASE IF EXISTS {}", database.name));
        database.execute(&format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// Waits until no connection under this name is left, and with it no
    /// transaction whose client is gone but which may still be committed.
    #[track_caller]
    pub fn is_left_by(&self, application_name: &str) {
        let sql = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = $1 AND application_name = $2";
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let row = async { self.admin.query_one(sql, &[&self.name, &application_name]).await };
            let n: i64 = self.runtime.block_on(row).expect("the activity").get(0);
            if n == 0 {
                return;
            }
            assert!(Instant::now() < end, "{n} connections of {application_name} are left");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn execute(&self, sql: &str) {
        self.runtime.block_on(self.admin.batch_execute(sql)).expect("a statement");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = self.runtime.block_on(self.admin.batch_execute(&sql));
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how xtask tells tests where the servers are")]
    env::var(name).ok()
}
