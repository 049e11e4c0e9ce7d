//! From a body that arrives by and by to rows that a thread reads.

use std::io::{self, Read};
use std::sync::Arc;
use std::thread::Builder;

use axum::body::Body;
use bytes::{Buf, Bytes};
use http_body_util::BodyExt;
use rollbook_import::{Batch, Batches, Format, Place, ReadError, Shape};
use tokio::sync::mpsc;

use crate::Refusal;

/// Frames that wait to be read; a client is not asked for more before they are.
const FRAMES: usize = 4;

/// What is read at the start of a body to recognise it.
const HEAD: u64 = 64 << 10;

/// A frame; `None` is the end, without which the body has broken off.
type Frame = Option<Bytes>;

/// Where the frames of a body go.
pub(super) struct Chunks(mpsc::Sender<Frame>);

impl Chunks {
    pub(super) fn channel() -> (Self, Reader) {
        let (sender, frames) = mpsc::channel(FRAMES);
        (Self(sender), Reader { frames, frame: Bytes::new(), is_over: false })
    }

    /// Sends all of a body, as fast as it is read.
    pub(super) async fn send(self, mut body: Body) {
        while let Some(frame) = body.frame().await {
            // What is missing then is that the body is over.
            let Ok(frame) = frame else { return };
            let Ok(data) = frame.into_data() else { continue };
            if self.0.send(Some(data)).await.is_err() {
                return;
            }
        }
        // Fails if nobody reads to the end.
        let _ = self.0.send(None).await;
    }
}

/// The frames as a file.
pub(super) struct Reader {
    frames: mpsc::Receiver<Frame>,
    frame: Bytes,
    is_over: bool,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.frame.is_empty() && !self.is_over {
            match self.frames.blocking_recv() {
                Some(Some(frame)) => self.frame = frame,
                Some(None) => self.is_over = true,
                None => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it broke off")),
            }
        }
        let n = buffer.len().min(self.frame.len());
        if let Some(buffer) = buffer.get_mut(..n) {
            self.frame.copy_to_slice(buffer);
        }
        Ok(n)
    }
}

/// Reads rows on a thread of its own.
pub(super) fn read_batches(
    reader: Reader,
    format: Option<Format>,
) -> Result<mpsc::Receiver<Result<Batch, ReadError>>, Refusal> {
    let (sender, batches) = mpsc::channel(1);
    let read = move || {
        let mut reader = reader;
        let mut head = Vec::new();
        // What broke off so early has rows all the same, and breaks off again behind them.
        let read = (&mut reader).take(HEAD).read_to_end(&mut head);
        let shape = match Shape::recognise(&head, format) {
            Ok(shape) => Arc::new(shape),
            Err(error) => {
                let error = read.err().unwrap_or_else(|| io::Error::other(error));
                // Fails if the import has ended for another reason.
                let _ = sender.blocking_send(Err(error.into()));
                return;
            }
        };
        let source = Read::chain(io::Cursor::new(head), reader);
        let mut batches = Batches::new(source, shape, 0, Place::default());
        loop {
            let next = batches.read();
            let is_last = next.is_err();
            let Some(next) = next.transpose() else { return };
            if sender.blocking_send(next).is_err() || is_last {
                return;
            }
        }
    };
    let started = Builder::new().name("import-body".to_owned()).spawn(read);
    started.map(|_| batches).map_err(|error| Refusal::internal_because(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(frames: Vec<Frame>) -> Result<Vec<u64>, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (chunks, reader) = Chunks::channel();
            let mut batches = read_batches(reader, None).unwrap();
            tokio::spawn(async move {
                for frame in frames {
                    chunks.0.send(frame).await.unwrap();
                }
            });
            let mut lines = Vec::new();
            while let Some(batch) = batches.recv().await {
                let batch = batch.map_err(|error| error.to_string())?;
                lines.extend(batch.rows.iter().map(|row| row.line));
            }
            Ok(lines)
        })
    }

    #[test]
    fn rows_are_read_however_they_are_cut() {
        let text = Bytes::from_static(b"{\"a\":1}\n{\"b\":2}\n{}");
        let frames = (0..text.len()).map(|n| Some(text.slice(n..=n)));
        assert_eq!(read(frames.chain([None]).collect()).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn a_body_that_breaks_off_is_not_taken_for_a_whole_one() {
        let text = Bytes::from_static(b"{\"a\":1}\n{\"b\":2}\n");
        assert!(read(vec![Some(text)]).unwrap_err().contains("broke off"));
    }
}
