//! Ids with a type, so that one cannot be given for another.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            ///
            /// Any text may be one: its form is the server's affair.
            #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(String);

            impl $name {
                /// The id as it is written.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl From<&str> for $name {
                fn from(text: &str) -> Self {
                    Self(text.to_owned())
                }
            }

            impl From<String> for $name {
                fn from(text: String) -> Self {
                    Self(text)
                }
            }

            impl From<&$name> for $name {
                fn from(id: &$name) -> Self {
                    id.clone()
                }
            }

            impl AsRef<str> for $name {
                fn as_ref(&self) -> &str {
                    &self.0
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )+
    };
}

ids! {
    /// `user_…`
    UserId,
    /// `idn_…` of an email address.
    EmailAddressId,
    /// `idn_…` of a phone number.
    PhoneNumberId,
    /// `idn_…` of a wallet.
    Web3WalletId,
    /// `idn_…` of a passkey.
    PasskeyId,
    /// `eac_…`
    ExternalAccountId,
    /// `img_…`
    ImageId,
    /// `org_…`
    OrganizationId,
}
