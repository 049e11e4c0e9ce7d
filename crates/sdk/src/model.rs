//! What the server answers with.
//!
//! Everything unknown is passed over and everything that may be absent has a
//! default, so that a newer server can be read.

mod access;
mod billing;
mod identification;
mod instance;
mod invitation;
mod jwt;
mod organization;
mod role;
mod session;
mod small;
mod ticket;
mod user;

pub use access::*;
pub use billing::*;
pub use identification::*;
pub use instance::*;
pub use invitation::*;
pub use jwt::*;
pub use organization::*;
pub use role::*;
pub use session::*;
pub use small::*;
pub use ticket::*;
pub use user::*;

/// A JSON object of the caller's own.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// An enumeration that may grow: what is not known is kept as it was written.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value that this version of the client does not know.
            Other(String),
        }

        impl $name {
            /// The value as it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from).map(Self::from)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }
    };
}

/// An answer: what it always has, and what may be absent or null and then has its default.
macro_rules! model {
    (
        $(#[$doc:meta])*
        $name:ident {
            $($(#[$must_doc:meta])* $must:ident: $must_type:ty,)*
        } $(optional {
            $($(#[$may_doc:meta])* $may:ident: $may_type:ty,)+
        })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$must_doc])*
                pub $must: $must_type,
            )*
            $($(
                $(#[$may_doc])*
                #[serde(default, deserialize_with = "crate::decode::or_default")]
                pub $may: $may_type,
            )+)?
        }
    };
}

pub(crate) use {model, open_enum};
