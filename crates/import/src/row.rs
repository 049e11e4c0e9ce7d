//! One row as it was found, before anybody has looked into it.

use serde_json::{Map, Value};

/// The longest row; a longer one is passed over and refused.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// A row and where it was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// What it holds.
    pub content: Content,
    /// What another file says of the same user, by the names of the same system.
    pub also: Map<String, Value>,
}

/// The text of a row; it may hold secrets, so it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// JSON, or what should be.
    Json(Vec<u8>),
    /// The cells of a line of a table.
    Cells(csv::ByteRecord),
    /// More than [`MAX_ROW_BYTES`].
    TooLong,
}

impl Row {
    pub(crate) fn new(line: u64, content: Content) -> Self {
        Self { line, content, also: Map::new() }
    }

    /// How many bytes it holds.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Json(text) => text.len(),
            Content::Cells(cells) => cells.as_slice().len(),
            Content::TooLong => 0,
        }
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
