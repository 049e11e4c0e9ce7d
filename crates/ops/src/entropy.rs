//! The one source of randomness.

use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rollbook_wire::{Id, Prefix};

/// Gives random bytes; a test may seed it.
#[derive(Clone, Default)]
pub enum Entropy {
    /// A generator per thread, seeded by the system.
    #[default]
    System,
    /// The same bytes for the same seed.
    Seeded(Arc<Mutex<StdRng>>),
}

impl Entropy {
    /// A generator that repeats itself.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes, fit for keys.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the one place that asks the machine"
                )]
                rand::rng().fill_bytes(&mut bytes);
            }
            Self::Seeded(rng) => rng.lock().fill_bytes(&mut bytes),
        }
        bytes
    }

    /// A new id of a resource created at `now`.
    pub fn id(&self, prefix: Prefix, now: i64) -> Id {
        Id::new(prefix, now, self.bytes())
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::System => "Entropy::System",
            Self::Seeded(_) => "Entropy::Seeded",
        })
    }
}
