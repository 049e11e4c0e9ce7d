//! What the server answers with.
//!
//! Everything unknown is passed over and everything that may be absent has a
//! default, so that a newer server can be read.

mod identification;
mod organization;
mod small;
mod user;

pub use identification::{
    EmailAddress, ExternalAccount, IdentificationLink, Passkey, PhoneNumber, Verification,
    VerificationStatus, Web3Wallet,
};
pub use organization::{
    Organization, OrganizationInvitation, OrganizationInvitationStatus, OrganizationMembership,
    PublicUserData,
};
pub use small::{
    DeletedObject, OAuthAccessToken, Paginated, TotalCount, UserReference, VerifiedPassword,
    VerifiedTotp,
};
pub use user::User;

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
pub(crate) use open_enum;
