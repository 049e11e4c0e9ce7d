//! The rows of one source, whatever its syntax.

use std::io::{self, Read};

use crate::array::Array;
use crate::format::Syntax;
use crate::lines::Lines;
use crate::table::Table;
use crate::{Row, Shape};

/// A place between two rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Bytes before it.
    pub offset: u64,
    /// Line breaks before it.
    pub line: u64,
}

/// Why the rest of a source cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// Where its rows end can no longer be told.
    Broken {
        /// From 1.
        line: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// It gives no more bytes.
    Io(io::Error),
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken { line, why } => write!(f, "line {line}: {why}"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads rows in constant memory: no more than one is held.
pub struct Rows<R>(Kind<R>);

enum Kind<R> {
    Lines(Lines<R>),
    Array(Array<R>),
    Table(Table<R>),
}

impl<R: Read> Rows<R> {
    /// Reads on from `at`, where `reader` stands: the start, or behind a row.
    pub fn new(reader: R, shape: &Shape, at: Place) -> Self {
        Self(match shape.syntax() {
            Syntax::Lines => Kind::Lines(Lines::new(reader, at)),
            Syntax::Array { under } => Kind::Array(Array::new(reader, at, under)),
            Syntax::Table { has_header } => Kind::Table(Table::new(reader, at, has_header)),
        })
    }

    /// The next row, if there is one.
    pub fn read(&mut self) -> Result<Option<Row>, ReadError> {
        match &mut self.0 {
            Kind::Lines(lines) => Ok(lines.read()?),
            Kind::Array(array) => array.read(),
            Kind::Table(table) => table.read_row(),
        }
    }

    /// Behind the row that was read last.
    pub fn place(&self) -> Place {
        match &self.0 {
            Kind::Lines(lines) => lines.place(),
            Kind::Array(array) => array.place(),
            Kind::Table(table) => table.place(),
        }
    }
}
