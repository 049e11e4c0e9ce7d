//! What leads to a user.

use super::{Metadata, model, open_enum};
use crate::{EmailAddressId, ExternalAccountId, PasskeyId, PhoneNumberId, Web3WalletId};

open_enum! {
    /// How far a verification has come.
    VerificationStatus {
        /// Not proved.
        Unverified = "unverified",
        /// Proved.
        Verified = "verified",
        /// Not proved, and cannot be any more.
        Failed = "failed",
        /// Not proved in time.
        Expired = "expired",
        /// Proved, and belongs to another user.
        Transferable = "transferable",
    }
}

model! {
    /// How an identification was proved.
    Verification {
        /// How far it has come.
        status: VerificationStatus,
        /// Such as `admin`, `email_code` or `from_oauth_google`.
        strategy: String,
    } optional {
        /// Which kind it is, such as `verification_admin`.
        object: String,
        /// How often it was tried.
        attempts: Option<i64>,
        /// Milliseconds.
        expire_at: Option<i64>,
    }
}

model! {
    /// A verification that has begun, or was tried.
    PreparedVerification {
        /// `ver_…`, to try it by.
        id: String,
        /// How far it has come.
        status: VerificationStatus,
    } optional {
        /// `email_code` or `phone_code`.
        strategy: String,
        /// How often it was tried.
        attempts: i64,
        /// Milliseconds.
        expire_at: Option<i64>,
        /// How a code was sent, such as `sms`.
        channel: Option<String>,
    }
}

model! {
    /// What proved an identification.
    IdentificationLink {
        /// `idn_…`
        id: String,
        /// Such as `oauth_google`.
        #[serde(rename = "type")]
        kind: String,
    }
}

model! {
    /// An email address of a user.
    EmailAddress {
        /// `idn_…`
        id: EmailAddressId,
        /// The address.
        email_address: String,
    } optional {
        /// Held for the user but not proved.
        reserved: bool,
        /// How it was proved.
        verification: Option<Verification>,
        /// What proved it.
        linked_to: Vec<IdentificationLink>,
        /// Whether its domain belongs to an employer's provider.
        matches_sso_connection: bool,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A phone number of a user.
    PhoneNumber {
        /// `idn_…`
        id: PhoneNumberId,
        /// E.164.
        phone_number: String,
    } optional {
        /// Whether it serves as a second factor.
        reserved_for_second_factor: bool,
        /// Whether it is the second factor asked for first.
        default_second_factor: bool,
        /// Held for the user but not proved.
        reserved: bool,
        /// How it was proved.
        verification: Option<Verification>,
        /// What proved it.
        linked_to: Vec<IdentificationLink>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A wallet of a user.
    Web3Wallet {
        /// `idn_…`
        id: Web3WalletId,
        /// The address of the wallet.
        web3_wallet: String,
    } optional {
        /// How it was proved.
        verification: Option<Verification>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A passkey of a user.
    Passkey {
        /// `idn_…`
        id: PasskeyId,
    } optional {
        /// What the user calls it.
        name: String,
        /// Milliseconds; the latest proof by it.
        last_used_at: Option<i64>,
        /// How it was proved.
        verification: Option<Verification>,
    }
}

model! {
    /// A connected account at an OAuth provider.
    ExternalAccount {
        /// `eac_…`, except for Google and Facebook, where it is `idn_…`; see [`ExternalAccount::account_id`].
        id: ExternalAccountId,
    } optional {
        /// Which kind it is: `external_account`, `google_account` or `facebook_account`.
        object: String,
        /// `eac_…` where `id` is not.
        external_account_id: Option<ExternalAccountId>,
        /// Such as `oauth_google`.
        provider: String,
        /// `idn_…`
        identification_id: String,
        /// The provider's id of the user.
        provider_user_id: String,
        /// Separated by spaces.
        approved_scopes: String,
        /// Empty if the provider gave none.
        email_address: String,
        /// Whether the provider has proved it, if it says.
        email_address_verified: Option<bool>,
        /// If the provider gave one.
        phone_number: Option<String>,
        /// Empty if the provider gave none.
        first_name: String,
        /// Empty if the provider gave none.
        last_name: String,
        /// The provider's picture.
        image_url: Option<String>,
        /// The provider's user name.
        username: Option<String>,
        /// A free label.
        label: Option<String>,
        /// Read by everyone.
        public_metadata: Metadata,
        /// How it was proved.
        verification: Option<Verification>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

impl ExternalAccount {
    /// What `delete_external_account` takes.
    pub fn account_id(&self) -> &ExternalAccountId {
        self.external_account_id.as_ref().unwrap_or(&self.id)
    }
}
