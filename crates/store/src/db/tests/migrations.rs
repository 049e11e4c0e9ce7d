//! Opening stores of every age.

use crate::migrate::Migration;
use crate::scratch::{SCHEMA, Scratch, on_both_engines};
use crate::{Db, Error};

on_both_engines!(
    opening_again_changes_nothing,
    a_newer_store_is_refused_and_left_as_it_is,
    a_later_release_goes_on_where_the_earlier_stopped,
    a_step_that_fails_leaves_nothing_behind,
    of_servers_that_start_at_once_one_migrates,
);

const NEXT: Migration = Migration {
    text: "CREATE TABLE more_things (name {text} NOT NULL PRIMARY KEY);
           INSERT INTO more_things (name) VALUES ('made once')",
    sqlite: None,
};
const LATER: &[Migration] = &[SCHEMA[0], NEXT];
const BROKEN: &[Migration] = &[
    SCHEMA[0],
    Migration { text: "CREATE TABLE half_made (name TEXT); CREATE TABEL", sqlite: None },
];

async fn version(db: &Db) -> String {
    let version = db.read::<_, Error, _>(|conn| crate::meta::get(conn, "schema_version")).await;
    version.unwrap().unwrap()
}

async fn opening_again_changes_nothing(scratch: &Scratch) {
    scratch.insert("thing", 1).await;
    let again = Db::open_with(&scratch.settings, SCHEMA).await.unwrap();
    assert_eq!(version(&again).await, "1");
    assert_eq!(scratch.amount("thing").await, Some(1));
    again.close().await;
}

async fn a_newer_store_is_refused_and_left_as_it_is(scratch: &Scratch) {
    let later = Db::open_with(&scratch.settings, LATER).await.unwrap();
    let Err(error) = Db::open_with(&scratch.settings, SCHEMA).await else {
        panic!("an older release has opened a newer store")
    };
    assert!(matches!(error, Error::NewerStore { found: 2, known: 1 }), "{error:?}");
    assert_eq!(version(&later).await, "2");
    later.close().await;
}

async fn a_later_release_goes_on_where_the_earlier_stopped(scratch: &Scratch) {
    scratch.insert("thing", 1).await;
    let later = Db::open_with(&scratch.settings, LATER).await.unwrap();
    assert_eq!(version(&later).await, "2");
    assert_eq!(scratch.amount("thing").await, Some(1));
    later.close().await;
}

async fn a_step_that_fails_leaves_nothing_behind(scratch: &Scratch) {
    assert!(Db::open_with(&scratch.settings, BROKEN).await.is_err());
    assert_eq!(version(&scratch.db).await, "1");
    let found = scratch
        .db
        .read::<_, Error, _>(|conn| conn.query_text("SELECT name FROM half_made", &[]))
        .await;
    assert!(found.is_err(), "half of the step is there");
}

async fn of_servers_that_start_at_once_one_migrates(scratch: &Scratch) {
    let servers: Vec<_> = (0..4)
        .map(|_| {
            let settings = scratch.settings.clone();
            tokio::spawn(async move { Db::open_with(&settings, LATER).await })
        })
        .collect();
    for server in servers {
        let db = server.await.unwrap().unwrap();
        assert_eq!(version(&db).await, "2");
        db.close().await;
    }
}
