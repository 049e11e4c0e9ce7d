//! Building the filter file: compact, and in memory for one million hashes at a time.
//!
//! ```text
//! header  64 bytes: "rollbrch", version (u32), shards (u32), entries (u64),
//!                   offset of the table (u64), SHA-256 of all after the header
//! body              16-bit fingerprints, shard after shard
//! table   48 bytes a shard: first key, last key, offset, seed (u64 each),
//!                   segment length, segments' length, fingerprints (u32 each), 0 (u32)
//! ```
//!
//! Numbers are little-endian. A shard is a binary fuse filter (Graefe and Lemire,
//! "Binary Fuse Filters: Fast and Smaller Than Xor Filters") of consecutive keys,
//! the first 64 bits of SHA-1. Measured: 2.26 bytes an entry in full shards,
//! 2.38 in one of a hundred thousand; one in 65,536 others is taken for an entry.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, SeekFrom, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use xorf::BinaryFuse16;

use crate::source;

pub(crate) const MAGIC: &[u8; 8] = b"rollbrch";
pub(crate) const VERSION: u32 = 1;
pub(crate) const HEADER_BYTES: usize = 64;
pub(crate) const SHARD_BYTES: usize = 48;

/// Entries of a full shard: enough to be compact, few enough to build in 50 MB.
const FULL: usize = 1_000_000;

/// What [`build`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Distinct hashes in the filter.
    pub entries: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// Why no filter was built; nothing is left at the place of the output then.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The input cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A line is not a hash and a count.
    #[error("{path}, line {line}: not a SHA-1 and a count")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
    },
    /// Hashes do not ascend.
    #[error("{path}, line {line}: not in the order of the hashes; download the list so ordered")]
    Unordered {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: u64,
    },
    /// The output cannot be written.
    #[error("cannot write the filter: {0}")]
    Write(#[from] io::Error),
    /// The algorithm gave up, which it does for one set of hashes in more than can be tried.
    #[error("no filter can be made of these hashes")]
    Filter,
}

/// Turns the list of hashes at `input` into a filter at `output`.
///
/// `input` is a file of `HASH:COUNT` lines or a folder of range files, by SHA-1
/// and in order, as Have I Been Pwned's downloader writes them. Hashes seen fewer
/// than `min_count` times are left out. Reads as a stream and takes about 50 MB of
/// memory and about a second per million hashes; blocks its thread. The output
/// replaces what is at its place once it is complete.
pub fn build(input: &Path, output: &Path, min_count: u32) -> Result<Summary, BuildError> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    let unfinished = builder.prefix(".breaches-").tempfile_in(folder.unwrap_or(Path::new(".")))?;
    let mut writer = Writer::new(unfinished.as_file())?;
    source::read(input, min_count, |key| writer.add(key))?;
    let summary = writer.finish()?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(output).map_err(|error| error.error)?;
    Ok(summary)
}

struct Writer<'a> {
    file: BufWriter<&'a File>,
    checksum: Sha256,
    offset: u64,
    entries: u64,
    /// Keys of the shard that is being gathered.
    keys: Vec<u64>,
    table: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(file: &'a File) -> io::Result<Self> {
        let mut file = BufWriter::new(file);
        // Not valid until the real header is in its place.
        file.write_all(&[0; HEADER_BYTES])?;
        Ok(Self {
            file,
            checksum: Sha256::new(),
            offset: HEADER_BYTES as u64,
            entries: 0,
            keys: Vec::new(),
            table: Vec::new(),
        })
    }

    /// Takes one key; keys do not descend, and equal ones count once.
    fn add(&mut self, key: u64) -> Result<(), BuildError> {
        if self.keys.last() == Some(&key) {
            return Ok(());
        }
        if self.keys.len() == FULL {
            self.end_shard()?;
        }
        self.keys.push(key);
        Ok(())
    }

    fn end_shard(&mut self) -> Result<(), BuildError> {
        let (Some(first), Some(last)) = (self.keys.first(), self.keys.last()) else {
            return Ok(());
        };
        let filter =
            BinaryFuse16::try_from(self.keys.as_slice()).map_err(|_| BuildError::Filter)?;
        for number in [*first, *last, self.offset, filter.descriptor.seed] {
            self.table.extend(number.to_le_bytes());
        }
        let length = u32::try_from(filter.fingerprints.len()).map_err(|_| BuildError::Filter)?;
        let (segment, segments) =
            (filter.descriptor.segment_length, filter.descriptor.segment_count_length);
        for number in [segment, segments, length, 0] {
            self.table.extend(number.to_le_bytes());
        }
        let body: Vec<u8> =
            filter.fingerprints.iter().flat_map(|print| print.to_le_bytes()).collect();
        self.write(&body)?;
        self.entries += self.keys.len() as u64;
        self.keys.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Summary, BuildError> {
        self.end_shard()?;
        let table_offset = self.offset;
        let table = std::mem::take(&mut self.table);
        self.write(&table)?;
        let shards = u32::try_from(table.len() / SHARD_BYTES).map_err(|_| BuildError::Filter)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(MAGIC)?;
        self.file.write_all(&VERSION.to_le_bytes())?;
        self.file.write_all(&shards.to_le_bytes())?;
        self.file.write_all(&self.entries.to_le_bytes())?;
        self.file.write_all(&table_offset.to_le_bytes())?;
        self.file.write_all(&self.checksum.finalize())?;
        self.file.flush()?;
        Ok(Summary { entries: self.entries, bytes: self.offset })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.checksum.update(bytes);
        self.offset += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}
