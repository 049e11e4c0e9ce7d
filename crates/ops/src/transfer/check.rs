//! Look at an export from end to end before any of it is written.

use std::io::BufRead;

use rollbook_store::schema_version;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::frame::{FORMAT, Footer, Header, is_export, next_line};
use super::import::{ImportError, Progress};

/// What an export says of itself.
pub(super) struct Checked {
    pub(super) header: Header,
    pub(super) footer: Footer,
}

/// Reads an export to its end: whether this release understands it, and whether it is whole.
pub(super) fn check(
    reader: &mut dyn BufRead,
    progress: &mut dyn FnMut(Progress),
) -> Result<Checked, ImportError> {
    let mut line = Vec::new();
    next_line(reader, &mut line)?;
    let header = header(&line)?;
    let mut digest = Sha256::new();
    let mut n_bytes = line.len() as u64;
    digest.update(&line);
    let mut last = Vec::new();
    while next_line(reader, &mut line)? {
        digest.update(&last);
        std::mem::swap(&mut last, &mut line);
        n_bytes += last.len() as u64;
        progress(Progress::Checked(n_bytes));
    }
    let footer: Footer = serde_json::from_slice(&last).map_err(|_| ImportError::Cut)?;
    if !footer.end || !last.ends_with(b"\n") {
        return Err(ImportError::Cut);
    }
    if footer.sha256 != hex::encode(digest.finalize()) {
        return Err(ImportError::Altered);
    }
    Ok(Checked { header, footer })
}

/// A later format may have another header, but it has this.
#[derive(Deserialize)]
struct Version {
    rollbook_export: u32,
}

fn header(line: &[u8]) -> Result<Header, ImportError> {
    if !is_export(line) {
        return Err(ImportError::NotAnExport);
    }
    let version: Version = serde_json::from_slice(line).map_err(|_| ImportError::Cut)?;
    if version.rollbook_export > FORMAT {
        return Err(ImportError::NewerFormat { found: version.rollbook_export, known: FORMAT });
    }
    let header: Header = serde_json::from_slice(line).map_err(|_| ImportError::Altered)?;
    let known = schema_version();
    if header.schema_version > known {
        let release = header.release;
        return Err(ImportError::NewerSchema { release, found: header.schema_version, known });
    }
    Ok(header)
}
