//! Working memory that one hashing thread keeps between jobs.

use argon2::{Block, Params};

/// Blocks of one KiB kept between jobs: what a native digest needs.
const KEPT: usize = Params::DEFAULT_M_COST as usize;

/// The memory Argon2 fills, allocated by the first job and reused by the next:
/// faulting 19 MiB in afresh costs a tenth of a native hash.
#[derive(Default)]
pub struct Scratch {
    blocks: Vec<Block>,
}

impl Scratch {
    /// Exactly `n` blocks of one KiB, with whatever the last job left in them.
    pub(crate) fn blocks(&mut self, n: usize) -> &mut [Block] {
        if self.blocks.len() < n {
            self.blocks.resize(n, Block::new());
        }
        self.blocks.get_mut(..n).unwrap_or_default()
    }

    /// Gives back what an unusually large imported digest needed.
    pub(crate) fn trim(&mut self) {
        if self.blocks.len() > KEPT {
            self.blocks.truncate(KEPT);
            self.blocks.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_jobs_do_not_leave_their_memory_behind() {
        let mut scratch = Scratch::default();
        assert_eq!(scratch.blocks(KEPT + 1).len(), KEPT + 1);
        scratch.trim();
        assert_eq!(scratch.blocks.capacity(), KEPT);
        assert_eq!(scratch.blocks(8).len(), 8);
    }
}
