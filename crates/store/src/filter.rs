//! Conditions that are put together at run time, with their values.

use rollbook_wire::Id;

use crate::{Conn, Param, Result, Row};

/// The condition of a WHERE, its values numbered as they come.
pub(crate) struct Where {
    pub(crate) text: String,
    pub(crate) values: Vec<Param<'static>>,
}

impl Where {
    /// Rows of one instance; `$1` is its id.
    pub(crate) fn of(alias: &str, instance: &Id) -> Self {
        Self {
            text: format!("{alias}.instance_id = $1"),
            values: vec![Param::from(instance.to_string())],
        }
    }

    /// The place of a value in the text.
    pub(crate) fn bind(&mut self, value: impl Into<Param<'static>>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// One more condition.
    pub(crate) fn and(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    /// The column is one of these texts.
    pub(crate) fn one_of(&mut self, column: &str, values: &[String]) {
        // One value is an equation, so that an index can also serve the order.
        let condition = match values {
            [value] => format!("{column} = {}", self.bind(value.clone())),
            values => format!("{column} {{in {}}}", self.bind(values.to_vec())),
        };
        self.and(&condition);
    }

    /// How many rows of `from` there are.
    pub(crate) fn count(&self, conn: &mut Conn<'_>, from: &str) -> Result<i64> {
        let text = format!("SELECT COUNT(*) FROM {from} WHERE {}", self.text);
        conn.query_text(&text, &self.values)?.first().map_or(Ok(0), |row| row.int(0))
    }

    /// The rows of a text that ends in `LIMIT` and `OFFSET` of these numbers.
    pub(crate) fn page(
        mut self,
        conn: &mut Conn<'_>,
        text: impl FnOnce(&str) -> String,
        (limit, offset): (i64, i64),
    ) -> Result<Vec<Row>> {
        let (limit, offset) = (self.bind(limit), self.bind(offset));
        let text = text(&format!("LIMIT {limit} OFFSET {offset}"));
        conn.query_text(&text, &self.values)
    }
}

/// `ASC` or `DESC`.
pub(crate) fn direction(descending: bool) -> &'static str {
    if descending { "DESC" } else { "ASC" }
}
