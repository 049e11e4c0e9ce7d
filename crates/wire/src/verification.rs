//! A code that was sent to an address, and how far its proof has come.

use serde::Serialize;

/// The state of a verification, as preparing and attempting answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreparedVerification<'a> {
    /// Always `verification_otp`.
    pub object: &'a str,
    /// What an attempt names.
    pub id: &'a str,
    /// `unverified`, `verified`, `expired` or `failed`.
    pub status: &'a str,
    /// `email_code` or `phone_code`.
    pub strategy: &'a str,
    /// Codes tried.
    pub attempts: i64,
    /// Milliseconds since 1970; until then the code is good.
    pub expire_at: i64,
    /// How the code went out; phone numbers only.
    pub channel: Option<&'a str>,
}
