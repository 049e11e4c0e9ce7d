//! What only a server does: deadlocks, lost connections, extensions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::scratch::{LOCK, SET_AMOUNT, Scratch, insert};
use crate::{Conn, Db, Error, PostgresSettings, Result, StoreSettings};

const OTHERS: &str = "SELECT CAST(pg_terminate_backend(pid) AS TEXT) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

fn exchange(tx: &mut Conn<'_>, first: &str, second: &str) -> Result<()> {
    tx.query_one(&LOCK, &[first.into()])?;
    // Long enough for the other to hold what this one wants.
    std::thread::sleep(Duration::from_millis(300));
    let row = tx.query_one(&LOCK, &[second.into()])?;
    let amount = row.map_or(Ok(0), |row| row.int(0))?;
    tx.execute(&SET_AMOUNT, &[second.into(), (amount + 1).into()])?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_broken_and_both_succeed() {
    let Some(scratch) = Scratch::postgres().await else { return };
    scratch.insert("a", 0).await;
    scratch.insert("b", 0).await;
    let runs = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = [("a", "b"), ("b", "a")]
        .into_iter()
        .map(|(first, second)| {
            let (db, runs) = (scratch.db.clone(), Arc::clone(&runs));
            tokio::spawn(async move {
                db.write(move |tx| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    exchange(tx, first, second)
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert!(runs.load(Ordering::SeqCst) > 2, "there was no deadlock");
    assert_eq!((scratch.amount("a").await, scratch.amount("b").await), (Some(1), Some(1)));
    scratch.end().await;
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_replaced_and_the_transaction_runs_again() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let mut runs = 0;
    let answer = scratch
        .db
        .write(move |tx| {
            runs += 1;
            insert(tx, "thing", runs)?;
            if runs == 1 {
                tx.query_text("SELECT pg_terminate_backend(pg_backend_pid())", &[])?;
            }
            Ok::<_, Error>(runs)
        })
        .await;
    assert_eq!(answer.unwrap(), 2);
    assert_eq!(scratch.amount("thing").await, Some(2));
    scratch.end().await;
}

#[tokio::test]
async fn idle_connections_that_the_server_has_closed_are_replaced() {
    let Some(scratch) = Scratch::postgres().await else { return };
    for n in 0..8 {
        scratch.insert(&n.to_string(), n).await;
        assert_eq!(scratch.amount(&n.to_string()).await, Some(n));
    }
    let closed: Result<()> = scratch.db.write(|tx| tx.query_text(OTHERS, &[]).map(drop)).await;
    closed.unwrap();
    for n in 0..8 {
        assert_eq!(scratch.amount(&n.to_string()).await, Some(n));
        scratch.insert(&format!("again {n}"), n).await;
    }
    scratch.end().await;
}

#[tokio::test]
async fn a_conflict_that_the_closure_reports_runs_it_again() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let mut runs = 0;
    let answer = scratch
        .db
        .write(move |tx| {
            runs += 1;
            insert(tx, "thing", runs)?;
            if runs < 3 { Err(tx.conflict()) } else { Ok(()) }
        })
        .await;
    answer.unwrap();
    assert_eq!(scratch.amount("thing").await, Some(3));

    let never: Result<()> = scratch.db.write(|tx| Err(tx.conflict())).await;
    assert!(never.unwrap_err().is_unavailable());
    scratch.end().await;
}

#[tokio::test]
async fn a_plan_outdated_by_a_migration_is_made_anew() {
    let Some(scratch) = Scratch::postgres().await else { return };
    scratch.insert("thing", 1).await;
    for round in 0..2 {
        // Every thread of the pool has prepared it by then.
        for _ in 0..12 {
            let read = scratch.db.read::<_, Error, _>(|conn| {
                conn.query_text("SELECT * FROM things WHERE name = $1", &["thing".into()])
            });
            assert!(read.await.unwrap()[0].int(4 + round).is_err());
        }
        let changed: Result<()> = scratch
            .db
            .write(move |tx| {
                tx.execute_batch(&format!("ALTER TABLE things ADD COLUMN extra_{round} BIGINT"))
            })
            .await;
        changed.unwrap();
    }
    scratch.end().await;
}

#[tokio::test]
async fn substring_search_has_an_index_where_the_extension_is_to_be_had() {
    let Some(scratch) = Scratch::postgres().await else { return };
    let found = scratch
        .db
        .read::<_, Error, _>(|conn| {
            let available = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'";
            let indexed = "SELECT 1 WHERE to_regclass('things_note_trigrams') IS NOT NULL";
            Ok((conn.query_text(available, &[])?.len(), conn.query_text(indexed, &[])?.len()))
        })
        .await;
    let (available, indexed) = found.unwrap();
    assert_eq!(available, indexed);
    scratch.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // Port 1 of this machine: nobody listens there.
    let url = "postgres://nobody@127.0.0.1:1/none";
    let opened = Db::open(&StoreSettings::Postgres(PostgresSettings::at(url))).await;
    assert!(matches!(opened.err(), Some(Error::Unavailable(_))));
}
