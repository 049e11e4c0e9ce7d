//! Tables with commas (RFC 4180): the first line names the columns.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::{Content, MAX_ROW_BYTES, Place, ReadError, Row};

/// What may be read without coming to the end of a row: a quote that is never closed
/// would otherwise make the rest of the file one row.
const MOST_BYTES: u64 = 16 * MAX_ROW_BYTES as u64;

pub(crate) struct Table<R> {
    reader: Reader<Leashed<R>>,
    since: Rc<Cell<u64>>,
    start: Place,
    is_header_due: bool,
    record: ByteRecord,
}

impl<R: Read> Table<R> {
    /// Anywhere but at the start, `at` is behind a row.
    pub(crate) fn new(reader: R, at: Place, has_header: bool) -> Self {
        let since = Rc::new(Cell::new(0));
        let leashed = Leashed { reader, since: Rc::clone(&since) };
        let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(leashed);
        let is_header_due = has_header && at.offset == 0;
        Self { reader, since, start: at, is_header_due, record: ByteRecord::new() }
    }

    pub(crate) fn place(&self) -> Place {
        let at = self.reader.position();
        Place { offset: self.start.offset + at.byte(), line: self.start.line + at.line() - 1 }
    }

    pub(crate) fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            self.since.set(0);
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(error) => {
                    let line = self.place().line + 1;
                    return Err(match error.into_kind() {
                        csv::ErrorKind::Io(error)
                            if error.kind() == io::ErrorKind::FileTooLarge =>
                        {
                            ReadError::Broken { line, why: "a quote is never closed" }
                        }
                        csv::ErrorKind::Io(error) => ReadError::Io(error),
                        _ => ReadError::Broken { line, why: "the table is malformed" },
                    });
                }
            }
            if std::mem::take(&mut self.is_header_due) {
                continue;
            }
            let line = self.record.position().map_or(0, csv::Position::line) + self.start.line;
            let content = if self.record.as_slice().len() > MAX_ROW_BYTES {
                Content::TooLong
            } else {
                Content::Cells(self.record.clone())
            };
            return Ok(Some(Row::new(line, content)));
        }
    }
}

/// The names of the columns.
pub(crate) fn header(head: &[u8]) -> Vec<String> {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(head);
    let mut record = ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => {
            record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect()
        }
        Ok(false) | Err(_) => Vec::new(),
    }
}

/// Ends a read that goes on for too long.
struct Leashed<R> {
    reader: R,
    since: Rc<Cell<u64>>,
}

impl<R: Read> Read for Leashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MOST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let n = self.reader.read(buffer)?;
        self.since.set(self.since.get() + n as u64);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a,b\r\n1,2\r\n\r\n\"x\r\ny\",\"\"\"\"\r\n3\r\n4,5";

    fn rows(text: &[u8], at: Place) -> Vec<(u64, Vec<String>, Place)> {
        let rest = text.get(usize::try_from(at.offset).unwrap()..).unwrap();
        let mut table = Table::new(rest, at, true);
        let mut rows = Vec::new();
        while let Some(row) = table.read_row().unwrap() {
            let Content::Cells(cells) = row.content else { panic!("a row of {}", row.line) };
            let cells = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned());
            rows.push((row.line, cells.collect(), table.place()));
        }
        rows
    }

    #[test]
    fn cells_may_hold_breaks_and_quotes_and_lines_are_counted() {
        assert_eq!(header(TEXT.as_bytes()), ["a", "b"]);
        let found = rows(TEXT.as_bytes(), Place::default());
        let found: Vec<_> = found.iter().map(|row| (row.0, row.1.join("|"))).collect();
        let expected = [(2, "1|2"), (4, "x\r\ny|\""), (6, "3"), (7, "4|5")];
        assert_eq!(found, expected.map(|(line, cells)| (line, cells.to_owned())));
    }

    #[test]
    fn reading_goes_on_behind_any_row() {
        let all = rows(TEXT.as_bytes(), Place::default());
        for n in 1..=all.len() {
            assert_eq!(rows(TEXT.as_bytes(), all[n - 1].2), all[n..]);
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        let text = format!("a\n1\n\"{}", "x,\n".repeat(8 << 20));
        let mut table = Table::new(text.as_bytes(), Place::default(), true);
        assert!(table.read_row().unwrap().is_some());
        assert!(matches!(table.read_row(), Err(ReadError::Broken { .. })));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_name() {
        assert_eq!(header("\u{feff}id,\"email\"\n".as_bytes()), ["id", "email"]);
        assert_eq!(header(b""), Vec::<String>::new());
    }
}
