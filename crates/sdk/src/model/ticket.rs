//! Tokens that are good once, and those that tests show.

use super::{InvitationStatus, Metadata, model};
use crate::{ActorTokenId, Secret, SignInTokenId, UserId};

model! {
    /// A token with which a user signs in without a password.
    SignInToken {
        /// `sit_…`
        id: SignInTokenId,
        /// What became of it.
        status: InvitationStatus,
    } optional {
        /// Who signs in.
        user_id: Option<UserId>,
        /// The token; only told when it is made.
        token: Option<Secret>,
        /// Where it is used; it holds the token.
        url: Option<Secret>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A token with which somebody acts as a user.
    ActorToken {
        /// `act_…`
        id: ActorTokenId,
        /// What became of it.
        status: InvitationStatus,
    } optional {
        /// Whom it acts as.
        user_id: Option<UserId>,
        /// Who acts; `sub` names it.
        actor: Metadata,
        /// The token; only told when it is made.
        token: Option<Secret>,
        /// Where it is used; it holds the token.
        url: Option<Secret>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// What tests show to be let past the detection of bots.
    TestingToken {
        /// The token.
        token: Secret,
    } optional {
        /// Seconds since 1970.
        expires_at: i64,
    }
}
