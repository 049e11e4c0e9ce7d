//! A set of positions.

/// One bit per position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Room for `n` positions, none of them in the set.
    pub(crate) fn none(n: usize) -> Self {
        Self { words: vec![0; n.div_ceil(64)] }
    }

    /// All positions below `n`.
    pub(crate) fn all(n: usize) -> Self {
        let mut words = vec![u64::MAX; n.div_ceil(64)];
        if let (Some(last), rest @ 1..) = (words.last_mut(), n % 64) {
            *last = (1 << rest) - 1;
        }
        Self { words }
    }

    pub(crate) fn insert(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    pub(crate) fn remove(&mut self, at: usize) {
        if let Some(word) = self.words.get_mut(at / 64) {
            *word &= !(1 << (at % 64));
        }
    }

    pub(crate) fn contains(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut bits = Bits::none(200);
        for at in [0, 63, 64, 199] {
            bits.insert(at);
        }
        assert_eq!(bits.count(), 4);
        bits.remove(64);
        assert!(!bits.contains(64) && bits.contains(63) && !bits.contains(1000));
        assert_eq!(Bits::all(130).count(), 130);
        assert_eq!(Bits::all(128).count(), 128);
    }
}
