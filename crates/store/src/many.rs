//! Many rows into one table, in few statements.

use std::fmt::Write as _;

use rollbook_wire::Id;

use crate::{Conn, Dialect, Param, Result};

/// The most rows of one statement; fewer are cut into powers of two, so that PostgreSQL
/// sees few texts.
const MOST_ROWS: usize = 128;

/// A table that rows of one instance go into.
pub(crate) struct Many<'a> {
    pub(crate) table: &'a str,
    /// All that are written but `instance_id`.
    pub(crate) columns: &'a [&'a str],
    /// What follows the values, such as `ON CONFLICT DO NOTHING`.
    pub(crate) end: &'a str,
}

impl Many<'_> {
    /// Writes `rows`, whose values `bind` pushes in the order of the columns.
    ///
    /// Rows some of which were not written are told to `missed`, once those around them are
    /// in, too.
    pub(crate) fn insert<'r, T>(
        &self,
        tx: &mut Conn<'_>,
        instance: &'r Id,
        rows: &'r [T],
        bind: impl Fn(&'r T, &mut Vec<Param<'r>>),
        mut missed: impl FnMut(&mut Conn<'_>, &'r [T]) -> Result<()>,
    ) -> Result<()> {
        let most = match tx.dialect() {
            // A call costs nothing there, and finding the places of many parameters does.
            Dialect::Sqlite => 1,
            Dialect::Postgres => MOST_ROWS,
        };
        let mut rest = rows;
        while !rest.is_empty() {
            let size = if rest.len() >= most { most } else { 1 << rest.len().ilog2() };
            let (now, after) = rest.split_at(rest.len() - rest.len() % size);
            let params = now.chunks(size).map(|chunk| {
                let mut params = Vec::with_capacity(1 + size * self.columns.len());
                params.push(instance.as_str().into());
                for row in chunk {
                    bind(row, &mut params);
                }
                params
            });
            let written = tx.execute_each(&self.text(size), params)?;
            for (chunk, n_written) in now.chunks(size).zip(written) {
                if n_written < chunk.len() as u64 {
                    missed(tx, chunk)?;
                }
            }
            rest = after;
        }
        Ok(())
    }

    fn text(&self, n_rows: usize) -> String {
        let columns = self.columns.join(", ");
        let mut text = format!("INSERT INTO {} (instance_id, {columns}) VALUES ", self.table);
        let mut n = 1;
        for row in 0..n_rows {
            text.push_str(if row == 0 { "($1" } else { ", ($1" });
            for _ in self.columns {
                n += 1;
                // Writing to a string cannot fail.
                let _ = write!(text, ", ${n}");
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(self.end);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_row_for_each_and_the_instance_once() {
        let many = Many { table: "t", columns: &["a", "b"], end: "ON CONFLICT DO NOTHING" };
        assert_eq!(
            many.text(2),
            "INSERT INTO t (instance_id, a, b) VALUES ($1, $2, $3), ($1, $4, $5) \
             ON CONFLICT DO NOTHING"
        );
    }
}
