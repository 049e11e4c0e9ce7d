//! Rows in portions that are written together.

use std::io::Read;
use std::sync::Arc;

use crate::{Place, ReadError, Row, Rows, Shape};

/// Rows of one portion at most.
const MOST_ROWS: usize = 4000;

/// Bytes of one portion after which no row is added.
const MOST_BYTES: usize = 4 << 20;

/// Rows of one file that follow each other.
pub struct Batch {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// How to read them.
    pub shape: Arc<Shape>,
    /// Which file, from 0.
    pub file: u32,
    /// Behind the last of them.
    pub end: Place,
}

/// The portions of one source.
pub struct Batches<R> {
    rows: Rows<R>,
    shape: Arc<Shape>,
    file: u32,
    /// What ended the portion before.
    error: Option<ReadError>,
}

impl<R: Read> Batches<R> {
    /// Those of the `file`th source from `at`, where `reader` stands.
    pub fn new(reader: R, shape: Arc<Shape>, file: u32, at: Place) -> Self {
        Self { rows: Rows::new(reader, &shape, at), shape, file, error: None }
    }

    /// The next portion; what was read before an error comes first, then the error.
    pub fn read(&mut self) -> Result<Option<Batch>, ReadError> {
        self.read_with(|_, row| Ok(Some(row)))
    }

    /// The same of what `look` makes of the rows; those of which it makes nothing are passed
    /// over.
    pub fn read_with(
        &mut self,
        mut look: impl FnMut(&Shape, Row) -> Result<Option<Row>, ReadError>,
    ) -> Result<Option<Batch>, ReadError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let (mut rows, mut n_bytes, mut end) = (Vec::new(), 0, self.rows.place());
        while rows.len() < MOST_ROWS && n_bytes < MOST_BYTES {
            let read = self.rows.read().and_then(|row| match row {
                Some(row) => Ok(Some(look(&self.shape, row)?)),
                None => Ok(None),
            });
            match read {
                Ok(Some(row)) => {
                    n_bytes += row.as_ref().map_or(0, Row::len);
                    rows.extend(row);
                    end = self.rows.place();
                }
                Ok(None) => break,
                Err(error) if rows.is_empty() => return Err(error),
                Err(error) => {
                    self.error = Some(error);
                    break;
                }
            }
        }
        if rows.is_empty() {
            return Ok(None);
        }
        Ok(Some(Batch { rows, shape: Arc::clone(&self.shape), file: self.file, end }))
    }
}
