//! Finds the bitstream in a WebP file: its kind, and the size that it claims.

/// What the first frame is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// VP8 rather than VP8L.
    pub(crate) lossy: bool,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// The first VP8 or VP8L bitstream, looked for in animation frames too.
///
/// The dimensions are those of the bitstream itself. The container of an
/// extended file repeats them, but the decoder allocates by the bitstream's
/// before it compares the two, so both have to be within the limits.
/// Layout: RFC 9649 sections 2.5 to 2.7; VP8 RFC 6386 section 9.1.
pub(crate) fn first_frame(bytes: &[u8]) -> Option<Frame> {
    let mut rest = bytes.get(12..)?;
    loop {
        let (header, body) = rest.split_first_chunk::<8>()?;
        let [a, b, c, d, size @ ..] = *header;
        let size = usize::try_from(u32::from_le_bytes(size)).ok()?;
        rest = match &[a, b, c, d] {
            b"VP8 " => return lossy(body),
            b"VP8L" => return lossless(body),
            // A frame: sixteen bytes of place and time, then chunks of its own.
            b"ANMF" => body.get(16..)?,
            _ => body.get(size.checked_next_multiple_of(2)?..)?,
        };
    }
}

fn lossy(bitstream: &[u8]) -> Option<Frame> {
    let [w0, w1, h0, h1] = *bitstream.get(6..)?.first_chunk()?;
    // The upper two bits of each are a scaling hint.
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some(Frame { lossy: true, width: side(w0, w1), height: side(h0, h1) })
}

fn lossless(bitstream: &[u8]) -> Option<Frame> {
    let packed = u32::from_le_bytes(*bitstream.get(1..)?.first_chunk()?);
    Some(Frame { lossy: false, width: (packed & 0x3FFF) + 1, height: (packed >> 14 & 0x3FFF) + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Format, fixtures};

    #[test]
    fn a_lossless_picture_tells_its_size() {
        let picture = fixtures::encoded(Format::Webp, 321, 17);
        assert_eq!(first_frame(&picture), Some(Frame { lossy: false, width: 321, height: 17 }));
    }

    #[test]
    fn the_bitstream_of_an_extended_file_is_found_behind_other_chunks() {
        let mut file = b"RIFF\0\0\0\0WEBPICCP\x03\0\0\0abc\0".to_vec();
        file.extend(b"VP8 \x0A\0\0\0\0\0\0\x9D\x01\x2A\xFF\xBF\x10\x00");
        assert_eq!(first_frame(&file), Some(Frame { lossy: true, width: 0x3FFF, height: 16 }));
    }

    #[test]
    fn the_bitstream_of_an_animation_is_that_of_its_first_frame() {
        let mut file = b"RIFF\0\0\0\0WEBPANMF\x30\0\0\0".to_vec();
        file.extend([0; 16]);
        file.extend(b"VP8L\x05\0\0\0\x2F\x09\x40\x00\x00\0");
        assert_eq!(first_frame(&file), Some(Frame { lossy: false, width: 10, height: 2 }));
    }

    #[test]
    fn a_file_cut_short_has_no_frame() {
        let picture = fixtures::encoded(Format::Webp, 8, 8);
        for end in 0..25 {
            assert_eq!(first_frame(&picture[..end]), None, "{end}");
        }
    }
}
