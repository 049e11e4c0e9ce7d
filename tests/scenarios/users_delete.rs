//! `DELETE /v1/users/{id}`

use std::path::Path;

use rollbook_testkit::{Server, both};
use serde_json::{Value, json};

use crate::support::{
    PASSWORD, TOTP_SECRET, add_account, add_passkey, add_ticket, connect, id, join, path, picture,
    sign_in, someone, text,
};

fn full() -> Value {
    json!({
        "username": "adaada", "email_address": ["a@example.com"], "phone_number": ["+15555550100"],
        "web3_wallet": ["11111111111111111111111111111111"], "external_id": "crm-7",
        "password": PASSWORD, "totp_secret": TOTP_SECRET, "backup_codes": ["one", "two"],
    })
}

both!(a_deleted_user_is_gone_and_deleting_again_finds_nothing, async |server| {
    let user = id(&server.create_user(full()).await);
    let client = server.client();
    let answer = client.delete(&path(&user, "")).send().await.ok();
    assert_eq!(
        answer,
        json!({ "object": "user", "id": user, "deleted": true, "external_id": "crm-7" })
    );
    client.delete(&path(&user, "")).send().await.refused(404, &[("resource_not_found", "")]);
    client.get(&path(&user, "")).send().await.refused(404, &[("resource_not_found", "")]);
    assert_eq!(client.get("/v1/users").send().await.ok(), json!([]));
    assert_eq!(client.get("/v1/users/count").send().await.ok()["total_count"], 0);

    let mut events = server.outbox().await;
    events.retain(|event| event.kind == "user.deleted");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].subject_id, user);
    let data: Value = serde_json::from_str(&events[0].data).expect("JSON");
    assert_eq!(data, answer);
});

both!(without_an_external_id_the_answer_has_none, async |server| {
    let user = someone(server, "adaada").await;
    let answer = server.client().delete(&path(&user, "")).send().await.ok();
    assert_eq!(answer, json!({ "object": "user", "id": user, "deleted": true }));
});

both!(the_identifiers_of_a_deleted_user_are_free_again, async |server| {
    for _ in 0..3 {
        let user = id(&server.create_user(full()).await);
        connect(server, &user, "oauth_google", "g-1").await;
        server.client().delete(&path(&user, "")).send().await.ok();
    }
});

/// How many rows of each table but the outbox mention the user.
async fn rows_of(server: &Server, user: &str) -> Vec<(String, i64)> {
    let tables = match (server.database_file(), server.database_url()) {
        (Some(file), _) => sqlite_rows_of(&file, user),
        (None, Some(url)) => postgres_rows_of(url, user).await,
        (None, None) => Vec::new(),
    };
    assert!(tables.len() >= 6, "{tables:?}");
    tables
}

fn sqlite_rows_of(file: &Path, user: &str) -> Vec<(String, i64)> {
    let db = rusqlite::Connection::open(file).expect("the database opens");
    let tables: Vec<String> = db
        .prepare(
            "SELECT m.name FROM sqlite_master AS m WHERE m.type = 'table' AND m.name <> 'outbox' \
             AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'user_id')",
        )
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .expect("the tables");
    let count = |table: &String| {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = ?1");
        db.query_row(&sql, [user], |row| row.get(0)).expect("a count")
    };
    tables.iter().map(|table| (table.clone(), count(table))).collect()
}

async fn postgres_rows_of(url: &str, user: &str) -> Vec<(String, i64)> {
    let (db, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    let sql = "SELECT table_name::TEXT FROM information_schema.columns \
               WHERE table_schema = 'public' AND column_name = 'user_id'";
    let mut tables = Vec::new();
    for row in db.query(sql, &[]).await.expect("the tables") {
        let table: String = row.get(0);
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE user_id = $1");
        let count = db.query_one(&sql, &[&user]).await.expect("a count").get(0);
        tables.push((table, count));
    }
    tables
}

both!(nothing_of_a_deleted_user_is_left_in_any_table, async |server| {
    let user = server.create_user(full()).await;
    let address = text(&user["email_addresses"][0]["id"]).to_owned();
    let user = id(&user);
    let code = format!("/v1/email_addresses/{address}/prepare_verification");
    server.client().post(&code).send().await.ok();
    sign_in(server, &user).await;
    join(server, "org_1", &user).await;
    add_account(server, &user).await;
    add_passkey(server, &user).await;
    add_ticket(server, &user).await;
    let upload = picture(8, 8, image::ImageFormat::Png);
    server.client().post(&path(&user, "/profile_image")).file("file", &upload).send().await.ok();
    for (table, rows) in rows_of(server, &user).await {
        assert!(rows > 0, "the scenario must put something into {table}");
    }
    server.client().delete(&path(&user, "")).send().await.ok();
    for (table, rows) in rows_of(server, &user).await {
        assert_eq!(rows, 0, "{table}");
    }
});

both!(of_two_deletions_at_once_one_finds_the_user, async |server| {
    for round in 0..5 {
        let user = someone(server, &format!("user_{round}")).await;
        let client = server.client();
        let [one, two] = [(); 2].map(|()| tokio::spawn(client.delete(&path(&user, "")).send()));
        let mut statuses = [one.await.expect("sent").status, two.await.expect("sent").status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 404]);
    }
    let deleted = server.events().await.iter().filter(|(kind, _)| kind == "user.deleted").count();
    assert_eq!(deleted, 5);
});
