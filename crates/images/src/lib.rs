//! Everything about picture bytes: what is let in, how it is cleaned, scaled,
//! drawn and kept. Knows nothing of users, SQL or HTTP.
//!
//! An upload goes through [`sanitize`], and only the [`Picture`] that comes out
//! is ever stored ([`Images`]) or served ([`render`]). Whoever has no picture
//! gets one drawn by [`avatar`]. The first two and the last cost real CPU, so
//! they run on an [`ImagePool`]. The reasons are in `docs/decisions/0004-images.md`.

mod avatar;
mod color;
mod decode;
mod encode;
#[cfg(test)]
mod fixtures;
mod font;
mod format;
mod guard;
mod jpeg;
mod key;
mod pool;
mod render;
mod sanitize;
mod scale;
mod silhouette;
mod sniff;
mod storage;
mod transform;
mod webp;

pub use avatar::{AVATAR_SIDE, MAX_AVATAR_SIDE, avatar};
pub use decode::{MAX_BYTES, MAX_PIXELS, MAX_SIDE, Refused};
pub use format::Format;
pub use key::{BadKey, ImageKey};
pub use pool::{ImagePool, PoolError};
pub use render::{RenderError, render};
pub use sanitize::{MAX_STORED_SIDE, Picture, sanitize};
pub use sniff::sniff;
pub use storage::{ImageStoreSettings, Images, S3Settings, StorageError};
pub use transform::{BadTransform, DEFAULT_QUALITY, Fit, MAX_TRANSFORM_SIDE, Transform};
