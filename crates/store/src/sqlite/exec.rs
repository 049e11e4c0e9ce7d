//! Statements on a connection: binding by number, rows out, errors sorted.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ErrorCode};

use crate::value::Value;
use crate::{Error, Param, Result, Row};

/// All rows of a statement.
pub(crate) fn query(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<Vec<Row>> {
    let mut statement = prepare(connection, sql, params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(driver)? {
        found.push(read(row, columns)?);
    }
    Ok(found)
}

/// The first row of a statement that only reads.
pub(super) fn query_one(
    connection: &Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Option<Row>> {
    let mut statement = prepare(connection, sql, params)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let row = rows.next().map_err(driver)?;
    row.map(|row| read(row, columns)).transpose()
}

/// Runs a statement that returns no rows; says how many it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Param<'_>]) -> Result<u64> {
    let changed = prepare(connection, sql, params)?.raw_execute().map_err(driver)?;
    Ok(changed as u64)
}

/// Runs a statement that returns no rows once for each of `all`; says how many each changed.
///
/// What is the same for all is done once.
pub(crate) fn execute_each<'p>(
    connection: &Connection,
    sql: &str,
    all: impl Iterator<Item = Vec<Param<'p>>>,
) -> Result<Vec<u64>> {
    let mut statement = connection.prepare_cached(sql).map_err(driver)?;
    let numbers = (1..=statement.parameter_count()).map(|place| number(&statement, place));
    let numbers: Vec<usize> = numbers.collect::<Result<_>>()?;
    all.map(|params| {
        check_count(&statement, &params)?;
        for (place, number) in (1..).zip(&numbers) {
            bind(&mut statement, place, &params, *number)?;
        }
        Ok(statement.raw_execute().map_err(driver)? as u64)
    })
    .collect()
}

/// Runs statements without parameters.
pub(crate) fn execute_batch(connection: &Connection, sql: &str) -> Result<()> {
    connection.execute_batch(sql).map_err(driver)
}

/// Sorts an error of the driver by who must act.
pub(super) fn driver(source: rusqlite::Error) -> Error {
    match source.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::DiskFull
            | ErrorCode::OutOfMemory
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied,
        ) => Error::unavailable(source),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::Corrupt(std::sync::Arc::new(source))
        }
        _ => Error::internal("run a statement", source),
    }
}

fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    params: &[Param<'_>],
) -> Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql).map_err(driver)?;
    check_count(&statement, params)?;
    for place in 1..=statement.parameter_count() {
        let number = number(&statement, place)?;
        bind(&mut statement, place, params, number)?;
    }
    Ok(statement)
}

fn check_count(statement: &CachedStatement<'_>, params: &[Param<'_>]) -> Result<()> {
    let count = statement.parameter_count();
    if count == params.len() {
        return Ok(());
    }
    let problem = format!("it has {count} parameters, {} were given", params.len());
    Err(Error::internal("bind a statement", problem))
}

/// Which value is meant at a place: SQLite numbers `$n` by first appearance, only the name tells.
fn number(statement: &CachedStatement<'_>, place: usize) -> Result<usize> {
    let name = statement.parameter_name(place);
    let number = name.and_then(|name| name.strip_prefix('$')?.parse().ok());
    number.ok_or_else(misnumbered)
}

fn bind(
    statement: &mut CachedStatement<'_>,
    place: usize,
    params: &[Param<'_>],
    number: usize,
) -> Result<()> {
    let param = number.checked_sub(1).and_then(|n| params.get(n)).ok_or_else(misnumbered)?;
    statement.raw_bind_parameter(place, param).map_err(driver)
}

fn misnumbered() -> Error {
    Error::internal("bind a statement", "its parameters are not $1 to $n")
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(int) => ToSqlOutput::Borrowed(ValueRef::Integer(*int)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Contains(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::List(texts) => {
                let json = serde_json::to_string(texts)
                    .map_err(|source| rusqlite::Error::ToSqlConversionFailure(source.into()))?;
                ToSqlOutput::Owned(json.into())
            }
        })
    }
}

fn read(row: &rusqlite::Row<'_>, columns: usize) -> Result<Row> {
    let mut values = Vec::with_capacity(columns);
    for column in 0..columns {
        values.push(match row.get_ref(column).map_err(driver)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(int) => Value::Int(int),
            ValueRef::Text(text) => Value::Text(
                std::str::from_utf8(text)
                    .map_err(|source| Error::internal("read a column", source))?
                    .to_owned(),
            ),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => {
                return Err(Error::internal("read a column", "it is a floating-point number"));
            }
        });
    }
    Ok(Row(values))
}
