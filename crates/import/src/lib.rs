//! Files of users, ours and other systems', as rows that each name the parameters of a
//! creation.
//!
//! Whatever a row came from, it ends as the body that `POST /v1/users` takes, with a few
//! members more, so that one set of rules and one set of names serve all. Knows nothing
//! of the store, of async or of HTTP; a source is anything that can be read.

mod array;
mod batch;
mod cells;
mod format;
mod input;
mod join;
mod lines;
mod recognise;
mod row;
mod rows;
mod source;
mod table;

pub use batch::{Batch, Batches};
pub use format::{Format, Shape};
pub use join::Join;
pub use recognise::Unrecognised;
pub use row::{Content, MAX_ROW_BYTES, Row};
pub use rows::{Place, ReadError, Rows};
pub use source::{HashConfig, Helps, InvalidMapping, Mapping};
