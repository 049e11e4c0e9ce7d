//! The first line and the last one, and reading line by line.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _};

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

/// The version of the format; a reader refuses those it does not know.
pub(super) const FORMAT: u32 = 1;

/// What the first line begins with.
const MARK: &str = "{\"rollbook_export\":";

/// More than a row with the largest picture takes.
const MOST_LINE: u64 = 64 << 20;

/// The first line: what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// [`FORMAT`] of whoever wrote it.
    pub(super) rollbook_export: u32,
    pub(super) instance_id: Id,
    /// Which tables and columns there are.
    pub(super) schema_version: i64,
    /// The release that wrote it, for people.
    pub(super) release: String,
    /// Milliseconds.
    pub(super) exported_at: i64,
}

/// The last line, without which the file was cut.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Footer {
    /// Always true; tells this line from rows.
    pub(super) end: bool,
    /// How many rows there were of each table that had any.
    pub(super) rows: BTreeMap<String, u64>,
    /// SHA-256 of all bytes before this line, in hex.
    pub(super) sha256: String,
}

/// Whether a text that begins like this is an export.
pub fn is_export(beginning: &[u8]) -> bool {
    beginning.starts_with(MARK.as_bytes())
}

/// The next line with its line break; `None` at the end.
pub(super) fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let n_read = reader.take(MOST_LINE).read_until(b'\n', line)?;
    if n_read > 0 && line.last() != Some(&b'\n') && n_read as u64 == MOST_LINE {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a line is longer than any of ours",
        ));
    }
    Ok(n_read > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_begins_with_the_mark() {
        let header = Header {
            rollbook_export: FORMAT,
            instance_id: "ins_1".parse().unwrap(),
            schema_version: 1,
            release: "0.0.0".to_owned(),
            exported_at: 0,
        };
        assert!(is_export(&serde_json::to_vec(&header).unwrap()));
        assert!(!is_export(b"{\"id\":\"user_1\"}"));
    }

    #[test]
    fn lines_keep_their_breaks_and_the_last_one_may_lack_its() {
        let mut reader = &b"a\n\nb"[..];
        let (mut lines, mut line) = (Vec::new(), Vec::new());
        while next_line(&mut reader, &mut line).unwrap() {
            lines.push(line.clone());
        }
        assert_eq!(lines, [&b"a\n"[..], b"\n", b"b"]);
    }
}
