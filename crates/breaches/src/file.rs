//! Looking passwords up in a filter file, which stays on disk.

use std::{
    fs::File,
    io::{self, Read as _},
    os::unix::fs::FileExt as _,
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::{
    filter::{HEADER_BYTES, MAGIC, SHARD_BYTES, VERSION},
    hash,
};

/// A filter made by [`build`](crate::build).
///
/// Holds 48 bytes of memory for each million entries; the system keeps in memory
/// what it sees fit of the file.
#[derive(Debug)]
pub struct BreachFilter {
    file: File,
    entries: u64,
    /// In the order of their keys.
    shards: Vec<Shard>,
}

/// Why a filter cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is not such a file, or one that was not written to its end.
    #[error("not a filter of breached passwords")]
    NotAFilter,
    /// Another release made it.
    #[error("a filter of version {0}, which this release cannot read; build it anew")]
    Version(u32),
    /// It is not what was written.
    #[error("the filter is damaged; build it anew")]
    Damaged,
}

#[derive(Debug)]
struct Shard {
    first_key: u64,
    last_key: u64,
    offset: u64,
    seed: u64,
    segment_length: u32,
    all_segments: u32,
}

impl BreachFilter {
    /// The filter at `path`, which must not change while it is open.
    ///
    /// Reads it once from end to end to check it: a second or two per gigabyte.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).map_err(|_| OpenError::NotAFilter)?;
        let mut fields = Fields(&header);
        if fields.array()? != *MAGIC {
            return Err(OpenError::NotAFilter);
        }
        let version = fields.u32()?;
        if version != VERSION {
            return Err(OpenError::Version(version));
        }
        let n_shards = fields.u32()?;
        let entries = fields.u64()?;
        let table_offset = fields.u64()?;
        let checksum: [u8; 32] = fields.array()?;

        let table_bytes = u64::from(n_shards) * SHARD_BYTES as u64;
        if table_offset.checked_add(table_bytes) != Some(length) {
            return Err(OpenError::Damaged);
        }
        if self::checksum(&mut file)? != checksum {
            return Err(OpenError::Damaged);
        }
        let mut table = vec![0; usize::try_from(table_bytes).map_err(|_| OpenError::Damaged)?];
        file.read_exact_at(&mut table, table_offset)?;
        let (rows, _) = table.as_chunks::<SHARD_BYTES>();
        let shards: Vec<Shard> =
            rows.iter().map(|row| Shard::parse(row, table_offset)).collect::<Result<_, _>>()?;
        if !shards.is_sorted_by(|a, b| a.last_key < b.first_key) {
            return Err(OpenError::Damaged);
        }
        Ok(Self { file, entries, shards })
    }

    /// Distinct hashes in it.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Whether exactly `password` is in it.
    ///
    /// True for every one that is, and for one in 65,536 that are not. Reads six
    /// bytes from the file, in three places; fails only if the disk does.
    pub fn contains(&self, password: &str) -> io::Result<bool> {
        self.has(hash::key(&hash::of(password)))
    }

    /// Whether `key` is in it.
    fn has(&self, key: u64) -> io::Result<bool> {
        let at = self.shards.partition_point(|shard| shard.last_key < key);
        let Some(shard) = self.shards.get(at).filter(|shard| shard.first_key <= key) else {
            return Ok(false);
        };
        let hash = mix(key.wrapping_add(shard.seed));
        let mut fingerprint = hash ^ (hash >> 32);
        for slot in shard.slots(hash) {
            let mut bytes = [0; 2];
            self.file.read_exact_at(&mut bytes, shard.offset + 2 * u64::from(slot))?;
            fingerprint ^= u64::from(u16::from_le_bytes(bytes));
        }
        Ok(fingerprint.trailing_zeros() >= u16::BITS)
    }
}

impl Shard {
    fn parse(row: &[u8; SHARD_BYTES], table_offset: u64) -> Result<Self, OpenError> {
        let mut fields = Fields(row);
        let [first_key, last_key] = [fields.u64()?, fields.u64()?];
        let [offset, seed] = [fields.u64()?, fields.u64()?];
        let [segment_length, all_segments] = [fields.u32()?, fields.u32()?];
        let fingerprints = u64::from(fields.u32()?);
        // Every slot lies in one of the segments, or in the two after them.
        let reach = u64::from(all_segments) + 2 * u64::from(segment_length);
        let end = offset.checked_add(2 * fingerprints).ok_or(OpenError::Damaged)?;
        let is_sound = first_key <= last_key
            && segment_length.is_power_of_two()
            && reach <= fingerprints.min(u64::from(u32::MAX))
            && offset >= HEADER_BYTES as u64
            && end <= table_offset;
        if !is_sound {
            return Err(OpenError::Damaged);
        }
        Ok(Self { first_key, last_key, offset, seed, segment_length, all_segments })
    }

    /// The three slots that a hash has, in as many consecutive segments.
    fn slots(&self, hash: u64) -> [u32; 3] {
        let scaled = (u128::from(hash) * u128::from(self.all_segments)) >> 64;
        let first = u32::try_from(scaled).unwrap_or(u32::MAX);
        let mask = self.segment_length.wrapping_sub(1);
        let low = |bits: u64| u32::try_from(bits & u64::from(mask)).unwrap_or_default();
        let second = first.wrapping_add(self.segment_length);
        let third = second.wrapping_add(self.segment_length);
        [first, second ^ low(hash >> 18), third ^ low(hash)]
    }
}

/// The finaliser of `MurmurHash3`.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// The SHA-256 of what is left of `file`.
fn checksum(file: &mut File) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut buffer)?;
        match buffer.get(..n) {
            Some(read) if !read.is_empty() => hash.update(read),
            _ => return Ok(hash.finalize().into()),
        }
    }
}

/// Little-endian numbers, one after the other.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], OpenError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(OpenError::Damaged)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn u32(&mut self) -> Result<u32, OpenError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, OpenError> {
        self.array().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests;
