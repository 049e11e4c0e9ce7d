//! Lists and counts from memory against plain SQL on both engines: whatever is asked, the same
//! users in the same order and the same counts, while users change.

mod crowd;
mod queries;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rollbook_store::users;
use rollbook_testkit::{Engine, Server};
use tokio::sync::RwLock;
use tokio::task::JoinSet;

use self::crowd::{Crowd, Step};
use self::queries::Query;
use crate::users_list::Rng;

const SEED: u64 = 20_261_124;

/// Users at first; all are in the directory's base once the server has started anew.
const N_USERS: usize = 400;

/// Changes and queries that follow on each other. In all more changes than a fold needs.
const N_ROUNDS: usize = 12;
const STEPS_PER_ROUND: usize = 100;
const QUERIES_PER_ROUND: usize = 200;

/// Queries of each of two readers while two writers change users.
const QUERIES_BESIDE_WRITERS: usize = 500;

/// What a query found: the ids of a page, if there is one, and how many there are in all.
type Found = (Option<Vec<String>>, i64);

async fn found(server: &Server, query: &Query) -> Found {
    let (db, instance) = (&server.ctx.db, &server.instance_id);
    let page = users::page(db, instance, &query.filter, &query.page).await.expect("a page");
    let count = users::count(db, instance, &query.filter).await.expect("a count");
    (page.map(ids), count)
}

async fn found_by_sql(server: &Server, query: &Query) -> Found {
    let (instance, query) = (server.instance_id.clone(), query.clone());
    let found = server.ctx.db.read(move |conn| {
        let page = users::page_by_sql(conn, &instance, &query.filter, &query.page)?;
        Ok::<Found, rollbook_store::Error>((
            page.map(ids),
            users::count_by_sql(conn, &instance, &query.filter)?,
        ))
    });
    found.await.expect("a page and a count")
}

fn ids(users: Vec<users::StoredUser>) -> Vec<String> {
    users.into_iter().map(|stored| stored.user.id.to_string()).collect()
}

async fn take(server: &Server, steps: Vec<Step>) {
    let instance = server.instance_id.clone();
    server.write(move |tx| steps.iter().try_for_each(|step| step.take(tx, &instance))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_sqlite_and_postgres_find_the_same() {
    println!("seed {SEED}");
    let mut rng = Rng::new(SEED);
    let mut sqlite = Server::start(Engine::Sqlite).await.expect("always there");
    let mut postgres = Server::start(Engine::Postgres).await;
    let mut crowd = Crowd::named("a");

    let mut steps = Crowd::organizations();
    steps.extend((0..N_USERS).map(|_| crowd.newcomer(&mut rng)));
    let (mut n_listed, mut n_pages) = (0, 0);
    for round in 0..N_ROUNDS {
        take(&sqlite, steps.clone()).await;
        if let Some(postgres) = &postgres {
            take(postgres, steps).await;
        }
        if round == 0 {
            sqlite.restart().await;
        }
        for n in 0..QUERIES_PER_ROUND {
            let query = Query::random(&mut rng, &crowd);
            let expected = found_by_sql(&sqlite, &query).await;
            assert_eq!(found(&sqlite, &query).await, expected, "{round}/{n}: {query:#?}");
            if let Some(postgres) = &postgres {
                let theirs = found(postgres, &query).await;
                assert_eq!(theirs, expected, "PostgreSQL, {round}/{n}: {query:#?}");
            }
            n_listed += expected.0.map_or(0, |page| page.len());
            n_pages += 1;
        }
        steps = (0..STEPS_PER_ROUND).map(|_| crowd.step(&mut rng)).collect();
    }
    // Queries that find nobody would be answered alike by anyone.
    assert!(n_listed > 2 * n_pages, "{n_pages} pages listed {n_listed} users in all");
    let stats = sqlite.ctx.db.directory_stats();
    assert!(stats.n_answered > 9 * stats.n_missed, "SQL answered for the directory: {stats:?}");

    sqlite.end().await;
    if let Some(server) = postgres.take() {
        server.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_finds_what_sql_finds_beside_writers() {
    println!("seed {SEED}");
    let mut rng = Rng::new(SEED);
    let server = Arc::new(Server::start(Engine::Sqlite).await.expect("always there"));
    let mut crowds = [Crowd::named("a"), Crowd::named("b")];
    let mut steps = Crowd::organizations();
    for crowd in &mut crowds {
        steps.extend((0..N_USERS / 2).map(|_| crowd.newcomer(&mut rng)));
    }
    take(&server, steps).await;
    let crowds = crowds.map(|crowd| Arc::new(Mutex::new(crowd)));

    // Writers share the gate; who compares has it alone, so that nothing changes in between.
    let (gate, done) = (Arc::new(RwLock::new(())), Arc::new(AtomicBool::new(false)));
    let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
    for (seed, crowd) in (SEED + 1..).zip(&crowds) {
        let (server, crowd) = (Arc::clone(&server), Arc::clone(crowd));
        let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
        writers.spawn(async move {
            let mut rng = Rng::new(seed);
            let mut n_steps = 0;
            while !done.load(Ordering::Relaxed) {
                let _writing = gate.read().await;
                let step = crowd.lock().expect("no panic").step(&mut rng);
                take(&server, vec![step]).await;
                n_steps += 1;
            }
            n_steps
        });
    }
    for (seed, crowd) in (SEED + 3..).zip(&crowds) {
        let (server, crowd, gate) = (Arc::clone(&server), Arc::clone(crowd), Arc::clone(&gate));
        readers.spawn(async move {
            let mut rng = Rng::new(seed);
            for n in 0..QUERIES_BESIDE_WRITERS {
                let query = Query::random(&mut rng, &crowd.lock().expect("no panic"));
                let mut ids = found(&server, &query).await.0.unwrap_or_default();
                assert!(ids.len() <= usize::try_from(query.page.limit).expect("small"));
                ids.sort_unstable();
                assert!(ids.windows(2).all(|two| two[0] != two[1]), "twice in {n}: {query:#?}");

                let _alone = gate.write().await;
                let expected = found_by_sql(&server, &query).await;
                assert_eq!(found(&server, &query).await, expected, "{n}: {query:#?}");
            }
        });
    }
    while let Some(read) = readers.join_next().await {
        if let Err(failed) = read {
            std::panic::resume_unwind(failed.into_panic());
        }
    }
    done.store(true, Ordering::Relaxed);
    let mut n_steps = 0;
    while let Some(written) = writers.join_next().await {
        n_steps += written.expect("a writer");
    }
    assert!(n_steps > QUERIES_BESIDE_WRITERS, "only {n_steps} changes beside the readers");
    let stats = server.ctx.db.directory_stats();
    assert!(stats.n_answered > 9 * stats.n_missed, "SQL answered for the directory: {stats:?}");
    Arc::into_inner(server).expect("nobody else has it").end().await;
}
