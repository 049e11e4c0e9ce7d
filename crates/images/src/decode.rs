//! Bytes to pixels, with every limit checked before memory or time is spent.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use crate::guard::caught;
use crate::{Format, jpeg, sniff, webp};

/// The most bytes that an uploaded picture may have: 10 MiB.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// The most pixels that a picture may claim: 40 million.
pub const MAX_PIXELS: u64 = 40_000_000;

/// The longest side, in pixels, that a picture may claim.
pub const MAX_SIDE: u32 = 16_384;

/// What a decoder may allocate; 16-bit RGBA at [`MAX_PIXELS`] just fits.
const MAX_ALLOC: u64 = 320 * 1024 * 1024;
const _: () = assert!(MAX_PIXELS * 8 <= MAX_ALLOC);

/// Ten are usual in a progressive photograph.
const MAX_JPEG_SCANS: usize = 32;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More than [`MAX_BYTES`].
    #[error("the picture has more than 10 MB")]
    TooLarge,
    /// Not JPEG, PNG, GIF or WebP by its bytes.
    #[error("the picture is not JPEG, PNG, GIF or WebP")]
    UnsupportedType,
    /// Starts like a picture, but is broken, cut short, or empty.
    #[error("the picture cannot be decoded")]
    Undecodable,
    /// Claims more than [`MAX_PIXELS`] or [`MAX_SIDE`], or is otherwise made to
    /// cost far more than its size.
    #[error("the picture has too many pixels")]
    TooManyPixels,
}

/// A decoded picture, with what has to be known to encode it again.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) pixels: DynamicImage,
    pub(crate) format: Format,
    /// Whether detail was given up when it was encoded, so that doing so again is fair.
    pub(crate) lossy: bool,
    /// How the pixels are to be turned, from the EXIF block.
    pub(crate) orientation: Orientation,
    /// The ICC profile, as untrusted as the rest.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Decodes the first frame.
///
/// Neither panics nor allocates more than a few times the pixels it may have,
/// whatever the bytes; a panic inside a decoder is [`Refused::Undecodable`].
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, Refused> {
    if bytes.len() > MAX_BYTES {
        return Err(Refused::TooLarge);
    }
    let format = sniff(bytes).ok_or(Refused::UnsupportedType)?;
    caught(|| decode_as(format, bytes)).unwrap_or(Err(Refused::Undecodable))
}

fn decode_as(format: Format, bytes: &[u8]) -> Result<Decoded, Refused> {
    let lossy = match format {
        Format::Jpeg => {
            if jpeg::scans(bytes) > MAX_JPEG_SCANS {
                return Err(Refused::TooManyPixels);
            }
            true
        }
        Format::Png | Format::Gif => false,
        Format::Webp => {
            let frame = webp::first_frame(bytes).ok_or(Refused::Undecodable)?;
            check_dimensions(frame.width, frame.height)?;
            frame.lossy
        }
    };

    let mut reader = ImageReader::with_format(Cursor::new(bytes), library_format(format));
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let (width, height) = decoder.dimensions();
    check_dimensions(width, height)?;
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(Refused::TooManyPixels);
    }
    // Neither is worth refusing a picture that decodes without it.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().unwrap_or(None);
    let pixels = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok(Decoded { pixels, format, lossy, orientation, profile })
}

fn check_dimensions(width: u32, height: u32) -> Result<(), Refused> {
    if width == 0 || height == 0 {
        return Err(Refused::Undecodable);
    }
    if width.max(height) > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refused::TooManyPixels);
    }
    Ok(())
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    limits
}

fn refusal(error: &ImageError) -> Refused {
    match error {
        ImageError::Limits(_) => Refused::TooManyPixels,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Unsupported(_)
        | ImageError::IoError(_) => Refused::Undecodable,
    }
}

const fn library_format(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::Gif => ImageFormat::Gif,
        Format::Webp => ImageFormat::WebP,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::fixtures;

    fn refused(bytes: &[u8]) -> Refused {
        decode(bytes).expect_err("must be refused")
    }

    #[test]
    fn a_picture_of_one_byte_too_many_is_too_large() {
        let mut bytes = fixtures::encoded(Format::Png, 2, 2);
        bytes.resize(MAX_BYTES, 0);
        assert!(decode(&bytes).is_ok());
        bytes.push(0);
        assert_eq!(refused(&bytes), Refused::TooLarge);
    }

    #[test]
    fn an_svg_is_no_picture_whatever_it_is_called() {
        assert_eq!(refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Refused::UnsupportedType);
        let posing = [b"\x89PNG\r\n\x1A\n".as_slice(), b"<svg onload='alert(1)'/>"].concat();
        assert_eq!(refused(&posing), Refused::Undecodable);
    }

    #[test]
    fn headers_that_claim_too_much_are_refused_at_once() {
        let started = Instant::now();
        for bytes in [
            fixtures::png_header(50_000, 50_000),
            fixtures::png_header(MAX_SIDE, 2442),
            fixtures::png_header(MAX_SIDE + 1, 1),
            fixtures::gif_header(65_535, 65_535),
            fixtures::jpeg_header(65_535, 65_535),
            fixtures::webp_header(16_383, 16_383),
        ] {
            let start = bytes.get(..24).unwrap_or(&bytes);
            assert_eq!(refused(&bytes), Refused::TooManyPixels, "{}", start.escape_ascii());
        }
        assert!(started.elapsed().as_millis() < 500);
    }

    #[test]
    fn a_bitstream_larger_than_its_container_is_refused() {
        let bytes = fixtures::webp_extended(10, 10, 16_383, 16_383);
        assert_eq!(refused(&bytes), Refused::TooManyPixels);
    }

    #[test]
    fn a_frame_larger_than_the_screen_of_its_gif_is_refused() {
        let bytes = fixtures::gif_frame_larger_than_screen();
        assert!(matches!(refused(&bytes), Refused::TooManyPixels | Refused::Undecodable));
    }

    #[test]
    fn data_that_inflates_far_beyond_its_header_is_cut_off() {
        // 64 MB of zeros, deflated to 64 kB, in a picture of four pixels.
        let bytes = fixtures::png_with_data(2, 2, &fixtures::zeros_deflated(64 * 1024 * 1024));
        let started = Instant::now();
        let _either_is_fine = decode(&bytes);
        assert!(started.elapsed().as_secs() < 5);
    }

    #[test]
    fn a_profile_that_inflates_without_end_is_not_a_way_in() {
        let bomb = fixtures::zeros_deflated(512 * 1024 * 1024);
        let bytes = fixtures::png_with_profile(&fixtures::encoded(Format::Png, 2, 2), &bomb);
        match decode(&bytes) {
            Ok(decoded) => assert!(decoded.profile.is_none_or(|icc| icc.len() as u64 <= MAX_ALLOC)),
            Err(refused) => assert_ne!(refused, Refused::UnsupportedType),
        }
    }

    #[test]
    fn a_jpeg_of_thousands_of_scans_is_refused() {
        let bytes = fixtures::jpeg_of_many_scans(6000, 6000, 5000);
        assert_eq!(refused(&bytes), Refused::TooManyPixels);
    }

    #[test]
    fn a_picture_without_area_is_refused() {
        for bytes in [fixtures::png_header(0, 5), fixtures::gif_header(0, 0)] {
            assert_eq!(refused(&bytes), Refused::Undecodable);
        }
    }

    #[test]
    fn headers_cut_short_are_refused() {
        for format in Format::ALL {
            let whole = fixtures::encoded(format, 64, 48);
            for end in 0..30 {
                let cut = decode(&whole[..end]);
                assert!(cut.is_err(), "{format} cut at {end}");
            }
        }
    }
}
