//! Answers that are no resource of their own.

use serde::{Deserialize, Serialize};

use super::{Metadata, model};
use crate::{ExternalAccountId, Secret, UserId};

/// A page of a list that says how long the whole is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Paginated<T> {
    /// What is on the page.
    pub data: Vec<T>,
    /// How many there are on all pages.
    pub total_count: i64,
}

model! {
    /// How many there are, exactly.
    TotalCount {
        /// How many there are.
        total_count: i64,
    }
}

model! {
    /// What was deleted.
    DeletedObject {
        /// Its id.
        id: String,
    } optional {
        /// What it was, such as `user`.
        object: String,
        /// Always true.
        deleted: bool,
        /// The caller's own id of it, if it had one.
        external_id: Option<String>,
    }
}

model! {
    /// The user whose second factors were changed.
    UserReference {
        /// The user.
        user_id: UserId,
    }
}

model! {
    /// The password is right; a wrong one is an error.
    VerifiedPassword {
        /// Always true.
        verified: bool,
    }
}

model! {
    /// The code is right; a wrong one is an error.
    VerifiedTotp {
        /// Always true.
        verified: bool,
    } optional {
        /// `totp`, or `backup_code`, which is spent.
        code_type: String,
    }
}

model! {
    /// A token with which to speak to the provider of a connected account.
    OAuthAccessToken {
        /// The account at the provider.
        external_account_id: ExternalAccountId,
        /// The token itself.
        token: Secret,
    } optional {
        /// The provider's id of the user.
        provider_user_id: String,
        /// Milliseconds; none if it does not end.
        expires_at: Option<i64>,
        /// Such as `oauth_google`.
        provider: String,
        /// Of the account.
        public_metadata: Metadata,
        /// A free label.
        label: Option<String>,
        /// What the token allows.
        scopes: Option<Vec<String>>,
        /// The `OpenID` Connect id token, if there is one.
        id_token: Option<Secret>,
        /// The secret of an OAuth 1 token.
        token_secret: Option<Secret>,
    }
}
