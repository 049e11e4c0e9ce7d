//! A head and shoulders, for someone whose initials are not known.

/// How much of the pixel at (`x`, `y`) the figure covers, 0 to 1.
///
/// Coordinates are in units of the picture's smaller side, with the origin in
/// the middle; `pixel` is the length of a pixel in them, for a smooth edge.
pub(crate) fn coverage(x: f32, y: f32, pixel: f32) -> f32 {
    let head = ellipse(x, y + 0.11, 0.155, 0.155);
    let shoulders = ellipse(x, y - 0.40, 0.29, 0.27);
    let inside = -head.min(shoulders);
    (inside / pixel + 0.5).clamp(0.0, 1.0)
}

/// About the distance from an ellipse around the origin, negative inside.
fn ellipse(x: f32, y: f32, a: f32, b: f32) -> f32 {
    let relative = ((x / a) * (x / a) + (y / b) * (y / b)).sqrt();
    (relative - 1.0) * a.min(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_apart_from_the_shoulders_and_the_corners_are_empty() {
        let covered = |x, y| coverage(x, y, 0.01) > 0.5;
        assert!(covered(0.0, -0.11) && covered(0.0, 0.4));
        assert!(!covered(0.0, 0.09), "the neck is a gap");
        for (x, y) in [(-0.49, -0.49), (0.49, -0.49), (-0.49, 0.49), (0.49, 0.49), (0.0, -0.4)] {
            assert!(!covered(x, y), "({x}, {y})");
        }
    }
}
