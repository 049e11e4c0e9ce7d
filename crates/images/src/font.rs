//! Glyphs for initials, from a font that is part of the program.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, OutlinedGlyph, PxScale, ScaleFont, point};

/// `DejaVu` Sans Bold: most of Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew
/// and Arabic. Its licence is in the crate's `NOTICE`.
static FONT: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(dejavu::sans::bold()).ok());

/// The outlines of `text`, its capitals `cap_height` pixels high (less if it
/// would be wider than `max_width`), centred on (`x`, `y`).
///
/// `None` when there is no text, or a character of it has no outline here.
pub(crate) fn centred(
    text: &str,
    cap_height: f32,
    max_width: f32,
    (x, y): (f32, f32),
) -> Option<Vec<OutlinedGlyph>> {
    let font = FONT.as_ref()?;
    let unscaled = line(font, text, PxScale::from(1000.0))?;
    let capital = font.outline_glyph(font.glyph_id('H').with_scale(1000.0))?.px_bounds().height();
    let (left, right) = extent(&unscaled)?;

    let scale = 1000.0 * (cap_height / capital).min(max_width / (right - left));
    let shift_x = x - f32::midpoint(left, right) * scale / 1000.0;
    let baseline = y + capital / 2.0 * scale / 1000.0;
    line(font, text, PxScale::from(scale))?
        .into_iter()
        .map(|mut glyph| {
            glyph.position += point(shift_x, baseline);
            font.outline_glyph(glyph)
        })
        .collect()
}

/// The glyphs of one line of text that starts at the origin.
fn line(font: &FontRef<'_>, text: &str, scale: PxScale) -> Option<Vec<Glyph>> {
    let scaled = font.as_scaled(scale);
    let mut x = 0.0;
    let glyphs = text.chars().map(|character| {
        let id = font.glyph_id(character);
        // Glyph 0 is the box that stands for what a font does not have.
        if id.0 == 0 {
            return None;
        }
        let glyph = id.with_scale_and_position(scale, point(x, 0.0));
        x += scaled.h_advance(id);
        Some(glyph)
    });
    glyphs.collect()
}

/// Where the ink of these glyphs begins and ends; `None` if some have no ink.
fn extent(glyphs: &[Glyph]) -> Option<(f32, f32)> {
    let font = FONT.as_ref()?;
    let mut extent: Option<(f32, f32)> = None;
    for glyph in glyphs {
        let ink = font.outline_glyph(glyph.clone())?.px_bounds();
        let (left, right) = extent.unwrap_or((ink.min.x, ink.max.x));
        extent = Some((left.min(ink.min.x), right.max(ink.max.x)));
    }
    extent.filter(|(left, right)| right > left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawable(text: &str) -> bool {
        centred(text, 40.0, 60.0, (50.0, 50.0)).is_some()
    }

    #[test]
    fn letters_of_many_scripts_can_be_drawn() {
        for text in ["AL", "É", "ŁŻ", "ΑΩ", "ЖЯ", "ԱԲ", "ქ", "שׁ", "7", "@"] {
            assert!(drawable(text), "{text}");
        }
    }

    #[test]
    fn what_the_font_lacks_cannot() {
        for text in ["", " ", "A ", "漢", "A漢", "\u{1F600}\u{10FFFF}", "\0"] {
            assert!(!drawable(text), "{text:?}");
        }
    }

    #[test]
    fn text_is_centred_and_within_its_width() {
        for text in ["WW", "I", "ÅQ", "M"] {
            let glyphs = centred(text, 40.0, 60.0, (50.0, 50.0)).expect("glyphs");
            let left = glyphs.iter().map(|g| g.px_bounds().min.x).fold(f32::MAX, f32::min);
            let right = glyphs.iter().map(|g| g.px_bounds().max.x).fold(f32::MIN, f32::max);
            assert!(right - left <= 62.0, "{text} is {left} to {right}");
            assert!(
                (f32::midpoint(left, right) - 50.0).abs() <= 1.5,
                "{text} is {left} to {right}"
            );
        }
    }
}
