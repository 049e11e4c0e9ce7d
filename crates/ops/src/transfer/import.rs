//! Import an export: the same instance with the same ids, keys and times, in another store.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use bytes::Bytes;
use rollbook_images::{Format, ImageKey};
use rollbook_store::transfer::{self, BadLine, Begun, Claim, Line, Prepared, Written};
use rollbook_wire::Id;
use tokio::task::JoinHandle;

use super::check::check;
use super::frame::next_line;
use crate::instances::gather_statistics;
use crate::{Ctx, Error, images};

/// Rows, and bytes of them, that are written in one transaction.
const BATCH_ROWS: usize = 1000;
const BATCH_BYTES: usize = 2 << 20;

/// Rows deleted in one transaction.
pub(super) const DISCARD: i64 = 5000;

/// Opens the export from its beginning; it is read twice.
pub type Source<'a> = dyn FnMut() -> io::Result<Box<dyn BufRead>> + 'a;

/// How far an import is, in bytes of the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// They were looked at.
    Checked(u64),
    /// They were written.
    Written(u64),
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// `ins_…`
    pub instance_id: Id,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
}

/// Why an export was not imported; nothing of it is to be seen.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It does not begin as one.
    #[error("this is no export of Rollbook")]
    NotAnExport,
    /// A later release has written it, in a way that this one cannot read.
    #[error(
        "the export is in format {found}, this release reads formats up to {known}: \
         import it with the release that wrote it, or a later one"
    )]
    NewerFormat {
        /// The format of the export.
        found: u32,
        /// The latest one known.
        known: u32,
    },
    /// A later release has written it, and it may hold what this one does not know.
    #[error(
        "the export was written by release {release} at schema version {found}, this release \
         knows versions up to {known}: import it with that release, or a later one"
    )]
    NewerSchema {
        /// Who wrote it.
        release: String,
        /// The schema of the export.
        found: i64,
        /// The latest one known.
        known: i64,
    },
    /// Its last line is missing.
    #[error("the export is cut short: its last line is missing")]
    Cut,
    /// It is not what was written.
    #[error("the export was altered or damaged: it does not fit the digest in its last line")]
    Altered,
    /// There is such an instance.
    #[error("there is an instance {0} already: delete it first, or import into another store")]
    Exists(Id),
    /// A secret key cannot open two instances.
    #[error("a secret key of {0} is in use for another instance of this store")]
    KeyTaken(Id),
    /// A line that is no row of ours.
    #[error("line {number} cannot be imported: {reason}")]
    BadLine {
        /// From 1.
        number: u64,
        /// What is wrong with it.
        reason: BadLine,
    },
    /// Rows that exclude each other.
    #[error("two rows of {0} exclude each other")]
    Twice(&'static str),
    /// Somebody else imports the same instance.
    #[error("another import of this instance has begun and goes on instead")]
    Superseded,
    /// It cannot be read.
    #[error("failed to read the export")]
    Read(#[from] io::Error),
    /// The store, or the place of the pictures, failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<rollbook_store::Error> for ImportError {
    fn from(error: rollbook_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Imports an export; the instance is there when this returns, and not before.
///
/// The export is read to its end before anything is written. What an import that was
/// cut short has left of the same instance is removed first; a refusal removes what was
/// written.
pub async fn import(
    ctx: &Ctx,
    source: &mut Source<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportError> {
    let checked = check(source()?.as_mut(), progress)?;
    let instance = checked.header.instance_id;
    let mut import = Import {
        ctx,
        claim: Claim { instance: instance.clone(), token: token(ctx) },
        has_begun: false,
        batch: Batch::default(),
        writing: None,
        held: Vec::new(),
        pictures: Vec::new(),
    };
    let done = import.run(source()?.as_mut(), &checked.footer.rows, progress).await;
    if let Err(error) = done {
        import.undo().await;
        return Err(error);
    }
    if let Err(error) = ctx.reload_catalog().await {
        // The instance is in; whoever serves it looks for it anyway.
        tracing::warn!(error = &error as &dyn std::error::Error, "the instance is not yet served");
    }
    gather_statistics(&ctx.db).await;
    Ok(Imported { instance_id: instance, rows: checked.footer.rows })
}

/// Tells an import from others.
pub(super) fn token(ctx: &Ctx) -> String {
    hex::encode(ctx.entropy.bytes::<16>())
}

#[derive(Default)]
struct Batch {
    rows: Vec<Prepared>,
    n_bytes: usize,
}

struct Import<'a> {
    ctx: &'a Ctx,
    claim: Claim,
    has_begun: bool,
    batch: Batch,
    /// The batch before, so that the next is read while it is written.
    writing: Option<JoinHandle<Result<(), ImportError>>>,
    /// What comes in with the instance itself.
    held: Vec<Prepared>,
    /// What was put beside the store.
    pictures: Vec<(String, String)>,
}

impl Import<'_> {
    async fn run(
        &mut self,
        reader: &mut dyn BufRead,
        expected: &BTreeMap<String, u64>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), ImportError> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut line = Vec::new();
        next_line(reader, &mut line)?;
        let (mut number, mut n_bytes) = (1, line.len() as u64);
        // The instance and its keys come first, and decide whether it may begin.
        let (mut heads, mut keys) = (Vec::new(), Vec::new());
        let n_rows: u64 = expected.values().sum();
        for _ in 0..n_rows {
            next_line(reader, &mut line)?;
            number += 1;
            n_bytes += line.len() as u64;
            let bad = |reason| ImportError::BadLine { number, reason };
            let row = Line::parse(&line).map_err(bad)?;
            match counts.get_mut(row.table()) {
                Some(count) => *count += 1,
                None => drop(counts.insert(row.table().to_owned(), 1)),
            }
            match row.table() {
                "instances" => heads.push(row),
                "secret_keys" => keys.push(row),
                _ => {
                    self.begin(&keys).await?;
                    self.take(row, line.len(), number).await?;
                }
            }
            progress(Progress::Written(n_bytes));
        }
        self.begin(&keys).await?;
        if counts != *expected || heads.len() != 1 {
            return Err(ImportError::Altered);
        }
        self.flush().await?;
        self.settle().await?;
        for row in heads.into_iter().chain(keys) {
            let prepared = self.prepare(row, number)?;
            self.held.push(prepared);
        }
        let (claim, held) = (self.claim.clone(), std::mem::take(&mut self.held));
        self.ctx.db.write(move |tx| settled(transfer::publish(tx, &claim, &held)?)).await
    }

    /// Claims the id and removes leftovers, unless that is done.
    async fn begin(&mut self, keys: &[Line]) -> Result<(), ImportError> {
        if self.has_begun {
            return Ok(());
        }
        let claim = self.claim.clone();
        let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.bytes("hash").to_vec()).collect();
        let begun = self.ctx.db.write(move |tx| transfer::begin(tx, &claim, &keys)).await?;
        match begun {
            Begun::Yes => {}
            Begun::Exists => return Err(ImportError::Exists(self.claim.instance.clone())),
            Begun::KeyTaken => return Err(ImportError::KeyTaken(self.claim.instance.clone())),
        }
        self.has_begun = true;
        self.discard().await
    }

    async fn take(
        &mut self,
        mut row: Line,
        n_bytes: usize,
        number: u64,
    ) -> Result<(), ImportError> {
        if let Some(bytes) = row.take_picture() {
            self.put_picture(&row, bytes, number).await?;
        }
        let is_held = row.is_held();
        let prepared = self.prepare(row, number)?;
        if is_held {
            self.held.push(prepared);
            return Ok(());
        }
        self.batch.rows.push(prepared);
        self.batch.n_bytes += n_bytes;
        if self.batch.rows.len() < BATCH_ROWS && self.batch.n_bytes < BATCH_BYTES {
            return Ok(());
        }
        self.flush().await
    }

    fn prepare(&self, row: Line, number: u64) -> Result<Prepared, ImportError> {
        let prepared = transfer::prepare(&self.ctx.vault, &self.claim.instance, row)?;
        prepared.map_err(|reason| ImportError::BadLine { number, reason })
    }

    async fn put_picture(
        &mut self,
        row: &Line,
        bytes: Vec<u8>,
        number: u64,
    ) -> Result<(), ImportError> {
        let (id, extension) = row.names_picture().unwrap_or_default();
        let format = Format::from_extension(extension);
        let key = format.and_then(|format| ImageKey::new(id, format).ok());
        let reason = BadLine::BadValue("images", "image_id");
        let key = key.ok_or(ImportError::BadLine { number, reason })?;
        // The bytes first: a row never names a picture that is not there yet.
        let put = self.ctx.images.put(&key, Bytes::from(bytes)).await;
        put.map_err(|source| Error::internal("store a picture", source))?;
        self.pictures.push((id.to_owned(), extension.to_owned()));
        Ok(())
    }

    /// Hands the batch over to be written, once the one before is.
    async fn flush(&mut self) -> Result<(), ImportError> {
        self.settle().await?;
        let rows = std::mem::take(&mut self.batch).rows;
        if rows.is_empty() {
            return Ok(());
        }
        let (db, claim) = (self.ctx.db.clone(), self.claim.clone());
        self.writing = Some(tokio::spawn(async move {
            db.write(move |tx| settled(transfer::insert(tx, &claim, &rows)?)).await
        }));
        Ok(())
    }

    /// Waits for the batch that is being written.
    async fn settle(&mut self) -> Result<(), ImportError> {
        let Some(writing) = self.writing.take() else { return Ok(()) };
        let written = writing.await;
        written.map_err(|source| Error::internal("write a batch of an import", source))?
    }

    async fn discard(&self) -> Result<(), ImportError> {
        loop {
            let claim = self.claim.clone();
            let n = self.ctx.db.write(move |tx| transfer::discard(tx, &claim, DISCARD)).await?;
            if n.ok_or(ImportError::Superseded)? == 0 {
                return Ok(());
            }
        }
    }

    /// Removes what was written; what cannot be removed is by the next import.
    async fn undo(&mut self) {
        // What is being written would come after what is deleted.
        drop(self.settle().await);
        if !self.has_begun {
            return;
        }
        if let Err(error) = self.discard().await {
            tracing::warn!(%error, "failed to remove what a refused import has written");
            return;
        }
        images::discard(self.ctx, std::mem::take(&mut self.pictures)).await;
        let claim = self.claim.clone();
        let released = self.ctx.db.write(move |tx| transfer::release(tx, &claim)).await;
        if let Err(error) = released {
            tracing::warn!(%error, "failed to give up the claim of a refused import");
        }
    }
}

fn settled(written: Written) -> Result<(), ImportError> {
    match written {
        Written::Yes => Ok(()),
        Written::Twice(table) => Err(ImportError::Twice(table)),
        Written::Superseded => Err(ImportError::Superseded),
    }
}
