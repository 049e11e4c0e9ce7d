//! Reading an instance: every table, in the order of its primary key.

use std::fmt::Write as _;

use rollbook_wire::Id;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::line::{Cell, Line};
use super::sealing;
use super::tables::{Kind, TABLES, Table};
use crate::value::Value;
use crate::{Conn, Error, Param, Result, Row, Vault, params};

/// Rows read at a time: enough that statements cost nothing, little enough to hold.
const PAGE: i64 = 500;

/// Hands every row of an instance to `each`, secrets opened, tables and rows in an order
/// of their own that is always the same.
///
/// Holds one page of rows at a time.
pub fn lines<E: From<Error>>(
    conn: &mut Conn<'_>,
    vault: &Vault,
    instance: &Id,
    mut each: impl FnMut(Line) -> Result<(), E>,
) -> Result<(), E> {
    for table in TABLES {
        let mut after: Option<Vec<Value>> = None;
        loop {
            let mut values: Vec<Param<'_>> = params![instance.as_str(), PAGE].into();
            values.extend(after.iter().flatten().map(Param::from));
            let rows = conn.query_text(&page(table, after.is_some()), &values)?;
            let n_rows = rows.len();
            for row in rows {
                after = Some(key_of(table, &row));
                let mut line = line(table, row)?;
                sealing::open(vault, instance.as_str(), &mut line)?;
                each(line)?;
            }
            if table.key.is_empty() || i64::try_from(n_rows).is_ok_and(|n| n < PAGE) {
                break;
            }
        }
    }
    Ok(())
}

/// `$1` is the instance, `$2` the number of rows, the rest the key to begin behind.
fn page(table: &Table, is_later: bool) -> String {
    let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
    let key = table.key.join(", ");
    let mut sql =
        format!("SELECT {} FROM {} WHERE instance_id = $1", columns.join(", "), table.name);
    if is_later {
        let bounds: Vec<String> = (3..).take(table.key.len()).map(|n| format!("${n}")).collect();
        // Writing to a string cannot fail.
        let _ = write!(sql, " AND ({key}) > ({})", bounds.join(", "));
    }
    if !key.is_empty() {
        let _ = write!(sql, " ORDER BY {key}");
    }
    sql.push_str(" LIMIT $2");
    sql
}

fn key_of(table: &Table, row: &Row) -> Vec<Value> {
    let columns = table.columns.iter().zip(&row.0);
    let key = columns.filter(|((name, _), _)| table.key.contains(name));
    key.map(|(_, value)| value.clone()).collect()
}

fn line(table: &'static Table, row: Row) -> Result<Line> {
    let cells = table.columns.iter().zip(row.0).map(|((name, kind), value)| {
        let cell = match (kind, value) {
            (_, Value::Null) => Cell::Null,
            (Kind::Int, Value::Int(int)) => Cell::Int(int),
            (Kind::Text, Value::Text(text)) => Cell::Text(text),
            (Kind::Json | Kind::SealedMember(..), Value::Text(text)) => Cell::Json(json(text)?),
            (Kind::Bytes | Kind::Sealed(_), Value::Bytes(bytes)) => {
                Cell::Bytes(Zeroizing::new(bytes))
            }
            (_, _) => {
                let problem = format!("{}.{name} is of another type", table.name);
                return Err(Error::internal("read a row for an export", problem));
            }
        };
        Ok(Some(cell))
    });
    Ok(Line::new(table, cells.collect::<Result<_>>()?))
}

/// The JSON as it stands, but on one line.
fn json(text: String) -> Result<Box<RawValue>> {
    // Between the tokens alone: within a string a line break is escaped.
    let text = if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text };
    RawValue::from_string(text)
        // The parser's own message may quote a value.
        .map_err(|_| Error::internal("read a row for an export", "a column is not JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::MIGRATIONS;
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn every_page_is_found_by_the_primary_key_without_sorting() {
        let scratch = Scratch::sqlite_with(MIGRATIONS).await;
        for table in TABLES {
            for is_later in [false, true] {
                if is_later && table.key.is_empty() {
                    continue;
                }
                let sql = page(table, is_later);
                let n = if is_later { 2 + table.key.len() } else { 2 };
                let explain = format!("EXPLAIN QUERY PLAN {sql}");
                let plan = scratch.db.read::<_, Error, _>(move |conn| {
                    conn.query_text(&explain, &vec![Param::Null; n])
                });
                let plan = plan.await.unwrap();
                let steps: Vec<_> = plan.iter().map(|row| row.text(3).unwrap()).collect();
                assert_eq!(steps.len(), 1, "{sql}: {steps:?}");
                assert!(steps[0].starts_with("SEARCH"), "{sql}: {steps:?}");
                let bounded = !is_later || steps[0].contains(">(");
                assert!(bounded || steps[0].contains('>'), "{sql}: {steps:?}");
            }
        }
        scratch.end().await;
    }

    #[tokio::test]
    async fn every_page_is_understood_by_postgres() {
        let Some(scratch) = Scratch::postgres_with(MIGRATIONS).await else { return };
        for table in TABLES.iter().filter(|table| !table.key.is_empty()) {
            let sql = page(table, false);
            let first = scratch
                .db
                .read::<_, Error, _>(move |conn| conn.query_text(&sql, &params!["ins_1", PAGE]));
            assert!(first.await.unwrap().is_empty());
        }
        scratch.end().await;
    }

    #[test]
    fn a_record_with_line_breaks_is_put_on_one_line() {
        let json = json("{\n  \"a\": \"\\n\"\r\n}".to_owned()).unwrap();
        assert_eq!(json.get(), "{   \"a\": \"\\n\"  }");
    }
}
