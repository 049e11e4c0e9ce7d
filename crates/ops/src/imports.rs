//! Bulk imports: many users from a file, by the rules of a creation, in portions that are
//! wholly in or not at all.
//!
//! How far an import has come is written in the transaction of each portion, so that after
//! a crash it goes on behind the last row that is in, and no row is in twice.

mod begin;
mod dry_run;
mod options;
mod prepare;
mod report;
mod run;
mod write;

pub use self::begin::{Begun, NewImport, begin, of_source};
pub use self::dry_run::scratch;
pub use self::options::ImportOptions;
pub use self::report::{Refusals, cancel, fail, get, list, refusals};
pub use self::run::{Job, run};
