//! The files of an import: what tells them from others, and their rows one after the other.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::Builder;

use anyhow::{Context, Result};
use rollbook_domain::ImportPosition;
use rollbook_import::{Batch, Batches, Format, Helps, Join, Place, ReadError, Shape};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

/// What is read at the start of a file to recognise it.
const HEAD: u64 = 64 << 10;

/// What is read at either end of a file to tell it from another.
const ENDS: u64 = 1 << 20;

/// Portions that were read and that nobody has taken yet.
const READ_AHEAD: usize = 1;

/// Files that can be read, and how.
pub(crate) struct Files(Vec<Source>);

struct Source {
    path: PathBuf,
    bytes: u64,
    shape: Arc<Shape>,
    digest: [u8; 32],
}

impl Files {
    /// Looks into each.
    pub(crate) fn open(paths: &[PathBuf], format: Option<Format>, helps: &Helps) -> Result<Self> {
        let open = |path: &PathBuf| {
            Source::open(path, format, helps)
                .with_context(|| format!("failed to read {}", path.display()))
        };
        Ok(Self(paths.iter().map(open).collect::<Result<_>>()?))
    }

    /// A digest of the files and of `how` they are imported.
    pub(crate) fn source(&self, how: &str) -> String {
        let mut digest = Sha256::new();
        for source in &self.0 {
            digest.update(source.digest);
            digest.update([0]);
            digest.update(source.shape.format().name());
        }
        digest.update([0]);
        digest.update(how);
        if let Some(source) = self.0.first() {
            // Helps change what rows say.
            digest.update(source.shape.helps().digest());
        }
        hex::encode(digest.finalize())
    }

    pub(crate) fn format(&self) -> Format {
        self.0.first().map_or(Format::Rollbook, |source| source.shape.format())
    }

    /// As they were named.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|source| source.path.display().to_string()).collect()
    }

    /// A file beside the first.
    pub(crate) fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.0.first().map(|source| source.path.clone()).unwrap_or_default();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(end);
        path.set_file_name(name);
        path
    }

    /// How many there are.
    pub(crate) fn n_files(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// How many bytes there are in all.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.iter().map(|source| source.bytes).sum()
    }

    /// How many bytes lie before a position.
    pub(crate) fn bytes_before(&self, at: ImportPosition) -> u64 {
        let before = (0..).zip(&self.0).filter(|(n, _)| *n < at.file);
        before.map(|(_, source)| source.bytes).sum::<u64>() + at.offset
    }

    /// Reads all rows behind `at` on a thread of its own.
    pub(crate) fn read_from(
        self,
        at: ImportPosition,
    ) -> Result<mpsc::Receiver<Result<Batch, ReadError>>> {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let read = move || {
            let mut join = match self.join() {
                Ok(join) => join,
                Err(error) => {
                    // Fails if the import has ended for another reason.
                    let _ = sender.blocking_send(Err(error));
                    return;
                }
            };
            for (n, source) in (0..).zip(self.0).filter(|(n, _)| *n >= at.file) {
                let place = if n == at.file {
                    Place { offset: at.offset, line: at.line }
                } else {
                    Place::default()
                };
                if !source.send(n, place, join.as_mut(), &sender) {
                    break;
                }
            }
        };
        let started = Builder::new().name("import-files".to_owned()).spawn(read);
        started.map(|_| receiver).context("failed to start a thread")
    }
}

impl Files {
    /// What files of one system say of the same users.
    fn join(&self) -> Result<Option<Join<File>>, ReadError> {
        if !Join::<File>::is_due(self.0.iter().map(|source| &*source.shape)) {
            return Ok(None);
        }
        let mut opened = Vec::with_capacity(self.0.len());
        for source in &self.0 {
            opened.push((File::open(&source.path)?, Arc::clone(&source.shape)));
        }
        Join::of(opened.into_iter()).map(Some)
    }
}

impl Source {
    fn open(path: &Path, format: Option<Format>, helps: &Helps) -> Result<Self> {
        let mut file = File::open(path)?;
        let bytes = file.metadata()?.len();
        let mut head = Vec::new();
        (&mut file).take(HEAD).read_to_end(&mut head)?;
        let shape = Arc::new(Shape::recognise(&head, format)?.with(helps.clone()));

        let mut digest = Sha256::new_with_prefix(bytes.to_be_bytes());
        let mut part = Vec::new();
        for start in [0, bytes.saturating_sub(ENDS)] {
            part.clear();
            file.seek(SeekFrom::Start(start))?;
            (&mut file).take(ENDS).read_to_end(&mut part)?;
            digest.update(&part);
        }
        Ok(Self { path: path.to_owned(), bytes, shape, digest: digest.finalize().into() })
    }

    /// False once nobody wants more.
    fn send(
        &self,
        n: u32,
        at: Place,
        mut join: Option<&mut Join<File>>,
        sender: &mpsc::Sender<Result<Batch, ReadError>>,
    ) -> bool {
        let opened = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(at.offset))?;
            Ok(file)
        });
        let file = match opened {
            Ok(file) => file,
            Err(error) => return sender.blocking_send(Err(error.into())).is_ok(),
        };
        let mut batches = Batches::new(file, Arc::clone(&self.shape), n, at);
        loop {
            let next = batches.read_with(|shape, row| match &mut join {
                Some(join) => join.look(shape, row),
                None => Ok(Some(row)),
            });
            let is_last = next.is_err();
            let Some(next) = next.transpose() else { return true };
            if sender.blocking_send(next).is_err() || is_last {
                return false;
            }
        }
    }
}
