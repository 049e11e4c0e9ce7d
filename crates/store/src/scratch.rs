//! Stores for tests: one body for both engines.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::migrate::Migration;
use crate::{Conn, Db, Error, PostgresSettings, SqliteSettings, StoreSettings, statements};

pub(crate) const SCHEMA: &[Migration] = &[Migration {
    text: "CREATE TABLE things (
               name   {text} NOT NULL PRIMARY KEY,
               amount {bigint} NOT NULL,
               data   {bytes},
               note   {text}
           );
           {trigram things note}",
    sqlite: None,
}];

statements! {
    INSERT = "INSERT INTO things (name, amount) VALUES ($1, $2)";
    INSERT_NEW = "INSERT INTO things (name, amount) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    AMOUNT = "SELECT amount FROM things WHERE name = $1";
    COUNT = "SELECT COUNT(*) FROM things";
    LOCK = "SELECT amount FROM things WHERE name = $1 {for_update}";
    SET_AMOUNT = "UPDATE things SET amount = $2 WHERE name = $1";
}

/// Runs each body on both engines; PostgreSQL where a test cluster is given.
macro_rules! on_both_engines {
    ($($body:ident),+ $(,)?) => {
        $(
            mod $body {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    let scratch = $crate::scratch::Scratch::sqlite().await;
                    super::$body(&scratch).await;
                    scratch.end().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    let Some(scratch) = $crate::scratch::Scratch::postgres().await else { return };
                    super::$body(&scratch).await;
                    scratch.end().await;
                }
            }
        )+
    };
}
pub(crate) use on_both_engines;

/// A store of its own for one test.
pub(crate) struct Scratch {
    pub(crate) db: Db,
    pub(crate) settings: StoreSettings,
    /// Where to drop the database, and its name.
    server: Option<(String, String)>,
    _folder: Option<tempfile::TempDir>,
}

impl Scratch {
    pub(crate) async fn sqlite() -> Self {
        Self::sqlite_with(SCHEMA).await
    }

    pub(crate) async fn sqlite_with(schema: &'static [Migration]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let settings = StoreSettings::Sqlite(SqliteSettings::at(path));
        let db = Db::open_with(&settings, schema).await.unwrap();
        Self { db, settings, server: None, _folder: Some(folder) }
    }

    /// A database of its own on the cluster that `ROLLBOOK_TEST_POSTGRES` names.
    pub(crate) async fn postgres() -> Option<Self> {
        Self::postgres_with(SCHEMA).await
    }

    pub(crate) async fn postgres_with(schema: &'static [Migration]) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);

        let Some(server) = std::env::var_os("ROLLBOOK_TEST_POSTGRES") else {
            println!("skipped: ROLLBOOK_TEST_POSTGRES names no cluster");
            return None;
        };
        let server = server.into_string().unwrap();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rollbook_store_{}_{count}", std::process::id());
        administer(&server, &format!("CREATE DATABASE {name}")).await;
        let (address, _) = server.rsplit_once('/').unwrap();
        let settings = StoreSettings::Postgres(PostgresSettings {
            write_connections: 4,
            read_connections: 2,
            ..PostgresSettings::at(format!("{address}/{name}"))
        });
        let db = Db::open_with(&settings, schema).await.unwrap();
        Some(Self { db, settings, server: Some((server, name)), _folder: None })
    }

    pub(crate) async fn end(self) {
        self.db.close().await;
        if let Some((server, name)) = self.server {
            administer(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Inserts a thing and waits for the commit.
    pub(crate) async fn insert(&self, name: &str, amount: i64) {
        let name = name.to_owned();
        let done = self.db.write(move |tx| insert(tx, &name, amount)).await;
        done.unwrap();
    }

    pub(crate) async fn amount(&self, name: &str) -> Option<i64> {
        let row = self.db.one(&AMOUNT, &[name.into()]).await.unwrap();
        row.map(|row| row.int(0).unwrap())
    }

    pub(crate) async fn count(&self) -> i64 {
        self.db.one(&COUNT, &[]).await.unwrap().unwrap().int(0).unwrap()
    }
}

pub(crate) fn insert(tx: &mut Conn<'_>, name: &str, amount: i64) -> Result<(), Error> {
    tx.execute(&INSERT, &[name.into(), amount.into()]).map(drop)
}

async fn administer(server: &str, sql: &str) {
    let (client, connection) =
        tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}
