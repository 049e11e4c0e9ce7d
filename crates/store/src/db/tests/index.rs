//! Index rows that an older release has derived.

use rollbook_domain::{Instance, Settings, User};
use rollbook_wire::Id;
use serde_json::json;

use crate::migrate::MIGRATIONS;
use crate::scratch::Scratch;
use crate::{Conn, Error, instances, users};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn user(n: usize) -> User {
    let address = json!({
        "id": format!("idn_{n}"), "value": format!("a{n}@example.com"), "proof": "admin",
        "created_at": 1, "updated_at": 1,
    });
    serde_json::from_value(json!({
        "id": format!("user_{n}"), "email_addresses": [address], "delete_self_enabled": true,
        "create_organization_enabled": true, "created_at": 1, "updated_at": 1,
    }))
    .unwrap()
}

fn problems(conn: &mut Conn<'_>, instance: &Id) -> Result<usize, Error> {
    let rows = users::rows_after(conn, instance, "", 1000)?;
    let mut found = 0;
    for row in &rows {
        found += usize::from(users::check_index(conn, instance, row)?.is_some());
    }
    Ok(found)
}

/// More users than fit into one transaction.
const N_USERS: usize = 450;

async fn a_store_of_an_older_release_is_indexed_anew_once(scratch: &Scratch) {
    let instance = Instance {
        id: id("ins_1"),
        name: String::new(),
        environment: rollbook_domain::Environment::Development,
        settings: Settings::default(),
        created_at: 1,
        updated_at: 1,
    };
    scratch
        .db
        .write::<_, Error, _>(move |tx| {
            instances::insert(tx, &instance)?;
            for n in 0..N_USERS {
                users::insert(tx, &instance.id, &user(n))?.unwrap();
            }
            // As the release before left it.
            tx.execute_batch("DELETE FROM user_keys")?;
            tx.execute_batch("UPDATE users SET search = ''")
        })
        .await
        .unwrap();
    let count = || scratch.db.read(|conn| problems(conn, &id("ins_1")));
    assert_eq!(count().await.unwrap(), N_USERS);

    users::rebuild(&scratch.db).await.unwrap();
    assert_eq!(count().await.unwrap(), 0);
    let owner = users::owner(&scratch.db, &id("ins_1"), &id("idn_7")).await.unwrap();
    assert_eq!(owner, Some(id("user_7")));

    // What is of this release is left alone.
    scratch.db.write(|tx| tx.execute_batch("DELETE FROM user_keys")).await.unwrap();
    users::rebuild(&scratch.db).await.unwrap();
    assert_eq!(count().await.unwrap(), N_USERS);
}

#[tokio::test]
async fn a_store_of_an_older_release_is_indexed_anew_once_on_sqlite() {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    a_store_of_an_older_release_is_indexed_anew_once(&scratch).await;
    scratch.end().await;
}

#[tokio::test]
async fn a_store_of_an_older_release_is_indexed_anew_once_on_postgres() {
    let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
    a_store_of_an_older_release_is_indexed_anew_once(&scratch).await;
    scratch.end().await;
}
