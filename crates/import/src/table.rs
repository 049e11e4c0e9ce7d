//! Tables with commas (RFC 4180): the first line names the columns.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use crate::{Content, MAX_ROW_BYTES, Place, ReadError, Row};

/// What may be read without coming to the end of a row: a quote that is never closed
/// would otherwise make the rest of the file one row.
const MOST_BYTES: u64 = 16 * MAX_ROW_BYTES as u64;

/// The most breaks in one row. More say that a quote was opened by mistake, which would take
/// in the rows up to the next one.
const MOST_BREAKS: usize = 200;

pub(crate) struct Table<R> {
    reader: Reader<Leashed<R>>,
    watch: Rc<Watch>,
    start: Place,
    is_header_due: bool,
    record: ByteRecord,
}

impl<R: Read> Table<R> {
    /// Anywhere but at the start, `at` is behind a row.
    pub(crate) fn new(reader: R, at: Place, has_header: bool) -> Self {
        let watch = Rc::<Watch>::default();
        let leashed = Leashed { reader, watch: Rc::clone(&watch) };
        // Rows end with their line feed, so that the reader knows which line it is in.
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .from_reader(leashed);
        let is_header_due = has_header && at.offset == 0;
        Self { reader, watch, start: at, is_header_due, record: ByteRecord::new() }
    }

    pub(crate) fn place(&self) -> Place {
        let at = self.reader.position();
        Place { offset: self.start.offset + at.byte(), line: self.start.line + at.line() - 1 }
    }

    pub(crate) fn read_row(&mut self) -> Result<Option<Row>, ReadError> {
        loop {
            self.watch.since.set(0);
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
            let row = self.record.as_slice();
            let n_breaks = row.split(|byte| *byte == b'\n').count() - 1;
            // At the end, its last line feed may be one that a quote took in.
            let is_cut_off = self.watch.is_over.get()
                && (self.watch.last.get() != b'\n' || row.ends_with(b"\n"));
            let n_lines = n_breaks as u64 + u64::from(!is_cut_off);
            let line = self.place().line + 1 - n_lines;
            if n_breaks > MOST_BREAKS {
                let why = "a quote that is opened here is closed far below, or never";
                return Err(ReadError::Broken { line, why });
            }
            let cells = without_carriage_return(&self.record);
            if cells.iter().all(<[u8]>::is_empty) && cells.len() == 1 {
                continue;
            }
            let content = if cells.as_slice().len() > MAX_ROW_BYTES {
                Content::TooLong
            } else {
                Content::Cells(cells)
            };
            return Ok(Some(Row::new(line, content)));
        }
    }
}

/// A row of a table whose lines end in CR LF.
fn without_carriage_return(record: &ByteRecord) -> ByteRecord {
    let last = record.len().saturating_sub(1);
    let cells = record.iter().enumerate();
    cells
        .map(|(n, cell)| if n == last { cell.strip_suffix(b"\r").unwrap_or(cell) } else { cell })
        .collect()
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

/// What was read so far.
#[derive(Default)]
struct Watch {
    /// Bytes since the last row.
    since: Cell<u64>,
    last: Cell<u8>,
    is_over: Cell<bool>,
}

/// Ends a read that goes on for too long.
struct Leashed<R> {
    reader: R,
    watch: Rc<Watch>,
}

impl<R: Read> Read for Leashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let watch = &self.watch;
        if watch.since.get() > MOST_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let n = self.reader.read(buffer)?;
        watch.since.set(watch.since.get() + n as u64);
        match buffer.get(..n).and_then(<[u8]>::last) {
            Some(last) => watch.last.set(*last),
            None => watch.is_over.set(true),
        }
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
    fn a_quote_that_takes_in_many_rows_is_told() {
        let rows = "x,y\r\n".repeat(300);
        for text in [format!("a,b\n1,\"2\n{rows}"), format!("a,b\n1,\"2\n{rows}3,\"4\n")] {
            let mut table = Table::new(text.as_bytes(), Place::default(), true);
            assert!(matches!(table.read_row(), Err(ReadError::Broken { line: 2, .. })));
        }
    }

    #[test]
    fn lines_are_counted_alike_however_they_end() {
        let rows_of = |text: &str| {
            let rows = rows(text.as_bytes(), Place::default());
            rows.into_iter().map(|row| (row.0, row.1.join("|"))).collect::<Vec<_>>()
        };
        for text in ["a,b\n\n1,2\n\"3\n\",\n5,6\n", "a,b\n\n1,2\n\"3\n\",\n5,6"] {
            let expected = [(3, "1|2"), (4, "3\n|"), (6, "5|6")];
            let expected = expected.map(|(line, cells)| (line, cells.to_owned()));
            assert_eq!(rows_of(text), expected);
            let windows = rows_of(&text.replace('\n', "\r\n"));
            let windows: Vec<_> =
                windows.into_iter().map(|(line, cells)| (line, cells.replace('\r', ""))).collect();
            assert_eq!(windows, expected);
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
