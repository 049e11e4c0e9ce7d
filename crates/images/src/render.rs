//! Serves a stored picture at the size that is asked for.

use bytes::Bytes;

use crate::decode::decode;
use crate::encode::encode;
use crate::scale::{covering, cropped, fitted, shrunk};
use crate::{DEFAULT_QUALITY, Fit, Format, Transform, sniff};

/// A stored picture could not be read, or a drawn one not written: ours to fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to render the picture")]
pub struct RenderError;

/// The picture as `transform` asks, in the format it is stored in.
///
/// The stored bytes themselves when there is nothing to do, which costs nothing;
/// otherwise tens of milliseconds, for an [`ImagePool`](crate::ImagePool).
/// Expects what [`sanitize`](crate::sanitize) made.
pub fn render(stored: &Bytes, transform: &Transform) -> Result<(Bytes, Format), RenderError> {
    let format = sniff(stored).ok_or(RenderError)?;
    if transform.is_identity() {
        return Ok((stored.clone(), format));
    }
    let pixels = decode(stored).map_err(|_| RenderError)?.pixels.into_rgba8();
    let from = pixels.dimensions();
    let pixels = match (transform.fit, transform.width, transform.height) {
        (Fit::Crop, Some(width), Some(height)) => {
            cropped(&shrunk(pixels, covering(from, width, height)), width, height)
        }
        (Fit::ScaleDown | Fit::Crop, width, height) => shrunk(pixels, fitted(from, width, height)),
    };
    let same_quality = format != Format::Jpeg || transform.quality == DEFAULT_QUALITY;
    if pixels.dimensions() == from && same_quality {
        return Ok((stored.clone(), format));
    }
    encode(pixels, format, transform.quality).map_err(|_| RenderError)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{fixtures, sanitize};

    fn stored(format: Format, width: u32, height: u32) -> Bytes {
        sanitize(&fixtures::encoded(format, width, height)).expect("a good picture").bytes
    }

    fn size(bytes: &[u8]) -> (u32, u32) {
        let pixels = image::load_from_memory(bytes).expect("decodes");
        (pixels.width(), pixels.height())
    }

    fn boxed(width: u32, height: u32, fit: Fit) -> Transform {
        Transform { width: Some(width), height: Some(height), fit, ..Transform::default() }
    }

    #[test]
    fn the_identity_and_anything_larger_are_the_stored_bytes() {
        let bytes = stored(Format::Jpeg, 60, 40);
        for transform in
            [Transform::default(), boxed(4096, 4096, Fit::Crop), boxed(60, 40, Fit::ScaleDown)]
        {
            assert_eq!(render(&bytes, &transform), Ok((bytes.clone(), Format::Jpeg)));
        }
    }

    #[test]
    fn scaling_down_keeps_proportions_and_cropping_fills_the_box() {
        for format in [Format::Jpeg, Format::Png, Format::Webp] {
            let bytes = stored(format, 200, 100);
            let (scaled, kept) = render(&bytes, &boxed(50, 50, Fit::ScaleDown)).expect("renders");
            assert_eq!((size(&scaled), kept), ((50, 25), format));
            let (cropped, kept) = render(&bytes, &boxed(50, 50, Fit::Crop)).expect("renders");
            assert_eq!((size(&cropped), kept), ((50, 50), format));
        }
        let wide = stored(Format::Png, 200, 100);
        let (cropped, _) = render(&wide, &boxed(4096, 40, Fit::Crop)).expect("renders");
        assert_eq!(size(&cropped), (200, 40));
    }

    #[test]
    fn less_quality_makes_a_jpeg_smaller_and_leaves_a_png_alone() {
        let at = |quality| Transform { quality, ..Transform::default() };
        let jpeg = stored(Format::Jpeg, 200, 200);
        let (poor, _) = render(&jpeg, &at(10)).expect("renders");
        let (good, _) = render(&jpeg, &at(80)).expect("renders");
        assert!(poor.len() < good.len());

        let png = stored(Format::Png, 20, 20);
        assert_eq!(render(&png, &at(10)), Ok((png, Format::Png)));
    }

    #[test]
    fn equal_transforms_give_equal_bytes() {
        let bytes = stored(Format::Webp, 90, 70);
        let transform = boxed(30, 30, Fit::Crop);
        assert_eq!(render(&bytes, &transform), render(&bytes, &transform));
    }

    #[test]
    fn what_was_damaged_in_store_is_an_error() {
        let bytes = stored(Format::Png, 60, 40).slice(..60);
        assert_eq!(render(&bytes, &boxed(5, 5, Fit::Crop)), Err(RenderError));
        assert_eq!(render(&Bytes::new(), &Transform::default()), Err(RenderError));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn renderings_keep_their_bounds(
            from in (1u32..80, 1u32..80),
            width in prop::option::of(1u32..120),
            height in prop::option::of(1u32..120),
            fit in prop::sample::select(&[Fit::ScaleDown, Fit::Crop][..]),
            quality in 1u8..=100
        ) {
            let bytes = stored(Format::Png, from.0, from.1);
            let transform = Transform { width, height, fit, quality };
            let (rendered, _) = render(&bytes, &transform).expect("renders");
            let (w, h) = size(&rendered);
            prop_assert!(w >= 1 && w <= width.unwrap_or(from.0).min(from.0));
            prop_assert!(h >= 1 && h <= height.unwrap_or(from.1).min(from.1));
        }
    }
}
