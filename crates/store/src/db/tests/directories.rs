//! Directories that have no room, or that another process has overtaken.

use std::time::Duration;

use rollbook_domain::{Environment, Instance, Order, Page, Settings, User, UserFilter};
use rollbook_wire::Id;
use serde_json::json;

use crate::migrate::MIGRATIONS;
use crate::scratch::Scratch;
use crate::{Db, Error, instances, users};

/// Room for the directories of these tests, and for none.
const ROOM: usize = 64 << 20;
const NO_ROOM: usize = 1;

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn user(n: usize) -> User {
    serde_json::from_value(json!({
        "id": format!("user_{n}"), "username": format!("name_{n}"), "delete_self_enabled": true,
        "create_organization_enabled": true, "created_at": n, "updated_at": n,
    }))
    .unwrap()
}

async fn with_users(n_users: usize) -> Scratch {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    let instance = Instance {
        id: id("ins_1"),
        name: String::new(),
        environment: Environment::Development,
        settings: Settings::default(),
        created_at: 1,
        updated_at: 1,
    };
    let made = scratch.db.write::<_, Error, _>(move |tx| {
        instances::insert(tx, &instance)?;
        (0..n_users).try_for_each(|n| users::insert(tx, &instance.id, &user(n)).map(Result::unwrap))
    });
    made.await.unwrap();
    scratch
}

async fn add(db: &Db, n: usize) {
    let added = db.write(move |tx| users::insert(tx, &id("ins_1"), &user(n)));
    added.await.unwrap().unwrap();
}

async fn keep(db: &Db, most_bytes: usize) {
    db.keep_directories(most_bytes).unwrap();
    while !db.is_warm() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// What a list of all and a count say.
async fn listed(db: &Db) -> (Vec<String>, i64) {
    let page = Page { order: Order::NEWEST, limit: 500, offset: 0, starting_after: None };
    let (instance, filter) = (id("ins_1"), UserFilter::default());
    let users = users::page(db, &instance, &filter, &page).await.unwrap().unwrap();
    let names = users.iter().map(|stored| stored.user.id.to_string()).collect();
    (names, users::count(db, &instance, &filter).await.unwrap())
}

fn newest_first(n_users: usize) -> (Vec<String>, i64) {
    let names = (0..n_users).rev().map(|n| format!("user_{n}")).collect();
    (names, i64::try_from(n_users).unwrap())
}

/// As a store of a release before that counted no changes.
async fn forget_changes(db: &Db) {
    db.write(|tx| tx.execute_batch("DELETE FROM user_changes")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_users_do_not_fit_lists_come_from_sql() {
    let scratch = with_users(5).await;
    let db = &scratch.db;
    forget_changes(db).await;
    keep(db, NO_ROOM).await;
    assert_eq!(listed(db).await, newest_first(5));
    // The first change that is counted is not the first user.
    for n in 5..8 {
        add(db, n).await;
        assert_eq!(listed(db).await, newest_first(n + 1));
    }
    assert_eq!(db.directory_stats().n_answered, 0);
    scratch.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_wrote_is_seen_at_once() {
    let scratch = with_users(5).await;
    let db = &scratch.db;
    keep(db, ROOM).await;
    assert_eq!(listed(db).await, newest_first(5));
    assert_eq!(db.directory_stats().n_missed, 0);
    // Another process counts its change, of which the directory here hears nothing.
    let other = db.write(|tx| {
        users::insert(tx, &id("ins_1"), &user(5)).map(Result::unwrap)?;
        drop(tx.take_notes());
        tx.execute_batch("UPDATE user_changes SET version = version + 1")
    });
    other.await.unwrap();
    assert_eq!(listed(db).await, newest_first(6));
    // Whether users are read anew before or after this, none is missing.
    add(db, 6).await;
    assert_eq!(listed(db).await, newest_first(7));
    let n_answered = db.directory_stats().n_answered;
    while db.directory_stats().n_answered == n_answered {
        assert_eq!(listed(db).await, newest_first(7));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    scratch.end().await;
}
