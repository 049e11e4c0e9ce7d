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

            /// Never fails.
            impl std::str::FromStr for $name {
                type Err = std::convert::Infallible;

                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    Ok(text.into())
                }
            }

            impl From<&$name> for $name {
                fn from(id: &$name) -> Self {
                    id.clone()
                }
            }

            impl From<$name> for String {
                fn from(id: $name) -> Self {
                    id.0
                }
            }

            impl From<&$name> for String {
                fn from(id: &$name) -> Self {
                    id.0.clone()
                }
            }

            impl PartialEq<str> for $name {
                fn eq(&self, text: &str) -> bool {
                    self.0 == text
                }
            }

            impl PartialEq<&str> for $name {
                fn eq(&self, text: &&str) -> bool {
                    self.0 == *text
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
    /// `orgmem_…`
    OrganizationMembershipId,
    /// `orginv_…`
    OrganizationInvitationId,
    /// `role_…`
    RoleId,
    /// `perm_…`
    PermissionId,
    /// `sess_…`
    SessionId,
    /// `client_…`
    ClientId,
    /// `inv_…`
    InvitationId,
    /// `waitlist_…`
    WaitlistEntryId,
    /// `alid_…`
    AllowlistIdentifierId,
    /// `blid_…`
    BlocklistIdentifierId,
    /// `jtmp_…`
    JwtTemplateId,
    /// `ru_…`
    RedirectUrlId,
    /// `dmn_…`
    DomainId,
    /// `sit_…`
    SignInTokenId,
    /// `act_…`
    ActorTokenId,
    /// `ins_…`
    InstanceId,
    /// `cplan_…`
    PlanId,
    /// `cprice_…`
    PriceId,
    /// `csub_…`
    SubscriptionId,
    /// `csub_item_…`
    SubscriptionItemId,
    /// Of a statement.
    StatementId,
    /// Of a payment attempt.
    PaymentAttemptId,
}
