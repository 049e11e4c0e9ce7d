//! An instance as a file: everything out, and into another store without loss.
//!
//! The format is described in `docs/EXPORT.md`.

mod abandon;
mod check;
mod export;
mod frame;
mod import;

pub(crate) use self::abandon::abandon;
pub use self::export::{Export, export};
pub use self::frame::is_export;
pub use self::import::{ImportError, Imported, Progress, Source, import};
