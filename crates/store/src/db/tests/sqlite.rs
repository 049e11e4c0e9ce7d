//! What only the embedded engine does: group commit, its log, its files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::scratch::{COUNT, SCHEMA, Scratch, insert};
use crate::{DatabaseUrl, Db, Error, SqliteSettings, StoreSettings};

fn path(scratch: &Scratch) -> PathBuf {
    match &scratch.settings {
        StoreSettings::Sqlite(settings) => settings.path.clone().unwrap(),
        StoreSettings::Postgres(_) => panic!("not SQLite"),
    }
}

/// Keeps the writer busy until the sender is used or dropped.
async fn hold_writer(db: &Db) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let (started, has_started) = tokio::sync::oneshot::channel();
    let mut started = Some(started);
    let db = db.clone();
    tokio::spawn(async move {
        db.write::<_, Error, _>(move |_| {
            if let Some(started) = started.take() {
                started.send(()).unwrap();
            }
            let _ = held.recv();
            Ok(())
        })
        .await
    });
    has_started.await.unwrap();
    release
}

async fn until_queued(db: &Db, count: usize) {
    while db.stats().queued_writes < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn waiting_transactions_share_one_commit() {
    let scratch = Scratch::sqlite().await;
    let release = hold_writer(&scratch.db).await;
    let before = scratch.db.stats().group_commits;
    let tasks: Vec<_> = (0..50)
        .map(|n| {
            let db = scratch.db.clone();
            tokio::spawn(async move { db.write(move |tx| insert(tx, &n.to_string(), n)).await })
        })
        .collect();
    until_queued(&scratch.db, 50).await;
    release.send(()).unwrap();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    // The one that held the writer, and the one of all others.
    assert_eq!(scratch.db.stats().group_commits - before, 2);
    assert_eq!(scratch.count().await, 50);
    scratch.end().await;
}

#[tokio::test]
async fn when_the_commit_is_lost_every_transaction_of_the_group_is_refused() {
    let scratch = Scratch::sqlite().await;
    let release = hold_writer(&scratch.db).await;
    let followed = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let (db, followed) = (scratch.db.clone(), Arc::clone(&followed));
            tokio::spawn(async move {
                db.write(move |tx| {
                    let followed = Arc::clone(&followed);
                    tx.on_commit(move || followed.store(true, Ordering::SeqCst));
                    insert(tx, &n.to_string(), n)?;
                    // As the engine itself does when the disk is full.
                    if n == 7 { tx.query_text("ROLLBACK", &[]).map(drop) } else { Ok(()) }
                })
                .await
            })
        })
        .collect();
    until_queued(&scratch.db, 10).await;
    release.send(()).unwrap();
    for task in tasks {
        let answer = task.await.unwrap();
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
    assert!(!followed.load(Ordering::SeqCst), "something followed a commit that never was");
    assert_eq!(scratch.count().await, 0);
    scratch.insert("later", 1).await;
    scratch.end().await;
}

#[tokio::test]
async fn a_transaction_that_nobody_waits_for_does_not_begin() {
    let scratch = Scratch::sqlite().await;
    let release = hold_writer(&scratch.db).await;
    let db = scratch.db.clone();
    let caller = tokio::spawn(async move { db.write(|tx| insert(tx, "thing", 1)).await });
    until_queued(&scratch.db, 1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    release.send(()).unwrap();
    scratch.insert("later", 1).await;
    assert_eq!(scratch.amount("thing").await, None);
    scratch.end().await;
}

/// Takes the files as a crash would leave them, with their log.
fn crash(from: &Path, to: &Path) -> PathBuf {
    let copy = to.join("copy.db");
    fs::copy(from, &copy).unwrap();
    fs::copy(from.with_extension("db-wal"), to.join("copy.db-wal")).unwrap();
    copy
}

#[tokio::test]
async fn an_answered_write_survives_a_crash() {
    let scratch = Scratch::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    for n in 0..20 {
        scratch.insert(&n.to_string(), n).await;
    }
    let copy = crash(&path(&scratch), folder.path());
    let survivor = StoreSettings::Sqlite(SqliteSettings::at(copy));
    let db = Db::open_with(&survivor, SCHEMA).await.unwrap();
    let row = db.one(&COUNT, &[]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), 20);
    db.close().await;
    scratch.end().await;
}

#[tokio::test]
async fn the_log_is_checkpointed_beside_the_writer() {
    let scratch = Scratch::sqlite().await;
    scratch.insert("thing", 1).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        // Without its log, the file shows what has been checkpointed.
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        fs::copy(path(&scratch), &copy).unwrap();
        let without_log = rusqlite::Connection::open(&copy).unwrap();
        let found =
            without_log.query_row("SELECT amount FROM things", [], |row| row.get::<_, i64>(0));
        if found == Ok(1) {
            break;
        }
        assert!(Instant::now() < deadline, "no checkpoint came: {found:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    scratch.end().await;
}

#[tokio::test]
async fn closing_leaves_everything_in_one_file() {
    let scratch = Scratch::sqlite().await;
    scratch.insert("thing", 1).await;
    let log = path(&scratch).with_extension("db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    scratch.db.clone().close().await;
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0);
}

#[tokio::test]
async fn another_process_may_write_beside_the_server() {
    let scratch = Scratch::sqlite().await;
    let command = Db::open_with(&scratch.settings, SCHEMA).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let db = if n % 2 == 0 { scratch.db.clone() } else { command.clone() };
            tokio::spawn(async move { db.write(move |tx| insert(tx, &n.to_string(), n)).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(scratch.count().await, 20);
    command.close().await;
    scratch.end().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_closed_store_keeps_no_file_open() {
    let scratch = Scratch::sqlite().await;
    scratch.insert("thing", 1).await;
    assert_eq!(scratch.amount("thing").await, Some(1));
    let folder = path(&scratch).parent().unwrap().to_owned();
    let open_files = || {
        fs::read_dir("/proc/self/fd")
            .unwrap()
            .filter_map(|fd| fs::read_link(fd.ok()?.path()).ok())
            .filter(|file| file.starts_with(&folder))
            .count()
    };
    assert!(open_files() > 0);
    let db = scratch.db.clone();
    let Scratch { db: last, .. } = scratch;
    drop(last);
    db.close().await;
    assert_eq!(open_files(), 0);
}

#[tokio::test]
async fn a_store_in_memory_leaves_nothing_behind() {
    let db = Db::open_with(&DatabaseUrl::SqliteInMemory.settings(), SCHEMA).await.unwrap();
    db.write(|tx| insert(tx, "thing", 1)).await.unwrap();
    let file = db
        .read::<_, Error, _>(|conn| conn.query_text("SELECT file FROM pragma_database_list", &[]))
        .await
        .unwrap();
    let file = PathBuf::from(file[0].text(0).unwrap());
    assert!(file.exists());
    db.close().await;
    assert!(!file.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let scratch = Scratch::sqlite().await;
    let file = path(&scratch);
    for file in [&file, &file.with_extension("db-wal"), &file.with_extension("db-shm")] {
        let mode = fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    scratch.end().await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    let text = "these are notes ".repeat(100);
    fs::write(&file, &text).unwrap();
    let opened = Db::open_with(&StoreSettings::Sqlite(SqliteSettings::at(&file)), SCHEMA).await;
    assert!(matches!(opened.err(), Some(Error::Corrupt(_))));
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
