//! Bytes of a source, counted with their lines.

use std::io::{self, BufRead, BufReader, Read};

use crate::{MAX_ROW_BYTES, Place};

/// A reader that knows where it is.
pub(crate) struct Input<R> {
    reader: BufReader<R>,
    at: Place,
}

impl<R: Read> Input<R> {
    /// Reads on from `at`, where `reader` stands.
    pub(crate) fn new(reader: R, at: Place) -> Self {
        Self { reader: BufReader::with_capacity(256 << 10, reader), at }
    }

    pub(crate) fn place(&self) -> Place {
        self.at
    }

    /// The next byte, without taking it.
    pub(crate) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.buffer()?.first().copied())
    }

    /// Takes bytes for as long as `go_on` says so; they go into `text` until it is full.
    ///
    /// The byte that ends it is taken, too, if `go_on` answers [`Step::Last`]. False at the
    /// end of the source.
    pub(crate) fn take(
        &mut self,
        text: &mut Text,
        mut go_on: impl FnMut(u8) -> Step,
    ) -> io::Result<bool> {
        loop {
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let mut end = None;
            for (n, byte) in buffer.iter().enumerate() {
                match go_on(*byte) {
                    Step::On => {}
                    Step::Last => end = Some(n + 1),
                    Step::Before => end = Some(n),
                }
                if end.is_some() {
                    break;
                }
            }
            let taken = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or(buffer);
            text.push(taken);
            let n = taken.len();
            let lines = taken.iter().fold(0, |lines, byte| lines + u64::from(*byte == b'\n'));
            self.reader.consume(n);
            self.at.offset += n as u64;
            self.at.line += lines;
            if end.is_some() {
                return Ok(true);
            }
        }
    }

    /// Passes over bytes for as long as `go_on` says so.
    pub(crate) fn skip(&mut self, go_on: impl Fn(u8) -> bool) -> io::Result<()> {
        let step = |byte| if go_on(byte) { Step::On } else { Step::Before };
        self.take(&mut Text::none(), step).map(drop)
    }

    fn buffer(&mut self) -> io::Result<&[u8]> {
        // Asked twice, since the first loan would last over the loop.
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        self.reader.fill_buf()
    }
}

/// What a byte means for what is being taken.
pub(crate) enum Step {
    /// It is part of it.
    On,
    /// It is the last part of it.
    Last,
    /// It is behind it.
    Before,
}

/// Bytes taken, up to [`MAX_ROW_BYTES`].
pub(crate) struct Text {
    bytes: Vec<u8>,
    most: usize,
    is_too_long: bool,
}

impl Text {
    pub(crate) fn row() -> Self {
        Self { bytes: Vec::new(), most: MAX_ROW_BYTES, is_too_long: false }
    }

    /// Keeps nothing.
    pub(crate) fn none() -> Self {
        Self { bytes: Vec::new(), most: 0, is_too_long: false }
    }

    /// All of it, or `None` if there was too much.
    pub(crate) fn into_bytes(self) -> Option<Vec<u8>> {
        (!self.is_too_long).then_some(self.bytes)
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.is_too_long || bytes.len() > self.most.saturating_sub(self.bytes.len()) {
            self.is_too_long = true;
            self.bytes = Vec::new();
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }
}
