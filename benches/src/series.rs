//! The values of interleaved rounds.

/// One value per round.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The middle value, or the lower of the two in the middle.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
    }

    /// Round by round, since both sides of a round met the same noise.
    pub(crate) fn over(&self, reference: &Self) -> Self {
        Self(self.0.iter().zip(&reference.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|value| value * factor).collect())
    }

    pub(crate) fn lowest(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn highest(&self) -> f64 {
        self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_round_by_round() {
        let ours = Series(vec![10.0, 30.0, 20.0]);
        let theirs = Series(vec![20.0, 60.0, 20.0]);
        let ratios = ours.over(&theirs);
        assert!((ratios.median() - 0.5).abs() < 1e-9);
        assert!((ratios.highest() - 1.0).abs() < 1e-9);
        assert!((ours.median() - 20.0).abs() < 1e-9);
    }
}
