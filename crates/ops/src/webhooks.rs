//! Webhooks: endpoints, their secrets, and the telling of events.

mod deliver;
mod endpoints;
mod envelope;
mod event_types;
mod messages;
mod secrets;
mod state;

pub use self::deliver::{Ready, claim, decide, due, settle};
pub use self::endpoints::{NewEndpoint, PatchEndpoint, create, delete, get, list, update};
pub use self::event_types::EVENT_TYPES;
pub use self::messages::{
    MessagePage, ReplayRequest, attempts, message, messages, replay, replay_since, test,
};
pub use self::secrets::{ShownSecret, rotate, secrets};
pub use self::state::{Counts, Webhooks};

use rollbook_wire::Id;

use crate::Error;

fn not_found(id: &Id) -> Error {
    Error::not_found("webhook endpoint", id.as_str())
}
