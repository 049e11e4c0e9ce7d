//! Draws the picture of whoever has none: initials on a gradient.

use bytes::Bytes;
use image::{Rgba, RgbaImage};

use crate::encode::encode;
use crate::{DEFAULT_QUALITY, Format, RenderError, Transform, font, silhouette};

/// The side, in pixels, of an avatar that is asked for without a size.
pub const AVATAR_SIDE: u32 = 512;

/// The longest side, in pixels, that an avatar is drawn at.
pub const MAX_AVATAR_SIDE: u32 = 1024;

/// More are not legible.
const MAX_INITIALS: usize = 2;

/// Dark enough, each of them, for white text (WCAG 2.2, 4.5 to 1), as is
/// therefore every mixture of two.
const PALETTE: [[u8; 3]; 16] = [
    [185, 28, 28],
    [190, 60, 12],
    [176, 80, 9],
    [120, 100, 10],
    [77, 120, 15],
    [21, 124, 61],
    [4, 118, 87],
    [15, 116, 110],
    [14, 112, 144],
    [3, 102, 160],
    [29, 78, 216],
    [67, 56, 202],
    [109, 40, 217],
    [126, 34, 206],
    [162, 28, 175],
    [190, 24, 93],
];

/// A PNG of `initials` on colours that follow from `seed`.
///
/// The first two characters are drawn as they are, in white; a silhouette if
/// there are none, or one is not in the font. The same arguments give the same
/// bytes. Costs milliseconds, for an [`ImagePool`](crate::ImagePool).
pub fn avatar(seed: &str, initials: &str, transform: &Transform) -> Result<Bytes, RenderError> {
    let mut pixels = gradient(seed, transform.canvas(AVATAR_SIDE, MAX_AVATAR_SIDE));
    let initials: String = initials.chars().take(MAX_INITIALS).collect();
    if !write(&mut pixels, &initials) {
        draw_silhouette(&mut pixels);
    }
    let (bytes, _) = encode(pixels, Format::Png, DEFAULT_QUALITY).map_err(|_| RenderError)?;
    Ok(bytes)
}

/// Two neighbouring colours of the palette, corner to corner.
fn gradient(seed: &str, (width, height): (u32, u32)) -> RgbaImage {
    let hash = fnv1a(seed.as_bytes());
    let first = hash & 15;
    let step = (hash >> 8 & 1) + 1;
    let from = colour(first);
    let to = colour(first + step);
    let (mirror_x, mirror_y) = (hash >> 16 & 1 == 1, hash >> 24 & 1 == 1);

    let length = u64::from(width - 1 + height - 1).max(1);
    RgbaImage::from_fn(width, height, |x, y| {
        let x = if mirror_x { width - 1 - x } else { x };
        let y = if mirror_y { height - 1 - y } else { y };
        let along = u64::from(x + y);
        let mixed = |from: u8, to: u8| {
            let sum = u64::from(from) * (length - along) + u64::from(to) * along;
            u8::try_from(sum / length).unwrap_or(u8::MAX)
        };
        let [[r0, g0, b0], [r1, g1, b1]] = [from, to];
        Rgba([mixed(r0, r1), mixed(g0, g1), mixed(b0, b1), u8::MAX])
    })
}

fn colour(index: u64) -> [u8; 3] {
    let index = usize::try_from(index).unwrap_or_default() % PALETTE.len();
    PALETTE.get(index).copied().unwrap_or_default()
}

/// FNV-1a, 64 bits (RFC 9923), its halves folded: colours need no secrecy, only
/// to stay the same for ever, which the standard library's hashes do not promise.
fn fnv1a(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    hash ^ hash >> 32
}

/// Whether the initials could be, and now are, written.
fn write(pixels: &mut RgbaImage, initials: &str) -> bool {
    let (middle, side) = middle(pixels);
    let Some(glyphs) = font::centred(initials, side * 0.34, side * 0.68, middle) else {
        return false;
    };
    for glyph in glyphs {
        let origin = glyph.px_bounds().min;
        glyph.draw(|x, y, coverage| {
            #[expect(clippy::cast_possible_truncation, reason = "bounded by the picture's size")]
            let at = |offset: f32, step: u32| u32::try_from(offset as i64 + i64::from(step));
            if let (Ok(x), Ok(y)) = (at(origin.x, x), at(origin.y, y))
                && let Some(pixel) = pixels.get_pixel_mut_checked(x, y)
            {
                whiten(pixel, coverage);
            }
        });
    }
    true
}

fn draw_silhouette(pixels: &mut RgbaImage) {
    let ((middle_x, middle_y), side) = middle(pixels);
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        let across = (float(x) + 0.5 - middle_x) / side;
        let down = (float(y) + 0.5 - middle_y) / side;
        // Softer than letters: there is more of it.
        whiten(pixel, silhouette::coverage(across, down, side.recip()) * 0.85);
    }
}

/// The picture's middle, and its smaller side.
fn middle(pixels: &RgbaImage) -> ((f32, f32), f32) {
    let (width, height) = pixels.dimensions();
    ((float(width) / 2.0, float(height) / 2.0), float(width.min(height)))
}

#[expect(clippy::cast_precision_loss, reason = "sides are far below 2^24")]
const fn float(pixels: u32) -> f32 {
    pixels as f32
}

fn whiten(Rgba([red, green, blue, _]): &mut Rgba<u8>, coverage: f32) {
    let coverage = coverage.clamp(0.0, 1.0);
    for channel in [red, green, blue] {
        let lightened = f32::from(*channel) + (255.0 - f32::from(*channel)) * coverage;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float cast saturates, and this one is within 0 to 255"
        )]
        let rounded = lightened.round() as u8;
        *channel = rounded;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{Fit, sniff};

    fn drawn(seed: &str, initials: &str) -> Bytes {
        avatar(seed, initials, &Transform::default()).expect("draws")
    }

    fn asked(width: Option<u32>, height: Option<u32>, fit: Fit) -> (u32, u32) {
        let transform = Transform { width, height, fit, ..Transform::default() };
        let bytes = avatar("user_1", "AL", &transform).expect("draws");
        let pixels = image::load_from_memory(&bytes).expect("decodes");
        (pixels.width(), pixels.height())
    }

    #[test]
    fn the_same_seed_gives_the_same_png() {
        assert_eq!(drawn("user_1", "AL"), drawn("user_1", "AL"));
        assert_eq!(sniff(&drawn("user_1", "AL")), Some(Format::Png));
        assert_ne!(drawn("user_1", "AL"), drawn("user_1", "LA"));
        assert_ne!(drawn("user_1", "AL"), drawn("user_1", ""));
    }

    #[test]
    fn seeds_spread_over_the_colours() {
        let corner = |n: u32| gradient(&format!("user_{n}"), (9, 9)).get_pixel(0, 0).0;
        let corners: HashSet<_> = (0..200).map(corner).collect();
        assert!(corners.len() >= 14, "{}", corners.len());
    }

    #[test]
    fn what_the_font_lacks_becomes_a_silhouette() {
        let silhouette = drawn("user_1", "");
        for initials in ["漢字", " ", "A漢", "\u{202E}"] {
            assert_eq!(drawn("user_1", initials), silhouette, "{initials:?}");
        }
        assert_eq!(drawn("user_1", "ABCDEF"), drawn("user_1", "AB"));
    }

    #[test]
    fn an_avatar_has_the_size_that_is_asked_for() {
        assert_eq!(asked(None, None, Fit::ScaleDown), (AVATAR_SIDE, AVATAR_SIDE));
        assert_eq!(asked(Some(80), None, Fit::ScaleDown), (80, 80));
        assert_eq!(asked(Some(80), Some(40), Fit::ScaleDown), (40, 40));
        assert_eq!(asked(Some(80), Some(40), Fit::Crop), (80, 40));
        assert_eq!(asked(Some(1), Some(1), Fit::Crop), (1, 1));
        assert_eq!(asked(Some(4096), None, Fit::Crop), (MAX_AVATAR_SIDE, MAX_AVATAR_SIDE));
    }

    #[test]
    fn white_text_can_be_read_on_every_colour() {
        for colour in PALETTE {
            let [red, green, blue] = colour.map(|channel| {
                let value = f64::from(channel) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            });
            let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            let contrast = 1.05 / (luminance + 0.05);
            assert!(contrast >= 4.5, "{colour:?} has {contrast:.2}");
        }
    }

    #[test]
    fn the_letters_are_really_there() {
        let pixels = image::load_from_memory(&drawn("user_1", "H")).expect("decodes").into_rgb8();
        let white = pixels.pixels().filter(|pixel| pixel.0 == [255; 3]).count();
        let all = pixels.pixels().count();
        assert!(white > all / 40 && white < all / 4, "{white} of {all}");
    }
}
