//! JSON Web Tokens: keys, signing, verifying, and what our tokens claim.
//!
//! Knows neither users nor SQL nor HTTP, and asks nobody for the time.

mod claims;
mod error;
mod jwt;
mod key;
mod organization;
mod signer;
mod template;

pub use claims::{Part, SessionClaims, StandardClaims, merged};
pub use error::{Error, Rejected, Result};
pub use jwt::{Category, Claims, sign, verify};
pub use key::{Jwk, PrivateKey, PublicKey};
pub use organization::OrganizationClaim;
pub use signer::{Algorithm, Signer};
pub use template::{RESERVED_CLAIMS, RESERVED_SESSION_CLAIMS, render};
