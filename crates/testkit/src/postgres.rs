//! The one PostgreSQL database that all servers of a test process share.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use rollbook_store::PostgresSettings;
use tokio::sync::{OnceCell, oneshot};
use tokio_postgres::{Client, NoTls};

const CLUSTER: &str = "ROLLBOOK_TEST_POSTGRES";
const WITHOUT: &str = "ROLLBOOK_TEST_WITHOUT_POSTGRES";

/// How the names of such databases begin.
const PREFIX: &str = "rollbook_testkit_";

/// How to reach this process's database, which is made when first asked for.
///
/// `None` where the engine is left out on purpose; without a cluster and
/// without that word it panics, so that no half of a test goes missing unseen.
pub(crate) async fn settings() -> Option<PostgresSettings> {
    static URL: OnceCell<String> = OnceCell::const_new();

    let cluster = cluster()?;
    let url = URL.get_or_init(async || {
        sweep(&connect(&cluster).await).await;
        create(&cluster, &format!("{PREFIX}{}", std::process::id())).await
    });
    Some(modest(url.await.clone()))
}

/// How to reach a database of a test's own; a later process sweeps it away.
pub(crate) async fn empty() -> Option<PostgresSettings> {
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let cluster = cluster()?;
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("{PREFIX}{}_{n}", std::process::id());
    Some(modest(create(&cluster, &name).await))
}

fn modest(url: String) -> PostgresSettings {
    PostgresSettings {
        write_connections: 2,
        read_connections: 2,
        point_connections: 1,
        ..PostgresSettings::at(url)
    }
}

fn cluster() -> Option<String> {
    let Some(cluster) = variable(CLUSTER) else {
        assert!(
            variable(WITHOUT).is_some_and(|word| word == "1"),
            "no PostgreSQL to test on: run `cargo xtask test`, or beside this command \
             `cargo xtask with-postgres`, which set {CLUSTER}; {WITHOUT}=1 leaves the engine out"
        );
        println!("skipped on PostgreSQL: {WITHOUT}=1 leaves the engine out");
        return None;
    };
    Some(cluster)
}

/// Makes a database; answers its address.
async fn create(cluster: &str, name: &str) -> String {
    let (address, _) = cluster.rsplit_once('/').expect("a database's address ends with its name");
    let url = format!("{address}/{name}");
    let admin = connect(cluster).await;
    let sql = format!("CREATE DATABASE {name}");
    admin.batch_execute(&sql).await.expect("a database for the tests");
    hold(url.clone()).await;
    url
}

/// Drops what earlier processes left: a database that nobody is connected to.
async fn sweep(admin: &Client) {
    let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'rollbook\\_testkit\\_%'";
    for row in admin.query(sql, &[]).await.expect("the names of the databases") {
        let name: String = row.get(0);
        // One that is in use refuses, as it should.
        let _ = admin.batch_execute(&format!("DROP DATABASE {name}")).await;
    }
}

/// Stays connected until the process ends, so that no other process sweeps
/// the database away between two tests.
async fn hold(url: String) {
    let (held, holding) = oneshot::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let _client = connect(&url).await;
            let _ = held.send(());
            std::future::pending::<()>().await;
        });
    });
    holding.await.expect("a connection to the tests' database");
}

async fn connect(url: &str) -> Client {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.expect("a PostgreSQL server that answers");
    tokio::spawn(connection);
    client
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "how xtask tells tests where the servers are")]
    std::env::var(name).ok()
}
