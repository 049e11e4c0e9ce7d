//! One SQL text per statement for both engines, and the few words that differ.

use std::fmt::Write as _;
use std::sync::OnceLock;

use crate::{Error, Result};

/// The SQL that an engine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded engine.
    Sqlite,
    /// PostgreSQL and engines that speak its protocol.
    Postgres,
}

/// A named SQL text; words in braces are replaced per dialect.
///
/// | token | SQLite | PostgreSQL |
/// | --- | --- | --- |
/// | `{for_update}` | | `FOR UPDATE` |
/// | `{for_share}` | | `FOR SHARE` |
/// | `{in $3}` | `IN (SELECT value FROM json_each($3))` | `= ANY($3)` |
/// | `{contains name $3}` | `instr(name, $3) > 0` | `name LIKE $3`, which `gin_trgm_ops` serves |
/// | `{text}` | `TEXT` | `TEXT COLLATE "C"`, so that both order by bytes |
/// | `{bytes}` | `BLOB` | `BYTEA` |
/// | `{bigint}` | `BIGINT` | `BIGINT` |
/// | `{without_rowid}` | `WITHOUT ROWID` | |
/// | `{trigram users search}` | | nothing in place; the index is made once `pg_trgm` is there |
///
/// `{in $n}` takes a [`Param::List`](crate::Param::List) and `{contains …}` a
/// [`Param::Contains`](crate::Param::Contains). Parameters are bound by the
/// number in their name, whatever their order in the text.
#[derive(Debug)]
pub struct Statement {
    name: &'static str,
    text: &'static str,
    sqlite: OnceLock<Result<String>>,
    postgres: OnceLock<Result<String>>,
}

impl Statement {
    /// A statement with the name it has in metrics and messages.
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    /// The name of the constant that holds it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text in one dialect; an unknown token is an error.
    pub fn sql(&self, dialect: Dialect) -> Result<&str> {
        let cell = match dialect {
            Dialect::Sqlite => &self.sqlite,
            Dialect::Postgres => &self.postgres,
        };
        cell.get_or_init(|| render(self.text, dialect)).as_deref().map_err(Clone::clone)
    }
}

/// Makes a `pub(crate) static` [`Statement`] of each line, and the list `ALL` of them.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {
        $(
            $(#[$meta])*
            pub(crate) static $name: $crate::Statement =
                $crate::Statement::new(stringify!($name), $text);
        )+

        #[cfg(test)]
        pub(crate) static ALL: &[&$crate::Statement] = &[$(&$name),+];
    };
}
pub(crate) use statements;

/// An index for substring search, declared by `{trigram table column}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrigramIndex<'a> {
    pub(crate) table: &'a str,
    pub(crate) column: &'a str,
}

/// Every `{trigram table column}` in a text.
pub(crate) fn trigram_indexes(text: &str) -> Vec<TrigramIndex<'_>> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| {
            let token = rest.split_once('}')?.0;
            let mut words = token.split_whitespace();
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("trigram"), Some(table), Some(column), None) => {
                    Some(TrigramIndex { table, column })
                }
                _ => None,
            }
        })
        .collect()
}

/// Replaces the tokens of a text; `{}` stays as it is, as in `DEFAULT '{}'`.
pub(crate) fn render(text: &str, dialect: Dialect) -> Result<String> {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((token, after)) = after.split_once('}') else {
            return Err(Error::internal("render a statement", "a brace is never closed"));
        };
        replace(token, dialect, &mut out)?;
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn replace(token: &str, dialect: Dialect, out: &mut String) -> Result<()> {
    use Dialect::{Postgres, Sqlite};

    let words: Vec<&str> = token.split_whitespace().collect();
    let written = match (words.as_slice(), dialect) {
        ([], _) => write!(out, "{{{token}}}"),
        (["for_update"], Postgres) => write!(out, "FOR UPDATE"),
        (["for_share"], Postgres) => write!(out, "FOR SHARE"),
        (["in", param], Sqlite) => write!(out, "IN (SELECT value FROM json_each({param}))"),
        (["in", param], Postgres) => write!(out, "= ANY({param})"),
        (["contains", column, param], Sqlite) => write!(out, "instr({column}, {param}) > 0"),
        // Backslash is LIKE's escape character unless ESCAPE says otherwise.
        (["contains", column, param], Postgres) => write!(out, "{column} LIKE {param}"),
        (["text"], Sqlite) => write!(out, "TEXT"),
        (["text"], Postgres) => write!(out, "TEXT COLLATE \"C\""),
        (["bytes"], Sqlite) => write!(out, "BLOB"),
        (["bytes"], Postgres) => write!(out, "BYTEA"),
        (["bigint"], _) => write!(out, "BIGINT"),
        (["without_rowid"], Sqlite) => write!(out, "WITHOUT ROWID"),
        (["for_update" | "for_share"], Sqlite)
        | (["without_rowid"], Postgres)
        | (["trigram", _, _], _) => Ok(()),
        _ => {
            let unknown = format!("no token is called {{{token}}}");
            return Err(Error::internal("render a statement", unknown));
        }
    };
    written.map_err(|source| Error::internal("render a statement", source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_per_dialect() {
        static LOCK: Statement = Statement::new(
            "LOCK",
            "SELECT a FROM t WHERE b {in $2} AND {contains c $1} {for_update}",
        );
        assert_eq!(
            LOCK.sql(Dialect::Sqlite).unwrap(),
            "SELECT a FROM t WHERE b IN (SELECT value FROM json_each($2)) AND instr(c, $1) > 0 "
        );
        assert_eq!(
            LOCK.sql(Dialect::Postgres).unwrap(),
            "SELECT a FROM t WHERE b = ANY($2) AND c LIKE $1 FOR UPDATE"
        );
    }

    #[test]
    fn an_unknown_or_open_token_is_refused() {
        assert!(render("SELECT {txet}", Dialect::Sqlite).is_err());
        assert!(render("SELECT {text", Dialect::Postgres).is_err());
        assert_eq!(render("DEFAULT '{}'", Dialect::Sqlite).unwrap(), "DEFAULT '{}'");
    }

    #[test]
    fn trigram_indexes_are_declared_in_place_and_leave_no_text() {
        let text = "CREATE TABLE t (a {text}); {trigram t a}{trigram t b}";
        assert_eq!(
            trigram_indexes(text),
            [TrigramIndex { table: "t", column: "a" }, TrigramIndex { table: "t", column: "b" }]
        );
        assert_eq!(render(text, Dialect::Sqlite).unwrap(), "CREATE TABLE t (a TEXT); ");
    }
}
