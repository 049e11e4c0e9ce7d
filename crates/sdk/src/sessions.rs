//! Sessions, and the clients they are on.

use crate::operations::operations;
use crate::params::{body, params};
use crate::{Client, ClientId, Paging, Secret, Session, SessionId, SessionToken};

operations! {
    /// The operations on sessions.
    Sessions as sessions;

    /// Lists sessions, newest first; `user_id` or `client_id` must be set.
    list(): GET / "sessions" (ListSessions) => Vec<Session>;

    /// Creates a session for a test or a migration; `user_id` must be set.
    create(): POST / "sessions" (CreateSession) => Session;

    /// Reads one session.
    get(session_id: SessionId): GET / "sessions" / session_id => Session;

    /// Ends a session.
    revoke(session_id: SessionId): POST / "sessions" / session_id / "revoke" => Session;

    /// A token that proves the session; good for a minute unless set otherwise.
    create_token(session_id: SessionId):
        POST / "sessions" / session_id / "tokens" (CreateSessionToken) => SessionToken;

    /// A token that claims what a template says.
    create_token_from_template(session_id: SessionId, template_name: String):
        POST / "sessions" / session_id / "tokens" / template_name (CreateSessionToken)
        => SessionToken;
}

operations! {
    /// The operations on clients: browsers and devices, with their sessions.
    Clients as clients;

    /// Lists clients, newest first; deprecated at Clerk.
    list(): GET / "clients" (Paging) => Vec<Client>;

    /// The client that a token of its own names.
    verify(token: Secret): POST / "clients" / "verify" (VerifyToken { token }) => Client;

    /// Reads one client.
    get(client_id: ClientId): GET / "clients" / client_id => Client;
}

params! {
    /// What [`list`](Sessions::list) takes.
    ListSessions in query paged;
    /// On this client.
    client_id: ClientId,
    /// Of this user.
    user_id: UserId,
    /// Such as `active`.
    status: text,
}

params! {
    /// What [`create`](Sessions::create) takes.
    CreateSession in json;
    /// Who is signed in.
    user_id: UserId,
    /// The organization that is active at once.
    active_organization_id: OrganizationId,
}

params! {
    /// What the operations that create tokens take.
    CreateSessionToken in json;
    /// In seconds.
    expires_in_seconds: number,
}

body! {
    /// What [`verify`](Clients::verify) takes.
    VerifyToken {
        /// As the browser holds it.
        token: Secret,
    }
}
