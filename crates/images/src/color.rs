//! Brings pixels to sRGB, which is what a picture without a profile is taken for.

use image::RgbaImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::guard::caught;

/// The same picture in sRGB, if `profile` is an RGB profile that can be read.
///
/// Otherwise the pixels stay as they are, as they would in a viewer that
/// ignores profiles: a strange profile is no reason to refuse a picture.
pub(crate) fn to_srgb(pixels: RgbaImage, profile: Option<&[u8]>) -> RgbaImage {
    let Some(profile) = profile else { return pixels };
    match caught(|| converted(&pixels, profile)).flatten() {
        Some(converted) => converted,
        None => pixels,
    }
}

fn converted(pixels: &RgbaImage, profile: &[u8]) -> Option<RgbaImage> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    if profile.color_space != DataColorSpace::Rgb {
        return None;
    }
    let transform = profile
        .create_transform_8bit(
            Layout::Rgba,
            &ColorProfile::new_srgb(),
            Layout::Rgba,
            TransformOptions::default(),
        )
        .ok()?;
    let mut converted = vec![0; pixels.as_raw().len()];
    transform.transform(pixels.as_raw(), &mut converted).ok()?;
    RgbaImage::from_raw(pixels.width(), pixels.height(), converted)
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    fn pixel(profile: Option<&[u8]>) -> [u8; 4] {
        let pixels = RgbaImage::from_pixel(2, 2, Rgba([200, 80, 40, 128]));
        to_srgb(pixels, profile).get_pixel(1, 1).0
    }

    #[test]
    fn a_wide_gamut_colour_becomes_its_srgb_neighbour() {
        let display_p3 = ColorProfile::new_display_p3().encode().expect("profile");
        let [red, green, blue, alpha] = pixel(Some(&display_p3));
        assert!(red > 205 && green < 80 && blue < 40, "{red} {green} {blue}");
        assert_eq!(alpha, 128);
    }

    #[test]
    fn srgb_stays_and_nonsense_is_ignored() {
        let srgb = ColorProfile::new_srgb().encode().expect("profile");
        for (is, was) in pixel(Some(&srgb)).into_iter().zip([200, 80, 40, 128]) {
            assert!(is.abs_diff(was) <= 1);
        }
        assert_eq!(pixel(None), [200, 80, 40, 128]);
        assert_eq!(pixel(Some(b"not a profile")), [200, 80, 40, 128]);
        assert_eq!(pixel(Some(&[0xFF; 4096])), [200, 80, 40, 128]);
    }
}
