//! Pages for people who come from elsewhere.

#[doc = include_str!("../docs/from_python.md")]
pub mod from_python {}

#[doc = include_str!("../docs/from_clerk_rs.md")]
pub mod from_clerk_rs {}
