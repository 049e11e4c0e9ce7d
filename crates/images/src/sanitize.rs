//! Turns whatever was uploaded into a picture of our own making, or refuses it.

use bytes::Bytes;
use image::DynamicImage;

use crate::decode::{Decoded, decode};
use crate::encode::encode;
use crate::scale::{fitted, is_opaque, shrunk};
use crate::{Format, Refused, color};

/// The longest side, in pixels, of a stored picture.
pub const MAX_STORED_SIDE: u32 = 2048;

/// The quality of stored JPEGs.
const STORED_QUALITY: u8 = 90;

/// A picture that this crate encoded itself: safe to store and to serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The file, without metadata of any kind.
    pub bytes: Bytes,
    /// What `bytes` are: JPEG, PNG or WebP, never GIF.
    pub format: Format,
    /// In pixels, 1 to [`MAX_STORED_SIDE`].
    pub width: u32,
    /// In pixels, 1 to [`MAX_STORED_SIDE`].
    pub height: u32,
}

/// Decodes an upload and encodes it anew.
///
/// Only the pixels survive: turned as EXIF says, brought to sRGB, scaled down to
/// [`MAX_STORED_SIDE`], the first frame of an animation. JPEG stays JPEG, PNG
/// stays PNG, GIF becomes PNG. WebP becomes JPEG when it was lossy and opaque,
/// because our encoder knows lossless WebP only; else it stays WebP.
///
/// Takes up to a few seconds and half a gigabyte for the largest pictures
/// allowed: run it on an [`ImagePool`](crate::ImagePool). Never panics.
pub fn sanitize(bytes: &[u8]) -> Result<Picture, Refused> {
    let Decoded { pixels, format, lossy, orientation, profile } = decode(bytes)?;

    let pixels = pixels.into_rgba8();
    let size = fitted(pixels.dimensions(), Some(MAX_STORED_SIDE), Some(MAX_STORED_SIDE));
    let pixels = color::to_srgb(shrunk(pixels, size), profile.as_deref());
    let mut pixels = DynamicImage::ImageRgba8(pixels);
    pixels.apply_orientation(orientation);
    let pixels = pixels.into_rgba8();

    let (width, height) = pixels.dimensions();
    let format = match format {
        Format::Webp if lossy && is_opaque(&pixels) => Format::Jpeg,
        same => same,
    };
    let (bytes, format) =
        encode(pixels, format, STORED_QUALITY).map_err(|_| Refused::Undecodable)?;
    Ok(Picture { bytes, format, width, height })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{MAX_BYTES, fixtures, sniff};

    fn holds(haystack: &[u8], needle: &[u8]) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn each_format_becomes_what_the_documentation_says() {
        for (from, to) in [
            (Format::Jpeg, Format::Jpeg),
            (Format::Png, Format::Png),
            (Format::Gif, Format::Png),
            (Format::Webp, Format::Webp),
        ] {
            let picture = sanitize(&fixtures::encoded(from, 60, 40)).expect("a good picture");
            assert_eq!((picture.format, picture.width, picture.height), (to, 60, 40));
            assert_eq!(sniff(&picture.bytes), Some(to));
        }
    }

    #[test]
    fn a_lossy_webp_becomes_a_jpeg() {
        let picture = sanitize(fixtures::LOSSY_WEBP).expect("a good picture");
        assert_eq!(picture.format, Format::Jpeg);
        assert_eq!((picture.width, picture.height), (16, 16));
    }

    #[test]
    fn metadata_is_gone_and_orientation_is_applied() {
        for format in [Format::Jpeg, Format::Png, Format::Webp] {
            let upload = fixtures::with_metadata(format, 60, 40);
            for trace in fixtures::METADATA_TRACES {
                assert!(holds(&upload, trace), "the {format} fixture lacks {trace:?}");
            }
            let picture = sanitize(&upload).expect("a good picture");
            for trace in fixtures::METADATA_TRACES {
                assert!(!holds(&picture.bytes, trace), "{format} kept {trace:?}");
            }
            for chunk in [&b"Exif"[..], b"eXIf", b"EXIF", b"iCCP", b"ICC_PROFILE", b"tEXt", b"XMP "]
            {
                assert!(!holds(&picture.bytes, chunk), "{format} kept {chunk:?}");
            }
            // Orientation 6: turned clockwise, so the red left edge is on top.
            assert_eq!((picture.width, picture.height), (40, 60));
            let pixels = image::load_from_memory(&picture.bytes).expect("decodes").into_rgb8();
            let [red, _, blue] = pixels.get_pixel(20, 3).0;
            assert!(red > 200 && blue < 60, "{format}: the top is {red} {blue}");
            let [red, _, blue] = pixels.get_pixel(20, 56).0;
            assert!(red < 60 && blue > 200, "{format}: the bottom is {red} {blue}");
        }
    }

    #[test]
    fn a_gif_comment_is_gone() {
        let upload = fixtures::gif_with_comment(9, 9);
        assert!(holds(&upload, fixtures::COMMENT));
        let picture = sanitize(&upload).expect("a good picture");
        assert!(!holds(&picture.bytes, fixtures::COMMENT));
    }

    #[test]
    fn only_the_first_frame_of_an_animation_is_kept() {
        let picture = sanitize(&fixtures::animated_gif(20, 10)).expect("a good picture");
        let pixels = image::load_from_memory(&picture.bytes).expect("decodes").into_rgb8();
        assert_eq!(pixels.get_pixel(10, 5).0, [255, 0, 0]);
    }

    #[test]
    fn what_is_appended_to_a_picture_is_dropped() {
        for format in Format::ALL {
            let mut upload = fixtures::encoded(format, 30, 20);
            upload.extend(b"<script>alert(1)</script>");
            if let Ok(picture) = sanitize(&upload) {
                assert!(!holds(&picture.bytes, b"<script>"), "{format}");
            }
        }
    }

    #[test]
    fn large_pictures_are_scaled_down() {
        let picture = sanitize(&fixtures::encoded(Format::Jpeg, 3000, 1000)).expect("good");
        assert_eq!((picture.width, picture.height), (2048, 683));
        let thin = sanitize(&fixtures::encoded(Format::Png, 5000, 1)).expect("good");
        assert_eq!((thin.width, thin.height), (2048, 1));
    }

    #[test]
    fn transparency_survives_in_png_and_webp() {
        for format in [Format::Png, Format::Webp] {
            let picture = sanitize(&fixtures::translucent(format, 30, 20)).expect("good");
            let pixels = image::load_from_memory(&picture.bytes).expect("decodes").into_rgba8();
            assert_eq!(pixels.get_pixel(3, 3).0, [10, 200, 30, 77], "{format}");
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_or_yields_a_picture_within_bounds() {
        for format in Format::ALL {
            let whole = fixtures::with_metadata(format, 60, 40);
            for end in (0..whole.len()).step_by(whole.len().div_ceil(150)) {
                match sanitize(&whole[..end]) {
                    Ok(picture) => assert!(picture.width <= 60 && picture.height <= 60),
                    Err(refused) => assert_ne!(refused, Refused::TooLarge),
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(192))]

        #[test]
        fn arbitrary_bytes_never_panic(
            start in prop::sample::select(fixtures::SIGNATURES),
            rest in prop::collection::vec(any::<u8>(), 0..600)
        ) {
            let _ = sanitize(&[start, rest.as_slice()].concat());
        }

        #[test]
        fn damaged_pictures_never_panic(
            format in prop::sample::select(Format::ALL.as_slice()),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)
        ) {
            let mut bytes = fixtures::with_metadata(format, 24, 16);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok(picture) = sanitize(&bytes) {
                prop_assert!((1..=MAX_STORED_SIDE).contains(&picture.width));
                prop_assert!((1..=MAX_STORED_SIDE).contains(&picture.height));
                prop_assert!(sniff(&picture.bytes) == Some(picture.format));
                prop_assert!(bytes.len() < MAX_BYTES);
            }
        }
    }
}
