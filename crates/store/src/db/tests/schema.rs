//! The schema of this release, and every statement that is run on it.

use crate::migrate::MIGRATIONS;
use crate::scratch::Scratch;
use crate::{
    Error, Statement, credentials, images, instances, memberships, meta, outbox, sessions, users,
};

fn statements() -> impl Iterator<Item = &'static Statement> {
    let tables = [
        credentials::ALL,
        images::ALL,
        instances::ALL,
        memberships::ALL,
        meta::ALL,
        outbox::ALL,
        sessions::ALL,
        users::ALL,
    ];
    tables.into_iter().flatten().copied()
}

async fn every_statement_is_understood(scratch: &Scratch) {
    for statement in statements() {
        let prepared = scratch.db.read(|conn| conn.prepare(statement)).await;
        assert!(prepared.is_ok(), "{}: {prepared:?}", statement.name());
    }
}

#[tokio::test]
async fn every_statement_is_understood_on_sqlite() {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    every_statement_is_understood(&scratch).await;
    scratch.end().await;
}

#[tokio::test]
async fn every_statement_is_understood_on_postgres() {
    let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
    every_statement_is_understood(&scratch).await;
    scratch.end().await;
}

/// Statements that read a whole table on purpose: at a start, or by the janitor.
const SCANS: &[&str] = &["ALL_INSTANCES", "ALL_KEYS"];

#[tokio::test]
async fn no_statement_reads_a_whole_table_unless_it_means_to() {
    let scratch = Scratch::sqlite_with(MIGRATIONS).await;
    for statement in statements() {
        let plan = scratch
            .db
            .read::<_, Error, _>(|conn| {
                let sql = statement.sql(conn.dialect())?;
                let params = vec![crate::Param::Null; sql.matches('$').count()];
                // Each number once, whatever the order: only the plan is wanted.
                let used = (1..=params.len()).filter(|n| sql.contains(&format!("${n}"))).count();
                let params = params.get(..used).unwrap_or_default();
                conn.query_text(&format!("EXPLAIN QUERY PLAN {sql}"), params)
            })
            .await
            .unwrap();
        let scans = plan.iter().any(|row| {
            let step = row.text(3).unwrap();
            step.starts_with("SCAN")
                && !step.contains("INDEX")
                && !step.contains("VIRTUAL TABLE")
                && !step.starts_with("SCAN (")
                && !step.starts_with("SCAN CONSTANT")
        });
        let is_meant = SCANS.contains(&statement.name());
        assert_eq!(scans, is_meant, "{}: {plan:?}", statement.name());
    }
    scratch.end().await;
}
