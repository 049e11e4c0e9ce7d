//! Claims on mail: by one of many, for a while, and no longer settled once lost.

use rollbook_wire::Id;

use crate::emails::{self, Claimed, Outcome};
use crate::migrate::MIGRATIONS;
use crate::scratch::Scratch;
use crate::{Db, Error};

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

async fn queue(db: &Db, name: &'static str, now: i64) {
    let queued =
        db.write::<_, Error, _>(move |tx| emails::insert(tx, &id("ins_1"), &id(name), "{}", now));
    queued.await.unwrap();
}

async fn claim(db: &Db, now: i64) -> Vec<Claimed> {
    db.write::<_, Error, _>(move |tx| emails::claim(tx, now, now + 100, 3)).await.unwrap()
}

async fn settle(db: &Db, claimed: &Claimed, outcome: Outcome, now: i64) -> bool {
    let claimed = claimed.clone();
    db.write::<_, Error, _>(move |tx| emails::settle(tx, &claimed, &outcome, now)).await.unwrap()
}

async fn statuses(db: &Db) -> Vec<(String, i64)> {
    let page = db.read::<_, Error, _>(|conn| emails::page(conn, &id("ins_1"), 100, 0));
    page.await.unwrap().into_iter().map(|email| (email.status, email.attempts)).collect()
}

async fn a_claim_is_one_servers_until_it_runs_out(scratch: &Scratch) {
    let db = &scratch.db;
    queue(db, "ema_1", 10).await;
    assert_eq!(claim(db, 9).await, []);
    let first = claim(db, 10).await;
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    assert_eq!(claim(db, 109).await, []);
    let second = claim(db, 110).await;
    assert_eq!((second.len(), second[0].attempts), (1, 2));

    assert!(!settle(db, &first[0], Outcome::Sent, 111).await, "it was no longer the first's");
    let retry = Outcome::Retry { at: 150, error: "no".to_owned() };
    assert!(settle(db, &second[0], retry, 112).await);
    assert_eq!(claim(db, 149).await, []);
    let third = claim(db, 150).await;
    assert!(settle(db, &third[0], Outcome::Sent, 151).await);
    assert!(!settle(db, &third[0], Outcome::Sent, 152).await);
    assert_eq!(claim(db, 9_999).await, []);
    assert_eq!(statuses(db).await, [("sent".to_owned(), 3)]);
}

async fn servers_that_claim_at_once_share_the_mail(scratch: &Scratch) {
    const NAMES: [&str; 20] = [
        "ema_a", "ema_b", "ema_c", "ema_d", "ema_e", "ema_f", "ema_g", "ema_h", "ema_i", "ema_j",
        "ema_k", "ema_l", "ema_m", "ema_n", "ema_o", "ema_p", "ema_q", "ema_r", "ema_s", "ema_t",
    ];
    for name in NAMES {
        queue(&scratch.db, name, 10).await;
    }
    let mut servers = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = scratch.db.clone();
        servers.spawn(async move {
            let mut mine = Vec::new();
            // A round may find all of its rows taken by the others.
            for _ in 0..40 {
                mine.extend(claim(&db, 10).await);
            }
            mine
        });
    }
    let mut claimed: Vec<Claimed> = servers.join_all().await.into_iter().flatten().collect();
    claimed.sort_by(|one, other| one.id.cmp(&other.id));
    assert!(claimed.iter().all(|email| email.attempts == 1), "{claimed:?}");
    assert_eq!(claimed.iter().map(|email| email.id.as_str()).collect::<Vec<_>>(), NAMES);
}

async fn nothing_that_is_still_to_be_sent_is_swept(scratch: &Scratch) {
    let db = &scratch.db;
    for (name, at) in [("ema_1", 1), ("ema_2", 2), ("ema_3", 3), ("ema_4", 4)] {
        queue(db, name, at).await;
    }
    for done in claim(db, 2).await {
        settle(db, &done, Outcome::Failed { error: "no".to_owned() }, 50).await;
    }
    let sweep = |keep: i64, before: i64| {
        db.write::<_, Error, _>(move |tx| {
            emails::trim(tx, &id("ins_1"), keep)?;
            emails::prune(tx, before, 100)
        })
    };
    let left = async || -> Vec<String> {
        statuses(db).await.into_iter().map(|(status, _)| status).collect()
    };
    assert_eq!(sweep(3, 50).await.unwrap(), 0);
    assert_eq!(left().await, ["queued", "queued", "failed"]);
    assert_eq!(sweep(0, 50).await.unwrap(), 0);
    assert_eq!(left().await, ["queued", "queued"]);
    assert_eq!(sweep(0, 9_999).await.unwrap(), 0);
    assert_eq!(left().await, ["queued", "queued"]);

    for done in claim(db, 4).await {
        settle(db, &done, Outcome::Sent, 60).await;
    }
    assert_eq!(sweep(9, 60).await.unwrap(), 0);
    assert_eq!(sweep(9, 61).await.unwrap(), 2);
    assert_eq!(left().await, Vec::<String>::new());
}

macro_rules! on_both_engines {
    ($($body:ident),+ $(,)?) => {
        $(
            mod $body {
                use super::*;

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
                    super::$body(&scratch).await;
                    scratch.end().await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
                    super::$body(&scratch).await;
                    scratch.end().await;
                }
            }
        )+
    };
}

on_both_engines! {
    a_claim_is_one_servers_until_it_runs_out,
    servers_that_claim_at_once_share_the_mail,
    nothing_that_is_still_to_be_sent_is_swept,
}
