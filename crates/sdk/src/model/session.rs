//! Sessions, clients, and the tokens that prove them.

use super::{Metadata, model, open_enum};
use crate::{ClientId, OrganizationId, Secret, SessionId, UserId};

open_enum! {
    /// What became of a session.
    SessionStatus {
        /// Good.
        Active = "active",
        /// Waits for the user to do something first.
        Pending = "pending",
        /// Ended by the backend.
        Revoked = "revoked",
        /// Ended by signing out.
        Ended = "ended",
        /// At its end.
        Expired = "expired",
        /// Its client is gone.
        Removed = "removed",
        /// Not used for too long.
        Abandoned = "abandoned",
        /// Another took its place.
        Replaced = "replaced",
    }
}

model! {
    /// A user who is signed in on a client.
    Session {
        /// `sess_…`
        id: SessionId,
        /// `user_…`
        user_id: UserId,
        /// What became of it.
        status: SessionStatus,
    } optional {
        /// `client_…`
        client_id: Option<ClientId>,
        /// Who acts as the user.
        actor: Option<Metadata>,
        /// The active organization.
        last_active_organization_id: Option<OrganizationId>,
        /// Milliseconds.
        last_active_at: i64,
        /// When it ends, in milliseconds.
        expire_at: i64,
        /// When it ends if it is not used, in milliseconds.
        abandon_at: i64,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A browser or device, with the sessions on it.
    Client {
        /// `client_…`
        id: ClientId,
    } optional {
        /// Those of `sessions`.
        session_ids: Vec<SessionId>,
        /// The sessions.
        sessions: Vec<Session>,
        /// The latest one used.
        last_active_session_id: Option<SessionId>,
        /// How it last signed in.
        last_authentication_strategy: Option<String>,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A token that proves a session for a minute or so.
    SessionToken {
        /// The compact form (RFC 7519).
        jwt: Secret,
    }
}
