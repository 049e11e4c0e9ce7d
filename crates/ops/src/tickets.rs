//! Sign-in tokens and actor tokens: signed statements of their ids, each good for one session.
//!
//! The browser's ticket strategy at Clerk; here whoever holds the operator's token
//! uses one up on behalf of a browser.

mod consume;
mod create;
mod revoke;

pub use self::consume::{Consumed, consume};
pub use self::create::{
    CreateActorToken, CreateSignInToken, Created, create_actor_token, create_sign_in_token,
};
pub use self::revoke::revoke;

use rollbook_store::tickets::TicketKind;

/// What the API calls a kind of ticket.
const fn name(kind: TicketKind) -> &'static str {
    match kind {
        TicketKind::SignIn => "sign_in_token",
        TicketKind::Actor => "actor_token",
    }
}
