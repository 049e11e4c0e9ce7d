//! Operations on users.

mod assemble;
mod ban;
mod body;
mod change;
mod checks;
mod create;
mod delete;
mod image;
mod lock;
mod metadata;
mod mfa;
pub(crate) mod notice;
mod read;
mod secrets;
mod update;
mod verify_password;
mod verify_totp;
mod write;

pub(crate) use self::assemble::{Checked, MAX_IDENTIFIERS, check, instant, with_secrets};
pub use self::ban::{Ban, ban, bulk_ban};
pub(crate) use self::body::not_found;
pub use self::body::{body, get, render};
pub use self::change::UpdateUser;
pub(crate) use self::checks::{enabled, keep, required};
pub use self::create::{CreateUser, create};
pub(crate) use self::create::{not_admitted, quota_exceeded};
pub use self::delete::{Deleted, delete};
pub use self::image::{delete_profile_image, set_profile_image};
pub use self::lock::{lock, unlock};
pub use self::metadata::{MetadataPatch, merge_metadata, replace_metadata};
pub(crate) use self::mfa::forget_orphaned_codes;
pub use self::mfa::{delete_backup_codes, delete_totp, disable_mfa};
pub use self::read::Nulls;
pub use self::secrets::SecretParams;
pub use self::update::update;
pub use self::verify_password::verify_password;
pub use self::verify_totp::{CodeType, verify_totp};
pub(crate) use self::write::{
    Hold, Outcome, change, change_locked, change_under, forget_on_commit, hold, taken,
};

/// What a caller asks for, with what is already known to be wrong with it.
///
/// The decoder finds wrong types, the operation finds wrong values; the caller
/// hears of both at once.
#[derive(Debug, Clone, Default)]
pub struct Request<T> {
    /// What could be decoded.
    pub params: T,
    /// What could not.
    pub problems: Vec<rollbook_domain::Problem>,
}
