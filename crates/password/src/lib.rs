//! Password digests: making, recognising and verifying them, a bounded pool for
//! the slow work, and the strength of a password.
//!
//! Knows nothing of users, SQL or HTTP; randomness is an argument.

mod digest;
mod hasher;
mod native;
mod password;
mod pool;
mod scratch;
mod strength;
#[cfg(test)]
mod vectors;

pub use digest::{Digest, InvalidDigest};
pub use hasher::Hasher;
pub use native::{
    BCRYPT_MAX_PASSWORD_BYTES, DECOY, NativeScheme, PasswordTooLong, decoy, hash, verify_or_decoy,
};
pub use password::Password;
pub use pool::{Busy, HashError, HashPool, PoolError};
pub use scratch::Scratch;
pub use strength::{Advice, Strength, strength};
