//! The users of one instance in memory, for lists and counts of any shape.
//!
//! A [`Directory`] is a large `base` that never changes, and a small
//! `overlay` of those who have changed since. The base holds the searchable
//! text of all users in the order of their creation, in one piece per few
//! thousand users, so that a search is a scan by SIMD, newest first, and stops
//! when its page is full; beside it a column per filter and a permutation per
//! order. When the overlay has grown it is folded into a new base.
//!
//! Pure: knows neither SQL nor threads. Answers exactly what the SQL of the
//! store answers: same folding (by the caller), same order, nulls last, ties by id.

mod base;
mod bits;
mod chunk;
mod directory;
mod fields;
mod filter;
mod fold;
mod ids;
mod loader;
mod orders;
mod overlay;
mod person;
mod walk;

#[cfg(test)]
mod tests;

pub use self::directory::{Change, Directory, Miss, Stats};
pub use self::filter::Sets;
pub use self::loader::Run;
pub use self::person::Person;

/// A position or a count as the tables keep it: at most 4 294 967 295 users.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
