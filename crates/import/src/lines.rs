//! JSON Lines: a row is a line, and an empty line is none.

use std::io::{self, Read};

use crate::input::{Input, Step, Text};
use crate::{Content, Place, Row};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(crate) struct Lines<R>(Input<R>);

impl<R: Read> Lines<R> {
    pub(crate) fn new(reader: R, at: Place) -> Self {
        Self(Input::new(reader, at))
    }

    pub(crate) fn place(&self) -> Place {
        self.0.place()
    }

    pub(crate) fn read(&mut self) -> io::Result<Option<Row>> {
        loop {
            let at = self.0.place();
            let mut text = Text::row();
            let step = |byte| if byte == b'\n' { Step::Last } else { Step::On };
            let is_ended = self.0.take(&mut text, step)?;
            let line = at.line + 1;
            let Some(mut bytes) = text.into_bytes() else {
                return Ok(Some(Row::new(line, Content::TooLong)));
            };
            if !is_ended && bytes.is_empty() {
                return Ok(None);
            }
            if at.offset == 0 && bytes.starts_with(BYTE_ORDER_MARK) {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            if !bytes.trim_ascii().is_empty() {
                return Ok(Some(Row::new(line, Content::Json(bytes))));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MAX_ROW_BYTES;

    fn rows(text: &[u8], at: Place) -> Vec<(u64, Option<String>, u64)> {
        let rest = text.get(usize::try_from(at.offset).unwrap()..).unwrap();
        let mut lines = Lines::new(rest, at);
        let mut rows = Vec::new();
        while let Some(row) = lines.read().unwrap() {
            let text = match row.content {
                Content::Json(text) => Some(String::from_utf8_lossy(&text).trim().to_owned()),
                Content::Cells(_) | Content::TooLong => None,
            };
            rows.push((row.line, text, lines.place().offset));
        }
        rows
    }

    #[test]
    fn each_line_is_a_row_and_empty_ones_only_count() {
        let text = "\u{feff}{\"a\":1}\n\n  \r\n{\"b\":2}\r\n{";
        let found = rows(text.as_bytes(), Place::default());
        let texts: Vec<_> = found.iter().map(|row| (row.0, row.1.as_deref().unwrap())).collect();
        assert_eq!(texts, [(1, "{\"a\":1}"), (4, "{\"b\":2}"), (5, "{")]);
    }

    #[test]
    fn reading_goes_on_behind_any_row() {
        let text = b"{\"a\":1}\n\n{\"b\":2}\n{\"c\":3}\n";
        let all = rows(text, Place::default());
        let mut lines = Lines::new(&text[..], Place::default());
        for n in 1..=all.len() {
            lines.read().unwrap().unwrap();
            assert_eq!(rows(text, lines.place()), all[n..]);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = "x".repeat(MAX_ROW_BYTES);
        let text = format!("{long}\n{{}}\n{long}x");
        let found = rows(text.as_bytes(), Place::default());
        let found: Vec<_> = found.iter().map(|row| (row.0, row.1.as_deref())).collect();
        assert_eq!(found, [(1, None), (2, Some("{}")), (3, None)]);
    }
}
