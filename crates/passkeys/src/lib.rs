//! WebAuthn ceremonies: what to ask of a browser, and whether its answer is good.
//!
//! Pure: a ceremony's state and a credential go in and come out as text for the
//! caller to keep. Knows nothing of users, SQL or HTTP. The one thing it takes
//! from outside is the challenge, which `webauthn-rs` draws from the system's
//! generator and admits from nowhere else.

mod assertion;
mod credential;
mod error;
mod import;
mod key;
mod relying_party;

pub use self::assertion::Assertion;
pub use self::credential::Credential;
pub use self::error::Error;
pub use self::import::{Import, ImportError};
pub use self::relying_party::{Person, RelyingParty, Start, Whose};

/// How long a browser may take, in milliseconds: what WebAuthn Level 3 recommends.
pub const TIMEOUT_MS: i64 = 300_000;

/// The longest credential id there is, in bytes (WebAuthn Level 3, 5.8.1).
pub const MAX_CREDENTIAL_ID: usize = 1023;
