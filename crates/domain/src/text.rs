//! What every checked text has in common.

/// Gives a newtype over `String` its views: `as_str`, `Display`, `AsRef<str>`, `From` into `String`.
///
/// Deserialising does not check again: it is for what this server itself has
/// stored, which must stay readable when a rule becomes stricter.
macro_rules! text_type {
    ($name:ident) => {
        impl $name {
            /// The text as it is stored and sent.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

pub(crate) use text_type;
