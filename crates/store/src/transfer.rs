//! Everything of an instance, row by row, out of one store and into another.
//!
//! What belongs to an instance is said in one table, `tables::TABLES`. Secrets
//! leave the store opened and come in sealed anew, so that the other store may
//! have another master key. Rows that are derived from others stay at home and are
//! made anew on the other side.
//!
//! An instance on its way in is invisible, since its row comes last: see [`write`].

mod line;
mod read;
mod sealing;
mod tables;
mod write;

pub use self::line::{BadLine, Line};
pub use self::read::lines;
pub use self::write::{
    Begun, Claim, Prepared, Written, begin, discard, insert, prepare, publish, release, take_over,
    unfinished,
};
