//! A row as a line of JSON: `{"table":"users","row":{"user_id":"user_…",…}}`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::{SerializeMap as _, SerializeStruct as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::tables::{Kind, Table, named};

/// A row of one of an instance's tables, its secrets open.
///
/// As JSON it is one line: texts are strings, integers numbers, bytes base64, and
/// what is JSON in the store is JSON here, to the byte.
pub struct Line {
    pub(super) table: &'static Table,
    /// In the order of the table's columns; `None` is a column that the writer did not have.
    pub(super) cells: Vec<Option<Cell>>,
    /// The bytes of a picture, which lie outside of the store.
    picture: Option<Vec<u8>>,
}

/// Shows no value: they are personal or secret.
impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").field("table", &self.table.name).finish_non_exhaustive()
    }
}

pub(super) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Json(Box<RawValue>),
    Bytes(Zeroizing<Vec<u8>>),
}

/// Why a line is no row of ours; holds no value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// Not `{"table":…,"row":{…}}`.
    #[error("it is no row of an export")]
    Malformed,
    /// A table that this release does not know.
    #[error("this release knows no table of that name")]
    UnknownTable,
    /// A column that this release does not know.
    #[error("this release knows no such column of {0}")]
    UnknownColumn(&'static str),
    /// A value of another type.
    #[error("{0}.{1} is not what it should be")]
    BadValue(&'static str, &'static str),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    table: Cow<'a, str>,
    #[serde(borrow)]
    row: BTreeMap<Cow<'a, str>, &'a RawValue>,
    #[serde(default)]
    picture: Option<String>,
}

impl Line {
    pub(super) const fn new(table: &'static Table, cells: Vec<Option<Cell>>) -> Self {
        Self { table, cells, picture: None }
    }

    /// Reads what `Serialize` wrote.
    pub fn parse(text: &[u8]) -> Result<Self, BadLine> {
        let Wire { table, row, picture } =
            serde_json::from_slice(text).map_err(|_| BadLine::Malformed)?;
        let table = named(&table).ok_or(BadLine::UnknownTable)?;
        let mut n_known = 0;
        let mut cells = Vec::with_capacity(table.columns.len());
        for (name, kind) in table.columns {
            let Some(value) = row.get(*name) else {
                cells.push(None);
                continue;
            };
            n_known += 1;
            let cell = cell(*kind, value).ok_or(BadLine::BadValue(table.name, name))?;
            cells.push(Some(cell));
        }
        if n_known < row.len() {
            return Err(BadLine::UnknownColumn(table.name));
        }
        let picture = picture
            .map(|text| STANDARD.decode(text))
            .transpose()
            .map_err(|_| BadLine::BadValue(table.name, "picture"))?;
        Ok(Self { table, cells, picture })
    }

    /// The name of its table.
    pub const fn table(&self) -> &'static str {
        self.table.name
    }

    /// Whether it comes in only with the instance itself.
    pub fn is_held(&self) -> bool {
        (self.table.is_held)(self)
    }

    /// The text of a column; empty if it has none.
    pub fn text(&self, column: &str) -> &str {
        match self.cell(column) {
            Some(Cell::Text(text)) => text,
            Some(Cell::Json(json)) => json.get(),
            Some(Cell::Null | Cell::Int(_) | Cell::Bytes(_)) | None => "",
        }
    }

    /// The integer of a column, if it has one.
    pub(super) fn int(&self, column: &str) -> Option<i64> {
        match self.cell(column)? {
            Cell::Int(int) => Some(*int),
            Cell::Null | Cell::Text(_) | Cell::Json(_) | Cell::Bytes(_) => None,
        }
    }

    /// The bytes of a column; none if it has none.
    pub fn bytes(&self, column: &str) -> &[u8] {
        match self.cell(column) {
            Some(Cell::Bytes(bytes)) => bytes,
            Some(Cell::Null | Cell::Int(_) | Cell::Text(_) | Cell::Json(_)) | None => &[],
        }
    }

    /// Id and format of the picture that it is the row of, if it is one's.
    pub fn names_picture(&self) -> Option<(&str, &str)> {
        (self.table.name == "images").then(|| (self.text("image_id"), self.text("format")))
    }

    /// Adds the picture's bytes.
    #[must_use]
    pub fn with_picture(mut self, bytes: Vec<u8>) -> Self {
        self.picture = Some(bytes);
        self
    }

    /// Takes the picture's bytes out.
    pub const fn take_picture(&mut self) -> Option<Vec<u8>> {
        self.picture.take()
    }

    fn cell(&self, column: &str) -> Option<&Cell> {
        let place = self.table.columns.iter().position(|(name, _)| *name == column)?;
        self.cells.get(place)?.as_ref()
    }
}

/// A JSON value as what its column holds; `None` if it is something else.
fn cell(kind: Kind, value: &RawValue) -> Option<Cell> {
    if value.get() == "null" {
        return Some(Cell::Null);
    }
    Some(match kind {
        Kind::Text => Cell::Text(serde_json::from_str(value.get()).ok()?),
        Kind::Int => Cell::Int(serde_json::from_str(value.get()).ok()?),
        Kind::Json | Kind::SealedMember(..) => Cell::Json(value.to_owned()),
        Kind::Bytes | Kind::Sealed(_) => {
            let text: Cow<'_, str> = serde_json::from_str(value.get()).ok()?;
            Cell::Bytes(Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?))
        }
    })
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line =
            serializer.serialize_struct("Line", 2 + usize::from(self.picture.is_some()))?;
        line.serialize_field("table", self.table.name)?;
        line.serialize_field("row", &Cells(self))?;
        if let Some(picture) = &self.picture {
            line.serialize_field("picture", &STANDARD.encode(picture))?;
        }
        line.end()
    }
}

struct Cells<'a>(&'a Line);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(Some(self.0.cells.len()))?;
        for ((name, _), cell) in self.0.table.columns.iter().zip(&self.0.cells) {
            match cell {
                None => {}
                Some(Cell::Null) => row.serialize_entry(name, &())?,
                Some(Cell::Int(int)) => row.serialize_entry(name, int)?,
                Some(Cell::Text(text)) => row.serialize_entry(name, text)?,
                Some(Cell::Json(json)) => row.serialize_entry(name, json)?,
                Some(Cell::Bytes(bytes)) => {
                    let text = Zeroizing::new(STANDARD.encode(&**bytes));
                    row.serialize_entry(name, &*text)?;
                }
            }
        }
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"table":"credentials","row":{"user_id":"user_1","kind":"totp","ordinal":0,"secret":"c2VlZA=="}}"#;

    #[test]
    fn a_line_is_written_as_it_was_read() {
        for line in [
            LINE,
            r#"{"table":"images","row":{"image_id":"img_1","owner_id":"u","format":"png","created_at":1},"picture":"AAEC"}"#,
            r#"{"table":"credits","row":{"owner_id":"u","ordinal":1,"idempotency_key":null,"record":{"b":1.50,"a":[]}}}"#,
        ] {
            let read = Line::parse(line.as_bytes()).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), line);
        }
    }

    #[test]
    fn a_column_that_the_writer_did_not_have_is_left_out() {
        let line = r#"{"table":"credits","row":{"owner_id":"u"}}"#;
        let read = Line::parse(line.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), line);
    }

    #[test]
    fn what_is_no_row_is_refused_without_quoting_it() {
        let refused = |from: &str, to: &str| {
            let error = Line::parse(LINE.replace(from, to).as_bytes()).unwrap_err();
            assert!(!error.to_string().contains("c2Vl"), "{error}");
            error
        };
        assert_eq!(refused("credentials", "secrets"), BadLine::UnknownTable);
        assert_eq!(refused("kind", "kinds"), BadLine::UnknownColumn("credentials"));
        assert_eq!(refused(":0", ":\"c2Vl\""), BadLine::BadValue("credentials", "ordinal"));
        assert_eq!(refused("c2VlZA==", "c2Vl?"), BadLine::BadValue("credentials", "secret"));
        assert_eq!(refused("}}", "}"), BadLine::Malformed);
        assert_eq!(refused("\"table\"", "\"tables\""), BadLine::Malformed);
    }

    #[test]
    fn a_line_shows_no_secret() {
        let read = Line::parse(LINE.as_bytes()).unwrap();
        assert!(!format!("{read:?}").contains("seed"));
    }
}
