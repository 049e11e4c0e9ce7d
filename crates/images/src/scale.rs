//! Makes pictures smaller, never larger.

use image::imageops::{self, FilterType};
use image::{Rgba, RgbaImage};

/// Width and height, in pixels.
pub(crate) type Size = (u32, u32);

/// The largest size of the same proportions that fits the box and is not larger
/// than `from`. A side that is not given is not bounded; none is ever 0.
pub(crate) fn fitted(from: Size, width: Option<u32>, height: Option<u32>) -> Size {
    let width = width.unwrap_or(from.0).min(from.0);
    let height = height.unwrap_or(from.1).min(from.1);
    if product(width, from.1) <= product(height, from.0) {
        (width.max(1), scaled(from.1, width, from.0))
    } else {
        (scaled(from.0, height, from.1), height.max(1))
    }
}

/// The size to scale to before cutting `width` × `height` out of the middle:
/// covers them where it can without becoming larger than `from`.
pub(crate) fn covering(from: Size, width: u32, height: u32) -> Size {
    let width = width.min(from.0);
    let height = height.min(from.1);
    if product(width, from.1) >= product(height, from.0) {
        (width.max(1), scaled(from.1, width, from.0))
    } else {
        (scaled(from.0, height, from.1), height.max(1))
    }
}

/// The picture at exactly this size, which must not be larger than it is.
pub(crate) fn shrunk(mut pixels: RgbaImage, (width, height): Size) -> RgbaImage {
    if pixels.dimensions() == (width, height) {
        return pixels;
    }
    let translucent = !is_opaque(&pixels);
    if translucent {
        pixels.pixels_mut().for_each(premultiply);
    }
    // The good filter keeps a row of floats per row of pixels. Averaging down
    // to twice the size first bounds that, and cannot be seen afterwards.
    if pixels.width() / 2 > width && pixels.height() / 2 > height {
        pixels = imageops::thumbnail(&pixels, width * 2, height * 2);
    }
    let mut small = imageops::resize(&pixels, width, height, FilterType::CatmullRom);
    if translucent {
        small.pixels_mut().for_each(unpremultiply);
    }
    small
}

/// The middle of the picture, at most this large.
pub(crate) fn cropped(pixels: &RgbaImage, width: u32, height: u32) -> RgbaImage {
    let width = width.min(pixels.width());
    let height = height.min(pixels.height());
    let left = (pixels.width() - width) / 2;
    let top = (pixels.height() - height) / 2;
    imageops::crop_imm(pixels, left, top, width, height).to_image()
}

/// Whether no pixel lets anything through.
pub(crate) fn is_opaque(pixels: &RgbaImage) -> bool {
    pixels.pixels().all(|Rgba([_, _, _, alpha])| *alpha == u8::MAX)
}

fn product(a: u32, b: u32) -> u64 {
    u64::from(a) * u64::from(b)
}

/// `side` × `numerator` / `denominator`, rounded, at least 1.
fn scaled(side: u32, numerator: u32, denominator: u32) -> u32 {
    let denominator = u64::from(denominator.max(1));
    let rounded = (product(side, numerator) + denominator / 2) / denominator;
    u32::try_from(rounded).unwrap_or(u32::MAX).clamp(1, side.max(1))
}

/// Weighs a colour by its alpha, so that the colour of what cannot be seen does
/// not bleed into its neighbours.
fn premultiply(Rgba([red, green, blue, alpha]): &mut Rgba<u8>) {
    for channel in [red, green, blue] {
        let weighed = (u32::from(*channel) * u32::from(*alpha) + 127) / 255;
        *channel = u8::try_from(weighed).unwrap_or(u8::MAX);
    }
}

fn unpremultiply(Rgba([red, green, blue, alpha]): &mut Rgba<u8>) {
    let alpha = u32::from(*alpha);
    for channel in [red, green, blue] {
        let full = (u32::from(*channel) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
        *channel = u8::try_from(full).unwrap_or(u8::MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_picture_is_fitted_into_its_box_without_being_enlarged() {
        assert_eq!(fitted((4000, 3000), Some(2048), Some(2048)), (2048, 1536));
        assert_eq!(fitted((3000, 4000), Some(2048), Some(2048)), (1536, 2048));
        assert_eq!(fitted((400, 300), Some(100), None), (100, 75));
        assert_eq!(fitted((400, 300), None, Some(100)), (133, 100));
        assert_eq!(fitted((40, 30), Some(400), Some(400)), (40, 30));
        assert_eq!(fitted((16_384, 1), Some(2048), Some(2048)), (2048, 1));
    }

    #[test]
    fn a_cover_is_no_larger_than_it_has_to_be() {
        assert_eq!(covering((400, 300), 100, 100), (133, 100));
        assert_eq!(covering((400, 300), 200, 100), (200, 150));
        assert_eq!(covering((400, 300), 1000, 100), (400, 300));
    }

    #[test]
    fn invisible_colour_does_not_bleed() {
        let half = |x: u32| if x < 32 { [255, 255, 255, 255] } else { [0, 0, 0, 0] };
        let pixels = RgbaImage::from_fn(64, 64, |x, _| Rgba(half(x)));
        let small = shrunk(pixels, (7, 7));
        for Rgba([red, _, _, alpha]) in small.pixels() {
            assert!(*alpha < 8 || *red > 240, "a dark fringe: {red} at alpha {alpha}");
        }
    }

    proptest! {
        #[test]
        fn sizes_keep_their_bounds(
            from in (1u32..=16_384, 1u32..=16_384), width in 1u32..=4096, height in 1u32..=4096
        ) {
            let fit = fitted(from, Some(width), Some(height));
            prop_assert!(fit.0 >= 1 && fit.0 <= width.min(from.0));
            prop_assert!(fit.1 >= 1 && fit.1 <= height.min(from.1));

            let cover = covering(from, width, height);
            prop_assert!(cover.0 >= width.min(from.0) && cover.0 <= from.0);
            prop_assert!(cover.1 >= height.min(from.1) && cover.1 <= from.1);
        }
    }
}
