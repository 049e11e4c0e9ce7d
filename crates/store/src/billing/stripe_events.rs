//! Events of Stripe that were heard: each counts once, however often it is sent.

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    HEARD = "INSERT INTO stripe_events (instance_id, event_id, created_at)
        VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

    PRUNE_EVENTS = "DELETE FROM stripe_events WHERE (instance_id, event_id) IN
        (SELECT instance_id, event_id FROM stripe_events WHERE created_at < $1
         ORDER BY created_at LIMIT $2)";
}

/// Notes an event; false if it was heard before.
pub fn hear(tx: &mut Conn<'_>, instance: &Id, event: &str, now: i64) -> Result<bool> {
    Ok(tx.execute(&HEARD, &params![instance.as_str(), event, now])? == 1)
}

/// Forgets up to `limit` events heard before `before`; says how many.
pub fn prune(tx: &mut Conn<'_>, before: i64, limit: i64) -> Result<u64> {
    tx.execute(&PRUNE_EVENTS, &params![before, limit])
}
