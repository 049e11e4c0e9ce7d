//! Atomicity, isolation and what follows a commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::scratch::{
    AMOUNT, COUNT, INSERT, INSERT_NEW, LOCK, SCHEMA, SET_AMOUNT, Scratch, insert, on_both_engines,
};
use crate::{Db, Error, Result};

on_both_engines!(
    a_failing_transaction_leaves_its_neighbours_alone,
    of_concurrent_inserts_of_one_key_exactly_one_wins,
    concurrent_changes_of_one_row_are_all_counted,
    a_panicking_transaction_is_an_error_and_the_store_goes_on,
    a_swallowed_failure_is_not_committed,
    what_follows_a_commit_runs_before_the_answer,
    what_follows_a_commit_runs_although_the_caller_has_gone,
    a_snapshot_does_not_see_later_commits,
    a_snapshot_cannot_write,
    an_answered_write_is_seen_by_every_later_read,
    closing_finishes_what_is_queued_and_refuses_the_rest,
    ping_answers,
);

async fn a_failing_transaction_leaves_its_neighbours_alone(scratch: &Scratch) {
    let tasks: Vec<_> = (0..120_i64)
        .map(|n| {
            let db = scratch.db.clone();
            tokio::spawn(async move {
                db.write(move |tx| {
                    insert(tx, &format!("thing {n}"), n)?;
                    if n % 3 == 0 {
                        return Err(Error::Misconfigured(n.to_string()));
                    }
                    Ok(n)
                })
                .await
            })
        })
        .collect();
    for (n, task) in (0..).zip(tasks) {
        match task.await.unwrap() {
            Ok(answer) => assert!(answer == n && n % 3 != 0),
            Err(error) => assert!(error.to_string() == n.to_string() && n % 3 == 0, "{error:?}"),
        }
        assert_eq!(scratch.amount(&format!("thing {n}")).await, (n % 3 != 0).then_some(n));
    }
    assert_eq!(scratch.count().await, 80);
}

async fn of_concurrent_inserts_of_one_key_exactly_one_wins(scratch: &Scratch) {
    for round in 0..10 {
        let tasks: Vec<_> = (0..8_i64)
            .map(|n| {
                let db = scratch.db.clone();
                tokio::spawn(async move {
                    db.write::<_, Error, _>(move |tx| {
                        tx.execute(&INSERT_NEW, &[format!("key {round}").into(), n.into()])
                    })
                    .await
                })
            })
            .collect();
        let mut winners = 0;
        for task in tasks {
            winners += task.await.unwrap().unwrap();
        }
        assert_eq!(winners, 1);
    }
    assert_eq!(scratch.count().await, 10);
}

async fn concurrent_changes_of_one_row_are_all_counted(scratch: &Scratch) {
    scratch.insert("sum", 0).await;
    let tasks: Vec<_> = (0..40)
        .map(|_| {
            let db = scratch.db.clone();
            tokio::spawn(async move {
                db.write::<_, Error, _>(|tx| {
                    let row = tx.query_one(&LOCK, &["sum".into()])?;
                    let amount = row.map_or(Ok(0), |row| row.int(0))?;
                    tx.execute(&SET_AMOUNT, &["sum".into(), (amount + 1).into()])
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(scratch.amount("sum").await, Some(40));
}

async fn a_panicking_transaction_is_an_error_and_the_store_goes_on(scratch: &Scratch) {
    // More than there are threads, so that none of them may have died.
    for _ in 0..10 {
        let answer: Result<()> = scratch
            .db
            .write(|tx| {
                insert(tx, "half", 1)?;
                panic!("as a test");
            })
            .await;
        assert!(matches!(answer, Err(Error::Internal { .. })), "{answer:?}");
        let answer: Result<()> = scratch.db.read(|_| panic!("as a test")).await;
        assert!(matches!(answer, Err(Error::Internal { .. })), "{answer:?}");
    }
    assert_eq!(scratch.amount("half").await, None);
    scratch.insert("whole", 2).await;
    assert_eq!(scratch.amount("whole").await, Some(2));
}

async fn a_swallowed_failure_is_not_committed(scratch: &Scratch) {
    scratch.insert("taken", 1).await;
    let answer: Result<()> = scratch
        .db
        .write(|tx| {
            insert(tx, "other", 2)?;
            let failure = tx.execute(&INSERT, &["taken".into(), 3.into()]);
            assert!(failure.is_err());
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(Error::Internal { .. })), "{answer:?}");
    assert_eq!(scratch.count().await, 1);
}

async fn what_follows_a_commit_runs_before_the_answer(scratch: &Scratch) {
    let ran = Arc::new(AtomicI64::new(0));
    for n in 1..20 {
        let seen = Arc::clone(&ran);
        let answer: Result<()> = scratch
            .db
            .write(move |tx| {
                let seen = Arc::clone(&seen);
                insert(tx, &format!("thing {n}"), n)?;
                tx.on_commit(move || seen.store(n, Ordering::SeqCst));
                if n % 2 == 0 { Err(Error::Conflict) } else { Ok(()) }
            })
            .await;
        assert_eq!(answer.is_ok(), n % 2 == 1);
        // After a rollback it is still the one before.
        assert_eq!(ran.load(Ordering::SeqCst), n - i64::from(n % 2 == 0));
    }
}

async fn what_follows_a_commit_runs_although_the_caller_has_gone(scratch: &Scratch) {
    let (started, has_started) = tokio::sync::oneshot::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (committed, has_committed) = tokio::sync::oneshot::channel();
    let (mut started, mut committed) = (Some(started), Some(committed));
    let db = scratch.db.clone();
    let caller = tokio::spawn(async move {
        db.write::<_, Error, _>(move |tx| {
            insert(tx, "thing", 1)?;
            if let (Some(started), Some(committed)) = (started.take(), committed.take()) {
                started.send(()).unwrap();
                may_go_on.recv().unwrap();
                tx.on_commit(move || committed.send(()).unwrap());
            }
            Ok(())
        })
        .await
    });
    has_started.await.unwrap();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    go_on.send(()).unwrap();
    has_committed.await.unwrap();
    assert_eq!(scratch.amount("thing").await, Some(1));
}

async fn a_snapshot_does_not_see_later_commits(scratch: &Scratch) {
    scratch.insert("first", 1).await;
    let (read, has_read) = tokio::sync::oneshot::channel();
    let (written, is_written) = mpsc::channel::<()>();
    let mut read = Some(read);
    let db = scratch.db.clone();
    let reader = tokio::spawn(async move {
        db.read::<_, Error, _>(move |conn| {
            let before = conn.query_one(&COUNT, &[])?.map_or(Ok(-1), |row| row.int(0))?;
            read.take().unwrap().send(()).unwrap();
            is_written.recv_timeout(Duration::from_secs(20)).unwrap();
            let after = conn.query_one(&COUNT, &[])?.map_or(Ok(-1), |row| row.int(0))?;
            Ok((before, after))
        })
        .await
    });
    has_read.await.unwrap();
    scratch.insert("second", 2).await;
    written.send(()).unwrap();
    assert_eq!(reader.await.unwrap().unwrap(), (1, 1));
    assert_eq!(scratch.count().await, 2);
}

async fn a_snapshot_cannot_write(scratch: &Scratch) {
    let answer: Result<()> = scratch.db.read(|conn| insert(conn, "thing", 1)).await;
    assert!(answer.is_err());
    assert_eq!(scratch.count().await, 0);
}

async fn an_answered_write_is_seen_by_every_later_read(scratch: &Scratch) {
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let db = scratch.db.clone();
            tokio::spawn(async move {
                for n in 0..25 {
                    let name = format!("{task}/{n}");
                    let written = name.clone();
                    db.write(move |tx| insert(tx, &written, n)).await.unwrap();
                    let row = db.one(&AMOUNT, &[(&name).into()]).await.unwrap();
                    assert_eq!(row.unwrap().int(0).unwrap(), n);
                    let row = db
                        .read::<_, Error, _>(move |conn| conn.query_one(&AMOUNT, &[(&name).into()]))
                        .await;
                    assert!(row.unwrap().is_some());
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn closing_finishes_what_is_queued_and_refuses_the_rest(scratch: &Scratch) {
    let ran = Arc::new(AtomicU32::new(0));
    let tasks: Vec<_> = (0..60_i64)
        .map(|n| {
            let (db, ran) = (scratch.db.clone(), Arc::clone(&ran));
            tokio::spawn(async move {
                db.write(move |tx| {
                    ran.fetch_add(1, Ordering::SeqCst);
                    insert(tx, &format!("thing {n}"), n)
                })
                .await
            })
        })
        .collect();
    while ran.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    scratch.db.clone().close().await;
    let mut written = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => written += 1,
            Err(error) => assert!(error.is_unavailable(), "{error:?}"),
        }
    }
    assert!(written > 0);
    let answer = scratch.db.write(|tx| insert(tx, "late", 1)).await;
    assert!(answer.unwrap_err().is_unavailable());
    let again = Db::open_with(&scratch.settings, SCHEMA).await.unwrap();
    let row = again.one(&COUNT, &[]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), written);
    again.close().await;
}

async fn ping_answers(scratch: &Scratch) {
    scratch.db.ping().await.unwrap();
}
