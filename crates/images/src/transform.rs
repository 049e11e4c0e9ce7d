//! The query parameters that a served picture takes, checked.

use crate::scale::Size;

/// The largest `width` or `height` that may be asked for, in pixels.
pub const MAX_TRANSFORM_SIDE: u32 = 4096;

/// The quality of a picture that is asked for without one.
pub const DEFAULT_QUALITY: u8 = 85;

/// How a picture is brought into `width` × `height`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fit {
    /// Whole and in proportion, inside the box. Spelled `scale-down`.
    #[default]
    ScaleDown,
    /// Fills the box where it can, the rest cut off evenly. Spelled `crop`;
    /// the same as [`ScaleDown`](Self::ScaleDown) unless both sides are given.
    Crop,
}

/// What is asked of a picture. Nothing makes it larger than it is.
///
/// Equal transforms of equal bytes give equal bytes, so it can be a cache key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transform {
    /// The most pixels across, 1 to [`MAX_TRANSFORM_SIDE`].
    pub width: Option<u32>,
    /// The most pixels down, 1 to [`MAX_TRANSFORM_SIDE`].
    pub height: Option<u32>,
    /// What to do with a box of other proportions.
    pub fit: Fit,
    /// 1 to 100; used by JPEG alone.
    pub quality: u8,
}

/// The query parameter that cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{param} is out of bounds, not understood, or given twice")]
pub struct BadTransform {
    /// `width`, `height`, `fit` or `quality`.
    pub param: &'static str,
}

impl Default for Transform {
    fn default() -> Self {
        Self { width: None, height: None, fit: Fit::default(), quality: DEFAULT_QUALITY }
    }
}

impl Transform {
    /// Reads decoded query pairs; pairs with other keys are ignored.
    ///
    /// A key may come once. Numbers are plain digits within the bounds above.
    pub fn parse<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, BadTransform> {
        let (mut width, mut height, mut fit, mut quality) = (None, None, None, None);
        for (key, value) in pairs {
            let value = value.as_ref();
            match key.as_ref() {
                "width" => once("width", &mut width, number(value, MAX_TRANSFORM_SIDE))?,
                "height" => once("height", &mut height, number(value, MAX_TRANSFORM_SIDE))?,
                "quality" => once("quality", &mut quality, number(value, 100))?,
                "fit" => once("fit", &mut fit, Fit::parse(value))?,
                _ => {}
            }
        }
        let quality = quality.and_then(|quality| u8::try_from(quality).ok());
        Ok(Self {
            width,
            height,
            fit: fit.unwrap_or_default(),
            quality: quality.unwrap_or(DEFAULT_QUALITY),
        })
    }

    /// Whether nothing is asked for, so that the stored bytes are the answer.
    pub const fn is_identity(&self) -> bool {
        self.width.is_none() && self.height.is_none() && self.quality == DEFAULT_QUALITY
    }

    /// The size of a picture that is drawn rather than scaled: `side` squared if
    /// nothing is asked for, otherwise what is asked for, at most `max` a side.
    pub(crate) fn canvas(&self, side: u32, max: u32) -> Size {
        let bounded = |asked: u32| asked.clamp(1, max);
        match (self.width, self.height, self.fit) {
            (Some(width), Some(height), Fit::Crop) => (bounded(width), bounded(height)),
            (Some(width), Some(height), Fit::ScaleDown) => square(bounded(width.min(height))),
            (Some(only), None, _) | (None, Some(only), _) => square(bounded(only)),
            (None, None, _) => square(side),
        }
    }
}

impl Fit {
    fn parse(value: &str) -> Option<Self> {
        match value {
            "scale-down" => Some(Self::ScaleDown),
            "crop" => Some(Self::Crop),
            _ => None,
        }
    }
}

const fn square(side: u32) -> Size {
    (side, side)
}

fn once<T>(
    param: &'static str,
    slot: &mut Option<T>,
    value: Option<T>,
) -> Result<(), BadTransform> {
    let value = value.ok_or(BadTransform { param })?;
    if slot.replace(value).is_some() {
        return Err(BadTransform { param });
    }
    Ok(())
}

/// A number from 1 to `max`, in digits only: `parse` alone would take a sign.
fn number(value: &str, max: u32) -> Option<u32> {
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    value.parse().ok().filter(|number| (1..=max).contains(number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_parameters_are_understood_and_others_ignored() {
        let asked =
            [("width", "120"), ("v", "3"), ("height", "80"), ("fit", "crop"), ("quality", "1")];
        assert_eq!(
            Transform::parse(asked),
            Ok(Transform { width: Some(120), height: Some(80), fit: Fit::Crop, quality: 1 })
        );
    }

    #[test]
    fn nothing_asked_is_the_identity() {
        for nothing in [&[][..], &[("fit", "scale-down")], &[("quality", "85")], &[("x", "")]] {
            let transform = Transform::parse(nothing.iter().copied()).expect("valid");
            assert!(transform.is_identity(), "{nothing:?}");
        }
        for something in [("width", "1"), ("height", "4096"), ("quality", "84")] {
            assert!(!Transform::parse([something]).expect("valid").is_identity());
        }
    }

    #[test]
    fn bad_values_are_refused_by_name() {
        for (param, value) in [
            ("width", ""),
            ("width", "0"),
            ("width", "4097"),
            ("width", "-1"),
            ("width", "+1"),
            ("width", "1e3"),
            ("width", "99999999999999999999"),
            ("height", "auto"),
            ("height", "١٢"),
            ("fit", ""),
            ("fit", "cover"),
            ("fit", "Crop"),
            ("quality", "0"),
            ("quality", "101"),
        ] {
            assert_eq!(Transform::parse([(param, value)]), Err(BadTransform { param }), "{value}");
        }
        let twice = [("height", "1"), ("height", "1")];
        assert_eq!(Transform::parse(twice), Err(BadTransform { param: "height" }));
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_within_bounds(
            pairs in prop::collection::vec(("width|height|fit|quality|x", "[0-9]{0,5}|crop|\\PC{0,4}"), 0..5)
        ) {
            if let Ok(transform) = Transform::parse(pairs) {
                for side in [transform.width, transform.height].into_iter().flatten() {
                    prop_assert!((1..=MAX_TRANSFORM_SIDE).contains(&side));
                }
                prop_assert!((1..=100).contains(&transform.quality));
                let (width, height) = transform.canvas(512, 1024);
                prop_assert!((1..=1024).contains(&width) && (1..=1024).contains(&height));
            }
        }
    }
}
