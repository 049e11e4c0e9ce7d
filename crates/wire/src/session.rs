//! Sessions, the clients they live in, and the tokens that lead to them.
//!
//! Instants are integer milliseconds since 1970 unless said otherwise.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A session: one sign-in of one user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session<'a> {
    /// Always `session`.
    pub object: Cow<'a, str>,
    /// `sess_…`
    pub id: Cow<'a, str>,
    /// `client_…`
    pub client_id: Cow<'a, str>,
    /// `user_…`
    pub user_id: Cow<'a, str>,
    /// Who acts as the user; null unless somebody does.
    pub actor: Option<Cow<'a, Value>>,
    /// Such as `active`, by the clock.
    pub status: Cow<'a, str>,
    /// The organization that is active in it.
    pub last_active_organization_id: Option<Cow<'a, str>>,
    /// Latest activity.
    pub last_active_at: i64,
    /// Always null: we do not watch what people browse with.
    pub latest_activity: Option<Value>,
    /// When it ends whatever happens.
    pub expire_at: i64,
    /// When it ends without activity.
    pub abandon_at: i64,
    /// Always null: no tasks are asked of anyone.
    pub tasks: Option<Value>,
    /// Last change.
    pub updated_at: i64,
    /// Creation.
    pub created_at: i64,
}

/// A client: the browser or device that sessions live in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Client<'a> {
    /// Always `client`.
    pub object: Cow<'a, str>,
    /// `client_…`
    pub id: Cow<'a, str>,
    /// Newest first.
    pub session_ids: Vec<Cow<'a, str>>,
    /// In the same order.
    pub sessions: Vec<Session<'a>>,
    /// Always null: there is no browser API yet.
    pub sign_in_id: Option<Cow<'a, str>>,
    /// Always null, too.
    pub sign_up_id: Option<Cow<'a, str>>,
    /// The active session that was used last.
    pub last_active_session_id: Option<Cow<'a, str>>,
    /// How its user last signed in, such as `ticket`.
    pub last_authentication_strategy: Option<Cow<'a, str>>,
    /// Last change.
    pub updated_at: i64,
    /// Creation.
    pub created_at: i64,
}

/// A token that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Always `token`.
    pub object: String,
    /// The token in its compact form (RFC 7515).
    pub jwt: String,
}

impl Token {
    /// The answer that holds this token.
    pub fn new(jwt: String) -> Self {
        Self { object: "token".to_owned(), jwt }
    }
}
