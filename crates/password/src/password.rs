//! A password in plain text, for as short a time as it must exist.

use std::fmt;

use zeroize::Zeroizing;

/// A password in plain text: wiped from memory on drop, redacted in `Debug`,
/// and without any way to serialise it.
///
/// Nothing is normalised: the bytes that were sent are the bytes that are hashed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Longest password that is hashed or verified, in bytes.
    ///
    /// Some imported schemes read the password anew in each of a million
    /// rounds, so its length is part of their cost. No policy allows more.
    pub const MAX_BYTES: usize = 1024;

    /// Takes over `text` without copying it.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The password as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its UTF-8 bytes, which is what every scheme hashes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_password() {
        assert_eq!(format!("{:?}", Password::from("hunter2")), "Password(…)");
    }
}
