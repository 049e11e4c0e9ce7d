//! Hashes in Have I Been Pwned's formats: one file, or one for each range.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use crate::{BuildError, hash};

/// A line has 40 digits, a colon and a count; more is no such file.
const MAX_LINE: u64 = 128;

/// Calls `each` with the key of every hash in `path` that was seen at least `min_count` times.
///
/// A file has lines of `HASH:COUNT`. A folder has files named by five hexadecimal
/// digits, with `.txt` or nothing after them, whose lines have the other 35; files
/// of other names are passed over. Either must be in the order of the hashes, as
/// both are when downloaded. A count may be missing, and is 1 then.
pub(crate) fn read(
    path: &Path,
    min_count: u32,
    mut each: impl FnMut(u64) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let failed = |path: &Path| {
        let path = path.to_path_buf();
        move |source| BuildError::Read { path, source }
    };
    if !fs::metadata(path).map_err(failed(path))?.is_dir() {
        return lines(path, "", min_count, &mut each);
    }
    let mut ranges: Vec<(String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(path).map_err(failed(path))? {
        let path = entry.map_err(failed(path))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let prefix = name.strip_suffix(".txt").unwrap_or(name).to_ascii_uppercase();
        if prefix.len() == 5 && prefix.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            ranges.push((prefix, path));
        }
    }
    ranges.sort();
    ranges.iter().try_for_each(|(prefix, path)| lines(path, prefix, min_count, &mut each))
}

/// Reads one file, whose lines lack `prefix`.
fn lines(
    path: &Path,
    prefix: &str,
    min_count: u32,
    each: &mut impl FnMut(u64) -> Result<(), BuildError>,
) -> Result<(), BuildError> {
    let failed = |source| BuildError::Read { path: path.to_path_buf(), source };
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(failed)?);
    let mut line = Vec::new();
    let mut last = 0;
    for number in 1.. {
        line.clear();
        let mut bounded = io::Read::take(&mut reader, MAX_LINE);
        if bounded.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let malformed = || BuildError::Malformed { path: path.to_path_buf(), line: number };
        let (key, count) = parse(prefix, text).ok_or_else(malformed)?;
        if key < last {
            return Err(BuildError::Unordered { path: path.to_path_buf(), line: number });
        }
        last = key;
        if count >= min_count {
            each(key)?;
        }
    }
    Ok(())
}

/// The key and the count of one line.
fn parse(prefix: &str, line: &[u8]) -> Option<(u64, u32)> {
    let mut fields = line.splitn(2, |&byte| byte == b':');
    let digits = fields.next()?;
    let mut whole = [0; 40];
    let (head, tail) = whole.split_at_mut_checked(prefix.len())?;
    if digits.len() != tail.len() {
        return None;
    }
    head.copy_from_slice(prefix.as_bytes());
    tail.copy_from_slice(digits);
    let mut bytes = [0; 20];
    hex::decode_to_slice(whole, &mut bytes).ok()?;
    let count = match fields.next() {
        Some(count) => str::from_utf8(count).ok()?.parse().ok()?,
        None => 1,
    };
    Some((hash::key(&bytes), count))
}
