//! What is done to users without describing them.

use serde::Serialize;

use crate::params::{Encoded, Params};
use crate::{Result, Secret, UserId};

/// What the bulk operations take.
#[derive(Debug, Clone, Serialize)]
pub struct BulkUsers {
    /// Up to 50.
    pub user_ids: Vec<UserId>,
}

/// What [`verify_password`](crate::Users::verify_password) takes.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyPassword {
    /// As it is typed.
    pub password: Secret,
}

/// What [`verify_totp`](crate::Users::verify_totp) takes.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyTotp {
    /// Six digits, or a backup code.
    pub code: Secret,
}

impl BulkUsers {
    pub(super) fn of<I: Into<UserId>>(user_ids: impl IntoIterator<Item = I>) -> Self {
        Self { user_ids: user_ids.into_iter().map(Into::into).collect() }
    }
}

macro_rules! sent_as_json {
    ($($name:ident),+) => {
        $(impl Params for $name {
            fn encode(&self) -> Result<Encoded> {
                Encoded::json(self)
            }
        })+
    };
}

sent_as_json!(BulkUsers, VerifyPassword, VerifyTotp);
