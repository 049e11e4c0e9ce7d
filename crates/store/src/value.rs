//! What goes into a statement and what comes back, alike on both engines.

use std::borrow::Cow;
use std::fmt;

use rollbook_domain::Metadata;
use rollbook_wire::Id;

use crate::{Error, Result};

/// A value for `$n`.
///
/// `Debug` shows the kind only, since values may be personal or secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Param<'a> {
    /// SQL's null, of whatever type the place wants.
    Null,
    /// A BIGINT; booleans are 0 and 1.
    Int(i64),
    /// Text. PostgreSQL refuses text that holds a NUL.
    Text(Cow<'a, str>),
    /// A BLOB or BYTEA.
    Bytes(Cow<'a, [u8]>),
    /// The texts of `{in $n}`.
    List(Vec<String>),
    /// The literal text that `{contains column $n}` looks for, case and all.
    Contains(String),
}

impl fmt::Debug for Param<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Int(_) => "Int(…)",
            Self::Text(_) => "Text(…)",
            Self::Bytes(_) => "Bytes(…)",
            Self::List(_) => "List(…)",
            Self::Contains(_) => "Contains(…)",
        })
    }
}

macro_rules! param_from {
    ($($from:ty => |$value:ident| $param:expr;)+) => {
        $(
            impl<'a> From<$from> for Param<'a> {
                fn from($value: $from) -> Self {
                    $param
                }
            }
        )+
    };
}

param_from! {
    i64 => |value| Self::Int(value);
    i32 => |value| Self::Int(value.into());
    u32 => |value| Self::Int(value.into());
    bool => |value| Self::Int(value.into());
    &'a str => |value| Self::Text(value.into());
    &'a String => |value| Self::Text(value.as_str().into());
    String => |value| Self::Text(value.into());
    Cow<'a, str> => |value| Self::Text(value);
    &'a [u8] => |value| Self::Bytes(value.into());
    &'a Vec<u8> => |value| Self::Bytes(value.as_slice().into());
    Vec<u8> => |value| Self::Bytes(value.into());
    Vec<String> => |value| Self::List(value);
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Param<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl<'a> From<&'a Value> for Param<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(int) => Self::Int(*int),
            Value::Text(text) => text.into(),
            Value::Bytes(bytes) => bytes.into(),
        }
    }
}

/// An array of [`Param`]s, each made with `From`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::Param::from($value)),*] };
}
pub(crate) use params;

/// A LIKE pattern that finds `text` anywhere, with `%`, `_` and `\` literal.
pub(crate) fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// One column of one row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// A row, read by the position of its columns, from 0.
///
/// A missing column or one of another type is an [`Error::Internal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Row(pub(crate) Vec<Value>);

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(Value::kind)).finish()
    }
}

impl Row {
    /// A BIGINT.
    pub fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| mismatch(column, "an integer", "null"))
    }

    /// A BIGINT or null.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        match self.value(column)? {
            Value::Int(int) => Ok(Some(*int)),
            Value::Null => Ok(None),
            other => Err(mismatch(column, "an integer", other.kind())),
        }
    }

    /// A BIGINT that is 0 or 1, or PostgreSQL's BOOLEAN, as `EXISTS` gives it.
    pub fn bool(&self, column: usize) -> Result<bool> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(mismatch(column, "0 or 1", "another integer")),
        }
    }

    /// Text.
    pub fn text(&self, column: usize) -> Result<&str> {
        self.opt_text(column)?.ok_or_else(|| mismatch(column, "text", "null"))
    }

    /// Text or null.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>> {
        match self.value(column)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(mismatch(column, "text", other.kind())),
        }
    }

    /// A BLOB or BYTEA.
    pub fn bytes(&self, column: usize) -> Result<&[u8]> {
        self.opt_bytes(column)?.ok_or_else(|| mismatch(column, "bytes", "null"))
    }

    /// A BLOB or BYTEA, or null.
    pub fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>> {
        match self.value(column)? {
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            other => Err(mismatch(column, "bytes", other.kind())),
        }
    }

    fn value(&self, column: usize) -> Result<&Value> {
        self.0.get(column).ok_or_else(|| mismatch(column, "a column", "none"))
    }
}

/// An id that this server has written.
pub(crate) fn read_id(row: &Row, column: usize) -> Result<Id> {
    row.text(column)?.parse().map_err(|source| Error::internal("read an id", source))
}

/// The same, or null.
pub(crate) fn opt_id(row: &Row, column: usize) -> Result<Option<Id>> {
    row.opt_text(column)?.map(|_| read_id(row, column)).transpose()
}

/// Metadata that this server has written.
pub(crate) fn read_metadata(row: &Row, column: usize) -> Result<Metadata> {
    serde_json::from_str(row.text(column)?)
        .map_err(|source| Error::internal("read metadata", source))
}

fn mismatch(column: usize, wanted: &str, found: &str) -> Error {
    Error::internal("read a column", format!("column {column} should be {wanted}, is {found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_another_type_or_out_of_range_is_an_error() {
        let row = Row(vec![Value::Int(2), Value::Null, Value::Text("a".into())]);
        assert_eq!(row.int(0).unwrap(), 2);
        assert!(row.text(0).is_err());
        assert!(row.bool(0).is_err());
        assert!(row.text(1).is_err());
        assert_eq!(row.opt_text(1).unwrap(), None);
        assert!(row.bytes(2).is_err());
        assert!(row.opt_int(3).is_err());
    }

    #[test]
    fn what_a_user_typed_is_never_shown() {
        let shown =
            format!("{:?} {:?}", Param::from("secret"), Row(vec![Value::Text("secret".into())]));
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn a_pattern_takes_wildcards_literally() {
        assert_eq!(like_pattern(r"50%_\"), r"%50\%\_\\%");
    }
}
