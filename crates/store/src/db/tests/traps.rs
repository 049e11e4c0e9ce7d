//! Where one SQL text means two things, unless somebody takes care.

use std::error::Error as _;

use crate::scratch::{Scratch, insert, on_both_engines};
use crate::{Error, Param, Row, Statement, meta};

on_both_engines!(
    parameters_are_bound_by_their_number,
    a_null_needs_a_cast,
    wildcards_are_literal_and_case_counts,
    a_list_may_hold_anything_and_nothing,
    text_orders_by_its_bytes,
    values_come_back_as_they_went_in,
    a_wrong_number_of_parameters_is_an_error,
    an_error_never_quotes_a_value,
    every_statement_is_understood,
);

static SWAPPED: Statement =
    Statement::new("SWAPPED", "INSERT INTO things (amount, name) VALUES ($2, $1)");

static TWICE: Statement = Statement::new(
    "TWICE",
    "SELECT amount FROM things WHERE amount < $2 AND (name = $1 OR note = $1)",
);

static NOTE: Statement =
    Statement::new("NOTE", "INSERT INTO things (name, amount, note) VALUES ($1, 0, $2)");

static INSERT: Statement = Statement::new(
    "INSERT",
    "INSERT INTO things (name, amount, data, note) VALUES ($1, $2, $3, $4) RETURNING amount",
);

static BACK: Statement = Statement::new(
    "BACK",
    "SELECT name, amount, data, note, EXISTS (SELECT 1 FROM meta) FROM things WHERE name = $1",
);

async fn rows(scratch: &Scratch, text: &'static str, params: Vec<Param<'static>>) -> Vec<Row> {
    let read = scratch.db.read::<_, Error, _>(move |conn| conn.query_text(text, &params)).await;
    read.unwrap()
}

async fn names(scratch: &Scratch, text: &'static str, params: Vec<Param<'static>>) -> Vec<String> {
    let rows = rows(scratch, text, params).await;
    rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect()
}

async fn note(scratch: &Scratch, name: &'static str, note: &'static str) {
    let written = scratch
        .db
        .write::<_, Error, _>(move |tx| tx.execute(&NOTE, &[name.into(), note.into()]))
        .await;
    written.unwrap();
}

async fn parameters_are_bound_by_their_number(scratch: &Scratch) {
    let written = scratch
        .db
        .write::<_, Error, _>(|tx| tx.execute(&SWAPPED, &["thing".into(), 7.into()]))
        .await;
    assert_eq!(written.unwrap(), 1);
    assert_eq!(scratch.amount("thing").await, Some(7));

    let row = scratch.db.one(&TWICE, &["thing".into(), 8.into()]).await.unwrap().unwrap();
    assert_eq!(row.int(0).unwrap(), 7);
    assert!(scratch.db.one(&TWICE, &["thing".into(), 7.into()]).await.unwrap().is_none());
}

async fn a_null_needs_a_cast(scratch: &Scratch) {
    let text = "SELECT name FROM things WHERE CAST($1 AS TEXT) IS NULL OR note = $1";
    note(scratch, "a", "x").await;
    note(scratch, "b", "y").await;
    assert_eq!(names(scratch, text, vec![Param::Null]).await.len(), 2);
    assert_eq!(names(scratch, text, vec!["y".into()]).await, ["b"]);
}

async fn wildcards_are_literal_and_case_counts(scratch: &Scratch) {
    let text = "SELECT name FROM things WHERE {contains note $1} ORDER BY name";
    for (name, text) in
        [("percent", "50% off"), ("under", "a_b"), ("slash", r"c:\d"), ("plain", "50 ab c:d ÄB")]
    {
        note(scratch, name, text).await;
    }
    for (term, found) in [
        ("0%", &["percent"] as &[_]),
        ("a_b", &["under"]),
        (r":\", &["slash"]),
        ("%", &["percent"]),
        ("ä", &[]),
        ("Ä", &["plain"]),
        ("AB", &[]),
        ("50", &["percent", "plain"]),
        ("", &["percent", "plain", "slash", "under"]),
    ] {
        let param = Param::Contains(term.to_owned());
        assert_eq!(names(scratch, text, vec![param]).await, found, "{term}");
    }
}

async fn a_list_may_hold_anything_and_nothing(scratch: &Scratch) {
    let text = "SELECT name FROM things WHERE note {in $1} AND amount = $2 ORDER BY name";
    note(scratch, "quotes", r#"a "b", 'c' {d}"#).await;
    note(scratch, "letters", "Ünïcode \u{1F600}").await;
    let list = vec![r#"a "b", 'c' {d}"#.to_owned(), "Ünïcode \u{1F600}".to_owned()];
    assert_eq!(names(scratch, text, vec![list.into(), 0.into()]).await, ["letters", "quotes"]);
    assert!(names(scratch, text, vec![Vec::<String>::new().into(), 0.into()]).await.is_empty());
}

async fn text_orders_by_its_bytes(scratch: &Scratch) {
    for (name, amount) in [("b", 1), ("a", 2), ("B", 3), ("é", 4), ("_", 5), ("a b", 6)] {
        scratch.insert(name, amount).await;
    }
    let sorted = names(scratch, "SELECT name FROM things ORDER BY name", vec![]).await;
    assert_eq!(sorted, ["B", "_", "a", "a b", "b", "é"]);
}

async fn values_come_back_as_they_went_in(scratch: &Scratch) {
    let bytes = vec![0_u8, 255, 0];
    let data = bytes.clone();
    let row = scratch
        .db
        .write::<_, Error, _>(move |tx| {
            tx.query_one(&INSERT, &["".into(), i64::MIN.into(), (&data).into(), Param::Null])
        })
        .await;
    assert_eq!(row.unwrap().unwrap().int(0).unwrap(), i64::MIN);

    let row = scratch.db.one(&BACK, &["".into()]).await.unwrap().unwrap();
    assert_eq!(row.text(0).unwrap(), "");
    assert_eq!(row.int(1).unwrap(), i64::MIN);
    assert_eq!(row.bytes(2).unwrap(), bytes);
    assert_eq!(row.opt_text(3).unwrap(), None);
    assert!(row.bool(4).unwrap());
    assert!(row.text(1).is_err());
    assert!(row.int(5).is_err());
}

async fn a_wrong_number_of_parameters_is_an_error(scratch: &Scratch) {
    for params in [vec![], vec![Param::Null, Param::Null]] {
        let answer = scratch
            .db
            .read::<_, Error, _>(move |conn| {
                conn.query_text("SELECT 1 FROM things WHERE name = $1", &params)
            })
            .await;
        assert!(matches!(answer, Err(Error::Internal { .. })), "{answer:?}");
    }
}

async fn an_error_never_quotes_a_value(scratch: &Scratch) {
    scratch.insert("hush@example.com", 1).await;
    let answer = scratch.db.write(|tx| insert(tx, "hush@example.com", 2)).await;
    let error = answer.unwrap_err();
    let mut told = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        told.push_str(&cause.to_string());
        source = cause.source();
    }
    assert!(!told.contains("hush"), "{told}");
    assert!(told.contains("things"), "it should say which constraint: {told}");
}

async fn every_statement_is_understood(scratch: &Scratch) {
    for statements in [meta::ALL, crate::scratch::ALL] {
        for statement in statements {
            let prepared = scratch.db.read(|conn| conn.prepare(statement)).await;
            assert!(prepared.is_ok(), "{}: {prepared:?}", statement.name());
        }
    }
}
