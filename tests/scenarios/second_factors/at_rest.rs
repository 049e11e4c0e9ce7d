//! What of a second factor can be found in the store itself.

use rollbook_testkit::{Server, both};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;
use tokio_postgres::NoTls;

use super::authenticator::App;
use super::verify;
use crate::support::{id, path};

const ROWS: &str = "SELECT kind, COUNT(*) FROM credentials WHERE user_id = $1 \
                    GROUP BY kind ORDER BY kind";

/// Kind and number of the rows that hold the user's secrets, read past the server.
pub(super) async fn rows(server: &Server, user: &str) -> Vec<(String, i64)> {
    let Some(file) = server.database_file() else {
        let client = postgres(server).await;
        let rows = client.query(ROWS, &[&user]).await.expect("the rows");
        return rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    };
    let database =
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file");
    let mut statement = database.prepare(ROWS).expect("a statement");
    let rows = statement.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("the rows").map(|row| row.expect("a row")).collect()
}

async fn postgres(server: &Server) -> tokio_postgres::Client {
    let url = server.database_url().expect("a server on PostgreSQL");
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

/// All that the store holds: the file and its log, or every row of every table.
async fn everything(server: &Server) -> Vec<u8> {
    if let Some(file) = server.database_file() {
        let mut log = file.clone().into_os_string();
        log.push("-wal");
        let mut bytes = std::fs::read(&file).expect("the database file");
        let log = std::fs::read(log).expect("the log");
        assert!(!bytes.is_empty() && !log.is_empty());
        bytes.extend(log);
        return bytes;
    }
    let client = postgres(server).await;
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let mut bytes = Vec::new();
    for table in client.query(tables, &[]).await.expect("the tables") {
        let table: &str = table.get(0);
        let all = format!("SELECT t::text FROM \"{table}\" t");
        for row in client.query(&all, &[]).await.expect("the rows") {
            bytes.extend_from_slice(row.get::<_, &str>(0).as_bytes());
        }
    }
    bytes
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

both!(neither_seeds_nor_codes_lie_in_the_store_in_plain_text, async |server| {
    // Found nowhere else, for tests share one PostgreSQL database.
    let secret = "ONSWKZBAN5TCA5DIMUQHG5DPOJSSA5DFON2A";
    let hashed = "$2b$04$9d.YNxiO/7HGqg2bgjN3OOT8Lvn2PTDYMpWSFeurLqHwOWCdtxL6e";
    let app = App::new(secret);
    let body = json!({
        "username": "findable_name", "totp_secret": secret,
        "backup_codes": ["plain-backup-code-1", "plain-backup-code-2", hashed],
    });
    let user = id(&server.create_user(body).await);
    let client = server.client();
    let used = app.code(server.clock.now());
    verify(&client, &user, &used).send().await.ok();
    verify(&client, &user, "plain-backup-code-1").send().await.ok();
    let body = json!({ "totp_secret": secret, "backup_codes": ["plain-backup-code-3", hashed] });
    client.patch(&path(&user, "")).json(body).send().await.ok();
    verify(&client, &user, "kbdnh3wq").send().await.ok();

    let plain: [&[u8]; 5] = [
        secret.as_bytes(),
        app.key(),
        b"plain-backup-code",
        hashed.as_bytes(),
        b"9d.YNxiO/7HGqg2b",
    ];
    let found = |store: &[u8]| {
        let lower = secret.to_lowercase();
        let needles = plain.iter().copied().chain([lower.as_bytes()]);
        // PostgreSQL shows bytes as hexadecimal digits.
        needles
            .filter(|needle| holds(store, needle) || holds(store, hex(needle).as_bytes()))
            .map(|needle| String::from_utf8_lossy(needle).into_owned())
            .collect::<Vec<_>>()
    };
    let none: [String; 0] = [];
    let store = everything(server).await;
    assert!(holds(&store, b"findable_name"), "the search finds what is there");
    assert_eq!(found(&store), none);
    // Six digits may stand in any number, so only as a text of their own.
    assert!(!holds(&store, format!("\"{used}\"").as_bytes()));

    client.delete(&path(&user, "/mfa")).send().await.ok();
    assert_eq!(rows(server, &user).await, []);
    assert_eq!(found(&everything(server).await), none);
});

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}
