//! Secrets in links that are mailed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rollbook_domain::Ticket;

use crate::Ctx;

/// A new ticket: 256 random bits, in letters that a URL takes as they are.
pub(crate) fn ticket(ctx: &Ctx) -> Ticket {
    Ticket(URL_SAFE_NO_PAD.encode(ctx.entropy.bytes::<32>()))
}
