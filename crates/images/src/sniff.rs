//! The type of a picture, told from its first bytes and from nothing else.

use crate::Format;

/// The format whose signature these bytes start with.
///
/// Names and headers that came with the bytes are not asked: SDKs send guessed
/// or generic ones. A signature anywhere but at offset 0 does not count, so text
/// (SVG, HTML) in front of a picture is not a picture. Says nothing of whether
/// the rest can be decoded.
///
/// Signatures: JPEG ITU T.81 B.1.1.3 (SOI, then a marker), PNG section 5.2,
/// `GIF89a` section 17, WebP RFC 9649 section 2.4.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        return Some(Format::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        return Some(Format::Png);
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return Some(Format::Gif);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(Format::Webp);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn the_four_formats_are_known_by_their_bytes() {
        for format in Format::ALL {
            assert_eq!(sniff(&fixtures::encoded(format, 4, 3)), Some(format));
        }
    }

    #[test]
    fn everything_else_is_unknown() {
        let refused: [&[u8]; 11] = [
            b"",
            b"\x89PN",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
            b"<?xml version=\"1.0\"?><svg/>",
            b"<!doctype html><script>alert(1)</script>",
            b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08",
            b"BM\x46\0\0\0\0\0\0\0",
            b"\0\0\x01\0\x01\0",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"%PDF-1.7",
        ];
        for bytes in refused {
            assert_eq!(sniff(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_signature_behind_other_bytes_does_not_count() {
        for format in Format::ALL {
            let picture = fixtures::encoded(format, 4, 3);
            assert_eq!(sniff(&[b"\n", picture.as_slice()].concat()), None);
            assert_eq!(sniff(&[b"<html>", picture.as_slice()].concat()), None);
        }
    }
}
