//! Secrets, and who calls: a key given once or asked for before every request.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A key, password, code or token; it is wiped from memory when dropped and never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// In a time that says nothing but whether the lengths are equal.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

/// As it is: into the bodies of requests, or wherever a caller writes an answer.
impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the key of a request comes from.
#[derive(Clone)]
pub(crate) enum Auth {
    Fixed(Secret),
    /// Asked before every attempt, so that a rotated key is taken up.
    Asked(Arc<dyn Fn() -> Secret + Send + Sync>),
}

impl Auth {
    pub(crate) fn secret(&self) -> Secret {
        match self {
            Self::Fixed(secret) => secret.clone(),
            Self::Asked(ask) => ask(),
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Auth::Fixed(…)",
            Self::Asked(_) => "Auth::Asked(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let fixed = Auth::Fixed("sk_test_hush".into());
        let asked = Auth::Asked(Arc::new(|| "sk_test_hush".into()));
        for printed in [format!("{fixed:?}"), format!("{asked:?}"), format!("{:?}", fixed.secret())]
        {
            assert!(!printed.contains("hush"), "{printed}");
        }
    }
}
