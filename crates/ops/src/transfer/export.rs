//! Write an instance as a stream of bytes, from one snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use rollbook_images::{Format, ImageKey};
use rollbook_store::transfer::{self, Line};
use rollbook_store::{Conn, schema_version};
use rollbook_wire::Id;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::frame::{FORMAT, Footer, Header};
use crate::{Ctx, Error, Result, instances};

/// Bytes handed over at a time, about.
const CHUNK: usize = 64 << 10;

/// Chunks that may wait for whoever takes them.
const CHUNKS_AHEAD: usize = 4;

/// An export under way; dropping it ends it.
#[derive(Debug)]
pub struct Export {
    chunks: mpsc::Receiver<Result<Bytes>>,
    rows: Arc<AtomicU64>,
}

impl Export {
    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    ///
    /// After one nothing more comes, and what came is no whole export, as its
    /// missing last line says.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        self.chunks.recv().await
    }

    /// Rows written so far.
    pub fn n_rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }
}

/// Everything of an instance, secrets in the open.
///
/// Sees one moment of the store, holds little of it in memory, and waits for
/// whoever takes the bytes. Pictures are read as they come: one that was deleted since
/// is left out, as the picture of a user who has none.
pub async fn export(ctx: &Ctx, id: &Id) -> Result<Export> {
    instances::get(ctx, id)?;
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    let rows = Arc::new(AtomicU64::new(0));
    let (ctx, id, counter, pictures) =
        (ctx.clone(), id.clone(), Arc::clone(&rows), Handle::current());
    tokio::spawn(async move {
        let failed = sender.clone();
        let ctx_ = ctx.clone();
        let mut sender = Some(sender);
        let written = ctx.db.read_aside(move |conn| {
            // A snapshot that was lost on the way cannot be taken up by another.
            let sender = sender.take();
            let sender = sender.ok_or_else(|| unavailable("the connection was lost"))?;
            let sink = Sink::new(sender, Arc::clone(&counter));
            write(&ctx_, conn, &id, &pictures, sink)
        });
        if let Err(error) = written.await {
            // An error here only says that nobody listens.
            drop(failed.send(Err(error)).await);
        }
    });
    Ok(Export { chunks, rows })
}

fn write(ctx: &Ctx, conn: &mut Conn<'_>, id: &Id, pictures: &Handle, mut sink: Sink) -> Result<()> {
    sink.line(&Header {
        rollbook_export: FORMAT,
        instance_id: id.clone(),
        schema_version: schema_version(),
        release: env!("CARGO_PKG_VERSION").to_owned(),
        exported_at: ctx.clock.now(),
    })?;
    transfer::lines(conn, &ctx.vault, id, |line| {
        let picture = match line.names_picture() {
            Some(named) => pictures.block_on(picture(ctx, named))?,
            None => None,
        };
        let table = line.table();
        let line = match picture {
            Some(bytes) => line.with_picture(bytes),
            None => line,
        };
        sink.row(table, &line)
    })?;
    if !sink.counts.contains_key("instances") {
        return Err(Error::not_found("instance", id.as_str()));
    }
    sink.end()
}

async fn picture(ctx: &Ctx, (id, format): (&str, &str)) -> Result<Option<Vec<u8>>> {
    let format = Format::from_extension(format);
    let Some(key) = format.and_then(|format| ImageKey::new(id, format).ok()) else {
        return Ok(None);
    };
    let bytes = ctx.images.get(&key).await;
    let bytes = bytes.map_err(|source| Error::internal("read a picture", source))?;
    Ok(bytes.map(|bytes| bytes.to_vec()))
}

fn unavailable(why: &str) -> Error {
    Error::Unavailable(format!("the export cannot go on: {why}"))
}

/// Lines on their way to whoever takes them, counted and digested.
struct Sink {
    sender: mpsc::Sender<Result<Bytes>>,
    buffer: Vec<u8>,
    digest: Sha256,
    counts: BTreeMap<String, u64>,
    rows: Arc<AtomicU64>,
}

impl Sink {
    fn new(sender: mpsc::Sender<Result<Bytes>>, rows: Arc<AtomicU64>) -> Self {
        let (buffer, digest) = (Vec::with_capacity(2 * CHUNK), Sha256::new());
        Self { sender, buffer, digest, counts: BTreeMap::new(), rows }
    }

    fn row(&mut self, table: &str, line: &Line) -> Result<()> {
        match self.counts.get_mut(table) {
            Some(count) => *count += 1,
            None => drop(self.counts.insert(table.to_owned(), 1)),
        }
        self.rows.fetch_add(1, Ordering::Relaxed);
        self.line(line)
    }

    fn line(&mut self, line: &impl serde::Serialize) -> Result<()> {
        let written = serde_json::to_writer(&mut self.buffer, line);
        written.map_err(|source| Error::internal("write a line of an export", source))?;
        self.buffer.push(b'\n');
        if self.buffer.len() < CHUNK {
            return Ok(());
        }
        self.digest.update(&self.buffer);
        self.send()
    }

    fn end(mut self) -> Result<()> {
        self.digest.update(&self.buffer);
        let sha256 = hex::encode(std::mem::take(&mut self.digest).finalize());
        let footer = Footer { end: true, rows: std::mem::take(&mut self.counts), sha256 };
        let written = serde_json::to_writer(&mut self.buffer, &footer);
        written.map_err(|source| Error::internal("write the end of an export", source))?;
        self.buffer.push(b'\n');
        self.send()
    }

    fn send(&mut self) -> Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(2 * CHUNK));
        let sent = self.sender.blocking_send(Ok(Bytes::from(chunk)));
        sent.map_err(|_| unavailable("nobody takes it"))
    }
}
