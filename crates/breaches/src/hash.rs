//! The SHA-1 by which breached passwords are known.

use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

/// The SHA-1 of `password`, wiped when dropped: it is as good as the password.
pub(crate) fn of(password: &str) -> Zeroizing<[u8; 20]> {
    Zeroizing::new(Sha1::digest(password.as_bytes()).into())
}

/// What a filter knows of a hash: its first 64 bits, in the order of the hashes.
pub(crate) fn key(hash: &[u8; 20]) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}
