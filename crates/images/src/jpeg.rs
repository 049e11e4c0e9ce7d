//! Counts the scans of a JPEG, the one cost its dimensions do not show.

/// How many scans (SOS markers) the file holds, without decoding any of them.
///
/// A progressive JPEG may visit every block once per scan, and a scan can be a
/// dozen bytes: a small file can demand hours. Thumbnails inside metadata
/// segments are skipped. Stops at the first thing that is not a marker, as a
/// decoder does. Markers: ITU T.81 table B.1.
pub(crate) fn scans(bytes: &[u8]) -> usize {
    let mut scans = 0;
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let Some((marker, after)) = next_marker(rest) {
        rest = match marker {
            EOI => return scans,
            0x01 | RST0..=SOI => after,
            _ => {
                scans += usize::from(marker == SOS);
                let Some(segment) = after.first_chunk().map(|length| u16::from_be_bytes(*length))
                else {
                    return scans;
                };
                after.get(usize::from(segment)..).unwrap_or_default()
            }
        };
    }
    scans
}

const RST0: u8 = 0xD0;
const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;

/// The next marker and what follows it; entropy-coded data has none, because
/// an FF in it is stuffed with a zero byte.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let at = rest.iter().position(|byte| *byte == 0xFF)?;
        rest = rest.get(at + 1..)?;
        let (marker, after) = rest.split_first()?;
        if !matches!(marker, 0x00 | 0xFF) {
            return Some((*marker, after));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, fixtures};

    #[test]
    fn a_baseline_picture_has_one_scan_with_or_without_a_thumbnail_in_it() {
        let picture = fixtures::encoded(Format::Jpeg, 40, 30);
        assert_eq!(scans(&picture), 1);

        let with_thumbnail = fixtures::with_app1(&picture, &picture);
        assert_eq!(scans(&with_thumbnail), 1);
    }

    #[test]
    fn repeated_scans_are_counted() {
        assert_eq!(scans(&fixtures::jpeg_of_many_scans(8, 8, 5000)), 5000);
    }

    #[test]
    fn odds_and_ends_end_the_walk() {
        for bytes in [&b""[..], b"\xFF", b"\xFF\xD8\xFF\xDA", b"\xFF\xD8\xFF\xE1\xFF"] {
            assert!(scans(bytes) <= 1);
        }
    }
}
