//! Password digests: making, recognising and verifying them, a bounded pool for
//! the slow work, and the list of passwords nobody should have.
//!
//! Knows nothing of users, SQL or HTTP; randomness is an argument.

mod breach;
mod digest;
mod hasher;
mod native;
mod password;
mod pool;
mod scratch;

pub use breach::is_common;
pub use digest::{Digest, InvalidDigest};
pub use hasher::Hasher;
pub use native::{BCRYPT_MAX_PASSWORD_BYTES, DECOY, NativeScheme, PasswordTooLong, decoy, hash};
pub use password::Password;
pub use pool::{Busy, HashError, HashPool, PoolError};
pub use scratch::Scratch;
